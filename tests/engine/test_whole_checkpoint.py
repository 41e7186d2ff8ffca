"""Checkpoints are whole or absent, and the last whole one is never lost."""

import mmgsf.register  # noqa: F401, I001

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.fileio import LocalBackend

from mmgsf.checkpoints.load import load_from_local
from mmgsf.checkpoints.whole import damage
from mmgsf.engine import GSFRunner
from mmgsf.engine.whole_checkpoint import WholeCheckpointHook

from ..tools.running import ROOT, environment
from .toy import files, toy_runner, validated

PROGRAM = """
import os, resource, signal, sys
from pathlib import Path
from mmengine.fileio import LocalBackend
from mmengine.hooks import Hook
from mmgsf.engine.command_line import argument_parser, run
from tests.engine.toy import toy_runner, validated

written, put = [], LocalBackend.put

def killed(self, content, path):
    written.append(path)
    if len(written) < {write}:
        return put(self, content, path)
    with open(path, 'wb') as file:
        file.write(content[: len(content) // 2])
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)

class FullDisk(Hook):
    def after_train_epoch(self, runner):
        if runner.epoch == 1:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))

def main(args):
    if {write}:
        LocalBackend.put = killed
    hooks = [] if {write} else [FullDisk()]
    options = validated() if {best} else {{}}
    checkpoint = {{'max_keep_ckpts': 1, 'save_best': 'auto' if {best} else None}}
    toy_runner(Path(sys.argv[1]), hooks=hooks, checkpoint=checkpoint, **options).train()

run(main, argument_parser('').parse_args(['config.py']))
"""


def train(folder: Path, write: int = 0, best: bool = False) -> subprocess.CompletedProcess:
    """Trains in another process, which is killed in its `write`-th write, or finds a full disk."""
    program = PROGRAM.format(write=write, best=best)
    return subprocess.run(
        [sys.executable, '-c', program, str(folder)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
    )


def test_a_kill_within_a_write_leaves_the_checkpoint_before(tmp_path):
    assert train(tmp_path, write=2).returncode == -signal.SIGKILL
    left = files(tmp_path)
    assert left[0] == 'epoch_1.pth'
    assert [name.endswith('-epoch_2.pth') for name in left] == [False, True]
    assert damage(tmp_path / 'epoch_1.pth') == ''
    assert damage(tmp_path / left[1]) != ''
    runner = toy_runner(tmp_path, resume=True, checkpoint={'max_keep_ckpts': 1})
    runner.train()
    assert runner.epoch == 3
    assert files(tmp_path) == ['epoch_3.pth']


@pytest.mark.slow
def test_a_kill_within_the_best_checkpoint_leaves_the_best_before(tmp_path):
    # Each epoch writes its own, the best one, and its own again, which names the best.
    assert train(tmp_path, write=5, best=True).returncode == -signal.SIGKILL
    left = [name for name in files(tmp_path) if not name.startswith('part-')]
    assert left == ['best_toy_acc_epoch_1.pth', 'epoch_2.pth']
    assert [damage(tmp_path / name) for name in left] == ['', '']


@pytest.mark.slow
def test_a_full_disk_ends_with_one_line_and_leaves_the_checkpoint_before(tmp_path):
    done = train(tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith('error: ')
    assert 'epoch_2.pth cannot be written (File too large)' in done.stderr.splitlines()[-1]
    assert 'Traceback' not in done.stderr
    assert files(tmp_path) == ['epoch_1.pth']
    assert damage(tmp_path / 'epoch_1.pth') == ''


def test_a_write_is_on_the_disk_before_it_takes_its_place(tmp_path, monkeypatch):
    import os

    events = []
    for name in ('fsync', 'replace'):
        call = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *args, n=name, c=call: (events.append((n, *args)), c(*args))[1]
        )
    toy_runner(tmp_path, epochs=1).train()
    places = [i for i, event in enumerate(events) if str(event[-1]).endswith('epoch_1.pth')]
    assert len(places) == 1
    assert [event[0] for event in events[places[0] - 1 : places[0] + 2]] == [
        'fsync',
        'replace',
        'fsync',
    ]


def test_outdated_ones_go_as_in_mmengine(tmp_path):
    toy_runner(tmp_path, epochs=4, checkpoint={'max_keep_ckpts': 2}).train()
    assert files(tmp_path) == ['epoch_3.pth', 'epoch_4.pth']
    assert (tmp_path / 'last_checkpoint').read_text() == str(tmp_path / 'epoch_4.pth')
    runner = toy_runner(tmp_path, epochs=5, checkpoint={'max_keep_ckpts': 1}, resume=True)
    runner.train()
    assert files(tmp_path) == ['epoch_5.pth']


def test_the_last_whole_one_is_never_removed(tmp_path, monkeypatch):
    put = LocalBackend.put

    def broken_disk(self, content: bytes, path: str) -> None:
        put(self, content if 'epoch_1' in str(path) else content[:-1000], path)

    monkeypatch.setattr(LocalBackend, 'put', broken_disk)
    toy_runner(tmp_path, epochs=3, checkpoint={'max_keep_ckpts': 1}).train()
    whole = [name for name in files(tmp_path) if not damage(tmp_path / name)]
    assert whole == ['epoch_1.pth']


def test_best_checkpoints_go_once_a_better_one_is_there(tmp_path, monkeypatch):
    there = []
    save = GSFRunner.save_checkpoint

    def noted(self, *args, **kwargs) -> None:
        save(self, *args, **kwargs)
        there.append(len(list(tmp_path.glob('best_*.pth'))))

    monkeypatch.setattr(GSFRunner, 'save_checkpoint', noted)
    checkpoint = {'save_best': 'auto', 'max_keep_ckpts': 1}
    toy_runner(tmp_path, checkpoint=checkpoint, **validated()).train()
    assert there == [0, 1, 1, 1, 2, 2, 1, 2, 2]
    assert files(tmp_path) == ['best_toy_acc_epoch_3.pth', 'epoch_3.pth']
    best = load_from_local(str(tmp_path / 'best_toy_acc_epoch_3.pth'))
    assert best['meta']['epoch'] == 3


@pytest.mark.parametrize('kind', ['CheckpointHook', 'mmengine.CheckpointHook'])
def test_every_config_gets_it(tmp_path, kind):
    runner = toy_runner(tmp_path, checkpoint={'type': kind})
    hooks = [hook for hook in runner.hooks if 'CheckpointHook' in type(hook).__name__]
    assert [
        type(hook) for hook in hooks if not type(hook).__name__.startswith(('Plain', 'InE'))
    ] == [WholeCheckpointHook]


def test_published_files_carry_their_checksum(tmp_path):
    keys = ['meta', 'state_dict']
    toy_runner(tmp_path, epochs=1, checkpoint={'published_keys': keys}).train()
    published = next(path for path in tmp_path.glob('epoch_1-*.pth'))
    checksum = hashlib.sha256(published.read_bytes()).hexdigest()
    assert published.name == f'epoch_1-{checksum[:8]}.pth'
    assert sorted(torch.load(published, weights_only=True)) == keys
