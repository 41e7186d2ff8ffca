"""Something-Something V2: webm videos and json annotations, in both releases' names."""

import json
from collections.abc import Iterator
from pathlib import Path

from ..class_names import class_names
from ..tables import read_json_rows, read_text
from .clips import (
    Clip,
    Source,
    Split,
    check_order,
    find_file,
    label_of,
    linked_folder,
    need_file,
    video_entries,
    video_job,
    videos_in,
)

# The newer release and the older one.
ANNOTATIONS = {
    'train': ('train.json', 'something-something-v2-train.json'),
    'val': ('validation.json', 'something-something-v2-validation.json'),
    'test': ('test.json', 'something-something-v2-test.json'),
}
LABELS = ('labels.json', 'something-something-v2-labels.json')


def read(root: Path) -> Source:
    """Lists `sthv2_SPLIT_list_videos.txt`, lines `ID.webm LABEL`; the test split has no labels.

    Args:
        root: with the json files of either release, and the videos under `videos/` or
            `20bn-something-something-v2/`.
    """
    files = {
        split: find_file(root, *names) if split == 'test' else need_file(root, *names)
        for split, names in ANNOTATIONS.items()
    }
    labels_file = find_file(root, *LABELS)
    if labels_file is not None:
        _check_labels(labels_file)
    folder = linked_folder(root, 'videos', '20bn-something-something-v2')
    present = videos_in(folder)
    splits = [
        Split(
            split,
            f'sthv2_{split}_list_videos.txt',
            list(_clips(path, folder, present, labelled=split != 'test')),
            video_entries(),
        )
        for split, path in files.items()
        if path is not None
    ]
    return Source(splits)


def _clips(path: Path, folder: Path, present: dict[str, str], labelled: bool) -> Iterator[Clip]:
    labels = {name: label for label, name in enumerate(class_names('ssv2'))}
    for row in read_json_rows(path, ('id', 'template') if labelled else ('id',)):
        name, label = str(row['id']), None
        if labelled:
            template = str(row['template']).replace('[', '').replace(']', '')
            label = label_of(row, template, labels, f'Something-Something V2 (id {name})')
        file = present.get(name)
        job = None if file is None else video_job(folder, file)
        yield Clip(name, row.where, job, file or '', label)


def _check_labels(path: Path) -> None:
    """The provider's file gives each class name its number, as text."""
    try:
        numbers = {name: int(number) for name, number in json.loads(read_text(path)).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise ValueError(f'{path}: not an object of class names and their numbers') from error
    check_order(sorted(numbers, key=numbers.get), class_names('ssv2'), path)
