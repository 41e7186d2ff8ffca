"""Writes weights as files that load without running code, whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor

from mmgsf.files import replacing

SUFFIXES = ('.pth', '.safetensors')


def save_weights(path: str | Path, state_dict: Mapping[str, Tensor], meta: dict) -> None:
    """Writes a state dict and what is known of it.

    Args:
        path: the file; '.pth' gives a checkpoint of MMEngine's form that loads with
            weights_only=True, '.safetensors' that format.
        state_dict: tensors by name.
        meta: plain values; `load_from_local` gives them back as `meta`.

    Raises:
        ValueError: another suffix.
        ImportError: safetensors is asked for and not installed.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise ValueError(
            f'{path} has the suffix {path.suffix!r}; weights are written as {SUFFIXES}'
        )
    weights = {key: value.detach().cpu().contiguous() for key, value in state_dict.items()}
    with replacing(path) as beside:
        if path.suffix == '.pth':
            torch.save({'state_dict': weights, 'meta': meta}, beside)
        else:
            # The format holds no nested values beside the tensors.
            safetensors().torch.save_file(
                weights, beside, metadata={'format': 'pt', 'meta': json.dumps(meta)}
            )


def safetensors() -> ModuleType:
    """The package of that name, with its part for torch.

    Raises:
        ImportError: it is not installed.
    """
    try:
        import safetensors.torch
    except ImportError as error:
        raise ImportError(
            'files of safetensors need the package of that name: pip install safetensors'
        ) from error
    return safetensors
