"""The organisers' annotation files of EPIC-Kitchens-100."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from mmgsf.datasets.class_names import class_names
from mmgsf.datasets.tables import read_number, read_table

VALIDATION = 'EPIC_100_validation.csv'
TRAIN = 'EPIC_100_train.csv'
TEST = 'EPIC_100_test_timestamps.csv'
TAIL_VERBS = 'EPIC_100_tail_verbs.csv'
TAIL_NOUNS = 'EPIC_100_tail_nouns.csv'
UNSEEN_PARTICIPANTS = 'EPIC_100_unseen_participant_ids_validation.csv'


@dataclass(frozen=True)
class EpicGroups:
    """What the organisers report apart: tail classes, and participants unseen in training."""

    unseen_participants: frozenset[str]
    tail_verbs: frozenset[int]
    tail_nouns: frozenset[int]


@dataclass(frozen=True)
class EpicTruth:
    """The N segments of the validation split in the order of its file; labels are (N,)."""

    narration_ids: list[str]
    participant_ids: list[str]
    verb_class: np.ndarray
    noun_class: np.ndarray


def read_truth(folder: str | Path) -> EpicTruth:
    """The validation split from the organisers' annotation folder.

    Raises:
        FileNotFoundError: the file is missing.
        ValueError: a column or cell is wrong, or an id stands there twice; with file and line.
    """
    path = Path(folder) / VALIDATION
    columns = ('narration_id', 'participant_id', 'verb_class', 'noun_class')
    segments: dict[str, tuple[str, int, int]] = {}
    for line, row in read_table(path, columns):
        if row['narration_id'] in segments:
            raise ValueError(
                f'{path} line {line}: narration_id {row["narration_id"]!r} stands there twice; '
                "use the organisers' file as it is"
            )
        segments[row['narration_id']] = (row['participant_id'], *_pair(path, line, row))
    rows = segments.values()
    return EpicTruth(
        list(segments),
        [participant for participant, _, _ in rows],
        np.array([verb for _, verb, _ in rows], dtype=int),
        np.array([noun for _, _, noun in rows], dtype=int),
    )


def read_groups(folder: str | Path) -> EpicGroups:
    """Tail classes and unseen participants from the organisers' annotation folder.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a column or cell is wrong; with file and line.
    """
    folder = Path(folder)
    participants = read_table(folder / UNSEEN_PARTICIPANTS, ['participant_id'])
    return EpicGroups(
        frozenset(row['participant_id'] for _, row in participants),
        _labels(folder / TAIL_VERBS, 'verb'),
        _labels(folder / TAIL_NOUNS, 'noun'),
    )


def read_seen_pairs(folder: str | Path) -> set[tuple[int, int]]:
    """The pairs of verb and noun that occur in the organisers' training file.

    Raises:
        FileNotFoundError: the file is missing.
        ValueError: a column or cell is wrong; with file and line.
    """
    path = Path(folder) / TRAIN
    return {_pair(path, line, row) for line, row in read_table(path, ('verb_class', 'noun_class'))}


def read_test_ids(folder: str | Path) -> list[str]:
    """Narration ids of the test split, in the order of its file."""
    path = Path(folder) / TEST
    return [row['narration_id'] for _, row in read_table(path, ['narration_id'])]


@cache
def num_classes(kind: str) -> int:
    """Classes of one kind, 'verb' or 'noun'."""
    return len(class_names(f'epic100_{kind}s'))


def _labels(path: Path, column: str) -> frozenset[int]:
    rows = read_table(path, [column])
    return frozenset(_label(path, line, row, column, column) for line, row in rows)


def _pair(path: Path, line: int, row: dict[str, str]) -> tuple[int, int]:
    verb = _label(path, line, row, 'verb_class', 'verb')
    return verb, _label(path, line, row, 'noun_class', 'noun')


def _label(path: Path, line: int, row: dict[str, str], column: str, kind: str) -> int:
    label = read_number(path, line, row, column)
    if label >= num_classes(kind):
        raise ValueError(
            f'{path} line {line}: {column} {label} is outside 0..{num_classes(kind) - 1}; use the '
            "organisers' file as it is"
        )
    return label
