"""tools/export.py, tools/test_exported.py and the example, as a user runs them."""

from pathlib import Path

import pytest

from mmgsf.apis import load_model, read_clip
from mmgsf.checkpoints import save_weights
from mmgsf.deployment import export_model
from mmgsf.deployment.parity import eager_probabilities

from ..deployment.networks import make_model
from ..videos import noise_clip, write_video
from .running import ROOT, run

CONFIG = ROOT / 'configs' / 'gsf_r18_camera_motion.py'
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
def checkpoint(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp('checkpoint') / 'model.pth'
    save_weights(path, make_model('gsf_r18_camera_motion').state_dict(), {})
    return path


@pytest.fixture(scope='module')
def exported(checkpoint) -> Path:
    out = checkpoint.with_name('model.onnx')
    printed = run('python', ROOT / 'tools/export.py', CONFIG, checkpoint, out, cwd=ROOT)
    assert f'wrote {out}' in printed
    assert 'takes uint8 RGB (N, 8, 64, 64, 3), gives probabilities (8)' in printed
    assert 'largest difference to PyTorch' in printed
    return out


def recognised(printed: str) -> dict[str, float]:
    rows = [line.split(' ', 1) for line in printed.splitlines()]
    return {name: float(value) for value, name in rows}


@pytest.mark.parametrize(
    ('size', 'preprocessing'), [((64, 64), True), ((120, 90), False), ((90, 162), True)]
)
def test_the_example_gives_what_pipeline_and_model_give(
    checkpoint, exported, size, preprocessing, tmp_path
):
    video = write_video(tmp_path / 'a video.mp4', noise_clip(3, 19, *size), crf='10')
    model = load_model(CONFIG, checkpoint, device='cpu')
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


def test_int8_is_calibrated_and_tested_beside_fp32(checkpoint, exported, camera_motion):
    int8 = checkpoint.with_name('int8.onnx')
    options = ('--int8', '--calibration-clips', '16')
    config = ('python', ROOT / 'tools/export.py', CONFIG, checkpoint, int8, *options)
    printed = run(*config, cwd=camera_motion)
    assert 'calibrating with 16 clips' in printed
    assert 'int8, takes uint8' in printed
    tool = ROOT / 'tools/test_exported.py'
    printed = run('python', tool, CONFIG, exported, int8, cwd=camera_motion)
    rows = [line.split() for line in printed.splitlines()]
    start = next(place for place, row in enumerate(rows) if row[1:2] == ['videos,'])
    assert rows[start] == ['24', 'videos,', 'top-1', 'in', 'percent']
    assert rows[start + 1] == ['top-1', 'MB', 'time']
    (full, top1, megabytes, ratio), (small, _, smaller, _) = rows[start + 2 : start + 4]
    assert (full, small, ratio) == (str(exported), str(int8), '1.00')
    assert 0 <= float(top1) <= 100
    assert float(smaller) < 0.6 * float(megabytes)


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (('absent.py', 'a.onnx'), 'config absent.py is not there'),
        ((CONFIG, 'absent.pth', 'a.onnx'), 'absent.pth is not there'),
        ((CONFIG, 'a.xml', '--to', 'onnx'), 'a.xml: a file of onnx ends in .onnx'),
        ((CONFIG, 'a.pt2', '--int8'), 'torch-export has no int8'),
        ((CONFIG, 'a.onnx', '--int8', '--calibration', 'absent'), 'absent is not there'),
    ],
)
def test_errors_are_one_line(arguments, words, tmp_path):
    printed = run('python', ROOT / 'tools/export.py', *arguments, cwd=tmp_path, code=1)
    last = printed.splitlines()[-1]
    assert last.startswith('error: ')
    assert words in last
    assert 'Traceback' not in printed
    assert list(tmp_path.iterdir()) == []
