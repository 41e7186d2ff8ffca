"""Scores of EPIC-Kitchens-100's segments, and the .npz files that hold them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .epic_annotations import num_classes
from .files import read_npz, write_npz


@dataclass(frozen=True)
class EpicScores:
    """Raw scores: verb (N, 97), noun (N, 300), and the segments that the rows belong to."""

    verb: np.ndarray
    noun: np.ndarray
    narration_ids: list[str]

    def of(self, narration_ids: Sequence[str]) -> 'EpicScores':
        """The same scores with one row for each id, in the order of `narration_ids`.

        Raises:
            ValueError: the scores name a segment twice, lack one, or hold one that is not asked
                for; with its id.
        """
        rows = {name: row for row, name in enumerate(self.narration_ids)}
        refuse_other_ids('the scores', self.narration_ids, narration_ids)
        order = [rows[name] for name in narration_ids]
        return EpicScores(self.verb[order], self.noun[order], list(narration_ids))


def refuse_other_ids(where: str, found: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuses ids that are not exactly the wanted ones, each once, in any order."""
    known, present = set(wanted), set(found)
    twice = [name for name, count in Counter(found).items() if count > 1]
    cases = (
        ('are there more than once', twice),
        ('are missing', [name for name in wanted if name not in present]),
        ('are no segments of this split', [name for name in found if name not in known]),
    )
    for problem, names in cases:
        if names:
            raise ValueError(
                f'{where}: {len(names)} narration ids {problem}, first {names[0]!r}; '
                f'give each of the {len(wanted)} segments once'
            )


def read_epic_scores(path: str | Path) -> EpicScores:
    """Scores from a .npz with the arrays verb, noun and narration_id.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: an array is missing or has another shape than (N, 97), (N, 300) and (N,), or
            holds no finite numbers.
    """
    arrays = read_npz(path, ('verb', 'noun', 'narration_id'))
    ids = arrays['narration_id']
    if ids.ndim != 1 or ids.dtype.kind not in 'US':
        raise ValueError(
            f'{path}: narration_id has shape {ids.shape} and type {ids.dtype}; give (N,) of str'
        )
    for name in ('verb', 'noun'):
        _check_scores(f'{path}: {name}', arrays[name], len(ids), num_classes(name))
    return EpicScores(arrays['verb'], arrays['noun'], ids.astype(str).tolist())


def _check_scores(name: str, scores: np.ndarray, segments: int, classes: int) -> None:
    if scores.shape != (segments, classes) or scores.dtype.kind not in 'fiu':
        raise ValueError(
            f'{name} has shape {scores.shape} and type {scores.dtype}; give numbers of shape '
            f'({segments}, {classes}), a row for each narration_id'
        )
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores).all(1))[0])
        raise ValueError(f'{name} is not finite in row {row}; give raw scores')


def write_epic_scores(path: str | Path, scores: EpicScores) -> None:
    """Writes what `read_epic_scores` reads, whole or not at all."""
    write_npz(
        path,
        verb=scores.verb,
        noun=scores.noun,
        narration_id=np.array(scores.narration_ids, dtype=str),
    )
