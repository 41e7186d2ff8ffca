"""tools/test.py --protocol, on the small CameraMotion."""

from pathlib import Path

import numpy as np
import pytest

from mmgsf.evaluation.score_dump import read_dump

from .running import ROOT, run, small

CONFIG = ROOT / 'configs' / 'gsf_r18_camera_motion.py'


@pytest.fixture(scope='module')
def checkpoint(camera_motion) -> Path:
    """One epoch."""
    run(
        *('python', ROOT / 'tools/train.py', CONFIG, '--work-dir', 'protocol'),
        *small(8, train_cfg__max_epochs=1, randomness__seed=3),
        cwd=camera_motion,
    )
    return camera_motion / 'protocol' / 'epoch_1.pth'


def run_test(checkpoint: Path, *arguments: object, crop: int = 48, code: int = 0) -> str:
    """The output of a test with crops smaller than the clips, which are 64x64."""
    values = small(8, workers=1, test_dataloader__dataset__pipeline__4__crop_size=crop)
    command = ('python', ROOT / 'tools/test.py', CONFIG, checkpoint, *arguments, *values)
    return run(*command, cwd=checkpoint.parents[1], code=code)


@pytest.mark.slow
def test_views_of_a_protocol(camera_motion, checkpoint):
    dumps = {}
    for name, option in (
        ('plain', ()),
        ('1x1', ('--protocol', '1x1')),
        ('2x3', ('--protocol', '2x3')),
    ):
        log = run_test(checkpoint, '--dump', f'{name}.npz', *option)
        assert 'acc/top1' in log
        dumps[name] = read_dump(camera_motion / f'{name}.npz')
    assert log.count('protocol 2x3: 6 views of 8 frames at 48x48, 6 x 0.') == 1
    np.testing.assert_array_equal(dumps['1x1'].scores, dumps['plain'].scores)
    assert dumps['2x3'].scores.shape == (24, 8)
    assert [dump.protocol for dump in dumps.values()] == ['', '1x1', '2x3']
    assert np.abs(dumps['2x3'].scores - dumps['1x1'].scores).max() > 1e-3


@pytest.mark.parametrize(
    ('name', 'crop', 'message'),
    [
        ('3x10', 48, "protocol '3x10' is unknown; choose one of 1x1, 2x1, 2x3"),
        ('2x3', 80, 'frames of 64x64 are smaller than crop_size=(80, 80)'),
    ],
)
def test_what_does_not_fit_ends_with_one_line(checkpoint, name, crop, message):
    output = run_test(checkpoint, '--protocol', name, crop=crop, code=1)
    last = output.splitlines()[-1]
    assert last.startswith(f'error: {message}')
    assert 'Traceback' not in output
