"""Diving48 with V2 labels: mp4 videos, json annotations and the vocabulary of the classes."""

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
    linked_folder,
    need_file,
    video_entries,
    video_job,
    videos_in,
)

ANNOTATIONS = {'train': 'Diving48_V2_train.json', 'val': 'Diving48_V2_test.json'}
OLD_ANNOTATIONS = ('Diving48_train.json', 'Diving48_test.json')
VOCABULARY = 'Diving48_vocab.json'


def read(root: Path) -> Source:
    """Lists `diving48_{train,val}_list_videos.txt`, lines `VIDEO.mp4 LABEL`; val is V2's test set.

    Args:
        root: with the json files, and the videos under `videos/` or `rgb/`.

    Raises:
        ValueError: only V1's labels are there.
    """
    old = find_file(root, *OLD_ANNOTATIONS)
    if old is not None and find_file(root, *ANNOTATIONS.values()) is None:
        raise ValueError(
            f'{old}: these are the V1 labels, many of which are wrong, and results on them compare '
            f'with none on V2; take {" and ".join(ANNOTATIONS.values())}'
        )
    files = {split: need_file(root, name) for split, name in ANNOTATIONS.items()}
    vocabulary = need_file(root, VOCABULARY)
    try:
        names = ['+'.join(words) for words in json.loads(read_text(vocabulary))]
    except (ValueError, TypeError) as error:
        raise ValueError(f'{vocabulary}: not an array of arrays of four words') from error
    check_order(names, class_names('diving48'), vocabulary)
    folder = linked_folder(root, 'videos', 'rgb')
    present = videos_in(folder)
    splits = [
        Split(
            split,
            f'diving48_{split}_list_videos.txt',
            list(_clips(path, folder, present, len(names))),
            video_entries(),
        )
        for split, path in files.items()
    ]
    return Source(splits)


def _clips(path: Path, folder: Path, present: dict[str, str], classes: int) -> Iterator[Clip]:
    for row in read_json_rows(path, ('vid_name', 'label')):
        name = str(row['vid_name'])
        file = present.get(name)
        job = None if file is None else video_job(folder, file)
        yield Clip(name, row.where, job, file or '', row.number('label', below=classes))
