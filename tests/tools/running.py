"""Runs the project's commands as a user would."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment(**more: str) -> dict[str, str]:
    """This process's environment with its Python first, and nothing of another launcher's."""
    ours = {k: v for k, v in os.environ.items() if k not in ('RANK', 'WORLD_SIZE', 'LOCAL_RANK')}
    path = f'{Path(sys.executable).parent}{os.pathsep}{ours["PATH"]}'
    return {**ours, 'PATH': path, 'PYTHONWARNINGS': 'ignore', **more}


def run(*command: object, cwd: Path, code: int = 0, **more: str) -> str:
    """Output of a command, both streams; fails with it if the exit code is another."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == code, done.stdout[-4000:]
    return done.stdout


def options(**values: object) -> list[str]:
    """--cfg-options with dots written as two underscores."""
    return ['--cfg-options', *(f'{k.replace("__", ".")}={v}' for k, v in values.items())]


def small(batch: int, workers: int = 0, **values: object) -> list[str]:
    """Overrides of a config for a small machine."""
    loaders = {}
    for split in ('train', 'val', 'test'):
        loaders[f'{split}_dataloader__batch_size'] = batch
        loaders[f'{split}_dataloader__num_workers'] = workers
        loaders[f'{split}_dataloader__persistent_workers'] = bool(workers)
    return options(**loaders, **values)
