"""EPIC-Kitchens-100: segments of long videos, from the videos or from the released frame folders."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from ..class_names import class_names
from ..tables import UNEDITED, Row, read_csv
from .clips import Clip, Entry, Source, Split, Unusable, check_order, find_file, need_file
from .journal import Job
from .media import Outcome, scan_frames
from .segments import ENCODING, cut_segment

ANNOTATIONS = {
    'train': 'EPIC_100_train.csv',
    'val': 'EPIC_100_validation.csv',
    'test': 'EPIC_100_test_timestamps.csv',
}
CLASSES = {'verb': 'EPIC_100_verb_classes.csv', 'noun': 'EPIC_100_noun_classes.csv'}
COLUMNS = (
    'narration_id',
    'participant_id',
    'video_id',
    'start_timestamp',
    'stop_timestamp',
    'start_frame',
    'stop_frame',
)
LIST_NAME = 'epic100_{split}_list.tsv'
HEADER = (
    'narration_id',
    'participant_id',
    'path',
    'start_frame',
    'num_frames',
    'verb_class',
    'noun_class',
)
# P: participant, V: video; as the provider's archives unpack, and without the participants' level.
VIDEOS = ('{p}/videos/{v}.MP4', '{p}/videos/{v}.mp4', 'videos/{p}/{v}.MP4', 'videos/{v}.MP4')
FRAME_FOLDERS = ('{p}/rgb_frames/{v}', 'rgb_frames/{p}/{v}', 'rgb_frames/{v}')
CLIPS = 'clips'
VIDEO_INFO = 'EPIC_100_video_info.csv'
RATE_TOLERANCE = 5  # frames
TIMEOUT = 600.0  # seconds, for the longest segment or frame folder


@dataclass(frozen=True)
class Segment(Clip):
    """A clip with what only EPIC-Kitchens tells of it; `label` is (verb, noun)."""

    participant: str = ''
    start_frame: int = 0
    stop_frame: int = 0


def read(root: Path) -> Source:
    """Lists `epic100_SPLIT_list.tsv`: divided by tabs, with a header, `path` below the root.

    From frame folders (`PXX/rgb_frames/PXX_YY/frame_0000000001.jpg`), if there are any, a segment
    is frames start_frame to stop_frame of the annotation, which number just these folders; both
    are part of it. From videos (`PXX/videos/PXX_YY.MP4`) a segment is cut by its timestamps into
    `clips/PXX/NARRATION_ID.mp4`, and its start_frame is 0.

    Args:
        root: with the csv files and the videos or frame folders. The classes of the test split are
            not published, so its verb_class and noun_class are empty.
    """
    numbers = _class_numbers(root)
    rows = {}
    for split, name in ANNOTATIONS.items():
        path = find_file(root, name) if split == 'test' else need_file(root, name)
        if path is not None:
            classes = () if split == 'test' else ('verb_class', 'noun_class')
            rows[split] = list(read_csv(path, (*COLUMNS, *classes)))
    folders = _places(root, FRAME_FOLDERS, rows, Path.is_dir)
    videos = {} if folders else _places(root, VIDEOS, rows, Path.is_file)
    if not folders and not videos:
        raise FileNotFoundError(
            f'{root} holds no video {VIDEOS[0]} and no folder {FRAME_FOLDERS[0]} of the annotated '
            "ones (p: P01, v: P01_01); put the provider's files there"
        )
    splits = []
    for split, some in rows.items():
        segments = [
            _segment(root, row, folders, videos, None if split == 'test' else _label(row, numbers))
            for row in some
        ]
        splits.append(
            Split(split, LIST_NAME.format(split=split), segments, _entry, '\t'.join(HEADER))
        )
    if folders:
        note = 'segments are read from frame folders'
    else:
        note = f'segments are cut from the videos into {CLIPS}/, short side {ENCODING.short_side}'
    return Source(splits, [note], partial(_rate_remarks, root, folders), TIMEOUT)


def _class_numbers(root: Path) -> dict[str, int]:
    """How many verbs and nouns there are; the provider's files of them, if there, are checked."""
    numbers = {}
    for kind, name in CLASSES.items():
        names = class_names(f'epic100_{kind}s')
        numbers[kind] = len(names)
        path = find_file(root, name)
        if path is not None:
            rows = sorted(read_csv(path, ('id', 'key')), key=lambda row: row.number('id'))
            check_order([row['key'] for row in rows], names, path)
    return numbers


