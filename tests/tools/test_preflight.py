"""tools/preflight.py says in seconds what a run would fail of, or go wrong by."""

import re

import pytest
import torch

from mmgsf.checkpoints import save_weights
from mmgsf.datasets import class_names

from .running import ROOT, options, run

CONFIG = ROOT / 'configs' / 'gsf_r18_camera_motion.py'
LINE = re.compile(r'(ok|info|warning|error) +\S.*')


def preflight(folder, *arguments, code: int = 0) -> list[str]:
    return run(
        'python', ROOT / 'tools/preflight.py', CONFIG, *arguments, cwd=folder, code=code
    ).splitlines()


def test_one_line_a_check(camera_motion, tmp_path):
    folder = tmp_path / 'work'
    lines = preflight(camera_motion, '--processes', 2, '--work-dir', folder)
    assert all(LINE.fullmatch(line) for line in lines)
    assert [line for line in lines if not line.startswith('ok')] == []
    assert any('56 rows of data/camera_motion' in line for line in lines)
    assert any('effective batch 32' in line for line in lines)
    assert not folder.exists()


def test_warnings_do_not_fail(camera_motion):
    lines = preflight(camera_motion, '--processes', 1)
    (warning,) = (line for line in lines if line.startswith('warning'))
    assert 'effective batch 16' in warning


def test_errors_do(camera_motion):
    arguments = options(
        model__cls_head__num_classes=3, train_dataloader__dataset__ann_file='no.txt'
    )
    lines = preflight(camera_motion, *arguments, code=1)
    errors = [line for line in lines if line.startswith('error ')]
    assert [line for line in lines if line.startswith('error:')] == [
        f'error: {len(errors)} of the checks failed; they stand above (--debug shows where)'
    ]
    assert any('train annotation list no.txt is not there' in line for line in errors)
    assert any('num_classes is 3' in line for line in lines if line.startswith('warning'))
    assert any('label 3 is outside 0..2' in line for line in errors)


@pytest.mark.slow
def test_checkpoint(camera_motion, tmp_path):
    names = class_names('camera_motion')
    meta = {'num_segments': 8, 'dataset_meta': {'classes': names}}
    save_weights(tmp_path / 'w.pth', {'a': torch.zeros(1)}, meta)
    assert f'{tmp_path}/w.pth: T and classes' in preflight(camera_motion, tmp_path / 'w.pth')[-1]
    meta['dataset_meta']['classes'] = names[::-1]
    save_weights(tmp_path / 'w.pth', {'a': torch.zeros(1)}, meta)
    lines = preflight(camera_motion, tmp_path / 'w.pth', code=1)
    assert any(line.startswith('error   ') and 'class 0 is' in line for line in lines)


def test_no_processes(camera_motion):
    lines = preflight(camera_motion, '--processes', 0, code=1)
    assert lines[-1].startswith('error: --processes 0: give the number')


def test_missing_config(camera_motion):
    output = run(
        'python', ROOT / 'tools/preflight.py', 'none.py', cwd=camera_motion, code=1
    ).splitlines()
    assert output[-1].startswith('error: config none.py is not there')
