"""tools/zoo: what a checkpoint says of footage."""

import importlib
import json
import sys
from pathlib import Path

import pytest
import torch

from mmgsf.apis import load_model
from mmgsf.checkpoints import save_weights
from tests.tools.running import ROOT
from tests.videos import noise_clip, write_video

CONFIG = ROOT / 'configs' / 'gsf_r18_footage_camera_motion.py'


@pytest.fixture
def zoo(monkeypatch):
    """The programs of tools/zoo as modules, by name."""
    monkeypatch.syspath_prepend(str(ROOT / 'tools' / 'zoo'))
    names = ('judge_footage',)
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def run(tmp_path) -> Path:
    """A checkpoint of an untrained model of CONFIG."""
    torch.manual_seed(0)
    model = load_model(CONFIG, device='cpu')
    save_weights(tmp_path / 'run' / 'epoch_1.pth', model.state_dict(), {})
    return tmp_path / 'run' / 'epoch_1.pth'


def test_judge_prints_and_writes_its_figures(zoo, run, tmp_path, capsys, monkeypatch):
    video = write_video(tmp_path / 'a.mp4', noise_clip(0, num_frames=20, height=96, width=128))
    options = ('--config', CONFIG, '--checkpoint', run, '--clips-per-video', 8)
    command = ('judge_footage.py', video, *options, '--json', tmp_path / 'judged.json')
    monkeypatch.setattr('sys.argv', [str(part) for part in command])
    judge = zoo['judge_footage']
    judge.main(judge.parse_args())
    found = json.loads((tmp_path / 'judged.json').read_text())
    assert found['accuracy']['all']['clips'] == 8
    assert sum(found['unmoved']['first']) == 1
    assert 'of     8' in capsys.readouterr().out
