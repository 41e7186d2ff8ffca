"""Times whole networks, inference and training, and counts what they take."""

from collections.abc import Callable, Sequence
from itertools import groupby

from mmgsf.models.complexity import measure_complexity

from .contestants import BFLOAT16, EAGER, Contender, build, compiling
from .peak import peak_of_step
from .steps import Inference, TrainingStep, random_clips
from .timing import Contestant, interleave


def measure_networks(
    task: str,
    contenders: Sequence[Contender],
    clips: int,
    frames: int,
    size: int | None,
    repeats: int,
    say: Callable[[str], None],
    peak: bool = True,
) -> dict:
    """Times contenders in turn, those of one network and mode among themselves.

    Args:
        task: 'model' for inference, 'train' for training steps and their memory.
        contenders: with their baselines, those of one network and mode side by side.
        clips: N.
        frames: T.
        size: of ResNet-50's frames, in pixels; None for each network's own.
        repeats: rounds.
        say: takes a line about what is going on.
        peak: measure the peak memory of a training step, each in a process of its own.

    Returns:
        The section of the results.
    """
    rows = []
    # As a config runs, no other network is in memory, so each comparison stands by itself.
    for (network, mode), group in groupby(contenders, lambda one: (one.network, one.mode)):
        calls, new = {}, []
        for one in group:
            say(f'{task}: {one.name}')
            side = one.size(size)
            make = Inference if task == 'model' else TrainingStep
            call = make(build(one.config(frames)), one.mode, random_clips(clips, frames, side))
            with compiling():
                call()
            calls[one.name] = Contestant(call)
            new.append({**_identity(one, side), **_complexity(one, frames, side)})
            if task == 'train':
                new[-1]['saved_bytes'] = call.saved_bytes()
                if peak and one.mode in (EAGER, BFLOAT16):
                    new[-1]['peak_bytes'] = peak_of_step(one, clips, frames, side)
        say(f'{task}: {repeats} rounds of {network}, {mode}')
        with compiling():
            times = interleave(calls, repeats)
        for row in new:
            row['seconds'] = [round(seconds, 6) for seconds in times[row['name']]]
        rows += new
    return {'clips': clips, 'frames': frames, 'repeats': repeats, 'rows': rows}


def _identity(one: Contender, side: int) -> dict:
    return {**one._asdict(), 'name': one.name, 'baseline': one.baseline.name, 'size': side}


def _complexity(one: Contender, frames: int, side: int) -> dict:
    found = measure_complexity(one.config(frames), frames, side)
    return {'parameters': found.parameters, 'macs': found.macs}
