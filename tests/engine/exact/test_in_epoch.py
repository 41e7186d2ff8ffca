"""Checkpoints inside an epoch, and SIGTERM: saved, left with code 75, resumed to the same end."""

import multiprocessing
import os
import signal
import subprocess
from types import SimpleNamespace

import pytest
import torch

from mmgsf.engine.exact.compare import differences
from mmgsf.engine.exact.in_epoch import InEpochCheckpointHook
from mmgsf.engine.exact.soak import small_training
from mmgsf.stopping import EXIT_CODE

from .training import At, build, names, train


def sigterm() -> None:
    """As a cluster sends it, from without, to this process and to its workers."""
    workers = [str(worker.pid) for worker in multiprocessing.active_children()]
    subprocess.run(['kill', '-TERM', *workers, str(os.getpid())], check=True)


def train_until_left(config: dict, *hooks: At) -> None:
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as left:
        train(config, *hooks)
    assert left.value.code == EXIT_CODE == 75
    assert signal.getsignal(signal.SIGTERM) is handler


def rare(config: dict, epochs: int) -> dict:
    """With no checkpoint of its own before that many epochs."""
    config['default_hooks']['checkpoint']['interval'] = epochs
    config['custom_hooks'][1] = {'type': 'InEpochCheckpointHook', 'minutes': None}
    return config


@pytest.mark.slow
def test_sigterm_inside_an_epoch(tmp_path, data, alone):
    train_until_left(small_training(data, tmp_path, workers=2), At(1, sigterm))
    meta = torch.load(tmp_path / 'in_epoch.pth', weights_only=True)['meta']
    assert (meta['epoch'], meta['iter']) == (0, 2)
    assert (tmp_path / 'last_checkpoint').read_text() == str(tmp_path / 'in_epoch.pth')
    # At the end of an epoch, and while one is validated whose checkpoint is there.
    train_until_left(small_training(data, tmp_path), At(3, sigterm))
    train_until_left(small_training(data, tmp_path), At(8, sigterm, in_validation=True))
    runner = train(small_training(data, tmp_path))
    assert runner.epoch == 2
    assert differences(alone, tmp_path) == []


@pytest.mark.slow
def test_sigterm_in_a_validation_that_has_no_checkpoint(tmp_path, data):
    train(rare(small_training(data, tmp_path / 'alone'), 3))
    config = rare(small_training(data, tmp_path / 'left'), 3)
    train_until_left(config, At(4, sigterm, in_validation=True))
    # The validation was finished: its best checkpoint is there.
    assert names(tmp_path / 'left') == ['best_acc_top1_epoch_1.pth', 'in_epoch.pth']
    train(rare(small_training(data, tmp_path / 'left'), 3))
    assert differences(tmp_path / 'alone', tmp_path / 'left') == []


def test_sigterm_before_training_leaves_at_once(tmp_path, data):
    runner = build(small_training(data, tmp_path))
    runner.load_or_resume = sigterm
    with pytest.raises(SystemExit) as left:
        runner.train()
    assert left.value.code == EXIT_CODE
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ('minutes', 'iterations', 'due'),
    [(None, 3, [6, 9, 12]), (None, None, []), (1e-9, None, list(range(5, 13))), (60, None, [])],
)
def test_intervals(minutes, iterations, due):
    hook = InEpochCheckpointHook(minutes, iterations)
    hook.first_iteration, hook.saved_at = 5, 0.0
    if minutes == 60:
        hook.saved_at = float('inf')
    assert [i for i in range(5, 13) if hook._is_due(i)] == due


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [({'minutes': 0}, 'minutes=0: take more'), ({'iterations': 0}, 'iterations=0: take 1')],
)
def test_wrong_intervals(arguments, message):
    with pytest.raises(ValueError, match=message):
        InEpochCheckpointHook(**arguments)


@pytest.mark.parametrize(('named', 'iterations'), [(True, 3), (False, None)])
def test_the_runner_adds_one_unless_the_config_has_it(tmp_path, data, named, iterations):
    config = small_training(data, tmp_path)
    config['custom_hooks'] = config['custom_hooks'][: 1 + named]
    hooks = [hook for hook in build(config).hooks if isinstance(hook, InEpochCheckpointHook)]
    assert [hook.iterations for hook in hooks] == [iterations]


def test_nothing_is_asked_of_a_validation_alone():
    runner = SimpleNamespace()  # has no stop_request
    hook = InEpochCheckpointHook()
    hook.before_val_epoch(runner)
    hook.before_val_iter(runner, 0, {})
