"""tools/dist_train.sh: a process that dies is started again, SIGTERM saves and ends it with 75."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

import mmgsf.register  # noqa: F401
from mmgsf.engine.exact.compare import differences
from mmgsf.engine.exact.soak import small_training, start, write_data

from .running import ROOT, environment, run

EPOCHS = 6


def wait_for(condition, log: Path, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 300
    while not condition():
        assert process.poll() is None, log.read_text()[-4000:]
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.05)


def children(process: int) -> list[int]:
    found = Path(f'/proc/{process}/task/{process}/children')
    return [int(child) for child in found.read_text().split()]


@pytest.mark.slow
def test_a_dead_worker_then_sigterm_then_resume(tmp_path, monkeypatch):
    data = write_data(tmp_path / 'data')
    work_dir = tmp_path / 'disturbed'
    config = small_training(data, work_dir, EPOCHS, workers=1)
    config['custom_hooks'][1]['iterations'] = 1
    config['log_level'] = 'INFO'
    Config(config).dump(tmp_path / 'config.py')
    log = tmp_path / 'log.txt'
    with log.open('w') as file:
        process = subprocess.Popen(
            [ROOT / 'tools/dist_train.sh', 'config.py', '2'],
            cwd=tmp_path,
            env=environment(MAX_RESTARTS='3', OMP_NUM_THREADS='1'),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    wait_for((work_dir / 'epoch_1.pth').exists, log, process)
    ranks = children(process.pid)
    # A worker of the data of one rank: the rank dies of it, and the other one with it.
    os.kill(children(ranks[1])[0], signal.SIGKILL)
    wait_for(lambda: 'started again' in log_of(work_dir), log, process)
    lines = log_of(work_dir).count('Epoch(train)')
    wait_for(lambda: log_of(work_dir).count('Epoch(train)') > lines, log, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 75, log.read_text()[-4000:]
    state = torch.load(work_dir / 'in_epoch.pth', weights_only=True)
    assert state['meta']['epoch'] < EPOCHS
    # Each rank's own norms are in it.
    assert state['exact_resume']['batch'] == 0 or state['exact_resume']['ranks'][1]['model']

    # Laying out configs takes longer than training.
    monkeypatch.setattr(Config, 'pretty_text', 'a config')
    assert start(config, 2, log).wait() == [0, 0], log.read_text()[-4000:]
    alone = {**config, 'work_dir': str(tmp_path / 'alone')}
    assert start(alone, 2, log).wait() == [0, 0], log.read_text()[-4000:]
    assert differences(tmp_path / 'alone', work_dir) == []


def log_of(work_dir: Path) -> str:
    return ''.join(path.read_text() for path in sorted(work_dir.glob('*/*.log')))


def test_restarts_must_be_a_number(tmp_path):
    train = ROOT / 'tools/dist_train.sh'
    output = run(train, 'config.py', 1, cwd=tmp_path, code=2, MAX_RESTARTS='many')
    assert output == 'error: MAX_RESTARTS=many: take a number from 0 up\n'
