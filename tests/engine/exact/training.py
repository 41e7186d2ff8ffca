"""Small trainings in this process, which end where a test says."""

import itertools
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmgsf.engine.command_line import build_runner

_starts = itertools.count()


class Killed(Exception):
    """Stands in for SIGKILL: nothing of ours catches it."""


class At(Hook):
    """Does something once: behind an iteration, or behind one of the validation that follows it."""

    priority = 'LOWEST'

    def __init__(self, iteration: int, action, in_validation: bool = False) -> None:
        self.iteration, self.action, self.in_validation = iteration, action, in_validation

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        if not self.in_validation and runner.iter == self.iteration:
            self.action()

    def after_val_iter(self, runner: Runner, batch_idx: int, *args, **kwargs) -> None:
        if self.in_validation and runner.iter == self.iteration and batch_idx == 0:
            self.action()


def kill() -> None:
    raise Killed


def build(config: dict, *hooks: Hook, resume: bool = True) -> Runner:
    """A runner of its own: MMEngine shares logs between runners of one name, which has seconds."""
    name = f'start_{next(_starts)}'
    runner = build_runner(Config({**config, 'resume': resume, 'experiment_name': name}))
    for hook in hooks:
        runner.register_hook(hook)
    return runner


def train(config: dict, *hooks: Hook, resume: bool = True) -> Runner:
    runner = build(config, *hooks, resume=resume)
    runner.train()
    return runner


def train_until_killed(config: dict, iteration: int, in_validation: bool = False) -> None:
    with pytest.raises(Killed):
        train(config, At(iteration, kill, in_validation))


def names(work_dir: Path) -> list[str]:
    return sorted(path.name for path in work_dir.glob('*.pth'))
