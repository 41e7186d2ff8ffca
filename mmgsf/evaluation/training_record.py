"""A training run in short, from what MMEngine leaves in its work_dir: enough to do it again."""

import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from statistics import fmean


def read_run(work_dir: str | Path) -> dict:
    """Loss and learning rate of each epoch, validation accuracy, and how long it took.

    Args:
        work_dir: of one training; of several in it, resumed ones for example, the rows are joined
            and the later ones count.

    Returns:
        `epochs`: one row each with `epoch`, the mean `loss`, the first `lr` and, where it was
        validated, `accuracy`; `wall_seconds`: from the first start to the last line logged.

    Raises:
        FileNotFoundError: the folder has no log of a training.
    """
    logs = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    if not logs:
        raise FileNotFoundError(f'{work_dir} has no log of a training (*/vis_data/scalars.json)')
    rows = [json.loads(line) for log in logs for line in log.read_text('utf-8').splitlines()]
    losses, rates, accuracies = defaultdict(dict), {}, {}
    for row in rows:
        if 'loss' in row:
            losses[row['epoch']][row['step']] = row['loss']
            rates.setdefault(row['epoch'], row['lr'])
        elif 'acc/top1' in row:
            accuracies[row['step']] = row['acc/top1']
    epochs = [
        {
            'epoch': epoch,
            'loss': round(fmean(losses[epoch].values()), 4),
            'lr': round(rates[epoch], 6),
            **({'accuracy': round(accuracies[epoch], 4)} if epoch in accuracies else {}),
        }
        for epoch in sorted(losses)
    ]
    return {'epochs': epochs, 'wall_seconds': _wall_seconds(logs)}


def _wall_seconds(logs: Sequence[Path]) -> float:
    """MMEngine names the folder of a run after its start."""
    seconds = 0.0
    for log in logs:
        start = datetime.strptime(log.parents[1].name, '%Y%m%d_%H%M%S')
        seconds += log.stat().st_mtime - start.timestamp()
    return round(seconds, 1)


def environment() -> dict[str, str | int]:
    """What the figures depend on beside the code; packages as far as they are installed."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    import torch

    from mmgsf.benchmark.machine import processor

    versions = {}
    names = ('torch', 'mmengine', 'mmaction2', 'numpy', 'opencv-python', 'av', 'scikit-image')
    for name in names:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return {
        'python': platform.python_version(),
        'machine': platform.machine(),
        'processor': processor(),
        'threads': torch.get_num_threads(),
        **versions,
    }
