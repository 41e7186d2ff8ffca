"""Says once where training waits for its data, and what to do about it."""

from collections import deque
from pathlib import Path

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmgsf.datasets.lists import REENCODED

WINDOW = 50  # iterations
SHARE = 0.3


@HOOKS.register_module()
class DataTimeHook(Hook):
    """Warns once, as soon as loading takes more than a share of the time of the last iterations.

    The first iteration of an epoch does not count: its workers only start.

    Args:
        window: number of iterations that are looked at, at least 1.
        share: of their time, in (0, 1).
    """

    # Behind IterTimerHook, which takes the times.
    priority = 'LOW'

    def __init__(self, window: int = WINDOW, share: float = SHARE) -> None:
        if window < 1 or not 0 < share < 1:
            raise ValueError(
                f'window={window}, share={share}: take 1 iteration or more, and a share between 0 '
                'and 1'
            )
        self.share = share
        self.times: deque[tuple[float, float]] = deque(maxlen=window)
        self.has_warned = False

    def after_train_iter(self, runner: Runner, batch_idx: int, *args, **kwargs) -> None:
        scalars = runner.message_hub.log_scalars
        if self.has_warned or batch_idx == 0 or 'train/data_time' not in scalars:
            return
        names = ('train/data_time', 'train/time')
        self.times.append(tuple(scalars[name].current() for name in names))
        if len(self.times) < self.times.maxlen:
            return
        loading, whole = map(sum, zip(*self.times, strict=True))
        if loading > self.share * whole:
            self.has_warned = True
            runner.logger.warning(
                f'{loading / whole:.0%} of the last {len(self.times)} iterations went by waiting '
                f'for data; {data_time_remedy(runner.cfg)}'
            )


def data_time_remedy(cfg: dict) -> str:
    """What makes the training data of a config faster to read.

    Args:
        cfg: the whole config; `reencode_command`, if it has one, re-encodes its videos.
    """
    loader = cfg.get('train_dataloader') or {}
    workers = (
        f'raise train_dataloader.num_workers, now {loader.get("num_workers", 0)}, as far as there '
        'are CPU cores'
    )
    dataset = _innermost(loader.get('dataset') or {})
    if REENCODED in Path(dataset.get('ann_file') or '').parts or not _decodes_video(dataset):
        return workers
    command = cfg.get('reencode_command')
    if command is None and cfg.get('prepare_command') is None:
        prefix = dataset.get('data_prefix') or {}
        folder = Path(dataset.get('data_root') or '', prefix.get('video') or '')
        command = f'python tools/reencode.py {folder} ANOTHER_FOLDER'
    if command is None:
        return workers
    return f'make the videos faster to read by: {command}; or {workers}'


def _innermost(dataset: dict) -> dict:
    """The dataset inside wrappers such as RepeatDataset."""
    while isinstance(dataset.get('dataset'), dict):
        dataset = dataset['dataset']
    return dataset


def _decodes_video(dataset: dict) -> bool:
    """A pipeline for videos begins with DecordInit, PyAVInit or OpenCVInit."""
    types = [step['type'] for step in dataset.get('pipeline') or ()]
    return any(getattr(kind, '__name__', kind).endswith('Init') for kind in types)
