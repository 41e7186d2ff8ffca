"""The pages' Python programs run as they stand."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from mmgsf.apis import load_model
from mmgsf.datasets import CameraMotion, class_names

from .pages import NAMES, PAGES, ROOT, python_blocks

CONFIG = 'gsf_r18_camera_motion'
# Their examples are run where what they need is made: tests/deployment/test_export.py and
# tests/tools/test_own_data.py.
ELSEWHERE = {'deployment.md', 'own_data.md'}
BLOCKS = [
    (NAMES[page], number, block)
    for page in PAGES
    if page.name not in ELSEWHERE
    for number, block in enumerate(python_blocks(page))
]


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """What lies below the repository's root after the quick start, in small."""
    folder = tmp_path_factory.mktemp('root')
    (folder / 'configs').symlink_to(ROOT / 'configs')
    CameraMotion(num_train=56, num_val=24).write(folder / 'data' / 'camera_motion')
    clips = folder / 'data' / 'camera_motion' / 'videos' / 'val'
    shutil.copy(clips / '00000.mp4', folder / 'video.mp4')
    (folder / 'folder').mkdir()
    shutil.copy(clips / '00001.mp4', folder / 'folder')
    run = folder / 'work_dirs' / 'quickstart' / f'{CONFIG}-0'
    run.mkdir(parents=True)
    model = load_model(ROOT / 'configs' / f'{CONFIG}.py', device='cpu')
    torch.save({'state_dict': model.state_dict(), 'meta': {}}, run / 'epoch_14.pth')
    (folder / 'work_dirs' / CONFIG).symlink_to(run)
    return folder


@pytest.mark.parametrize(
    ('page', 'number', 'block'), BLOCKS, ids=[f'{page}-{number}' for page, number, _ in BLOCKS]
)
def test_it_runs(page, number, block, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    exec(compile(block, f'{page} {number}', 'exec'), {})
    printed = capsys.readouterr().out.strip().splitlines()[-1]
    if 'mmgsf.recognize' in block:
        assert any(name in printed for name in class_names('camera_motion'))
        assert (folder / 'table.csv').read_text().count('.mp4') > 0
    elif 'read_timeline' in block:
        assert printed.startswith('[Segment(label=')
        assert json.loads((folder / 'timeline.json').read_text())['windows']
    elif 'init_recognizer' in block:
        assert printed in class_names('camera_motion')
    elif 'insert_temporal' in block:
        assert printed == 'torch.Size([16, 32, 60, 60])'
    elif 'explain_layers' in block:
        assert printed.startswith('tensor([[')
        assert (folder / 'gates.png').stat().st_size > 10_000
    elif 'explain' in block:
        assert printed == 'torch.Size([1, 8, 2, 14, 14]) torch.Size([1, 8, 16])'


def test_each_kind_of_example_is_there():
    text = '\n'.join(block for _, _, block in BLOCKS)
    assert all(
        name in text for name in ('init_recognizer', 'insert_temporal', 'explain', 'Stream(')
    )
