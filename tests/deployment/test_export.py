"""What is exported computes what the model computes, for any number of clips."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mmgsf.deployment import describe_model, export_model, open_exported
from mmgsf.deployment.description import BGR, OUTSIDE
from mmgsf.deployment.parity import TOLERANCES, eager_probabilities
from mmgsf.deployment.targets import SUFFIXES
from mmgsf.layers import GateShiftFuse

from .networks import NETWORKS, SEGMENTS, clips, make_model

TARGETS = tuple(SUFFIXES)


@pytest.fixture(scope='module')
def model():
    return make_model('gsf_r18_camera_motion')


@pytest.fixture(scope='module')
def files(model, tmp_path_factory) -> dict[str, Path]:
    """The narrow network as each target has it."""
    folder = tmp_path_factory.mktemp('files')
    for target, suffix in SUFFIXES.items():
        export_model(model, folder / f'{target}{suffix}', target)
    return {target: folder / f'{target}{suffix}' for target, suffix in SUFFIXES.items()}


def assert_equal_to_eager(model, path: Path, size: int = 64) -> None:
    """One file gives the model's probabilities for batches of 1, 2 and 3 clips."""
    exported = open_exported(path)
    for batch in (1, 2, 3):
        given = clips(batch, size, seed=10 * batch)
        found, wanted = exported(given), eager_probabilities(model, given)
        assert list(found) == list(exported.description.classes)
        for output, part in zip(found.values(), wanted, strict=True):
            assert output.shape == part.shape
            np.testing.assert_allclose(output, part, rtol=0, atol=TOLERANCES[path.suffix])


def assert_telling(model, size: int = 64) -> None:
    """The model tells clips apart, and a clip from itself played backwards; else parity is cheap."""
    given = clips(3, size)
    for forwards, backwards in zip(
        eager_probabilities(model, given), eager_probabilities(model, given[:, ::-1]), strict=True
    ):
        assert np.abs(forwards[0] - forwards[2]).max() > 0.05
        assert np.abs(forwards - backwards).max() > 0.01


@pytest.mark.parametrize('target', TARGETS)
def test_small_network_is_equal_to_eager(model, files, target):
    assert_telling(model)
    assert_equal_to_eager(model, files[target])


