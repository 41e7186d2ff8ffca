"""What is exported computes what the model computes, for any number of clips."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mmgsf.datasets import CAFFE_BGR, class_names
from mmgsf.deployment import describe_model, export_model, open_exported
from mmgsf.deployment.description import BGR, INSIDE, OUTSIDE
from mmgsf.deployment.optional import require
from mmgsf.deployment.parity import TOLERANCES, eager_probabilities
from mmgsf.deployment.program import ClipProgram
from mmgsf.deployment.targets import SUFFIXES, write_onnx, write_openvino
from mmgsf.layers import GateShiftFuse

from ..docs.pages import ROOT, python_blocks
from .networks import NETWORKS, SEGMENTS, TINY, clips, export_all, make_model, steady_batches

TARGETS = tuple(SUFFIXES)
EPIC = {'type': 'VerbNounHead', 'num_verbs': 97, 'num_nouns': 300, 'in_channels': 16}


@pytest.fixture(scope='module')
def model():
    return make_model('gsf_r18_camera_motion', **TINY)


@pytest.fixture(scope='module')
def files(model, tmp_path_factory) -> dict[str, Path]:
    return export_all(model, tmp_path_factory.mktemp('inside'))


@pytest.fixture(scope='module')
def epic_model():
    """Verbs and nouns, of BGR frames."""
    preprocessor = {'type': 'ActionDataPreprocessor', 'format_shape': 'NCHW', **CAFFE_BGR}
    model = make_model(
        'gsf_r18_camera_motion',
        model__data_preprocessor=preprocessor,
        **{**TINY, 'model__cls_head': {'_delete_': True, 'average_clips': 'score', **EPIC}},
    )
    model.cfg.test_dataloader.dataset.metainfo = {
        'verb_classes': class_names('epic100_verbs'),
        'noun_classes': class_names('epic100_nouns'),
    }
    return model


@pytest.fixture(scope='module')
def epic_files(epic_model, tmp_path_factory) -> dict[str, Path]:
    return export_all(epic_model, tmp_path_factory.mktemp('outside'), preprocessing=False)


def assert_equal_to_eager(model, path: Path, size: int = 64) -> None:
    """One file gives the model's probabilities for batches of 1, 2 and 3 clips."""
    exported = open_exported(path)
    for given in steady_batches(model, size):
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
def test_a_small_network_is_equal_to_eager(model, files, target):
    assert_telling(model)
    assert_equal_to_eager(model, files[target])


@pytest.mark.parametrize('target', TARGETS)
def test_verbs_and_nouns_of_bgr_frames_normalised_outside(epic_model, epic_files, target):
    assert_telling(epic_model)
    assert_equal_to_eager(epic_model, epic_files[target])
    exported = open_exported(epic_files[target])
    about = exported.description
    assert {kind: len(names) for kind, names in about.classes.items()} == {'verb': 97, 'noun': 300}
    assert (about.channel_order, about.mean, about.preprocessing) == (BGR, (104, 117, 128), OUTSIDE)
    frames = np.random.default_rng(0).standard_normal((1, SEGMENTS, 3, 64, 64), np.float32)
    with torch.no_grad():
        features = epic_model.backbone(torch.from_numpy(frames).flatten(0, 1))
        logits = epic_model.cls_head(features, num_segs=SEGMENTS)
    verbs, nouns = exported.program(frames)
    np.testing.assert_allclose(verbs, logits[:, :97].softmax(-1), atol=1e-4)
    np.testing.assert_allclose(nouns, logits[:, 97:].softmax(-1), atol=1e-4)


def test_python_of_the_page_runs_an_openvino_file(model, files, tmp_path, monkeypatch):
    for suffix in ('.xml', '.bin'):
        shutil.copy(files['openvino'].with_suffix(suffix), tmp_path / f'model{suffix}')
    (block,) = python_blocks(ROOT / 'docs' / 'deployment.md')
    _, given, _ = steady_batches(model, 64)
    names = {'clips': given}
    monkeypatch.chdir(tmp_path)
    exec(compile(block, 'docs/deployment.md', 'exec'), names)
    (wanted,) = eager_probabilities(model, given)
    np.testing.assert_allclose(names['probabilities'], wanted, rtol=0, atol=TOLERANCES['.xml'])


@pytest.mark.parametrize('order', ['RGB', 'BGR'])
def test_preprocessing_inside_is_that_of_the_model(model, epic_model, order):
    """By the program that is captured, without the time of an export."""
    owner = {'RGB': model, 'BGR': epic_model}[order]
    description = describe_model(owner)
    assert (description.channel_order, description.preprocessing) == (order, INSIDE)
    program, given = ClipProgram(owner, description), clips(3)
    with torch.no_grad():
        found = program(torch.from_numpy(given))
    for output, wanted in zip(found, eager_probabilities(owner, given), strict=True):
        np.testing.assert_allclose(output, wanted, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize('network', NETWORKS)
def test_the_four_networks_are_equal_to_eager(network, tmp_path):
    name, size = NETWORKS[network]
    model = make_model(name, size)
    assert_telling(model, size)
    for path in export_all(model, tmp_path).values():
        assert_equal_to_eager(model, path, size)


@pytest.mark.slow
@pytest.mark.parametrize('name', ['tsm_r18_camera_motion', 'tsn_r18_camera_motion'])
def test_networks_beside_gsf_are_equal_to_eager(name, tmp_path):
    model = make_model(name)
    for path in export_all(model, tmp_path).values():
        assert_equal_to_eager(model, path)


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
    assert open_exported(tmp_path / 'model.pt2').description == describe_model(model)
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
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('target', ['onnx', 'openvino'])
def test_a_failed_writing_leaves_nothing(model, files, target, tmp_path, monkeypatch):
    path = tmp_path / files[target].name
    if target == 'onnx':
        write, exported = write_onnx, require('onnx').load(files[target])
    else:
        write, exported = write_openvino, require('openvino').Core().read_model(files[target])

    def fail(*_) -> None:
        raise OSError('no space left')

    monkeypatch.setattr('mmgsf.files.os.replace', fail)
    with pytest.raises(OSError, match='no space left'):
        write(exported, describe_model(model), path)
    assert list(tmp_path.iterdir()) == []


def test_clips_of_another_shape_are_refused(files):
    exported = open_exported(files['onnx'])
    with pytest.raises(ValueError, match=r'uint8 RGB \(N, 4, 64, 64, 3\)'):
        exported(np.zeros((1, 8, 64, 64, 3), np.uint8))


def test_missing_packages_are_named(model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnxscript', None)
    with pytest.raises(ImportError, match=r'onnxscript.*pip install "mmgsf\[export\]"'):
        export_model(model, tmp_path / 'model.onnx')