def _places(
    root: Path,
    patterns: tuple[str, ...],
    rows: dict[str, list[Row]],
    is_there: Callable[[Path], bool],
) -> dict[str, str]:
    """Paths below the root of the videos, or frame folders, that are there, by video id."""
    videos = {row['video_id']: row['participant_id'] for some in rows.values() for row in some}
    places = {}
    for video, participant in videos.items():
        paths = [pattern.format(p=participant, v=video) for pattern in patterns]
        path = next((path for path in paths if is_there(root / path)), None)
        if path is not None:
            places[video] = path
    return places


def _segment(
    root: Path,
    row: Row,
    folders: dict[str, str],
    videos: dict[str, str],
    label: tuple[int, int] | None,
) -> Segment:
    name, participant, video = row['narration_id'], row['participant_id'], row['video_id']
    # They become names of files below the root.
    if not all(re.fullmatch(r'[\w-]+', part) for part in (name, participant, video)):
        raise row.error(
            f'{participant}, {video} and {name} must be letters, digits, - and _ alone; {UNEDITED}'
        )
    if not video.startswith(f'{participant}_') or not name.startswith(f'{video}_'):
        raise row.error(f'{participant}, {video} and {name} do not belong together')
    start, stop = _seconds(row, 'start_timestamp'), _seconds(row, 'stop_timestamp')
    first, last = row.number('start_frame'), row.number('stop_frame')
    if start >= stop or not 1 <= first <= last:
        raise row.error(
            f'the segment ends before it starts: {start} to {stop} s, frame {first} to {last}'
        )
    if video in folders:
        path = folders[video]
        arguments = (str(root / path), 'frame_', 10)
        job = Job(path, scan_frames, arguments, root / path)
        return Segment(name, row.where, job, path, label, participant, first, last)
    path = f'{CLIPS}/{participant}/{name}.mp4'
    job = None
    if video in videos:
        source, target = root / videos[video], root / path
        times = (str(start), str(stop))
        settings = (*times, *ENCODING.settings)
        job = Job(path, cut_segment, (str(source), str(target), *times), source, target, settings)
    return Segment(name, row.where, job, path, label, participant)


def _label(row: Row, numbers: Mapping[str, int]) -> tuple[int, int]:
    """(verb, noun); `numbers` are those of the classes."""
    return tuple(row.number(f'{kind}_class', below=numbers[kind]) for kind in ('verb', 'noun'))


def _seconds(row: Row, column: str) -> Fraction:
    """A timestamp HH:MM:SS.ss, exactly."""
    try:
        hours, minutes, seconds = row[column].split(':')
        return 3600 * int(hours) + 60 * int(minutes) + Fraction(seconds)
    except ValueError as error:
        raise row.error(f'{column}={row[column]!r} is not HH:MM:SS.ss') from error


def _entry(segment: Segment, outcome: Outcome) -> Entry:
    start, frames = 0, outcome.frames
    if segment.start_frame:
        start = segment.start_frame
        # Some annotations end a little after the video does.
        frames = min(segment.stop_frame, outcome.frames) - start + 1
        if frames < 1:
            raise Unusable(f'starts at frame {start}, of {outcome.frames}')
    verb, noun = segment.label or ('', '')
    fields = (segment.name, segment.participant, segment.path, start, frames, verb, noun)
    return Entry('\t'.join(map(str, fields)), frames)


def _rate_remarks(
    root: Path, folders: Mapping[str, str], outcomes: Mapping[str, Outcome]
) -> list[str]:
    """Says which frame folders were extracted at the video's own rate.

    The annotated frame numbers belong to the released folders: 50 frames a second where the video
    has a number of three digits, else 60.
    """
    path = find_file(root, VIDEO_INFO)
    if path is None:
        return []
    odd = []
    for row in read_csv(path, ('video_id', 'duration', 'fps')):
        video = row['video_id']
        frames = outcomes[folders[video]].frames if video in folders else 0
        released = 50 if len(video.partition('_')[2]) == 3 else 60
        native, numbered = (row.real('duration') * rate for rate in (row.real('fps'), released))
        if frames and abs(frames - native) + RATE_TOLERANCE < abs(frames - numbered):
            odd.append(video)
    if not odd:
        return []
    return [
        f"{len(odd)} frame folders have as many frames as the video's own rate gives, not the "
        f'released 60 or 50 a second that start_frame and stop_frame number, first {odd[0]}; take '
        'the released folders, or the videos'
    ]
