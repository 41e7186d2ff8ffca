"""One training and its test, by the commands that anybody would type; what is done stays done."""

import hashlib
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path

from mmengine.config import Config, DictAction

from .plan import Row
from .processes import Processes

ROOT = Path(__file__).parents[2]
# Of each run and of the timing; with another number, sums and so results would be others.
THREADS = 1
SETTINGS = {'OMP_NUM_THREADS': str(THREADS)}


class Run:
    """One row with one seed, in a folder that belongs to exactly this config.

    Args:
        row: of the plan.
        seed: of the training.
        work_dir: folder of all runs.
    """

    def __init__(self, row: Row, seed: int, work_dir: Path) -> None:
        self.row, self.seed = row, seed
        self.config = read_row(row)
        digest = hashlib.sha256(self.config.pretty_text.encode()).hexdigest()[:8]
        self.folder = work_dir / f'{row.name}-{digest}' / f'seed_{seed}'
        self.epochs = self.config.train_cfg.max_epochs
        self.checkpoint = self.folder / f'epoch_{self.epochs}.pth'
        self.dump = self.folder / 'test.npz'

    @property
    def name(self) -> str:
        return f'{self.row.name}, seed {self.seed}'

    @property
    def is_done(self) -> bool:
        return self.checkpoint.is_file() and self.dump.is_file()

    def train_command(self, work_dir: str | None = None) -> list[str]:
        """What trains it; `work_dir` stands for the folder in commands that are shown."""
        return [
            *('tools/train.py', f'configs/{self.row.config}.py', '--seed', str(self.seed)),
            *('--work-dir', work_dir or str(self.folder)),
            *self._options(),
        ]

    def test_command(self, work_dir: str | None = None) -> list[str]:
        """What tests it and writes its scores."""
        folder = work_dir or str(self.folder)
        return [
            *('tools/test.py', f'configs/{self.row.config}.py', f'{folder}/{self.checkpoint.name}'),
            *('--work-dir', f'{folder}/test', '--dump', f'{folder}/test.npz'),
            *self._options(),
        ]

    def shown_commands(self) -> list[str]:
        """Training and test as one types them, with WORK_DIR for the folder."""
        settings = [f'{name}={value}' for name, value in SETTINGS.items()]
        return [
            ' '.join((*settings, 'python', *command))
            for command in (self.train_command('WORK_DIR'), self.test_command('WORK_DIR'))
        ]

    def carry_out(self, processes: Processes) -> None:
        """Trains and tests what is not there yet, on `THREADS`; goes on where it was stopped.

        Args:
            processes: runs the commands.

        Raises:
            ChildProcessError: a command failed; its log is named.
        """
        if not self.checkpoint.is_file():
            resume = ['--resume'] if (self.folder / 'last_checkpoint').is_file() else []
            self._call([*self.train_command(), *resume], 'train.log', processes)
        if not self.dump.is_file():
            self._call(self.test_command(), 'test.log', processes)

    def seconds(self) -> float:
        """Wall time of its commands, over all attempts; 0 for one that was not run."""
        file = self.folder / 'seconds.txt'
        return sum(map(float, file.read_text().split())) if file.is_file() else 0.0

    def _options(self) -> list[str]:
        return ['--cfg-options', *self.row.options] if self.row.options else []

    def _call(self, command: list[str], log: str, processes: Processes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        begin = time.monotonic()
        with (self.folder / log).open('a') as file:
            code = processes.call(
                [sys.executable, '-W', 'ignore', *command],
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=os.environ | SETTINGS,
            )
        with (self.folder / 'seconds.txt').open('a') as file:
            file.write(f'{time.monotonic() - begin:.3f}\n')
        if code:
            raise ChildProcessError(
                f'{self.name}: {command[0]} ended with {code}, see {self.folder / log}'
            )


def read_row(row: Row) -> Config:
    """The config of a row with its values changed, read as the tools read them."""
    config = Config.fromfile(ROOT / 'configs' / f'{row.config}.py')
    if row.options:
        parser = ArgumentParser()
        parser.add_argument('--cfg-options', nargs='+', action=DictAction)
        values = parser.parse_args(['--cfg-options', *row.options])
        config.merge_from_dict(values.cfg_options)
    return config
