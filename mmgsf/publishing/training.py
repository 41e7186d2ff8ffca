"""The training that a checkpoint comes from: its config, seed, batch and log."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmgsf.apis.configs import read_config
from mmgsf.evaluation.training_record import read_run

if TYPE_CHECKING:
    from mmengine.config import Config

# MMEngine's name for the number of processes, at the head of its log.
_PROCESSES = re.compile(r'^\s*GPU number: (\d+)\s*$', re.MULTILINE)


@dataclass(frozen=True)
class Training:
    """What is known of a training.

    Attributes:
        name: of its config.
        config: with all that the command line changed.
        seed: as it was set, or drawn.
        epoch: after which the checkpoint was written; None if it does not say.
        batch: clips of one step of the optimiser, in all processes.
        log: as `read_run` gives it.
    """

    name: str
    config: 'Config'
    seed: int
    epoch: int | None
    batch: int
    log: dict[str, Any]

    @property
    def epochs(self) -> int:
        """Epochs that the config asks for."""
        return self.config.train_cfg.max_epochs


def read_training(checkpoint: Path, meta: dict, config: Path | None, seed: int | None) -> Training:
    """Finds out about the training of a checkpoint in its work_dir.

    Args:
        checkpoint: file in the work_dir.
        meta: that of the checkpoint.
        config: another config file than the one that MMEngine left in the work_dir.
        seed: where the checkpoint does not have it.

    Raises:
        FileNotFoundError: there is no config, or no log.
        ValueError: there are several configs, or the seed is not known.
    """
    work_dir = checkpoint.parent
    run = _last_training(work_dir)
    path = _dumped_config(work_dir) if config is None else config
    # A test in the same folder leaves its own config there; that of each run lies with its log.
    kept = run / 'vis_data' / 'config.py'
    read = read_config(kept if config is None and kept.is_file() else path)
    seed = meta.get('seed') if seed is None else seed
    if seed is None:
        raise ValueError(f'{checkpoint} does not say the seed of its training; give it by --seed')
    steps = (read.get('optim_wrapper') or {}).get('accumulative_counts', 1)
    return Training(
        name=path.stem,
        config=read,
        seed=int(seed),
        epoch=meta.get('epoch'),
        batch=read.train_dataloader.batch_size * steps * _processes(run),
        log=read_run(work_dir),
    )


def _dumped_config(work_dir: Path) -> Path:
    found = sorted(work_dir.glob('*.py'))
    if not found:
        raise FileNotFoundError(
            f'no config beside the checkpoint in {work_dir}, where a training leaves it; give the '
            'one that it was trained with by --config'
        )
    if len(found) > 1:
        names = ', '.join(path.name for path in found)
        raise ValueError(f'{work_dir} has several configs ({names}); say by --config which')
    return found[0]


def _last_training(work_dir: Path) -> Path:
    """Folder of the newest run in a work_dir that trained; tests leave theirs beside it."""
    for log in sorted(work_dir.glob('*/vis_data/scalars.json'), reverse=True):
        if '"loss"' in log.read_text('utf-8'):
            return log.parents[1]
    raise FileNotFoundError(
        f'no log of a training in {work_dir} (*/vis_data/scalars.json with a loss); publish the '
        'checkpoint from the folder that it was trained in'
    )


def _processes(run: Path) -> int:
    logs = sorted(run.glob('*.log'))
    found = _PROCESSES.findall(logs[-1].read_text('utf-8', errors='replace')) if logs else []
    if not found:
        raise FileNotFoundError(
            f'no log in {run} says of how many processes the training was (*.log with a line '
            "'GPU number'); publish the checkpoint from the folder that it was trained in"
        )
    return int(found[-1])


def published_config(config: 'Config') -> str:
    """The text of a config that loads alone, without what belongs to one run on one machine."""
    from mmengine.config import Config

    content = config.to_dict()
    for key in ('work_dir', 'load_from', 'resume', 'launcher'):
        content.pop(key, None)
    # Those are MMEngine's defaults; work_dir comes from the file's name.
    return Config(content).pretty_text
