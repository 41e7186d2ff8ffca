"""Which files of a dataset were decoded from end to end already."""

import hashlib
from pathlib import Path

import numpy as np

FOLDER = 'checked_videos'


class CheckedFiles:
    """A mark for each clip, in a file that all workers and ranks share and a resumed run finds.

    The mark is of the file's size and time, so that a changed file is looked at anew.

    Args:
        folder: work_dir.
        name: of the annotation list.
        fingerprint: anything that changes with the list.
        length: number of clips.
    """

    def __init__(self, folder: str | Path, name: str, fingerprint: bytes, length: int) -> None:
        digest = hashlib.sha256(fingerprint + str(length).encode()).hexdigest()[:12]
        self.path = Path(folder, FOLDER, f'{name}-{digest}')
        self.length = length
        self._marks: np.memmap | None = None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Appending changes nothing that another rank has written, and all make the same length.
        with self.path.open('ab') as file:
            file.truncate(8 * length)

    def __getitem__(self, index: int) -> int:
        return int(self._open()[index])

    def __setitem__(self, index: int, mark: int) -> None:
        self._open()[index] = mark

    def __getstate__(self) -> dict:
        return {**self.__dict__, '_marks': None}

    def _open(self) -> np.memmap:
        if self._marks is None:
            self._marks = np.memmap(self.path, np.int64, 'r+', shape=(self.length,))
        return self._marks
