"""tools/export.py, tools/test_exported.py and the example, as a user runs them."""

import runpy
from pathlib import Path

import pytest

from mmgsf.apis import load_model, read_clip
from mmgsf.checkpoints import save_weights
from mmgsf.deployment import export_model
from mmgsf.deployment.parity import eager_probabilities

from ..deployment.networks import TINY, make_model
from ..videos import noise_clip, write_video
from .running import ROOT, run

CONFIG = f"""
_base_ = ['{ROOT}/configs/gsf_r18_camera_motion.py']
model = dict(
    backbone=dict(num_stages=1, strides=(1,), dilations=(1,), out_indices=(0,)),
    cls_head=dict(in_channels=16),
)
"""
EXAMPLE = ROOT / 'docs' / 'examples' / 'recognize_onnx.py'
# Runs the example, then fails if PyTorch or anything of ours came with it.
WITHOUT_TORCH = (
    'import runpy, sys\n'
    'sys.argv = sys.argv[1:]\n'
    'runpy.run_path(sys.argv[0], run_name="__main__")\n'
    'loaded = {"torch", "mmgsf", "mmaction", "mmengine"} & set(sys.modules)\n'
    'assert not loaded, loaded\n'
)


@pytest.fixture(scope='module')
def config(tmp_path_factory) -> Path:
    """A small network's, and its weights beside."""
    path = tmp_path_factory.mktemp('tiny') / 'tiny.py'
    path.write_text(CONFIG)
    model = make_model('gsf_r18_camera_motion', **TINY)
    save_weights(path.with_suffix('.pth'), model.state_dict(), {})
    return path


@pytest.fixture(scope='module')
def exported(config) -> Path:
    weights, out = config.with_suffix('.pth'), config.with_suffix('.onnx')
    printed = run('python', ROOT / 'tools/export.py', config, weights, out, cwd=ROOT)
    assert f'wrote {out}' in printed
    assert 'takes uint8 RGB (N, 8, 64, 64, 3), gives probabilities (8)' in printed
    assert 'largest difference to PyTorch' in printed
    return out


def recognised(printed: str) -> dict[str, float]:
    rows = [line.split(' ', 1) for line in printed.splitlines()]
    return {name: float(value) for value, name in rows}


@pytest.mark.parametrize(
    ('size', 'preprocessing'),
    [
        ((90, 162), True),
        pytest.param((64, 64), True, marks=pytest.mark.slow),
        pytest.param((120, 90), False, marks=pytest.mark.slow),
    ],
)
def test_the_example_gives_what_pipeline_and_model_give(
    config, exported, size, preprocessing, tmp_path
):
    video = write_video(tmp_path / 'a video.mp4', noise_clip(3, 19, *size), crf='10')
    model = load_model(config, config.with_suffix('.pth'), device='cpu')
    if not preprocessing:
        exported = tmp_path / 'outside.onnx'
        export_model(model, exported, preprocessing=False)
    printed = run('python', '-c', WITHOUT_TORCH, EXAMPLE, exported, video, cwd=tmp_path)
    clip = read_clip(model, video).inputs.permute(0, 2, 3, 1).numpy()
    wanted = dict(zip(model.cfg.classes, eager_probabilities(model, clip[None])[0][0], strict=True))
    found = recognised(printed)
    assert len(found) == 5
    # The frames are the same, bit by bit, so what is left is rounding in the network; one frame
    # later in one segment, or OpenCV's decoder, changes more.
    for name, value in found.items():
        assert value == pytest.approx(wanted[name], abs=1e-4), name
    assert max(found.values()) > 0.2


def test_the_example_says_what_is_wrong(exported, tmp_path):
    (tmp_path / 'text.mp4').write_text('no video')
    for arguments in (
        (exported, 'absent.mp4'),
        (exported, 'text.mp4'),
        ('absent.onnx', 'text.mp4'),
    ):
        printed = run('python', EXAMPLE, *arguments, cwd=tmp_path, code=1)
        assert printed.splitlines()[-1].startswith('error: ')
        assert 'Traceback' not in printed


@pytest.mark.slow
def test_int8_is_calibrated_and_tested_beside_fp32(config, exported, camera_motion):
    weights, int8 = config.with_suffix('.pth'), config.with_name('int8.onnx')
    options = ('--int8', '--calibration-clips', '16')
    tool = ROOT / 'tools/export.py'
    printed = run('python', tool, config, weights, int8, *options, cwd=camera_motion)
    assert 'calibrating with 16 clips' in printed
    assert 'int8, takes uint8' in printed
    tool = ROOT / 'tools/test_exported.py'
    printed = run('python', tool, config, exported, int8, cwd=camera_motion)
    rows = [line.split() for line in printed.splitlines()]
    start = next(place for place, row in enumerate(rows) if row[1:2] == ['videos,'])
    assert rows[start] == ['24', 'videos,', 'top-1', 'in', 'percent']
    assert rows[start + 1] == ['top-1', 'MB', 'time']
    (full, top1, megabytes, ratio), (small, _, smaller, _) = rows[start + 2 : start + 4]
    assert (full, small, ratio) == (str(exported), str(int8), '1.00')
    assert 0 <= float(top1) <= 100
    assert float(smaller) > 0 < float(megabytes)


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (('absent.py', 'a.onnx'), 'config absent.py is not there'),
        (('tiny.py', 'absent.pth', 'a.onnx'), 'absent.pth is not there'),
        (('tiny.py', 'a.xml', '--to', 'onnx'), 'a.xml: a file of onnx ends in .onnx'),
        (('tiny.py', 'a.pt2', '--int8'), 'torch-export has no int8'),
        (('tiny.py', 'a.onnx', '--int8', '--calibration', 'absent'), 'absent is not there'),
    ],
)
def test_errors_are_one_line(arguments, words, tmp_path, monkeypatch, capsys):
    (tmp_path / 'tiny.py').write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('TORCH_FORCE_WEIGHTS_ONLY_LOAD', '1')
    monkeypatch.setattr('sys.argv', ['export.py', *arguments])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / 'tools/export.py'), run_name='__main__')
    assert ended.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith('error: ')
    assert words in last
    assert [path.name for path in tmp_path.iterdir()] == ['tiny.py']