@pytest.mark.parametrize('target', TARGETS)
def test_preprocessing_may_stay_outside(model, files, target, tmp_path):
    path = tmp_path / files[target].name
    assert export_model(model, path, target, preprocessing=False).preprocessing == OUTSIDE
    assert_equal_to_eager(model, path)
    given = np.ones((1, SEGMENTS, 3, 64, 64), np.float32)
    normalised = torch.from_numpy(given)
    with torch.no_grad():
        features = model.backbone(normalised.flatten(0, 1))
        wanted = model.cls_head(features, num_segs=SEGMENTS).softmax(-1)
    np.testing.assert_allclose(open_exported(path).program(given)[0], wanted, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize('target', TARGETS)
@pytest.mark.parametrize('network', NETWORKS)
def test_the_four_networks_are_equal_to_eager(network, target, tmp_path):
    name, size = NETWORKS[network]
    model = make_model(name, size)
    assert_telling(model, size)
    path = tmp_path / f'model{SUFFIXES[target]}'
    export_model(model, path, target)
    assert_equal_to_eager(model, path, size)


@pytest.mark.parametrize('name', ['tsm_r18_camera_motion', 'tsn_r18_camera_motion'])
def test_networks_beside_gsf_are_exported_too(name, tmp_path):
    model = make_model(name)
    export_model(model, tmp_path / 'model.onnx')
    assert_equal_to_eager(model, tmp_path / 'model.onnx')


@pytest.mark.parametrize('target', TARGETS)
def test_verbs_and_nouns_are_two_outputs(target, tmp_path):
    model = make_model(
        'gsf_r50_epic100',
        model__backbone__depth=18,
        model__cls_head__in_channels=512,
    )
    path = tmp_path / f'model{SUFFIXES[target]}'
    classes = export_model(model, path, target).classes
    assert {kind: len(names) for kind, names in classes.items()} == {'verb': 97, 'noun': 300}
    assert_telling(model)
    assert_equal_to_eager(model, path)


@pytest.mark.parametrize('target', TARGETS)
def test_channels_are_turned_for_networks_of_caffe(target, tmp_path):
    from mmgsf.datasets import CAFFE_BGR

    preprocessor = {'type': 'ActionDataPreprocessor', 'format_shape': 'NCHW', **CAFFE_BGR}
    model = make_model('gsf_r18_camera_motion', model__data_preprocessor=preprocessor)
    path = tmp_path / f'model{SUFFIXES[target]}'
    description = export_model(model, path, target)
    assert (description.channel_order, description.mean) == (BGR, (104, 117, 128))
    assert_equal_to_eager(model, path)
    outside = tmp_path / f'outside{SUFFIXES[target]}'
    export_model(model, outside, target, preprocessing=False)
    assert_equal_to_eager(model, outside)


@pytest.mark.parametrize('target', TARGETS)
def test_files_describe_themselves(model, files, target):
    description = open_exported(files[target]).description
    assert description == describe_model(model)
    assert description.classes == {'probabilities': list(model.cfg.classes)}
    assert (description.num_segments, description.size, description.short_side) == (4, (64, 64), 72)
    assert description.config == 'gsf_r18_camera_motion'


def test_the_model_stays_as_it_is(model, tmp_path):
    given = clips(2)
    before, state = eager_probabilities(model, given), {**model.state_dict()}
    export_model(model, tmp_path / 'model.pt2', 'torch-export')
    assert np.array_equal(eager_probabilities(model, given), before)
    assert all(torch.equal(state[key], value) for key, value in model.state_dict().items())
    layer = next(module for module in model.modules() if isinstance(module, GateShiftFuse))
    assert layer._runs_lean(torch.zeros(SEGMENTS, layer.channels, 4, 4))


def test_no_path_of_this_machine_is_written(files):
    import zipfile

    root = str(Path(__file__).parents[2]).encode()
    for path in files.values():
        if path.suffix == '.pt2':
            with zipfile.ZipFile(path) as archive:
                content = b''.join(archive.read(name) for name in archive.namelist())
        else:
            content = path.read_bytes()
        assert root not in content, path


@pytest.mark.parametrize(
    ('to', 'name', 'options', 'words'),
    [
        ('tflite', 'model.tflite', {}, "to='tflite' is unknown; choose one of onnx"),
        ('onnx', 'model.xml', {}, r'model\.xml: a file of onnx ends in \.onnx'),
        ('torch-export', 'model.pt2', {'calibration': []}, 'torch-export has no int8'),
        ('onnx', 'model.onnx', {'calibration': []}, 'no clips to calibrate'),
        ('onnx', 'model.onnx', {'calibration': [np.zeros((8, 64, 64, 3), np.uint8)]}, r'\(8, 64'),
    ],
)
def test_what_cannot_be_written_is_refused(model, tmp_path, to, name, options, words):
    with pytest.raises(ValueError, match=words):
        export_model(model, tmp_path / name, to, **options)
    assert list(tmp_path.iterdir()) == []


def test_training_mode_is_refused(tmp_path):
    model = make_model('tsn_r18_camera_motion').train()
    with pytest.raises(ValueError, match=r'call model\.eval\(\)'):
        export_model(model, tmp_path / 'model.onnx')


@pytest.mark.parametrize('target', ['onnx', 'openvino'])
def test_a_failed_writing_leaves_nothing(model, files, target, tmp_path, monkeypatch):
    from mmgsf.deployment import targets

    def fail(path, *_):
        raise OSError('no space left')

    path = tmp_path / files[target].name
    monkeypatch.setattr('mmgsf.files.os.replace', fail)
    with pytest.raises(OSError, match='no space left'):
        export_model(model, path, target)
    assert list(tmp_path.iterdir()) == []
    assert targets


def test_clips_of_another_shape_are_refused(files):
    exported = open_exported(files['onnx'])
    with pytest.raises(ValueError, match=r'uint8 RGB \(N, 4, 64, 64, 3\)'):
        exported(np.zeros((1, 8, 64, 64, 3), np.uint8))


def test_missing_packages_are_named(model, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'onnxscript', None)
    with pytest.raises(ImportError, match=r'onnxscript.*pip install "mmgsf\[export\]"'):
        export_model(model, tmp_path / 'model.onnx')
