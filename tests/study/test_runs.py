"""A run is what its commands say, done once, and told by name where it fails."""

import mmgsf.register  # noqa: F401, I001

import json
import subprocess
import sys

import cv2
import pytest

from mmgsf.checkpoints.whole import sha256
from mmgsf.datasets import CameraMotion
from mmgsf.study.pictures import draw_pair
from mmgsf.study.plan import ROWS, Row, chosen
from mmgsf.study.processes import Processes
from mmgsf.study.record import write_record
from mmgsf.study.results import run_result
from mmgsf.study.runs import ROOT, Run, read_row

SHORT = next(row for row in ROWS if row.name == 'gate_plus')


def test_folder_follows_from_the_config(tmp_path):
    one = Run(SHORT, 1, tmp_path)
    other = Row(SHORT.name, SHORT.group, SHORT.title, SHORT.config, SHORT.options[:-1])
    assert one.folder.name == 'seed_1'
    assert one.folder == Run(SHORT, 1, tmp_path).folder
    assert one.folder.parent != Run(other, 1, tmp_path).folder.parent
    epochs = read_row(SHORT).train_cfg.max_epochs
    assert one.checkpoint.name == f'epoch_{epochs}.pth'


def test_commands_are_those_of_the_tools(tmp_path):
    run = Run(SHORT, 2, tmp_path)
    train, test = run.train_command('WORK'), run.test_command('WORK')
    assert train[:6] == [
        'tools/train.py',
        'configs/gsf_r18_mixed_camera_motion.py',
        '--seed',
        '2',
        '--work-dir',
        'WORK',
    ]
    assert test[2] == f'WORK/{run.checkpoint.name}'
    assert all(option in train and option in test for option in SHORT.options)
    assert 'model.backbone.gate=1.0' in train


def test_options_are_read_as_the_command_line_reads_them():
    config = read_row(SHORT)
    assert config.model.backbone.gate == 1.0
    assert f'train_cfg.max_epochs={config.train_cfg.max_epochs}' in SHORT.options
    assert config.train_cfg.max_epochs != read_row(chosen(['gsf'])[0]).train_cfg.max_epochs


def test_what_is_done_is_not_done_again(tmp_path, monkeypatch):
    run = Run(SHORT, 0, tmp_path)
    run.folder.mkdir(parents=True)
    run.checkpoint.touch()
    assert not run.is_done
    run.dump.touch()
    assert run.is_done
    monkeypatch.setattr(subprocess, 'Popen', lambda *args, **kwargs: 1 / 0)
    run.carry_out(Processes())


def test_a_failed_command_is_named_with_its_log(tmp_path):
    run = Run(SHORT, 0, tmp_path)
    with pytest.raises(
        ChildProcessError, match=r'gate_plus, seed 0: -c ended with 3, see .*a\.log'
    ):
        run._call(['-c', 'print("why"); raise SystemExit(3)'], 'a.log', Processes())
    assert (run.folder / 'a.log').read_text() == 'why\n'
    assert run.seconds() > 0


@pytest.mark.slow
def test_a_small_row_is_trained_tested_recorded_and_drawn(tmp_path):
    root = tmp_path / 'data'
    CameraMotion(num_train=112, num_val=48, size=32, num_frames=8, setting='mixed').write(root)
    options = [
        'train_cfg.max_epochs=2',
        'train_cfg.val_begin=2',
        'train_dataloader.sampler.easy_epochs=1',
        'model.backbone.base_channels=4',
        'model.cls_head.in_channels=32',
    ]
    for part, split in (('train', 'train'), ('val', 'val'), ('test', 'val')):
        place = f'{part}_dataloader.dataset'
        options.append(f'{place}.ann_file={root}/camera_motion_{split}_list_videos.txt')
        options.append(f'{place}.data_prefix.video={root}/videos')
    row = Row('small', 'layers', 'small', 'gsf_r18_mixed_camera_motion', tuple(options), (0,))
    run = Run(row, 0, tmp_path / 'runs')
    run.carry_out(Processes())
    found = run_result(run)
    assert (found['photograph']['clips'], found['footage']['clips']) == (24, 24)
    assert [epoch['epoch'] for epoch in found['epochs']] == [1, 2]
    correct = found['photograph']['correct'] + found['footage']['correct']
    # Validation decodes by another way, and is of the same clips.
    assert found['epochs'][-1]['accuracy'] == pytest.approx(correct / 48, abs=1e-3)
    path = tmp_path / 'record.json'
    write_record(path, [row], [run])
    record = json.loads(path.read_text(encoding='utf-8'))
    (written,) = record['rows']
    assert written['runs'] == [found]
    assert written['milliseconds'][0] > 0
    assert record['lists']['test']['sha256'] == sha256(root / 'camera_motion_val_list_videos.txt')
    draw_pair([run], [run], 'footage', tmp_path)
    for name in ('gain', 'confusion_small', 'embedding'):
        assert cv2.imread(str(tmp_path / f'comparison_{name}.png')).std() > 10


def test_program_names_a_row_that_is_not_there(tmp_path):
    command = [sys.executable, 'tools/zoo/train_all.py', '--rows', 'none']
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith('error')]
    assert "row 'none' is not in the plan" in line
