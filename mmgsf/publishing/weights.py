"""Weights as they are published: nothing of the training but the tensors that tests load."""

import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmgsf.checkpoints import save_weights
from mmgsf.checkpoints.save import SUFFIXES
from mmgsf.checkpoints.whole import sha256, stated_checksum

__all__ = ['SUFFIXES', 'half', 'parameters_of', 'published_weights', 'weights_file']


def published_weights(checkpoint: Any, source: str) -> dict[str, Tensor]:
    """The tensors of a training's checkpoint that a test loads, on the CPU.

    Where MMEngine's EMAHook averaged the weights, `state_dict` has the averaged ones, which tests use;
    those of the last step, which only a resume needs, stay behind with the optimiser.

    Args:
        checkpoint: as `load_from_local` gives it.
        source: its file, for errors.

    Raises:
        ValueError: it holds no `state_dict` of tensors.
    """
    weights = checkpoint.get('state_dict') if isinstance(checkpoint, dict) else None
    if not isinstance(weights, dict) or not all(isinstance(v, Tensor) for v in weights.values()):
        raise ValueError(
            f'{source} has no state_dict of tensors; give the checkpoint of a training, such as '
            'work_dirs/NAME/epoch_20.pth'
        )
    # A view would bring all that it looks into.
    return {key: value.detach().cpu().clone() for key, value in weights.items()}


def half(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same weights in half precision; counters stay whole numbers.

    Raises:
        ValueError: a weight is beyond what half precision holds.
    """
    halved = {
        key: value.half() if value.is_floating_point() else value for key, value in weights.items()
    }
    for key, value in halved.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise ValueError(f'{key} is beyond the range of half precision; publish it without')
    return halved


def weights_file(folder: Path, name: str, suffix: str, weights: dict, meta: dict) -> Path:
    """Writes weights into a folder under a name that ends in the first digits of their SHA-256.

    Args:
        folder: a folder of no one else.
        name: of the model.
        suffix: '.pth' or '.safetensors'.
        weights: tensors by name.
        meta: plain values.
    """
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        plain = Path(inside, f'weights{suffix}')
        save_weights(plain, weights, meta)
        digest = sha256(plain)
        # Eight digits that read as a date are taken for one.
        digits = next(n for n in (8, 12, 16) if stated_checksum(f'{name}-{digest[:n]}{suffix}'))
        return plain.rename(folder / f'{name}-{digest[:digits]}{suffix}')


def parameters_of(model: torch.nn.Module) -> int:
    """Number of a model's parameters."""
    return sum(parameter.numel() for parameter in model.parameters())
