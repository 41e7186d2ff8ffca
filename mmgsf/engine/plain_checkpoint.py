"""Keeps checkpoints free of anything but plain values, so that they load with weights_only=True.

mmengine pickles its log history and numpy scalars into the message hub, which torch >= 2.6 refuses
(open-mmlab/mmengine#1655).
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer
from mmengine.runner import Runner

LOG_KEY = 'log_scalars'


def plain(value: Any, where: str = 'checkpoint') -> Any:
    """The same value built of dicts, lists, tuples, tensors, numbers, strings, bools and None only.

    Raises:
        TypeError: a value of another kind, with its place.
    """
    if (
        value is None
        or isinstance(value, bool | int | float | str | bytes)
        and not isinstance(value, np.generic)
    ):
        return value
    if isinstance(value, torch.Tensor):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.copy())
    if isinstance(value, Mapping):
        items = ((key, plain(item, f'{where}[{key!r}]')) for key, item in value.items())
        # A state dict is an OrderedDict whose attribute `_metadata` holds the modules' versions.
        if type(value) is OrderedDict:
            copy = OrderedDict(items)
            copy.__dict__.update(value.__dict__)
            return copy
        return dict(items)
    if isinstance(value, list | tuple):
        return type(value)(plain(item, f'{where}[{i}]') for i, item in enumerate(value))
    raise TypeError(
        f'{where} is a {type(value).__name__}, which only loads with arbitrary code allowed; '
        'store plain values, lists, dicts and tensors'
    )


class PlainCheckpointHook(Hook):
    """Writes checkpoints of plain values and restores the log history from them."""

    priority = 'VERY_LOW'

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        hub = checkpoint['message_hub']
        history = {
            name: {
                'values': torch.as_tensor(buffer.data[0]),
                'counts': torch.as_tensor(buffer.data[1]),
                'max_length': buffer.max_length,
            }
            for name, buffer in hub['log_scalars'].items()
        }
        # mmengine's own Runner skips an empty history, so it can resume these files as well.
        checkpoint['message_hub'] = {**hub, 'log_scalars': {}}
        checkpoint[LOG_KEY] = history
        for key in list(checkpoint):
            checkpoint[key] = plain(checkpoint[key], key)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        for name, history in checkpoint.pop(LOG_KEY, {}).items():
            checkpoint['message_hub']['log_scalars'][name] = HistoryBuffer(
                history['values'].cpu().numpy(),
                history['counts'].cpu().numpy(),
                history['max_length'],
            )
