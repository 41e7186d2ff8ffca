"""Segment sampling is TSN's."""

import mmgsf.register  # noqa: F401, I001

import numpy as np
import pytest
from mmaction.registry import TRANSFORMS


def sample(total_frames: int, num_clips: int = 8, **options) -> np.ndarray:
    config = {'type': 'SegmentSampleFrames', 'num_clips': num_clips, **options}
    return TRANSFORMS.build(config)({'total_frames': total_frames, 'start_index': 0})['frame_inds']


@pytest.mark.parametrize('total_frames', [8, 9, 16, 50, 117])
def test_training_takes_one_frame_of_each_segment(total_frames):
    length = total_frames // 8
    for _ in range(50):
        segments = sample(total_frames) // length
        assert segments.tolist() == list(range(8))


def test_training_draws_every_frame_of_a_segment():
    drawn = {sample(32)[3] for _ in range(200)}
    assert drawn == {12, 13, 14, 15}


@pytest.mark.parametrize('total_frames', [3, 5, 7])
def test_short_videos_repeat_frames_from_the_segment_centres(total_frames):
    expected = [int((i + 0.5) * total_frames / 8) for i in range(8)]
    assert sample(total_frames).tolist() == expected
    assert expected[-1] == total_frames - 1


def test_test_takes_the_centre_of_each_segment():
    assert sample(80, test_mode=True).tolist() == list(range(5, 80, 10))
    assert sample(5, test_mode=True).tolist() == [int((i + 0.5) * 5 / 8) for i in range(8)]


def test_longer_clips_are_refused():
    with pytest.raises(ValueError, match='clip_len=4'):
        sample(32, clip_len=4)


def stretches(total_frames: int, *kinds: tuple[int | None, int]) -> np.ndarray:
    sampler = TRANSFORMS.build(
        {'type': 'StretchSampleFrames', 'num_clips': 8, 'stretches': kinds, 'test_mode': True}
    )
    sample = sampler({'total_frames': total_frames, 'start_index': 0})
    return sample['frame_inds'].reshape(-1, 8)


def test_stretches_lie_spread_over_the_video():
    rows = stretches(100, (8, 3), (16, 2), (None, 1))
    assert rows[0].tolist() == list(range(8))
    assert rows[1].tolist() == list(range(46, 54))
    assert rows[2].tolist() == list(range(92, 100))
    assert rows[3].tolist() == list(range(1, 17, 2))
    assert rows[4].tolist() == list(range(85, 101, 2))
    assert rows[5].tolist() == [6, 18, 31, 43, 56, 68, 81, 93]


@pytest.mark.parametrize('total_frames', [1, 5, 8, 15, 40])
def test_stretches_of_short_videos_stay_inside_and_in_order(total_frames):
    rows = stretches(total_frames, (16, 3), (48, 3), (None, 1))
    assert rows.shape == (7, 8)
    assert rows.min() >= 0
    assert rows.max() < total_frames
    assert (np.diff(rows, axis=1) >= 0).all()


@pytest.mark.parametrize('kind', [(7, 1), (16, 0)])
def test_stretches_that_cannot_be_are_refused(kind):
    with pytest.raises(ValueError, match=r'stretches='):
        stretches(100, kind)
