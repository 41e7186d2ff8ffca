"""From a training's checkpoint to the file in the package, and what it says of footage."""

import importlib
import json
import sys
from argparse import Namespace
from pathlib import Path

import pytest
import torch

from mmgsf.apis import load_model
from mmgsf.checkpoints import load_from_local, save_weights
from mmgsf.checkpoints.whole import stated_checksum
from tests.tools.running import ROOT
from tests.videos import noise_clip, write_video

CONFIG = ROOT / 'configs' / 'gsf_r18_footage_camera_motion.py'


@pytest.fixture
def zoo(monkeypatch):
    """The programs of tools/zoo as modules, by name."""
    monkeypatch.syspath_prepend(str(ROOT / 'tools' / 'zoo'))
    names = ('embed', 'judge_footage')
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def run(tmp_path) -> Path:
    """A checkpoint of an untrained model in a work_dir with a log."""
    torch.manual_seed(0)
    model = load_model(CONFIG, device='cpu')
    save_weights(tmp_path / 'run' / 'epoch_1.pth', model.state_dict(), {})
    log = tmp_path / 'run' / '20260101_000000' / 'vis_data' / 'scalars.json'
    log.parent.mkdir(parents=True)
    log.write_text(
        '{"loss": 2.0, "lr": 0.1, "epoch": 1, "step": 1}\n{"acc/top1": 0.1, "step": 1}\n'
    )
    return tmp_path / 'run' / 'epoch_1.pth'


def test_checkpoint_becomes_a_file_of_half_precision_with_its_figures(
    zoo, run, tmp_path, monkeypatch
):
    embed = zoo['embed']
    monkeypatch.setattr(embed, 'WEIGHTS', tmp_path / 'weights')
    monkeypatch.setattr(embed, 'LOGS', tmp_path / 'logs')
    monkeypatch.setattr(embed, 'NUM_CLIPS', 24)
    video = write_video(tmp_path / 'a.mp4', noise_clip(0, num_frames=20, height=96, width=128))
    old = tmp_path / 'weights' / f'{CONFIG.stem}-00000000.safetensors'
    save_weights(old, {}, {})
    args = Namespace(
        config=str(CONFIG),
        checkpoint=str(run),
        seed=0,
        commands=['train'],
        videos=[video],
        begun_in=run.parent,
    )
    embed.main(args)
    (file,) = (tmp_path / 'weights').iterdir()
    record = json.loads((tmp_path / 'logs' / f'{CONFIG.stem}.json').read_text())
    assert record['weights'] == file.name
    assert record['sha256'].startswith(stated_checksum(file.name))
    loaded = load_from_local(str(file))
    assert loaded['meta']['accuracy'] == record['accuracy']
    assert record['accuracy']['footage']['clips'] == 24
    assert record['accuracy']['gliding windows']['accuracy']['all']['clips'] == 16
    assert record['epochs'] == [{'epoch': 1, 'loss': 2.0, 'lr': 0.1, 'accuracy': 0.1}]
    assert record['begun']['epochs'] == record['epochs']
    trained = load_from_local(str(run))['state_dict']
    for key, value in loaded['state_dict'].items():
        assert value.dtype in (torch.float16, torch.int64)
        torch.testing.assert_close(value.to(trained[key].dtype), trained[key], atol=1e-3, rtol=1e-3)


def test_weights_beyond_half_precision_are_refused(zoo):
    with pytest.raises(ValueError, match='a is beyond the range'):
        zoo['embed'].half({'a': torch.tensor([1e6])})


def test_folders_are_searched_for_videos(zoo, tmp_path):
    for name in ('b.mkv', 'a.mp4', 'notes.txt'):
        (tmp_path / name).touch()
    files_of = zoo['judge_footage'].files_of
    assert [path.name for path in files_of([tmp_path])] == ['a.mp4', 'b.mkv']
    (tmp_path / 'empty').mkdir()
    with pytest.raises(ValueError, match='no videos'):
        files_of([tmp_path / 'empty'])


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
