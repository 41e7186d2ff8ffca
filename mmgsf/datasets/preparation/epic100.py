"""EPIC-Kitchens-100: segments of long videos, from the videos or from the released frame folders."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ..class_names import class_names
from .clips import Clip, Entry, Source, Split, Unusable, check_order, find_file, need_file
from .journal import Job
from .media import Outcome, scan_frames
from .segments import SHORT_SIDE, cut_segment
from .tables import Row, read_csv

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
    for kind, name in CLASSES.items():
        path = find_file(root, name)
        if path is not None:
            rows = sorted(read_csv(path, ('id', 'key')), key=lambda row: row.number('id'))
            check_order([row['key'] for row in rows], class_names(f'epic100_{kind}s'), path)
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
    splits = [
        Split(
            split,
            LIST_NAME.format(split=split),
            [_segment(root, row, folders, videos, labelled=split != 'test') for row in some],
            _entry,
            '\t'.join(HEADER),
        )
        for split, some in rows.items()
    ]
    if folders:
        note = 'segments are read from frame folders'
    else:
        note = f'segments are cut from the videos into {CLIPS}/, short side {SHORT_SIDE}'
    return Source(splits, [note], timeout=600.0)


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
    root: Path, row: Row, folders: dict[str, str], videos: dict[str, str], labelled: bool
) -> Segment:
    name, participant, video = row['narration_id'], row['participant_id'], row['video_id']
    if not video.startswith(f'{participant}_') or not name.startswith(f'{video}_'):
        raise row.error(f'{participant}, {video} and {name} do not belong together')
    start, stop = _seconds(row, 'start_timestamp'), _seconds(row, 'stop_timestamp')
    first, last = row.number('start_frame'), row.number('stop_frame')
    if start >= stop or not 1 <= first <= last:
        raise row.error(
            f'the segment ends before it starts: {start} to {stop} s, frame {first} to {last}'
        )
    label = None
    if labelled:
        verbs, nouns = len(class_names('epic100_verbs')), len(class_names('epic100_nouns'))
        label = (row.number('verb_class', below=verbs), row.number('noun_class', below=nouns))
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
        job = Job(path, cut_segment, (str(source), str(target), *times), source, target, times)
    return Segment(name, row.where, job, path, label, participant)


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
