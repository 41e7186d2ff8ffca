"""Frame folders: do template, start index and frame count fit what lies there?"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from .files import found_damaged, sample
from .findings import Finding, PreflightError
from .lists import ClipList, Entry

SAMPLED_FOLDERS = 4
_FRAME = re.compile(r'(.*?)(\d+)(\.(?:jpe?g|png|bmp|webp|tiff?))', re.IGNORECASE)


@dataclass(frozen=True)
class Numbering:
    """How the frames of a folder are named, and the numbers that are there."""

    template: str
    numbers: set[int]

    def __str__(self) -> str:
        first, last = (self.template.format(end(self.numbers)) for end in (min, max))
        return f'{len(self.numbers)} frames {first} to {last}'


def numbering_of(names: list[str]) -> Numbering | None:
    """The numbering that most of these file names follow, None if there is no numbered picture."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        match = _FRAME.fullmatch(name)
        if match is not None:
            groups[match[1], match[3]].append(match[2])
    if not groups:
        return None
    (prefix, suffix), digits = max(groups.items(), key=lambda group: len(group[1]))
    width = min(map(len, digits))
    # Numbers beyond the width are longer.
    padded = width > 1 and (width == max(map(len, digits)) or any(d[0] == '0' for d in digits))
    field = f'{{:0{width}}}' if padded else '{}'
    return Numbering(f'{prefix}{field}{suffix}', {int(number) for number in digits})


def check_numbering(clips: ClipList, remedy: str, tolerant: bool = False) -> Iterator[Finding]:
    """Looks into a few folders of the list; the template and start index that would fit are named."""
    if clips.template is None:
        return
    _check_template(clips)
    unread, faults = '', []
    sampled = sample(clips.entries, SAMPLED_FOLDERS)
    for entry in sampled:
        try:
            names = os.listdir(clips.folder / entry.path)
        except OSError as error:
            faults.append(str(error))
            continue
        fault = _fault(clips, entry, names)
        cure = _cure(clips, names) if fault else ''
        if cure or (fault and not tolerant):
            raise PreflightError(f'{fault}; {cure or remedy}')
        faults += [fault] if fault else []
        unread = unread or _unread(clips, entry, names)
    if faults:
        yield found_damaged(clips, [faults[0], *faults], len(sampled), remedy, tolerant)
    elif unread:
        yield Finding('warning', unread)
    else:
        text = f'frames {clips.template} from {clips.start_index} fit the folders'
        yield Finding('ok', f'{clips.split}: {text}')


def _check_template(clips: ClipList) -> None:
    try:
        names = {clips.template.format(1), clips.template.format(2)}
    except (ValueError, IndexError, KeyError):
        names = set()
    if len(names) < 2:
        raise PreflightError(
            f'filename_tmpl={clips.template!r} has no place for a number; write it as '
            "'img_{:05}.jpg'"
        )


def _fault(clips: ClipList, entry: Entry, names: list[str]) -> str:
    """What of a folder's frames is missing, '' if nothing is."""
    there = set(names)
    numbers = range(entry.first_frame, entry.first_frame + entry.num_frames)
    missing = [name for name in map(clips.template.format, numbers) if name not in there]
    if not missing:
        return ''
    found = numbering_of(names) or 'no numbered pictures'
    return (
        f'{len(missing)} of the {entry.num_frames} frames that {clips.ann_file} tells of '
        f'{clips.folder / entry.path} are not there, first {missing[0]}; there lie {found}'
    )


def _cure(clips: ClipList, names: list[str]) -> str:
    """The arguments of the dataset that would fit the folder, '' if it has them."""
    found = numbering_of(names)
    if found is None:
        return ''
    first, changes = min(found.numbers), []
    if clips.template.format(first) != found.template.format(first):
        changes.append(f'filename_tmpl={found.template!r}')
    if clips.kind == 'RawframeDataset' and first != clips.start_index and first in (0, 1):
        changes.append(f'start_index={first}')
    return f'set {" and ".join(changes)} of the dataset' if changes else ''


def _unread(clips: ClipList, entry: Entry, names: list[str]) -> str:
    """Says that a folder holds frames that no row reads, a sign of another numbering."""
    place = f'{clips.split}: {clips.folder / entry.path}'
    if clips.kind == 'EpicKitchens100':
        # Its segments begin anywhere, so only frame 0 tells.
        if clips.template.format(0) not in names:
            return ''
        return f'{place} numbers its frames from 0, the segments count from 1; number them from 1'
    found = numbering_of(names)
    if clips.with_offset or found is None or len(found.numbers) <= entry.num_frames:
        return ''
    return (
        f'{place} holds {found}, the list reads {entry.num_frames} from '
        f'{clips.template.format(entry.first_frame)}; make the list anew, or see that start_index '
        'fits'
    )
