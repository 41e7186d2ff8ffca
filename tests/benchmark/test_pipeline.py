"""Reading is timed step by step, on videos that are made or given."""

import time
from pathlib import Path

import pytest

import mmgsf.register  # noqa: F401
from mmgsf.benchmark.pipeline import find_videos, make_videos, measure_data, named_steps
from mmgsf.datasets.decoding import VideoHandle, decoding_process
from mmgsf.datasets.decoding.process import DecodingProcess

from ..videos import noise_clip, write_video

PIPELINE = [
    {'type': 'DecordInit'},
    {'type': 'SegmentSampleFrames', 'num_clips': 4},
    {'type': 'DecordDecode'},
    {'type': 'Resize', 'scale': (-1, 32)},
    {'type': 'CenterCrop', 'crop_size': 32},
    {'type': 'Resize', 'scale': (24, 24), 'keep_ratio': False},
]


def test_steps_and_both_forms_are_measured(tmp_path):
    videos = [write_video(tmp_path / f'{i}.mp4', noise_clip(i)) for i in range(2)]
    (tmp_path / 'copies').mkdir()
    found = measure_data(PIPELINE, videos, tmp_path / 'copies', 2, lambda line: None)
    assert [row['name'] for row in found['rows']] == ['as they are', 're-encoded']
    assert found['rows'][0]['bytes'] == sum(video.stat().st_size for video in videos)
    copies = list((tmp_path / 'copies').iterdir())
    assert found['rows'][1]['bytes'] == sum(copy.stat().st_size for copy in copies)
    for row in found['rows']:
        assert list(row['steps']) == [*(s['type'] for s in PIPELINE[:-1]), 'Resize 6']
        assert len(row['seconds']) == 2
        mean = sum(row['seconds']) / 2
        assert row['clips_per_second'] == pytest.approx(1 / mean, rel=0.01)


def test_what_the_decoding_process_does_is_timed_but_not_its_start(tmp_path, monkeypatch):
    frames, start = VideoHandle.frames, DecodingProcess.start
    pids = set()

    def slow_frames(*args):
        time.sleep(0.05)
        return frames(*args)

    def slow_start(process):
        if process.process is None:
            time.sleep(1.0)
        start(process)
        pids.add(process.process.pid)

    monkeypatch.setattr(VideoHandle, 'frames', slow_frames)
    monkeypatch.setattr(DecodingProcess, 'start', slow_start)
    video = write_video(tmp_path / 'a.mp4', noise_clip(0))
    found = measure_data(PIPELINE, [video], tmp_path, 1, lambda line: None)
    assert len(pids) == 1
    for row in found['rows']:
        assert row['steps']['DecordDecode'] >= 0.05
        assert row['steps']['DecordInit'] < 0.4
    assert decoding_process().process is None


def test_repeated_transforms_keep_their_own_time():
    names = [name for name, _ in named_steps([{'type': 'DecordDecode'}] * 3)]
    assert names == ['DecordDecode', 'DecordDecode 2', 'DecordDecode 3']


def test_videos_are_found_below_a_folder(tmp_path):
    for name in ('b/2.webm', 'a.MP4', 'notes.txt'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find_videos(tmp_path, 5) == [tmp_path / 'a.MP4', tmp_path / 'b/2.webm']
    assert len(find_videos(tmp_path, 1)) == 1
    with pytest.raises(FileNotFoundError, match='holds no video'):
        find_videos(tmp_path / 'c', 1)


def test_made_videos_have_few_key_frames(tmp_path):
    import av

    (path,) = make_videos(tmp_path, 1, frames=12, size=64)
    with av.open(str(path)) as video:
        frames = list(video.decode(video=0))
    assert [frame.key_frame for frame in frames] == [True] + [False] * 11


def test_pipeline_of_pictures_is_refused():
    with pytest.raises(ValueError, match='begins with RawFrameDecode'):
        measure_data([{'type': 'RawFrameDecode'}], [], Path(), 1, lambda line: None)
