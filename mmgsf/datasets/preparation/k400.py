"""Kinetics-400: csv lists, and videos in folders by class or side by side."""

import os
from collections.abc import Iterator
from pathlib import Path

from ..class_names import class_names
from ..tables import read_csv
from .clips import (
    Clip,
    Source,
    Split,
    find_file,
    label_of,
    linked_folder,
    need_file,
    video_entries,
    video_job,
    videos_in,
)

ANNOTATIONS = {
    'train': ('kinetics_train.csv', 'train.csv'),
    'val': ('kinetics_val.csv', 'validate.csv', 'val.csv'),
    'test': ('kinetics_test.csv', 'test.csv'),
}
# MMAction2's folder, then those of other copies, which get a link.
FOLDERS = {
    'train': ('videos_train', 'train'),
    'val': ('videos_val', 'val', 'validate'),
    'test': ('videos_test', 'test'),
}
COLUMNS = ('youtube_id', 'time_start', 'time_end')


def read(root: Path) -> Source:
    r"""Lists `kinetics400_SPLIT_list_videos.txt`, lines `PATH LABEL`.

    The fields are divided by a space, as in MMAction2's lists, unless a path holds one: then by a
    tab in all lists, and the config's `delimiter` must be '\t' (`mmgsf.datasets.list_delimiter`).

    Args:
        root: with the csv lists, and a folder of videos for each split: `CLASS/VIDEO.mp4`, where
            CLASS is written with spaces or underscores, or `VIDEO.mp4`, where VIDEO is
            ID_SSSSSS_EEEEEE, id and seconds.
    """
    splits = []
    for split, names in ANNOTATIONS.items():
        if split == 'test' and (find_file(root, *names) is None or not _has_folder(root, split)):
            continue
        folder = linked_folder(root, *FOLDERS[split])
        clips = list(_clips(need_file(root, *names), folder, unlabelled=split == 'test'))
        splits.append((split, clips))
    spaces = any(' ' in clip.path for _, clips in splits for clip in clips)
    entry = video_entries('\t' if spaces else ' ')
    notes = ["names hold spaces: the lists' fields are divided by tabs"] if spaces else []
    return Source(
        [
            Split(split, f'kinetics400_{split}_list_videos.txt', clips, entry)
            for split, clips in splits
        ],
        notes,
    )


def _has_folder(root: Path, split: str) -> bool:
    return any((root / name).is_dir() for name in FOLDERS[split])


def _clips(path: Path, folder: Path, unlabelled: bool) -> Iterator[Clip]:
    """Clips of one csv; `unlabelled` says that its column `label` may be missing."""
    labels = {name: label for label, name in enumerate(class_names('k400'))}
    present = _present(folder)
    for row in read_csv(path, COLUMNS if unlabelled else (*COLUMNS, 'label')):
        start, end = row.number('time_start'), row.number('time_end')
        name = f'{row["youtube_id"].strip()}_{start:06}_{end:06}'
        # Some copies write classes with underscores, or quote them twice.
        text = row.values.get('label', '').strip().strip('"').replace('_', ' ')
        label = label_of(row, text, labels, 'Kinetics-400') if text or not unlabelled else None
        file = present.get((text, name)) or present.get(('', name))
        job = None if file is None else video_job(folder, file)
        yield Clip(name, row.where, job, file or '', label)


def _present(folder: Path) -> dict[tuple[str, str], str]:
    """Paths of the videos below a folder by class ('' outside any) and name."""
    videos = {('', stem): name for stem, name in videos_in(folder).items()}
    for entry in os.scandir(folder):
        if entry.is_dir():
            label = entry.name.replace('_', ' ')
            for stem, name in videos_in(Path(entry)).items():
                videos[label, stem] = f'{entry.name}/{name}'
    return videos
