"""Files that are whole or not there, and the generated part of one that is written by hand."""

import errno
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_BESIDE = re.compile(r'part-(\d+)-(.+)')


@contextmanager
def replacing(path: str | Path, durable: bool = False) -> Iterator[Path]:
    """A path beside `path` to write; it takes its place at the end, and goes on any error.

    Its suffix is that of `path`. The folder is made if missing.

    Args:
        path: the file.
        durable: the content is on the disk before it takes its place, so that not even a power cut
            leaves half of it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f'part-{os.getpid()}-{path.name}')
    try:
        yield beside
        if durable:
            _flush(beside)
        os.replace(beside, path)
        if durable:
            _flush_names(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def is_beside(path: Path) -> bool:
    """Whether a file is one that `replacing` gave out and that has not taken its place."""
    return _BESIDE.fullmatch(path.name) is not None


def remove_leftovers(folder: Path) -> list[Path]:
    """Removes what killed processes left of `replacing`; returns it.

    A file of another process of this machine that still runs stays.
    """
    removed = []
    for path in sorted(folder.glob('part-*')):
        match = _BESIDE.fullmatch(path.name)
        if match and path.is_file() and not _runs(int(match[1])):
            path.unlink(missing_ok=True)
            removed.append(path)
    return removed


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone among the processes that lock this folder; waits for the one that has it.

    The folder, since a file that `replacing` writes is another one each time. Not on Windows.
    """
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _runs(process: int) -> bool:
    # A container numbers its processes anew: a file under our own number is an older process's.
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_names(folder: Path) -> None:
    """Some file systems know no flush of a folder; there the names are as safe as they make them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def replaced(text: str, name: str, rows: Iterable[str]) -> str:
    """The text with the lines between the marks of that name replaced.

    Raises:
        ValueError: the text does not have them once.
    """
    begin, end = f'<!-- {name} -->\n', f'<!-- end of {name} -->'
    table = ''.join(f'{row}\n' for row in rows)
    new, count = re.subn(f'{begin}.*?{end}', lambda _: f'{begin}{table}{end}', text, flags=re.S)
    if count != 1:
        raise ValueError(f'{count} tables between {begin.strip()} and {end}; there must be 1')
    return new
