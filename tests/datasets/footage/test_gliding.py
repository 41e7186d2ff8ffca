"""Windows over footage move as their class says, and stay inside."""

import cv2
import numpy as np
import pytest

from mmgsf.datasets.footage.gliding import glide
from mmgsf.datasets.motions import MOTIONS
from tests.datasets.test_camera_motion import motion


@pytest.fixture(scope='module')
def footage() -> np.ndarray:
    """A standing camera before smooth noise, 30 frames."""
    rng = np.random.default_rng(0)
    small = rng.integers(40, 256, (24, 32, 3), dtype=np.uint8)
    frame = cv2.resize(small, (384, 288), interpolation=cv2.INTER_CUBIC)
    return np.repeat(np.maximum(frame, 20)[None], 30, axis=0)


@pytest.mark.parametrize('label', range(8))
def test_content_moves_against_the_window(footage, label):
    axis, sign = MOTIONS[label]
    for seed in (1, 2):
        clip = glide(footage, label, np.random.default_rng(seed))
        assert clip.label == label
        assert clip.frames.shape[1] == clip.frames.shape[2]
        moved = motion(clip.frames) / np.array([1.0, 1.0, 0.02, 0.02])
        assert np.abs(moved).argmax() == axis
        assert np.sign(moved[axis]) == -sign
        # A border would be one colour along its edge.
        assert clip.frames[:, 0].std(axis=1).min() > 2


def test_short_footage_is_refused(footage):
    with pytest.raises(ValueError, match='15 frames of footage'):
        glide(footage[:15], 0, np.random.default_rng(0))
