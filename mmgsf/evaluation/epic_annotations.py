"""The organisers' annotation files of EPIC-Kitchens-100."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from mmgsf.datasets.class_names import class_names
from mmgsf.datasets.tables import Row, read_csv

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
    for row in read_csv(path, columns):
        if row['narration_id'] in segments:
            raise row.error(
                f'narration_id {row["narration_id"]!r} stands there twice; '
                "use the organisers' file as it is"
            )
        segments[row['narration_id']] = (row['participant_id'], *_pair(row))
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
    participants = read_csv(folder / UNSEEN_PARTICIPANTS, ['participant_id'])
    return EpicGroups(
        frozenset(row['participant_id'] for row in participants),
        _labels(folder / TAIL_VERBS, 'verb'),
        _labels(folder / TAIL_NOUNS, 'noun'),
    )


def read_seen_pairs(folder: str | Path) -> set[tuple[int, int]]:
    """The pairs of verb and noun that occur in the organisers' training file.

    Raises:
        FileNotFoundError: the file is missing.
        ValueError: a column or cell is wrong; with file and line.
    """
    return {_pair(row) for row in read_csv(Path(folder) / TRAIN, ('verb_class', 'noun_class'))}


def read_test_ids(folder: str | Path) -> list[str]:
    """Narration ids of the test split, in the order of its file."""
    return [row['narration_id'] for row in read_csv(Path(folder) / TEST, ['narration_id'])]


@cache
def num_classes(kind: str) -> int:
    """Classes of one kind, 'verb' or 'noun'."""
    return len(class_names(f'epic100_{kind}s'))


def _labels(path: Path, column: str) -> frozenset[int]:
    return frozenset(
        row.number(column, below=num_classes(column)) for row in read_csv(path, [column])
    )


def _pair(row: Row) -> tuple[int, int]:
    verb = row.number('verb_class', below=num_classes('verb'))
    return verb, row.number('noun_class', below=num_classes('noun'))
