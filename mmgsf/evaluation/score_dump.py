"""Raw scores of a model on a set of videos, in a .npz that any program can read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .files import read_npz, write_npz

UNLABELLED = -1


@dataclass(frozen=True)
class ScoreDump:
    """Scores (V, classes) of V videos before any softmax, the mean of a video's views.

    Names are file names below the dataset's folder, labels (V,) count from 0 and are -1 where there
    are none; `classes` holds the names in label order, or nothing if the dataset knows none;
    `protocol` is the named protocol of the test, such as '2x3', or nothing.

    Raises:
        ValueError: the parts do not belong together, a score is not finite, or a video is there
            twice.
    """

    names: Sequence[str]
    labels: np.ndarray
    scores: np.ndarray
    classes: Sequence[str] = ()
    protocol: str = ''

    def __post_init__(self) -> None:
        videos = len(self.names)
        if self.scores.ndim != 2 or len(self.scores) != videos or self.labels.shape != (videos,):
            raise ValueError(
                f'{videos} names, labels of shape {self.labels.shape} and scores of shape '
                f'{self.scores.shape} do not belong together; give a row and a label for each name'
            )
        count = self.scores.shape[1]
        if len(self.classes) not in (0, count):
            raise ValueError(f'{len(self.classes)} class names for scores of {count} classes')
        wrong = np.flatnonzero(~np.isfinite(self.scores).all(1))
        if wrong.size:
            raise ValueError(f'the scores of {self.names[wrong[0]]!r} are not finite')
        outside = np.flatnonzero((self.labels < UNLABELLED) | (self.labels >= count))
        if outside.size:
            raise ValueError(
                f'label {self.labels[outside[0]]} of {self.names[outside[0]]!r} is outside '
                f'0..{count - 1}'
            )
        twice = [name for name, number in Counter(self.names).items() if number > 1]
        if twice:
            raise ValueError(f'{len(twice)} videos are there more than once, first {twice[0]!r}')


def write_dump(path: str | Path, dump: ScoreDump) -> None:
    """Writes names, labels, scores, classes and protocol, whole or not at all.

    Raises:
        ValueError: `path` does not end in .npz.
    """
    write_npz(
        path,
        names=np.array(dump.names, dtype=str),
        labels=dump.labels.astype(np.int64),
        scores=dump.scores,
        classes=np.array(dump.classes, dtype=str),
        protocol=np.array(dump.protocol, dtype=str),
    )


def read_dump(path: str | Path) -> ScoreDump:
    """Reads what `write_dump` wrote, `protocol` or not; nothing in the file is executed.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or no dump.
    """
    arrays = read_npz(path, ('names', 'labels', 'scores', 'classes'), optional=('protocol',))
    kinds = {name: array.dtype.kind for name, array in arrays.items()}
    if kinds['labels'] not in 'iu' or kinds['scores'] not in 'fiu':
        raise ValueError(
            f'{path}: labels are {arrays["labels"].dtype} and scores {arrays["scores"].dtype}; '
            'give whole numbers and numbers'
        )
    try:
        return ScoreDump(
            arrays['names'].astype(str).tolist(),
            arrays['labels'],
            arrays['scores'],
            arrays['classes'].astype(str).tolist(),
            str(arrays.get('protocol', '')),
        )
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from error
