"""A folder of the page's own: an upload lies in it while it is read, and nothing is left of it."""

import asyncio
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from mmap import PROT_READ, mmap
from pathlib import Path

from .content import HEAD, check_self_contained, container
from .limits import Limits, Refused

PREFIX = 'mmgsf-web-'


class Uploads:
    """Files of uploads in `incoming`; `close` removes the `folder` that it is in.

    Args:
        limits: of one file.
        root: where the folder is made; None for the system's folder of temporary files.
    """

    def __init__(self, limits: Limits, root: str | Path | None = None) -> None:
        self.limits = limits
        root = Path(root or tempfile.gettempdir())
        remove_abandoned(root)
        self.folder = Path(tempfile.mkdtemp(prefix=f'{PREFIX}{os.getpid()}-', dir=root))
        self.incoming = self.folder / 'incoming'
        self.incoming.mkdir(mode=0o700)

    @contextmanager
    def file(self) -> Iterator[Path]:
        """A path for one upload; what lies there afterwards is removed."""
        # The visitor's own name for it never becomes a path.
        path = self.incoming / f'{secrets.token_hex(16)}.video'
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    async def receive(self, chunks: AsyncIterator[bytes], stated: int | None, path: Path) -> None:
        """Writes an upload to `path`, as long as it may still be a video within the limits.

        Args:
            chunks: of the file.
            stated: its size as the browser states it, if it does.
            path: of `file`.

        Raises:
            Refused: it is too large, too slow, no video, or cannot be stored.
        """
        if stated is not None:
            self.limits.check_size(stated)
        try:
            await asyncio.wait_for(self._write(chunks, path), self.limits.upload_seconds)
        except asyncio.TimeoutError:
            raise Refused(
                f'takes longer than {self.limits.upload_seconds:g} s to arrive; send a smaller one',
                status=408,
            ) from None
        except OSError as error:
            raise Refused(
                f'cannot be stored: {error.strerror}; free some space where it runs', status=507
            ) from error
        await asyncio.to_thread(_check_whole, path)

    async def _write(self, chunks: AsyncIterator[bytes], path: Path) -> None:
        size, head, known = 0, b'', False
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb') as file:
            async for chunk in chunks:
                size += len(chunk)
                self.limits.check_size(size)
                if not known:
                    head += chunk
                    if len(head) >= HEAD:
                        container(head[:HEAD])
                        known = True
                file.write(chunk)
        if not known:
            container(head)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _check_whole(path: Path) -> None:
    with path.open('rb') as file, mmap(file.fileno(), 0, prot=PROT_READ) as data:
        check_self_contained(data)


def remove_abandoned(root: Path) -> list[Path]:
    """Removes folders of pages that were killed; returns them."""
    removed = []
    for folder in sorted(root.glob(f'{PREFIX}*')):
        match = re.fullmatch(rf'{PREFIX}(\d+)-\w+', folder.name)
        if not match or folder.is_symlink() or not folder.is_dir() or _runs(int(match[1])):
            continue
        if folder.stat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def display_name(name: str) -> str:
    """A visitor's name of a file, as it may be shown: its last part, printable, not long."""
    name = re.split(r'[/\\]', name)[-1]
    name = ''.join(letter for letter in name if letter.isprintable()).strip()
    if len(name) > 80:
        name = f'{name[:50]}...{name[-20:]}'
    return name or 'The file'
