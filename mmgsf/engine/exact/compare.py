"""Do two work dirs hold one and the same training, bit by bit?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from mmgsf.checkpoints.load import load_from_local

# Times and memory, and what names a single start rather than the training.
EXEMPT = {
    'cfg',
    'data_time',
    'eta',
    'experiment_name',
    'launch',
    'max_length',
    'memory',
    'mmengine_version',
    'saved_at',
    'time',
}


def differences(first: Path, second: Path) -> list[str]:
    """Where two work dirs differ in a checkpoint or a logged number, times and memory apart.

    Checkpoints are all files `*.pth`: weights, optimizer, schedulers, averages, buffers of every
    rank, the log and what is best. Logged numbers are those of scalars.json.

    Args:
        first: a work dir.
        second: a work dir; it may have been started several times.

    Returns:
        One line for each difference, empty if there is none.
    """
    names = [sorted(path.name for path in folder.glob('*.pth')) for folder in (first, second)]
    if names[0] != names[1]:
        return [f'checkpoints: {names[0]} and {names[1]}']
    found = []
    for name in names[0]:
        loaded = [load_from_local(folder / name, map_location='cpu') for folder in (first, second)]
        found += compare(*loaded, name)
    logs = [logged(folder) for folder in (first, second)]
    return found + list(compare(*logs, 'log'))


def logged(work_dir: Path) -> dict[str, dict]:
    """The numbers of a training's logs by iteration or epoch, of all its starts.

    Raises:
        ValueError: two starts logged unlike numbers for one iteration.
    """
    numbers: dict[str, dict] = {}
    for path in sorted(work_dir.glob('*/vis_data/scalars.json')):
        for line in path.read_text().splitlines():
            entry = _entry(line)
            if entry is None:
                continue
            kind = 'validation' if 'acc/top1' in entry or 'iter' not in entry else 'iteration'
            place = f'{kind} {entry["step"]}'
            for difference in compare(numbers.setdefault(place, entry), entry, place):
                raise ValueError(f'{work_dir} was logged in two ways: {difference}')
    return numbers


def compare(first: Any, second: Any, where: str) -> Iterator[str]:
    """Where two values of a checkpoint differ."""
    if type(first) is not type(second):
        yield f'{where}: {type(first).__name__} and {type(second).__name__}'
    elif isinstance(first, dict):
        keys = [key for key in {**first, **second} if not _is_exempt(key)]
        for key in keys:
            if key in first and key in second:
                yield from compare(first[key], second[key], f'{where}[{key!r}]')
            else:
                yield f'{where}[{key!r}] is in one only'
    elif isinstance(first, list | tuple):
        if len(first) != len(second):
            yield f'{where}: {len(first)} and {len(second)} entries'
        for i, (one, other) in enumerate(zip(first, second, strict=False)):
            yield from compare(one, other, f'{where}[{i}]')
    elif not _are_same(first, second):
        yield f'{where}: {_short(first)} and {_short(second)}'


def _is_exempt(key: Any) -> bool:
    return isinstance(key, str) and key.rsplit('/', 1)[-1] in EXEMPT


def _are_same(first: Any, second: Any) -> bool:
    if isinstance(first, torch.Tensor):
        if (first.dtype, first.shape) != (second.dtype, second.shape):
            return False
        return first.contiguous().numpy().tobytes() == second.contiguous().numpy().tobytes()
    if isinstance(first, float):
        return first.hex() == second.hex()
    if isinstance(first, str) and first.endswith('.pth'):
        # Paths of checkpoints begin with the work dir.
        return Path(first).name == Path(second).name
    return first == second


def _short(value: Any) -> str:
    return (
        f'tensor of {tuple(value.shape)}' if isinstance(value, torch.Tensor) else repr(value)[:60]
    )


def _entry(line: str) -> dict | None:
    """None for a line that a kill cut short."""
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None
