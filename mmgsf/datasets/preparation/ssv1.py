"""Something-Something V1: frame folders and csv files, or lists of TSM's form."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..class_names import class_names
from ..tables import Row, read_lines
from .clips import (
    Clip,
    Source,
    Split,
    check_order,
    find_file,
    frames_job,
    label_of,
    linked_folder,
    need_file,
    rawframe_entry,
)

ANNOTATIONS = {
    'train': 'something-something-v1-train.csv',
    'val': 'something-something-v1-validation.csv',
    'test': 'something-something-v1-test.csv',
}
LABELS = 'something-something-v1-labels.csv'
# As TSM, GSM and GSF write them: `path frames label`, and the class names in label order.
TSM_LIST = '{split}_videofolder.txt'
TSM_CATEGORIES = 'category.txt'
LIST_NAME = 'sthv1_{split}_list_rawframes.txt'
Annotation = tuple[str, int | None, str]  # id, label, and file and line


def read(root: Path) -> Source:
    """Lists `sthv1_SPLIT_list_rawframes.txt`, lines `ID FRAMES LABEL` with 174 labels in the order
    of the provider's labels file, which is MMAction2's.

    Lists of TSM's form have the labels of the sorted names. With the provider's csv files they are
    only compared; without, they are converted, by the names in `category.txt`.

    Args:
        root: with the csv files or TSM's lists, and the frame folders `ID/00001.jpg` under
            `rawframes/` or `20bn-something-something-v1/`.
    """
    classes = class_names('ssv1')
    labels_file = find_file(root, LABELS)
    if labels_file is not None:
        check_order([name for name, _ in read_lines(labels_file)], classes, labels_file)
    only_lists = (
        find_file(root, ANNOTATIONS['train']) is None
        and find_file(root, TSM_LIST.format(split='train')) is not None
    )
    rows, notes = (_from_lists if only_lists else _from_csv)(root, classes)
    folder = linked_folder(root, 'rawframes', '20bn-something-something-v1')
    present = set(os.listdir(folder))
    splits = []
    for split, some in rows.items():
        clips = [
            Clip(
                name,
                where,
                frames_job(folder, name, '', 5) if name in present else None,
                name,
                label,
            )
            for name, label, where in some
        ]
        splits.append(Split(split, LIST_NAME.format(split=split), clips, rawframe_entry))
    return Source(splits, notes)


def _from_csv(root: Path, classes: list[str]) -> tuple[dict[str, list[Annotation]], list[str]]:
    rows, notes = {}, []
    for split, name in ANNOTATIONS.items():
        if split == 'test':
            path = find_file(root, name)
            if path is not None:
                rows[split] = list(_csv_rows(path, classes, labelled=False))
        else:
            rows[split] = list(_csv_rows(need_file(root, name), classes, labelled=True))
            notes += _compared(root, split, rows[split], classes)
    return rows, notes


def _from_lists(root: Path, classes: list[str]) -> tuple[dict[str, list[Annotation]], list[str]]:
    labels, note = _converted_labels(root, classes)
    files = {split: need_file(root, TSM_LIST.format(split=split)) for split in ('train', 'val')}
    return {split: list(_list_rows(path, labels)) for split, path in files.items()}, [note]


def _csv_rows(path: Path, classes: list[str], labelled: bool) -> Iterator[Annotation]:
    """Of lines `ID;label text`, or `ID` without labels."""
    labels = {name: label for label, name in enumerate(classes)}
    for line, where in read_lines(path):
        clip, semicolon, text = (part.strip() for part in line.partition(';'))
        row = Row({}, where)
        if not clip or (labelled and not semicolon):
            raise row.error(f"{line!r} is not `ID;label text`; use the provider's file as it is")
        label = label_of(row, text, labels, 'Something-Something V1') if labelled else None
        yield clip, label, where


def _list_rows(path: Path, labels: Sequence[int]) -> Iterator[Annotation]:
    """Of lines `path frames label`; `labels` gives MMAction2's label for each of the list's."""
    for line, where in read_lines(path):
        fields = line.rsplit(maxsplit=2)
        if len(fields) != 3 or not fields[1].isdecimal():
            raise ValueError(f'{where}: {line!r} is not `path frames label`')
        label = Row({'label': fields[2]}, where).number('label', below=len(labels))
        yield Path(fields[0]).name, labels[label], where


def _converted_labels(root: Path, classes: list[str]) -> tuple[list[int], str]:
    """MMAction2's label for each label of TSM's lists, and a note that says what order they had."""
    categories = find_file(root, TSM_CATEGORIES)
    if categories is None:
        raise FileNotFoundError(
            f'{root} holds {TSM_LIST.format(split="train")}, but numbers alone do not tell the order '
            f'of the labels; put {TSM_CATEGORIES} beside it, or {ANNOTATIONS["train"]}'
        )
    labels = {name: label for label, name in enumerate(classes)}
    names = []
    for name, where in read_lines(categories):
        names.append(name)
        label_of(Row({}, where), name, labels, 'Something-Something V1')
    if sorted(names) != sorted(classes):
        raise ValueError(
            f'{categories}: {len(set(names))} of {len(classes)} classes; '
            'it must name each once, in the order of the labels'
        )
    order = 'sorted label order' if names == sorted(names) else 'the label order of that file'
    if names == classes:
        return list(range(len(classes))), f"{categories.name}: the lists have MMAction2's labels"
    note = f"{categories.name}: the lists have {order}; converted to MMAction2's labels"
    return [labels[name] for name in names], note


def _compared(root: Path, split: str, rows: list[Annotation], classes: list[str]) -> Iterator[str]:
    """Notes on lists that lie beside the provider's csv files and have other labels than they."""
    in_order = sorted(range(len(classes)), key=lambda label: classes[label])
    labels = {name: label for name, label, _ in rows}
    for pattern in (TSM_LIST, LIST_NAME):
        path = find_file(root, pattern.format(split=split))
        if path is None:
            continue
        found = [(name, label) for name, label, _ in _list_rows(path, range(len(classes)))]
        pairs = [(labels[name], label) for name, label in found if name in labels]
        if all(ours == label for ours, label in pairs):
            continue
        is_sorted = all(ours == in_order[label] for ours, label in pairs)
        order = 'in sorted order' if is_sorted else "neither in sorted nor in MMAction2's order"
        yield f"{path.name} has labels {order}; {LIST_NAME.format(split=split)} has MMAction2's"
