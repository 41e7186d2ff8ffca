"""A cached video gives the frames that the stock pipeline gives, and is read once."""

import mmgsf.register  # noqa: F401, I001

from pathlib import Path

import numpy as np
import pytest
from mmaction.registry import TRANSFORMS
from mmengine.dataset import Compose

from mmgsf.datasets import CameraMotion
from mmgsf.datasets.transforms.caching import CachedDecordInit

SIZE = 64


@pytest.fixture(scope='module')
def videos(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp('mixed')
    CameraMotion(num_train=112, num_val=48, size=SIZE, num_frames=8, setting='mixed').write(root)
    return root / 'videos' / 'val'


def sample(path: Path) -> dict:
    return {'filename': str(path), 'label': 0, 'start_index': 0, 'modality': 'RGB'}


def stock(size: int) -> Compose:
    """MMAction2's own transforms."""
    return Compose(
        TRANSFORMS.build(step)
        for step in (
            {'type': 'DecordInit'},
            {'type': 'SampleFrames', 'clip_len': 1, 'num_clips': 4, 'test_mode': True},
            {'type': 'DecordDecode'},
            {'type': 'Resize', 'scale': (size, size), 'keep_ratio': False, 'interpolation': 'area'},
            {'type': 'FormatShape', 'input_format': 'NCHW'},
        )
    )


def cached(size: int) -> Compose:
    steps = list(stock(size).transforms)
    first = TRANSFORMS.build({'type': 'CachedDecordInit', 'size': size})
    return Compose([first, steps[1], TRANSFORMS.build({'type': 'ArrayDecode'}), steps[4]])


@pytest.mark.parametrize('name', ['00000_photograph.mp4', '00001_footage.mp4'])
def test_frames_are_those_of_the_stock_pipeline(videos, name):
    for _ in range(2):
        found = cached(SIZE)(sample(videos / name))
        np.testing.assert_array_equal(found['imgs'], stock(SIZE)(sample(videos / name))['imgs'])


def test_what_a_flip_writes_stays_out_of_the_cache(videos):
    """Else a clip came back mirrored under the label of the one that it was."""
    first, decode, flip = (
        TRANSFORMS.build(step)
        for step in (
            {'type': 'CachedDecordInit', 'size': SIZE},
            {'type': 'ArrayDecode'},
            {'type': 'Flip', 'flip_ratio': 1.0},
        )
    )
    asked = sample(videos / '00000_photograph.mp4')
    before = first(asked)['array'].copy()
    flipped = flip(decode({**first(asked), 'frame_inds': np.arange(len(before))}))
    np.testing.assert_array_equal(flipped['imgs'], before[:, :, ::-1])
    np.testing.assert_array_equal(first(asked)['array'], before)


def test_a_video_is_read_once(videos, tmp_path):
    path = tmp_path / 'a.mp4'
    path.write_bytes((videos / '00001_footage.mp4').read_bytes())
    transform = CachedDecordInit(SIZE)
    before = transform(sample(path))
    path.unlink()
    after = transform(sample(path))
    assert before['array'].shape == (8, SIZE, SIZE, 3)
    assert before['total_frames'] == 8
    np.testing.assert_array_equal(before['array'], after['array'])


def test_a_damaged_video_is_named(tmp_path):
    path = tmp_path / 'a.mp4'
    path.write_bytes(b'no video')
    with pytest.raises(ValueError, match=r'a\.mp4 cannot be decoded.*prepare the data set again'):
        CachedDecordInit(SIZE)(sample(path))


def test_no_pixels_are_refused():
    with pytest.raises(ValueError, match='size=0'):
        CachedDecordInit(0)
