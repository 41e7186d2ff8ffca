"""The three crops are what numpy slices give."""

import mmgsf.register  # noqa: F401, I001

import numpy as np
import pytest
from mmaction.registry import TRANSFORMS


def frames(height: int, width: int, number: int = 2) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (number, height, width, 3), dtype=np.uint8)


def crop(clip: np.ndarray, crop_size, kind: str = 'UniformThreeCrop') -> dict:
    transform = TRANSFORMS.build({'type': kind, 'crop_size': crop_size})
    return transform({'imgs': list(clip), 'img_shape': clip.shape[1:3]})


def test_left_centre_and_right_of_the_middle_band():
    clip = frames(256, 341)
    found = crop(clip, 224)
    left, centre, right = clip[:, 16:240, :224], clip[:, 16:240, 58:282], clip[:, 16:240, 117:]
    np.testing.assert_array_equal(found['imgs'], np.concatenate([left, centre, right]))
    assert found['img_shape'] == (224, 224)
    assert found['crop_bbox'][::2].tolist() == [
        [0, 16, 224, 240],
        [58, 16, 282, 240],
        [117, 16, 341, 240],
    ]


def test_top_centre_and_bottom_of_portrait_frames():
    clip = frames(60, 40)
    found = np.stack(crop(clip, 32)['imgs'])
    expected = [clip[:, :32, 4:36], clip[:, 14:46, 4:36], clip[:, 28:, 4:36]]
    np.testing.assert_array_equal(found, np.concatenate(expected))


@pytest.mark.parametrize('shape', [(40, 40), (40, 53), (53, 40), (32, 33), (32, 32)])
def test_centre_is_that_of_center_crop(shape):
    clip = frames(*shape)
    np.testing.assert_array_equal(crop(clip, 32)['imgs'][2:4], crop(clip, 32, 'CenterCrop')['imgs'])


def test_crop_of_the_whole_short_side_is_mmaction2s_three_crop():
    clip = frames(32, 50)
    left, right, centre = np.split(np.stack(crop(clip, 32, 'ThreeCrop')['imgs']), 3)
    np.testing.assert_array_equal(crop(clip, 32)['imgs'], np.concatenate([left, centre, right]))


def test_crop_size_is_width_and_height():
    assert crop(frames(40, 60), (30, 20))['imgs'][0].shape == (20, 30, 3)


@pytest.mark.parametrize('shape', [(31, 60), (60, 31)])
def test_smaller_frames_are_refused(shape):
    match = rf'frames of {shape[1]}x{shape[0]} are smaller than crop_size=\(32, 32\)'
    with pytest.raises(ValueError, match=match):
        crop(frames(*shape), 32)


def test_lazy_transforms_must_be_fused_first():
    transform = TRANSFORMS.build({'type': 'UniformThreeCrop', 'crop_size': 32})
    with pytest.raises(ValueError, match='put Fuse between'):
        transform({'imgs': frames(40, 60), 'lazy': {}})
