"""The main job: two processes train on files in SSv2's layout, stop, resume and test."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import torch

from ..trees import make_ssv2
from .running import ROOT, environment, run, small

CONFIG = ROOT / 'configs' / 'gsf_r50_ssv2.py'


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """Where a user works: the data at the config's own paths."""
    folder = tmp_path_factory.mktemp('ssv2')
    root = make_ssv2(folder / 'data' / 'sthv2')
    assert 'train: 4 clips' in run(
        'python', ROOT / 'tools/prepare_data.py', 'ssv2', root, cwd=folder
    )
    return folder


def overrides(epochs: int) -> list[str]:
    """All of the config but the depth, for time."""
    shallow = {'model__backbone__depth': 18, 'model__cls_head__in_channels': 512}
    shallow['model__backbone__pretrained'] = None
    return small(1, workers=1, train_cfg__max_epochs=epochs, **shallow)


def stop_after_first_checkpoint(folder: Path) -> None:
    """Starts two epochs and stops the launcher, which stops its workers, once the first is written."""
    command = [str(ROOT / 'tools/dist_train.sh'), str(CONFIG), '2', *overrides(2)]
    with (folder / 'first.log').open('w') as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=log, stderr=subprocess.STDOUT
        )
        latest = folder / 'work_dirs' / CONFIG.stem / 'last_checkpoint'
        deadline = time.monotonic() + 240
        while not latest.exists():
            assert process.poll() is None, (folder / 'first.log').read_text()[-4000:]
            assert time.monotonic() < deadline, 'no checkpoint after four minutes'
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 75


@pytest.mark.slow
def test_train_stop_resume_test(folder):
    work_dir = folder / 'work_dirs' / CONFIG.stem
    stop_after_first_checkpoint(folder)
    assert not (work_dir / 'epoch_2.pth').exists()
    first = torch.load(work_dir / 'epoch_1.pth', weights_only=True)

    log = run(ROOT / 'tools/dist_train.sh', CONFIG, 2, '--resume', *overrides(2), cwd=folder)
    assert 'resumed epoch: 1, iter: ' in log
    assert 'Epoch(train) [1]' not in log
    second = torch.load(work_dir / 'epoch_2.pth', weights_only=True)
    assert second['meta']['epoch'] == 2
    assert second['meta']['iter'] == 4
    assert second['meta']['num_segments'] == 8
    assert len(second['meta']['dataset_meta']['classes']) == 174
    assert len(second['log_scalars']['train/loss']['values']) == 4
    layer = 'backbone.layer1.0.conv2.conv.temporal.gate_conv.weight'
    assert not torch.equal(first['state_dict'][layer], second['state_dict'][layer])

    checkpoint = work_dir / 'epoch_2.pth'
    log = run(ROOT / 'tools/dist_test.sh', CONFIG, checkpoint, 2, *overrides(2), cwd=folder)
    assert 'Epoch(test) [1/1]    acc/top1:' in log


@pytest.mark.slow
def test_plain_command_starts_anew(folder):
    # Needs the run above only for its folder: without --resume no checkpoint is read.
    log = run(ROOT / 'tools/dist_train.sh', CONFIG, 1, '--no-validate', *overrides(0), cwd=folder)
    assert 'resumed epoch' not in log


@pytest.mark.parametrize('program', ['dist_train.sh', 'dist_test.sh'])
@pytest.mark.parametrize('arguments', [[], ['a.py'], ['a.py', 'b', 'two'], ['a.py', 'b', '0']])
def test_wrong_use_of_the_launchers(tmp_path, program, arguments):
    output = run(ROOT / 'tools' / program, *arguments, cwd=tmp_path, code=2)
    assert output.startswith(f'error: usage: tools/{program} CONFIG')
    assert len(output.splitlines()) == 1


def test_environment_reaches_torchrun(tmp_path):
    # A stand-in for python prints what torchrun would be called with.
    stub = tmp_path / 'bin' / 'python'
    stub.parent.mkdir()
    stub.write_text('#!/usr/bin/env bash\necho "$@"\n')
    stub.chmod(0o755)
    where = {'PATH': f'{stub.parent}{os.pathsep}{os.environ["PATH"]}'}
    train = ROOT / 'tools/dist_train.sh'
    alone = run(train, 'c.py', 2, '--seed', 'a b', cwd=tmp_path, **where)
    assert '--standalone --nproc_per_node 2' in alone
    assert alone.rstrip().endswith('c.py --launcher pytorch --seed a b')
    where |= {'NNODES': '2', 'NODE_RANK': '1', 'MASTER_ADDR': 'node0', 'PORT': '29511'}
    both = run(train, 'c.py', 4, cwd=tmp_path, **where)
    rendezvous = '--nnodes 2 --node_rank 1 --master_addr node0 --master_port 29511'
    assert f'{rendezvous} --nproc_per_node 4' in both
    once = run(train, 'c.py', 4, cwd=tmp_path, **where, MAX_RESTARTS='3', code=2)
    assert once.startswith('error: MAX_RESTARTS=3 with NNODES=2: ')
    del where['NNODES']
    port = run(train, 'c.py', 4, cwd=tmp_path, **where, MAX_RESTARTS='3')
    assert '--rdzv_endpoint localhost:29511 --rdzv_id mmgsf-29511 --nproc_per_node 4' in port
