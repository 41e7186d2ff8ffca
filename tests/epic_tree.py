"""EPIC-Kitchens-100 as its organisers ship it, three short segments a split."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .videos import noise_clip, write_video

LIST_COLUMNS = (
    'narration_id',
    'participant_id',
    'path',
    'start_frame',
    'num_frames',
    'verb_class',
    'noun_class',
)
TEMPLATE = 'frame_{:010}.jpg'


@dataclass(frozen=True)
class Segment:
    """One row of an annotation file; frames count from 1, the last one is part of it."""

    narration_id: str
    start_frame: int
    stop_frame: int
    verb_class: int
    noun_class: int

    @property
    def video_id(self) -> str:
        return self.narration_id.rpartition('_')[0]

    @property
    def participant_id(self) -> str:
        return self.narration_id.partition('_')[0]

    @property
    def num_frames(self) -> int:
        return self.stop_frame - self.start_frame + 1


# P02 does not occur in training; verb 10 and noun 56 are tail classes.
SEGMENTS = {
    'train': [
        Segment('P01_01_0', 1, 8, 0, 2),
        Segment('P01_01_1', 7, 20, 1, 2),
        Segment('P01_01_2', 16, 24, 3, 4),
    ],
    'validation': [
        Segment('P01_102_0', 1, 9, 0, 2),
        Segment('P02_03_0', 3, 12, 10, 4),
        Segment('P02_03_1', 11, 24, 1, 56),
    ],
    'test': [Segment('P03_01_0', 1, 9, -1, -1), Segment('P03_01_1', 8, 24, -1, -1)],
}
LIST_SPLITS = {'train': 'train', 'val': 'validation', 'test': 'test'}


def write_annotations(folder: Path) -> Path:
    """The organisers' csv files, by their names and with their columns."""
    folder.mkdir(parents=True, exist_ok=True)
    for split in ('train', 'validation'):
        rows = [
            {
                'narration_id': s.narration_id,
                'participant_id': s.participant_id,
                'video_id': s.video_id,
                'narration_timestamp': '00:00:00.560',
                'start_timestamp': f'00:00:{s.start_frame / 60:05.2f}',
                'stop_timestamp': f'00:00:{s.stop_frame / 60:05.2f}',
                'start_frame': s.start_frame,
                'stop_frame': s.stop_frame,
                'narration': 'take plate, then cup',
                'verb': 'take',
                'verb_class': s.verb_class,
                'noun': 'plate',
                'noun_class': s.noun_class,
                'all_nouns': "['plate', 'cup']",
                'all_noun_classes': f'[{s.noun_class}, 13]',
            }
            for s in SEGMENTS[split]
        ]
        write_rows(folder / f'EPIC_100_{split}.csv', rows)
    test = [
        {'narration_id': s.narration_id, 'participant_id': s.participant_id, 'video_id': s.video_id}
        for s in SEGMENTS['test']
    ]
    write_rows(folder / 'EPIC_100_test_timestamps.csv', test)
    write_rows(folder / 'EPIC_100_tail_verbs.csv', [{'verb': 10}, {'verb': 12}])
    write_rows(folder / 'EPIC_100_tail_nouns.csv', [{'noun': 56}])
    unseen = folder / 'EPIC_100_unseen_participant_ids_validation.csv'
    write_rows(unseen, [{'participant_id': 'P02'}])
    return folder


def write_rows(path: Path, rows: list[dict], delimiter: str = ',') -> None:
    with path.open('w', encoding='utf-8', newline='') as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def make_clips(root: Path) -> Path:
    """Every segment as a video of its own, and the lists of them, as preparation leaves them."""
    for split, name in LIST_SPLITS.items():
        rows = []
        for segment in SEGMENTS[name]:
            path = f'clips/{segment.participant_id}/{segment.narration_id}.mp4'
            write_video(root / path, frames_of(segment), crf='10')
            rows.append(list_row(segment, path, 0))
        write_rows(root / f'epic100_{split}_list.tsv', rows, delimiter='\t')
    return root


def make_frames(root: Path) -> Path:
    """A folder of frames for each long video, and the lists of the segments in them."""
    for split, name in LIST_SPLITS.items():
        rows = []
        for segment in SEGMENTS[name]:
            path = f'{segment.participant_id}/rgb_frames/{segment.video_id}'
            folder = root / path
            folder.mkdir(parents=True, exist_ok=True)
            for number, frame in enumerate(long_video(segment.video_id), start=1):
                Image.fromarray(frame).save(folder / TEMPLATE.format(number), quality=95)
            rows.append(list_row(segment, path, segment.start_frame))
        write_rows(root / f'epic100_{split}_list.tsv', rows, delimiter='\t')
    return root


def list_row(segment: Segment, path: str, start_frame: int) -> dict:
    labels = ('', '')
    if segment.verb_class >= 0:
        labels = (segment.verb_class, segment.noun_class)
    values = (
        segment.narration_id,
        segment.participant_id,
        path,
        start_frame,
        segment.num_frames,
        *labels,
    )
    return dict(zip(LIST_COLUMNS, values, strict=True))


def long_video(video_id: str) -> np.ndarray:
    """24 frames; each one is brighter than the one before, so that it can be told by its mean."""
    noise = noise_clip(sum(video_id.encode()), num_frames=24)
    steps = np.arange(24).reshape(-1, 1, 1, 1)
    return (noise // 16 + 8 * steps).astype(np.uint8)


def frames_of(segment: Segment) -> np.ndarray:
    return long_video(segment.video_id)[segment.start_frame - 1 : segment.stop_frame]
