"""Peak memory of a training step, in a process of its own.

Counted is what the process takes on top of the network and its input: gradients and the state of
SGD, feature maps, and what the libraries allocate for their work.
"""

import warnings
from pathlib import Path

import torch

from mmgsf.datasets.preparation.pool import Lost, run_calls

from .contestants import Contender, build
from .steps import TrainingStep, random_clips

STATUS = Path('/proc/self/status')
CLEAR = Path('/proc/self/clear_refs')
RESET_PEAK = '5'
TIMEOUT = 600.0


def peak_of_step(one: Contender, clips: int, frames: int, size: int) -> int | None:
    """Bytes of the first step; None where the system does not tell, as outside Linux.

    The calling script's work must stand below `if __name__ == '__main__':`.

    Raises:
        ValueError: the process died.
    """
    if not CLEAR.exists():
        return None
    order = (one, clips, frames, size, torch.get_num_threads())
    ((_, found),) = run_calls({one.name: (measure, order)}, workers=1, timeout=TIMEOUT)
    if isinstance(found, Lost):
        raise ValueError(f'the process that takes the memory of {one.name} ended: {found.reason}')
    return found


def measure(one: Contender, clips: int, frames: int, size: int, threads: int) -> int:
    """In the process of its own: bytes that one step takes."""
    warnings.simplefilter('ignore')
    import mmgsf.register  # noqa: F401

    torch.set_num_threads(threads)
    step = TrainingStep(build(one.config(frames)), one.mode, random_clips(clips, frames, size))
    before = _status('VmRSS')
    CLEAR.write_text(RESET_PEAK)
    step()
    return _status('VmHWM') - before


def _status(field: str) -> int:
    """A figure of this process, in bytes; the system gives kibibytes."""
    for line in STATUS.read_text().splitlines():
        name, _, value = line.partition(':')
        if name == field:
            return 1024 * int(value.split()[0])
    raise ValueError(f'{STATUS} has no {field}')
