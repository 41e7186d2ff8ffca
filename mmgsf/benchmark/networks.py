"""Times whole networks, inference and training, and counts what they take."""

from collections.abc import Callable, Sequence

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
    """Times contenders in turn.

    Args:
        task: 'model' for inference, 'train' for training steps and their memory.
        contenders: with their baselines.
        clips: N.
        frames: T.
        size: of ResNet-50's frames, in pixels; None for each network's own.
        repeats: rounds.
        say: takes a line about what is going on.
        peak: measure the peak memory of a training step, each in a process of its own.

    Returns:
        The section of the results.
    """
    calls, rows = {}, []
    for one in contenders:
        say(f'{task}: {one.name}')
        side = one.size(size)
        make = Inference if task == 'model' else TrainingStep
        call = make(build(one.config(frames)), one.mode, random_clips(clips, frames, side))
        with compiling():
            call()
        calls[one.name] = Contestant(call)
        rows.append({**_identity(one, side), **_complexity(one, frames, side)})
        if task == 'train':
            rows[-1]['saved_bytes'] = call.saved_bytes()
            if peak and one.mode in (EAGER, BFLOAT16):
                rows[-1]['peak_bytes'] = peak_of_step(one, clips, frames, side)
    say(f'{task}: {repeats} rounds of {len(calls)} contestants')
    with compiling():
        times = interleave(calls, repeats)
    for row in rows:
        row['seconds'] = [round(seconds, 6) for seconds in times[row['name']]]
    return {'clips': clips, 'frames': frames, 'repeats': repeats, 'rows': rows}


def _identity(one: Contender, side: int) -> dict:
    return {**one._asdict(), 'name': one.name, 'baseline': one.baseline.name, 'size': side}


def _complexity(one: Contender, frames: int, side: int) -> dict:
    found = measure_complexity(one.config(frames), frames, side)
    return {'parameters': found.parameters, 'macs': found.macs}
