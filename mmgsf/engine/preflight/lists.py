"""Annotation lists: every row is read, as the dataset will read it, or refused with its line."""

import os.path as osp
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from .config import type_name
from .findings import PreflightError

DELIMITER_NAMES = {' ': 'spaces', '\t': 'tabs'}


class Entry(NamedTuple):
    """A row: its video or frame folder, labels, and of a folder the frames and the first's number."""

    path: str
    labels: tuple[int, ...]
    num_frames: int | None = None
    first_frame: int = 0


@dataclass(frozen=True)
class ClipList:
    """A list with what its dataset says of the files; `template` is None for videos.

    `start_index` and `with_offset` tell how a row's first frame came about, `first_line` is the line
    of the first row.
    """

    split: str
    ann_file: Path
    folder: Path
    entries: list[Entry]
    kind: str = 'VideoDataset'
    template: str | None = None
    start_index: int = 0
    with_offset: bool = False
    first_line: int = 1


def read_list(split: str, dataset: dict, remedy: str) -> ClipList | None:
    """The list of a dataset; None for a dataset whose lists have a form of their own.

    Args:
        split: 'train', 'val' or 'test'; only the last may be without labels.
        dataset: its config.
        remedy: what makes the data, for messages.

    Raises:
        PreflightError: list or folder is missing, or a row is not what the dataset reads.
    """
    root = Path(dataset.get('data_root') or '')
    ann_file = root / dataset['ann_file']
    if ann_file.is_dir():
        raise PreflightError(f'{split} annotation list {ann_file} is a folder; {remedy}')
    if not ann_file.exists():
        raise PreflightError(f'{split} annotation list {ann_file} is not there; {remedy}')
    prefix = dataset.get('data_prefix') or {}
    folder = root / (prefix.get('video') or prefix.get('img') or '')
    if not folder.is_dir():
        raise PreflightError(
            f'{split} videos are looked for in {folder}, which is no folder; {remedy}'
        )
    reader = _READERS.get(type_name(dataset))
    clips = None if reader is None else reader(split, ann_file, folder, dataset)
    if clips is not None and not clips.entries:
        raise PreflightError(f'{split} annotation list {ann_file} is empty; {remedy}')
    return clips


def _videos(split: str, ann_file: Path, folder: Path, dataset: dict) -> ClipList:
    read = partial(
        _video,
        delimiter=dataset.get('delimiter', ' '),
        is_labelled=split != 'test',
        multi_class=dataset.get('multi_class', False),
    )
    return ClipList(split, ann_file, folder, _rows(ann_file, read))


def _frame_folders(split: str, ann_file: Path, folder: Path, dataset: dict) -> ClipList:
    start, with_offset = dataset.get('start_index', 1), dataset.get('with_offset', False)
    read = partial(
        _frame_folder,
        start_index=start,
        with_offset=with_offset,
        is_labelled=split != 'test',
        multi_class=dataset.get('multi_class', False),
    )
    template = dataset.get('filename_tmpl', 'img_{:05}.jpg')
    # Flow has two files a frame.
    template = template if dataset.get('modality', 'RGB') == 'RGB' else None
    entries = _rows(ann_file, read)
    return ClipList(
        split, ann_file, folder, entries, 'RawframeDataset', template, start, with_offset
    )


def _epic(split: str, ann_file: Path, folder: Path, dataset: dict) -> ClipList:
    from mmaction.registry import DATASETS

    try:
        built = DATASETS.build({**dataset, 'pipeline': [], 'lazy_init': True})
        samples = built.load_data_list()
    except (ValueError, TypeError, OSError) as error:
        raise PreflightError(str(error)) from error
    below = osp.join(built.data_prefix[built.kind], '')
    entries = []
    for sample in samples:
        path = sample.get('filename') or sample['frame_dir']
        first = sample.get('offset', 0) + built.start_index
        place = path.removeprefix(below)
        entries.append(Entry(place, tuple(sample['label']), sample.get('total_frames'), first))
    template = built.filename_tmpl if built.kind == 'img' else None
    # The first line is the header.
    return ClipList(split, ann_file, folder, entries, 'EpicKitchens100', template, 1, first_line=2)


_READERS = {
    'VideoDataset': _videos,
    'RawframeDataset': _frame_folders,
    'EpicKitchens100': _epic,
}


def _rows(ann_file: Path, read: Callable[[str], Entry | str]) -> list[Entry]:
    """Entries of a list; `read` gives the fault of a line that is none, to be raised."""
    try:
        lines = ann_file.read_text(encoding='utf-8').rstrip().split('\n')
    except UnicodeDecodeError as error:
        raise PreflightError(f'{ann_file} cannot be read as UTF-8: {error}; save it so') from error
    if lines == ['']:
        return []
    if lines[0].startswith('\ufeff'):
        raise PreflightError(
            f'{ann_file} line 1: a byte-order mark would become part of the first name; save the '
            'list as UTF-8 without it'
        )
    entries = []
    for number, line in enumerate(lines, start=1):
        entry = read(line.strip())
        if isinstance(entry, str):
            raise PreflightError(f'{ann_file} line {number}: {entry}')
        entries.append(entry)
    return entries


def _video(line: str, delimiter: str, is_labelled: bool, multi_class: bool) -> Entry | str:
    name, *labels = line.split(delimiter)
    if name and _are_numbers(labels) and (len(labels) == 1 or (multi_class and labels)):
        return Entry(name, tuple(map(int, labels)))
    for other, names in DELIMITER_NAMES.items():
        fields = line.rsplit(other, 1)
        if other != delimiter and len(fields) == 2 and _are_numbers(fields[1:]):
            return f'{line!r} is divided by {names}; set delimiter={other!r} of the dataset'
    if name and not labels and not is_labelled:
        return Entry(name, ())
    fault = f'{line!r} is not a file and a label from 0 up, split by {delimiter!r}'
    if len(labels) == 2 and _are_numbers(labels):
        return f'{fault}; PATH FRAMES LABEL is a list of frame folders: read it by RawframeDataset'
    if len(labels) > 1 and delimiter == ' ':
        return f"{fault}; names with spaces need a list divided by tabs, and delimiter='\\t'"
    return fault


def _frame_folder(
    line: str, start_index: int, with_offset: bool, is_labelled: bool, multi_class: bool
) -> Entry | str:
    name, *numbers = line.split() or ('',)
    labels = len(numbers) - 1 - with_offset
    is_whole = labels == 1 or (labels == 0 and not is_labelled) or (labels > 1 and multi_class)
    if is_whole and _are_numbers(numbers):
        offset, frames = (numbers[0], numbers[1]) if with_offset else (0, numbers[0])
        if int(frames) == 0:
            return f'{line!r}: the folder has no frames; leave it out'
        first = start_index + int(offset)
        return Entry(name, tuple(map(int, numbers[1 + with_offset :])), int(frames), first)
    form = 'PATH OFFSET FRAMES LABEL' if with_offset else 'PATH FRAMES LABEL'
    fault = f'{line!r} is not {form}'
    if len(numbers) == 1:
        return f'{fault}; a file and a label are a list of videos: read it by VideoDataset'
    if len(numbers) == 3 and not with_offset and _are_numbers(numbers):
        return f'{fault}; with an offset in it, set with_offset=True of the dataset'
    if len(numbers) == 2 and with_offset and _are_numbers(numbers):
        return f'{fault}; without an offset in it, set with_offset=False of the dataset'
    return f'{fault}, numbers from 0 up; names must hold no spaces'


def _are_numbers(fields: list[str]) -> bool:
    return all(field.isascii() and field.isdecimal() for field in fields)
