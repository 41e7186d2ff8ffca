"""Datasets in their providers' layout, a few seconds of video each."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from mmgsf.datasets import class_names

from .videos import noise_clip, write_video

ROOT = Path(__file__).parents[1]
EPIC_COLUMNS = [
    'narration_id',
    'participant_id',
    'video_id',
    'narration_timestamp',
    'start_timestamp',
    'stop_timestamp',
    'start_frame',
    'stop_frame',
    'narration',
    'verb',
    'verb_class',
    'noun',
    'noun_class',
    'all_nouns',
    'all_noun_classes',
]
# Seconds of segments of the videos that `make_epic100` writes: 3 s at 50 frames a second.
EPIC_SEGMENTS = (('0.00', '0.50'), ('0.53', '1.29'), ('2.10', '2.96'))
EPIC_RATE = 50


def make_ssv2(root: Path) -> Path:
    """Something-Something V2 as it is downloaded: webm (VP9) files and json annotations.

    Made by another process: where decord is loaded, its libvpx hides the one that PyAV needs.
    """
    command = [sys.executable, '-m', 'tests.trees', str(root)]
    subprocess.run(command, check=True, cwd=ROOT)
    return root


def _make_ssv2(root: Path, train: int = 4, val: int = 2) -> None:
    names = class_names('ssv2')
    (root / 'labels').mkdir(parents=True)
    ids = iter(range(100, 100 + train + val))
    for split, count in (('train', train), ('validation', val)):
        rows = []
        for i in range(count):
            number = next(ids)
            template = names[(37 * number) % len(names)].replace('something', '[something]')
            rows.append(
                {
                    'id': str(number),
                    'label': template.replace('[something]', 'a cup'),
                    'template': template,
                    'placeholders': ['a cup'] * template.count('[something]'),
                }
            )
            video = root / '20bn-something-something-v2' / f'{number}.webm'
            write_video(video, noise_clip(i), codec='libvpx-vp9', deadline='realtime')
        (root / 'labels' / f'{split}.json').write_text(json.dumps(rows), encoding='utf-8')
    index = {name: str(label) for label, name in enumerate(names)}
    (root / 'labels' / 'labels.json').write_text(json.dumps(index), encoding='utf-8')


def write_frames(folder: Path, number: int, name: str = '{:05}.jpg', size=(32, 24)) -> None:
    """A frame folder, numbered from 1, with the grey levels of `grey_clip`."""
    folder.mkdir(parents=True)
    for i in range(1, number + 1):
        Image.new('RGB', size, (grey_level(i - 1),) * 3).save(folder / name.format(i))


def make_ssv1(root: Path) -> Path:
    """Something-Something V1: frame folders and csv files without a header."""
    names = class_names('ssv1')
    root.mkdir(parents=True, exist_ok=True)
    annotations = {'train': [(1, 4), (2, 30), (3, 0)], 'validation': [(11, 52), (12, 2)]}
    for split, rows in annotations.items():
        lines = [f'{clip};{names[label]}\n' for clip, label in rows]
        (root / f'something-something-v1-{split}.csv').write_text(''.join(lines))
        for clip, _ in rows:
            write_frames(root / '20bn-something-something-v1' / str(clip), 10 + clip)
    (root / 'something-something-v1-test.csv').write_text('21\n22\n')
    lines = [f'{name}\n' for name in names]
    (root / 'something-something-v1-labels.csv').write_text(''.join(lines))
    return root


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Iterable], **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w', newline='', **options) as file:
        writer = csv.writer(file)
        writer.writerows([list(columns), *rows])


K400_COLUMNS = ('label', 'youtube_id', 'time_start', 'time_end', 'split')
K400_CLIPS = {
    'train': [('abseiling', 'a_-b'), ('air drumming', 'CdE'), ('hurling (sport)', '-fG')],
    'val': [('air drumming', 'hij'), ('zumba', 'K_l')],
}


def make_k400(root: Path, folder: str = '{label}/') -> Path:
    """Kinetics-400 by MMAction2's names; `folder` is where a video lies, given its label."""
    video = write_video(root / 'source.mp4', noise_clip(0)).read_bytes()
    (root / 'source.mp4').unlink()
    for split, clips in K400_CLIPS.items():
        rows = [(label, clip, 7, 17, split) for label, clip in clips]
        write_csv(root / 'annotations' / f'kinetics_{split}.csv', K400_COLUMNS, rows)
        for label, clip in clips:
            place = root / f'videos_{split}' / folder.format(label=label)
            place.mkdir(parents=True, exist_ok=True)
            (place / f'{clip}_000007_000017.mp4').write_bytes(video)
    return root


