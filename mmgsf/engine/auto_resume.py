"""The newest whole checkpoint of a run, for `--resume` without a path."""

import os.path as osp
from collections.abc import Iterable
from pathlib import Path

from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from mmgsf.checkpoints.load import peek
from mmgsf.checkpoints.whole import damage, stated_checksum
from mmgsf.files import is_beside

SAVED_AT = 'saved_at'  # in a checkpoint's meta, seconds since 1970; survives a copy of the file
SUFFIXES = ('.pth', '.pt', '.ckpt')
BEST = 'best_'


def newest_checkpoint(runner: Runner) -> str | None:
    """The newest whole checkpoint of a run's folders; which are skipped is logged, and why.

    MMEngine's file last_checkpoint does not decide: a kill may have come before it was written,
    and what it names may be damaged. The best checkpoints do not count, they lack the optimizer.

    Returns:
        Its path; None if there is none at all.

    Raises:
        ValueError: there are checkpoints, and none is whole.
    """
    path, faults = newest_whole(checkpoint_folders(runner))
    for skipped, fault in faults.items():
        runner.logger.warning(f'resume skips {skipped}: {fault}')
    if path is not None:
        return str(path)
    if faults:
        listed = ', '.join(f'{skipped} ({fault})' for skipped, fault in faults.items())
        raise ValueError(
            f'no checkpoint of {runner.work_dir} is whole: {listed}; remove them to start anew, or '
            'give --resume the path of another'
        )
    return _elsewhere(runner)


def newest_whole(folders: Iterable[Path]) -> tuple[Path | None, dict[Path, str]]:
    """The newest whole checkpoint to resume from, and what is wrong with those passed over."""
    found, faults = [], {}
    for path in sorted({path for folder in folders for path in folder.glob('*')}):
        if path.suffix not in SUFFIXES or path.name.startswith(BEST) or is_beside(path):
            continue
        if stated_checksum(path.name) is not None or not path.is_file():
            continue
        fault = damage(path) if path.stat().st_size == 0 else ''
        try:
            time = None if fault else _saved_at(path)
        except ValueError as error:
            fault = str(error).partition(' is refused: ')[2] or str(error)
        if fault:
            faults[path] = fault
        elif time is not None:
            found.append((time, path.stat().st_mtime_ns, path))
    for *_, path in sorted(found, reverse=True):
        fault = damage(path)
        if not fault:
            return path, faults
        faults[path] = fault
    return None, faults


def checkpoint_folders(runner: Runner) -> list[Path]:
    """Where the hooks of a run write checkpoints, as far as it is this machine's."""
    folders = {Path(runner.work_dir)}
    for hook in runner.hooks:
        if isinstance(hook, CheckpointHook) and hook.out_dir and '://' not in str(hook.out_dir):
            # As the hook puts it together before the training.
            folders.add(Path(hook.out_dir, osp.basename(runner.work_dir)))
    return sorted(folder for folder in folders if folder.is_dir())


def _saved_at(path: Path) -> float | None:
    """When a checkpoint was saved; None if the file is not one to resume from."""
    checkpoint = peek(path)
    meta = checkpoint.get('meta') if isinstance(checkpoint, dict) else None
    if not isinstance(meta, dict) or not {'epoch', 'iter'} <= meta.keys():
        return None
    if 'message_hub' not in checkpoint:
        return None
    return float(meta.get(SAVED_AT, path.stat().st_mtime))


def _elsewhere(runner: Runner) -> str | None:
    """A checkpoint that MMEngine wrote to other storage, of which only last_checkpoint tells."""
    note = Path(runner.work_dir, 'last_checkpoint')
    named = note.read_text().strip() if note.is_file() else ''
    return named if '://' in named else None
