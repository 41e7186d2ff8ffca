"""What is written down of damaged videos: a list for people, and a journal for resuming."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..decoding.process import TIMEOUT

LIST = 'bad_videos.txt'
JOURNAL = 'taken_out.jsonl'
SHOWN = 5


class BadVideosError(ValueError):
    """Damaged videos end the run; the message names path, reason and cure."""


@dataclass(frozen=True)
class Settings:
    """What happens with damaged videos; the key `bad_videos` of a config.

    Args:
        share: of the training videos that may be damaged, 0 to 1; more stop the run.
        timeout: seconds for one clip's opening, and again for its frames; over it, it is damaged.
        check: 'whole' decodes every file once from end to end, before its first use, so that
            whether it is damaged does not depend on the frames drawn; 'read' looks only at what a
            sample reads.
        ignore: parts of messages of codecs that are no damage.
        evaluation: 'error' ends val and test at a damaged video, 'wrong' counts it as a wrong
            prediction.

    Raises:
        ValueError: a value is outside its range.
    """

    share: float = 0.01
    timeout: float = TIMEOUT
    check: str = 'whole'
    ignore: tuple[str, ...] = ()
    evaluation: str = 'error'

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f'bad_videos.share={self.share}: take a share from 0 to 1')
        if not self.timeout > 0:
            raise ValueError(f'bad_videos.timeout={self.timeout}: take seconds above 0')
        for name, choices in (('check', ('whole', 'read')), ('evaluation', ('error', 'wrong'))):
            if getattr(self, name) not in choices:
                raise ValueError(
                    f'bad_videos.{name}={getattr(self, name)!r}: take one of {choices}'
                )
        if isinstance(self.ignore, str):
            raise ValueError(f'bad_videos.ignore={self.ignore!r}: give a list of texts')
        object.__setattr__(self, 'ignore', tuple(self.ignore))


class BadVideos:
    """The two files in a run's folder; every worker of every rank writes to them.

    Args:
        folder: work_dir.
        settings: of the run.
    """

    def __init__(self, folder: str | Path, settings: Settings) -> None:
        self.list = Path(folder, LIST)
        self.journal = Path(folder, JOURNAL)
        self.settings = settings
        self.total = 0
        self.replayed: dict[str, str] = {}
        self._noted: set[tuple[str, str]] = set()
        self._journal_end = 0
        self._slow: dict[str, tuple[int, str]] = {}

    def begin(self) -> None:
        """Forgets an earlier run in the same folder."""
        self.list.unlink(missing_ok=True)
        self.journal.unlink(missing_ok=True)

    def resume(self) -> None:
        """Reads which samples the run took out so far; they are again, and no others."""
        self._journal_end = 0
        self.replayed, self._slow = {}, {}
        self.replayed = {entry['draw']: entry['reason'] for entry in self._new_entries()}

    def known_slow(self, path: str, epoch: int) -> str | None:
        """Why a clip is not tried again: it was taken out in an epoch before, by any worker.

        Within the epoch it is tried, so that nothing depends on which worker was first.
        """
        self._new_entries()
        first, reason = self._slow.get(path, (epoch, None))
        return reason if first < epoch else None

    def take_out(self, draw: str, path: str, epoch: int, index: int, reason: str) -> None:
        """Journals a sample that another attempt might have read."""
        entry = {'epoch': epoch, 'index': index, 'path': path, 'reason': reason, 'draw': draw}
        with _appending(self.journal) as file:
            file.write((json.dumps(entry) + '\n').encode())

    def _new_entries(self) -> list[dict]:
        """What the journal has got since the last call."""
        try:
            size = self.journal.stat().st_size
        except FileNotFoundError:
            return []
        if size <= self._journal_end:
            return []
        with self.journal.open('rb') as file:
            file.seek(self._journal_end)
            lines = file.read(size - self._journal_end).splitlines(keepends=True)
        self._journal_end = size
        # A kill in the middle of a line leaves a part; its sample was not handed out.
        entries = [json.loads(line) for line in lines if line.endswith(b'}\n')]
        for entry in entries:
            first = self._slow.get(entry['path'], (entry['epoch'],))[0]
            self._slow[entry['path']] = (min(first, entry['epoch']), entry['reason'])
        return entries

    def note(self, split: str, path: str, reason: str) -> None:
        """Lists a damaged video by path and reason, once.

        Raises:
            BadVideosError: more of the training videos are damaged than may be.
        """
        entry = tuple(map(_one_line, (path, split, reason)))
        if entry[:2] in self._noted:
            return
        with _appending(self.list) as file:
            # A frame folder may have another reason at each sampling.
            if entry[:2] not in [listed[:2] for listed in self.entries()]:
                file.write(('\t'.join(entry) + '\n').encode(errors='surrogateescape'))
        self._noted.add(entry[:2])
        self.check_share()

    def entries(self) -> list[tuple[str, str, str]]:
        """Path, split and reason of what is listed."""
        if not self.list.exists():
            return []
        text = self.list.read_bytes().decode(errors='surrogateescape')
        rows = [tuple(line.split('\t')) for line in text.split('\n')]
        return [row for row in rows if len(row) == 3]

    def check_share(self) -> None:
        """
        Raises:
            BadVideosError: more of the training videos are damaged than may be, or all.
        """
        bad = {path: reason for path, split, reason in self.entries() if split == 'train'}
        allowed = min(self.settings.share * self.total, self.total - 1)
        if not self.total or len(bad) <= allowed:
            return
        shown = '; '.join(f'{path}: {reason}' for path, reason in list(bad.items())[:SHOWN])
        more = f'; and {len(bad) - SHOWN} more' if len(bad) > SHOWN else ''
        raise BadVideosError(
            f'{len(bad)} of {self.total} training videos ({len(bad) / self.total:.1%}) are damaged, '
            f'more than bad_videos.share={self.settings.share:g} allows. {self.list} lists them: '
            f'{shown}{more}. Mend them or take them out of the list of clips and remove that file, '
            'or raise bad_videos.share'
        )


@contextmanager
def _appending(path: Path) -> Iterator[IO[bytes]]:
    """The file, locked against other processes; what is written is appended at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('ab', buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # After a kill in the middle of a line the next one must not join it.
        if os.fstat(file.fileno()).st_size and not path.read_bytes().endswith(b'\n'):
            file.write(b'\n')
        yield file


def _one_line(text: str) -> str:
    return ' '.join(text.split()) if any(mark in text for mark in '\t\n\r') else text
