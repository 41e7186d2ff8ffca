"""What a provider's annotations amount to: clips, splits and the lists that follow from them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..tables import Row
from .journal import Job
from .media import VIDEO_SUFFIXES, Outcome, scan_frames, scan_video

# Where MMAction2 keeps annotations, and where the providers' archives unpack them.
ANNOTATION_FOLDERS = ('', 'annotations', 'labels')


@dataclass(frozen=True)
class Clip:
    """One annotated clip.

    Args:
        name: the provider's id, unique in the dataset.
        where: file and line of the annotation.
        job: finds out what the clip's file holds; None if the file is missing.
        path: of the file, as the list names it.
        label: None if the provider tells none.
    """

    name: str
    where: str
    job: Job | None
    path: str = ''
    label: int | None = None


class Unusable(Exception):
    """A clip's file is sound and yet the clip cannot be used; the message is the reason."""


@dataclass(frozen=True)
class Entry:
    """What the list says of a clip, and the frames that a sampler will find."""

    line: str
    frames: int


@dataclass
class Split:
    """The clips of one list.

    Args:
        name: 'train', 'val' or 'test'.
        list_name: file below the dataset's root.
        clips: in the provider's order.
        entry: makes a clip's entry of what was found in its file, or raises `Unusable`.
        header: first line of the list, if it has one.
    """

    name: str
    list_name: str
    clips: list[Clip]
    entry: Callable[[Clip, Outcome], Entry]
    header: str | None = None


@dataclass
class Source:
    """A dataset as its provider's files describe it.

    Args:
        splits: 'test' counts only if any of its clips is there: not all providers hand it out.
        notes: what the user should know of how the files were read.
        remarks: more of them, which follow from what was found in the files.
        timeout: seconds for one file.
        files: lines of further files below the root, by name, that are written with the lists.
    """

    splits: list[Split]
    notes: list[str] = field(default_factory=list)
    remarks: Callable[[Mapping[str, Outcome]], list[str]] = lambda outcomes: []
    timeout: float = 60.0
    files: Mapping[str, list[str]] = field(default_factory=dict)


def find_file(root: Path, *names: str) -> Path | None:
    """The first of the files that lies in `root` or a folder for annotations below it."""
    paths = [root / folder / name for name in names for folder in ANNOTATION_FOLDERS]
    return next((path for path in paths if path.is_file()), None)


def need_file(root: Path, *names: str) -> Path:
    """As `find_file`; raises FileNotFoundError if there is none."""
    path = find_file(root, *names)
    if path is None:
        raise FileNotFoundError(
            f'{root} holds no {" and no ".join(names)}, and annotations/ and labels/ below it do '
            "not either; put the provider's annotation files there"
        )
    return path


def linked_folder(root: Path, name: str, *others: str) -> Path:
    """The folder `name`, which MMAction2 reads; made a link if the data lie in one of `others`.

    Raises:
        FileNotFoundError: there is none.
    """
    folder = root / name
    if folder.is_dir():
        return folder
    for other in others:
        if (root / other).is_dir():
            folder.symlink_to(other)
            return folder
    raise FileNotFoundError(
        f'{root} holds no folder {" and no ".join((name, *others))}; put the one of the provider '
        'there, or a link to it'
    )


def videos_in(folder: Path) -> dict[str, str]:
    """File names of the videos of a folder by their names without suffix."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in VIDEO_SUFFIXES)
    return {path.stem: path.name for path in paths}


def video_job(folder: Path, path: str) -> Job:
    return Job(f'{folder.name}/{path}', scan_video, (str(folder / path),), folder / path)


def frames_job(folder: Path, path: str, prefix: str, digits: int) -> Job:
    """Of a folder `path` below `folder`; see `scan_frames`."""
    arguments = (str(folder / path), prefix, digits)
    key = f'{folder.name}/{path}'
    return Job(key, scan_frames, arguments, folder / path, settings=(prefix, str(digits)))


def video_entries(delimiter: str = ' ') -> Callable[[Clip, Outcome], Entry]:
    """Entries for MMAction2's `VideoDataset`: path and label."""
    return lambda clip, outcome: Entry(_line(clip, [clip.path], delimiter), outcome.frames)


def rawframe_entry(clip: Clip, outcome: Outcome) -> Entry:
    """Entry for MMAction2's `RawframeDataset`: path, number of frames, label."""
    return Entry(_line(clip, [clip.path, str(outcome.frames)], ' '), outcome.frames)


def label_of(row: Row, name: str, labels: Mapping[str, int], dataset: str) -> int:
    """The label of a class name.

    Raises:
        ValueError: it is no class.
    """
    if name not in labels:
        raise row.error(f'{name!r} is none of the {len(labels)} classes of {dataset}')
    return labels[name]


def check_order(names: Iterable[str], expected: list[str], path: Path) -> None:
    """Raises ValueError if a provider's class names are not those of this package, in its order."""
    for label, (found, wanted) in enumerate(zip([*names, None], [*expected, None], strict=False)):
        if found != wanted:
            raise ValueError(
                f'{path}: class {label} is {found!r}, and should be {wanted!r}; '
                'take the file of the release that mmgsf.datasets.class_names follows'
            )


def _line(clip: Clip, fields: list[str], delimiter: str) -> str:
    forbidden = r'\s' if delimiter == ' ' else f'[{delimiter}\r\n]'
    if re.search(forbidden, fields[0]):
        raise ValueError(
            f'{clip.where}: {fields[0]!r} cannot stand in a list whose fields are divided by '
            f'{delimiter!r}; rename it'
        )
    return delimiter.join(fields if clip.label is None else [*fields, str(clip.label)])
