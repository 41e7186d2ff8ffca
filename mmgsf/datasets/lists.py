"""Annotation lists as files: how they are written, and what divides their fields."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from mmgsf.files import replacing

# Written last by a preparation, below the root or the folder in it where re-encoded videos lie.
REPORT = '{dataset}_report.json'
REENCODED = 'reencoded'


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Writes a text file whole or not at all."""
    write_files({path: lines})


def write_files(files: Mapping[Path, Sequence[str]]) -> None:
    """Writes text files that belong together: none is replaced before all are written.

    Args:
        files: lines of each file, without their ends; they take their places in this order.
    """
    with ExitStack() as stack:
        # A stack is left from its end.
        for path, lines in reversed(files.items()):
            beside = stack.enter_context(replacing(path))
            beside.write_text(text_of(lines), encoding='utf-8')


def text_of(lines: Sequence[str]) -> str:
    """What a file of these lines holds."""
    return ''.join(f'{line}\n' for line in lines)


def list_delimiter(ann_file: str | os.PathLike) -> str:
    r"""What divides the fields of a list, for the `delimiter` of MMAction2's `VideoDataset`.

    Names of Kinetics hold spaces, so its lists may be divided by tabs; MMAction2's own are divided
    by spaces.

    Args:
        ann_file: the list; it need not be there yet.

    Returns:
        '\t' if the first line holds a tab, else ' '.
    """
    path = Path(ann_file)
    if not path.is_file():
        return ' '
    with path.open(encoding='utf-8') as file:
        return '\t' if '\t' in file.readline() else ' '


def training_root(root: str | os.PathLike) -> str:
    """Where a config reads a dataset: `root`/reencoded if tools/prepare_data.py --reencode has
    finished there, else `root`.

    Args:
        root: with the provider's files; it need not be there yet.
    """
    reencoded = Path(root) / REENCODED
    done = any(reencoded.glob(REPORT.format(dataset='*')))
    return reencoded.as_posix() if done else os.fspath(root)
