"""A user's own folder of videos: one sub-folder for each class, its name the name of the class."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..class_names import mirrored_classes
from .clips import Clip, Source, Split, video_entries, video_job
from .finetune import CLASSES, CONFIG, LISTS, Finetuning, config_lines
from .media import VIDEO_SUFFIXES, Outcome

SUFFIXES = ', '.join(VIDEO_SUFFIXES)
SPLITS = ('train', 'val')
Folders = dict[str, list[str]]  # paths of videos below the root, by class


def read(
    root: Path,
    val_share: float = 0.2,
    seed: int = 0,
    finetuning: Finetuning | None = None,
) -> Source:
    r"""Lists `train_list_videos.txt` and `val_list_videos.txt`, lines `PATH LABEL`.

    With them come `classes.txt`, one name a line in the order of the labels, and the config
    `gsf_finetune.py`. The fields of the lists are divided by a space, or by tabs if a path holds
    one.

    Args:
        root: with `CLASS/VIDEO.mp4`, or with `train/CLASS/VIDEO.mp4` and `val/CLASS/VIDEO.mp4`;
            videos may lie deeper in a class's folder.
        val_share: share of each class's videos, in (0, 1), that goes to validation if the folder is
            not split itself; at least one does. Which ones depends on their names and the seed, so
            that videos that are added later leave most of the others where they were.
        seed: of that choice.
        finetuning: of the config; None for the defaults.

    Raises:
        ValueError: the folder has no such form; what to change is said.
    """
    if not 0 < val_share < 1:
        raise ValueError(f'val_share={val_share}: give a share of the videos above 0 and below 1')
    root = root.resolve()
    notes: list[str] = []
    splits = _prepared(root, notes)
    if splits is None:
        folders = _classes(root, root, notes)
        _check_classes(root, folders)
        splits = _divided(folders, val_share, seed)
    classes = sorted(splits['train'])
    notes += _mirroring(classes)
    finetuning = finetuning or Finetuning()
    paths = [path for folders in splits.values() for some in folders.values() for path in some]
    _check_names(root, [*classes, *paths])
    spaces = any(any(mark.isspace() for mark in path) for path in paths)
    entry = video_entries('\t' if spaces else ' ')
    return Source(
        [
            Split(name, LISTS[name], _clips(root, folders, classes), entry)
            for name, folders in splits.items()
        ],
        notes,
        remarks=lambda outcomes: _check_scanned(root, splits, outcomes),
        files={CLASSES: classes, CONFIG: config_lines(root, finetuning)},
    )


def _prepared(root: Path, notes: list[str]) -> dict[str, Folders] | None:
    """The splits of a root that is divided into train/ and val/, None if it is not."""
    there = [name for name in SPLITS if _holds_folders(root / name)]
    if not there:
        return None
    if there != list(SPLITS):
        missing = next(name for name in SPLITS if name not in there)
        raise ValueError(
            f'{root} has {there[0]}/ with folders in it, but no {missing}/ like it; give {missing}/ '
            'a folder for each class too, or put the folders of the classes into the root itself'
        )
    splits = {name: _classes(root, root / name, notes) for name in SPLITS}
    _check_classes(root / 'train', splits['train'], at_least=1)
    unknown = [name for name in splits['val'] if name not in splits['train']]
    if unknown:
        raise ValueError(
            f'{root / "val" / unknown[0]} is a class without videos in {root / "train"}; the names '
            'of the folders must be the same in both'
        )
    if not splits['val']:
        raise ValueError(f'{root / "val"} holds no video ({SUFFIXES}) in a folder of a class')
    missing = [name for name in splits['train'] if name not in splits['val']]
    if missing:
        notes.append(f'no validation videos of {", ".join(map(repr, missing))}')
    others = sorted(path.name for path in _folders(root) if path.name not in SPLITS)
    if others:
        notes.append(f'beside train/ and val/, left out: {", ".join(others)}')
    return splits


def _folders(place: Path) -> list[Path]:
    entries = [Path(entry) for entry in os.scandir(place) if not entry.name.startswith('.')]
    return sorted(path for path in entries if path.is_dir())


def _holds_folders(place: Path) -> bool:
    """Whether a folder is one of classes, not of videos."""
    return place.is_dir() and bool(_folders(place)) and not _videos(place, deep=False)


def _videos(place: Path, deep: bool = True) -> list[Path]:
    found = place.rglob('*') if deep else place.iterdir()
    return sorted(
        path
        for path in found
        if path.suffix.lower() in VIDEO_SUFFIXES
        and not path.name.startswith('.')
        and path.is_file()
    )


def _classes(root: Path, place: Path, notes: list[str]) -> Folders:
    """The classes whose folders lie in `place`; what else lies there is noted."""
    folders = {}
    for folder in _folders(place):
        videos = [path.relative_to(root).as_posix() for path in _videos(folder)]
        if videos:
            folders[folder.name] = videos
        else:
            notes.append(f'no class: {folder.relative_to(root)}/ holds no video ({SUFFIXES})')
    loose = _videos(place, deep=False)
    if loose:
        notes.append(
            f'{len(loose)} videos in no folder of a class are left out, first {loose[0].name}'
        )
    return folders


def _check_classes(place: Path, folders: Folders, at_least: int = 2) -> None:
    if len(folders) < 2:
        found = f'only the class {next(iter(folders))!r}' if folders else 'no folder with videos'
        raise ValueError(
            f'{place} holds {found}; make two or more folders in it, one for each class, and put '
            f'its videos ({SUFFIXES}) there'
        )
    for name, videos in folders.items():
        if len(videos) < at_least:
            raise ValueError(
                f'{place / name} holds 1 video; a class needs 2 or more, one to train on and one to '
                'validate with: add videos, or remove the folder'
            )


def _divided(folders: Folders, val_share: float, seed: int) -> dict[str, Folders]:
    splits: dict[str, Folders] = {name: {} for name in SPLITS}
    for name, videos in folders.items():
        # By name and not by place, so that a new video moves few others.
        ranks = {path: hashlib.sha256(os.fsencode(f'{seed}/{path}')).hexdigest() for path in videos}
        count = min(max(1, round(val_share * len(videos))), len(videos) - 1)
        chosen = set(sorted(videos, key=ranks.__getitem__)[:count])
        splits['val'][name] = [path for path in videos if path in chosen]
        splits['train'][name] = [path for path in videos if path not in chosen]
    return splits


def _clips(root: Path, folders: Folders, classes: list[str]) -> list[Clip]:
    labels = {name: label for label, name in enumerate(classes)}
    return [
        Clip(path, str(root / path), video_job(root, path), path, labels[name])
        for name, videos in folders.items()
        for path in videos
    ]


def _check_names(root: Path, names: Iterable[str]) -> None:
    """A name stands in a line of a text file, and is read as it is."""
    for name in names:
        if not name.isprintable() or name != name.strip():
            raise ValueError(
                f'{str(root / name)!r}: the name begins or ends with a space, or holds a tab, a line '
                'break or bytes that are no text; rename it'
            )


def _mirroring(classes: list[str]) -> list[str]:
    pairs = mirrored_classes(classes)
    if pairs is None:
        return [
            'a class names a side (left, right, clockwise) and its mirror image is no class, so '
            'frames are not mirrored in training'
        ]
    return [
        f'{classes[a]!r} and {classes[b]!r} change places where frames are mirrored in training'
        for a, b in pairs.items()
        if a < b
    ]


def _check_scanned(
    root: Path, splits: Mapping[str, Folders], outcomes: Mapping[str, Outcome]
) -> list[str]:
    """Raises ValueError if damage leaves nothing of a class; else what there is of each."""
    counts = {name: Counter() for name in splits}
    for split, folders in splits.items():
        for name, videos in folders.items():
            found = {path: outcomes[video_job(root, path).key] for path in videos}
            counts[split][name] = sum(not outcome.error for outcome in found.values())
            if not counts[split][name]:
                path, outcome = next(iter(found.items()))
                raise ValueError(
                    f'class {name!r} has no readable {split} video: {root / path} cannot be read '
                    f'({outcome.error}); replace it, or add videos'
                )
    classes = [
        f'{name} {"+".join(str(counts[split][name]) for split in splits)}'
        for name in sorted(splits['train'])
    ]
    return [f'{len(classes)} classes (train+val): {", ".join(classes)}']