def make_diving48(root: Path) -> Path:
    """Diving48 V2: mp4 videos under rgb/, json annotations and the vocabulary."""
    video = write_video(root / 'rgb' / 'a.mp4', noise_clip(0)).read_bytes()
    (root / 'rgb' / 'a.mp4').unlink()
    vocabulary = [name.split('+') for name in class_names('diving48')]
    (root / 'Diving48_vocab.json').write_text(json.dumps(vocabulary))
    for split, clips in (('train', ('A_00000', 'A_00001', 'B_00000')), ('test', ('C_00000',))):
        rows = []
        for label, clip in enumerate(clips, start=40):
            (root / 'rgb' / f'{clip}.mp4').write_bytes(video)
            rows.append({'vid_name': clip, 'label': label, 'start_frame': 0, 'end_frame': 12})
        (root / f'Diving48_V2_{split}.json').write_text(json.dumps(rows))
    return root


def grey_level(frame: int) -> int:
    """Of a frame of `grey_clip`; neighbours are far enough apart to survive an encoder."""
    return 16 + 7 * frame % 224


def grey_clip(num_frames: int, height: int = 48, width: int = 64) -> np.ndarray:
    """Frames of one grey each, uint8 RGB (T, H, W, 3)."""
    levels = np.array([grey_level(i) for i in range(num_frames)], dtype=np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (num_frames, height, width, 3))


def make_epic100(root: Path, frames: bool = False) -> Path:
    """EPIC-Kitchens-100: csv files, and videos or frame folders whose grey levels tell the time."""
    for split, video in (('train', 'P01_101'), ('validation', 'P02_103'), ('test', 'P03_105')):
        rows = []
        for i, (start, stop) in enumerate(EPIC_SEGMENTS):
            first, last = (int(float(time) * EPIC_RATE) for time in (start, stop))
            times = ('00:00:00.100', f'00:00:0{start}', f'00:00:0{stop}')
            row = [f'{video}_{i}', video[:3], video, *times, max(1, first), last]
            if split != 'test':
                row += ['open tap, "hot"', 'open', 3, 'tap', i, "['tap', 'cup']", f'[{i}, 13]']
            rows.append(row)
        name = 'test_timestamps' if split == 'test' else split
        columns = EPIC_COLUMNS[:8] if split == 'test' else EPIC_COLUMNS
        write_csv(root / f'EPIC_100_{name}.csv', columns, rows)
        if frames:
            write_frames(root / video[:3] / 'rgb_frames' / video, 146, 'frame_{:010}.jpg')
        else:
            clip = grey_clip(3 * EPIC_RATE)
            write_video(root / video[:3] / 'videos' / f'{video}.MP4', clip, rate=EPIC_RATE)
    for kind in ('verb', 'noun'):
        names = class_names(f'epic100_{kind}s')
        rows = [(i, key, f"['{key}']", 'category') for i, key in enumerate(names)]
        columns = ('id', 'key', 'instances', 'category')
        write_csv(root / f'EPIC_100_{kind}_classes.csv', columns, rows)
    return root


if __name__ == '__main__':
    _make_ssv2(Path(sys.argv[1]))
