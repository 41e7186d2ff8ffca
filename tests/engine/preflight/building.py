"""Configs of small datasets, as the runner gets them, and what the checks say of them."""

from pathlib import Path

from mmgsf.engine.preflight import inspect_config

from ...trees import write_frames
from ...videos import noise_clip, write_video

SAMPLE = {'type': 'SegmentSampleFrames', 'num_clips': 4}
VIDEO_PIPELINE = [{'type': 'DecordInit'}, SAMPLE, {'type': 'DecordDecode'}]
FRAME_PIPELINE = [SAMPLE, {'type': 'RawFrameDecode'}]


def config_of(dataset: dict, **more) -> dict:
    return {
        'num_segments': 4,
        'model': {'num_segments': 4, 'cls_head': {'num_classes': 3}},
        'train_dataloader': {'dataset': dataset},
        'prepare_command': 'python tools/prepare_data.py ssv2 data',
        **more,
    }


def video_config(root: Path, rows: str | bytes = 'a.mp4 0\nb.mp4 1\nc.mp4 2\n', **dataset) -> dict:
    """Three videos of 12 frames and a list of these rows."""
    source = write_video(root / 'videos' / 'a.mp4', noise_clip(0))
    for name in ('b.mp4', 'c.mp4'):
        (root / 'videos' / name).write_bytes(source.read_bytes())
    (root / 'train.txt').write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    values = {
        'type': 'VideoDataset',
        'ann_file': str(root / 'train.txt'),
        'data_prefix': {'video': str(root / 'videos')},
        'pipeline': VIDEO_PIPELINE,
    }
    return config_of({**values, **dataset})


def frame_config(
    root: Path,
    rows: str = 'a 10 0\nb 10 1\nc 10 2\n',
    names: str = '{:05}.jpg',
    first: int = 1,
    **dataset,
) -> dict:
    """Three folders of 10 frames, numbered from `first`, and a list of these rows."""
    for clip in 'abc':
        write_frames(root / 'frames' / clip, 10, names)
        if first != 1:
            for number in range(1, 11):
                old = root / 'frames' / clip / names.format(number)
                old.rename(root / 'frames' / clip / f'moved-{names.format(number)}')
            for number in range(10):
                old = root / 'frames' / clip / f'moved-{names.format(number + 1)}'
                old.rename(root / 'frames' / clip / names.format(number + first))
    (root / 'train.txt').write_text(rows)
    values = {
        'type': 'RawframeDataset',
        'ann_file': str(root / 'train.txt'),
        'data_prefix': {'img': str(root / 'frames')},
        'filename_tmpl': '{:05}.jpg',
        'pipeline': FRAME_PIPELINE,
    }
    return config_of({**values, **dataset})


def texts(config: dict, *levels: str, splits: tuple[str, ...] = ('train',), **options) -> list[str]:
    """What the checks say on these levels."""
    found = inspect_config(config, splits, **options)
    return [finding.text for finding in found if finding.level in levels]


def only_error(config: dict, **options) -> str:
    errors = texts(config, 'error', **options)
    assert len(errors) == 1, errors
    return errors[0]
