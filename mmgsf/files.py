"""Files that are whole or not there, and the generated part of one that is written by hand."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A path beside `path` to write; it takes its place at the end, and goes on any error.

    Its suffix is that of `path`. The folder is made if missing.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f'part-{os.getpid()}-{path.name}')
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


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
