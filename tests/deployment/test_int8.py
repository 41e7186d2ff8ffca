"""int8 files: near their model, with integers in them, calibrated with the videos that were asked for."""

import numpy as np
import pytest

from mmgsf.apis import get_config, load_model
from mmgsf.deployment import export_model, open_exported
from mmgsf.deployment.calibration import calibration_clips
from mmgsf.deployment.parity import eager_probabilities
from mmgsf.deployment.targets import SUFFIXES

from ..videos import noise_clip, write_video
from .networks import TINY, clips, make_model


@pytest.fixture(scope='module')
def model():
    return make_model('gsf_r18_camera_motion', **TINY)


@pytest.mark.parametrize(
    ('target', 'preprocessing'),
    [('openvino', False), pytest.param('onnx', True, marks=pytest.mark.slow)],
)
def test_int8_is_near_its_model(model, target, preprocessing, tmp_path):
    path = tmp_path / f'int8{SUFFIXES[target]}'
    given = clips(12)
    about = export_model(model, path, target, preprocessing, calibration=list(given))
    exported = open_exported(path)
    assert about.precision == exported.description.precision == 'int8'
    found = exported(given)['probabilities']
    wanted = eager_probabilities(model, given)[0]
    assert (found.argmax(1) == wanted.argmax(1)).mean() >= 0.75
    assert np.abs(found - wanted).max() > 1e-4
    assert b'Quantize' in path.read_bytes()


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    """A folder of five videos in two folders, and an annotation list of three of them."""
    root = tmp_path_factory.mktemp('videos')
    for i in range(5):
        write_video(root / f'part{i % 2}' / f'{i}.mp4', noise_clip(i, 16, 64, 64), crf='10')
    (root / 'list.txt').write_text(''.join(f'part{i % 2}/{i}.mp4 0\n' for i in (0, 3, 4)))
    (root / 'notes').mkdir()
    return root


def test_clips_come_from_a_folder_or_a_list(videos):
    config = get_config('gsf_r18_camera_motion')
    config.train_dataloader.dataset.data_prefix.video = str(videos)
    model = load_model(config, device='cpu')
    of_folder = calibration_clips(model, 100, videos)
    assert len(of_folder) == 5
    assert len(calibration_clips(model, 2, videos)) == 2
    of_list = calibration_clips(model, 100, videos / 'list.txt')
    # Sorted by path, the folder gives 0, 2, 4, 1, 3.
    assert all(map(np.array_equal, of_list, [of_folder[place] for place in (0, 4, 2)]))
    config.train_dataloader.dataset.ann_file = str(videos / 'list.txt')
    assert all(map(np.array_equal, of_list, calibration_clips(model, 3)))
    assert of_list[0].shape == (8, 64, 64, 3)
    assert not np.array_equal(of_list[0][0], of_list[0][1])


def test_nothing_to_calibrate_with_is_said(videos, tmp_path):
    model = load_model(get_config('gsf_r18_camera_motion'), device='cpu')
    with pytest.raises(FileNotFoundError, match='nowhere is not there'):
        calibration_clips(model, 8, tmp_path / 'nowhere')
    with pytest.raises(ValueError, match='notes has no videos'):
        calibration_clips(model, 8, videos / 'notes')
    with pytest.raises(ValueError, match='0 clips'):
        calibration_clips(model, 0, videos)
    model.cfg.train_dataloader.dataset.ann_file = str(tmp_path / 'absent.txt')
    with pytest.raises(FileNotFoundError, match=r'absent\.txt, the list of the training set'):
        calibration_clips(model, 8)
