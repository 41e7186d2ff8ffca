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
    """Writes a state dict and what is known of it; the same values give the same bytes.

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
            # To a path, torch.save would write its name into the file.
            with beside.open('wb') as file:
                torch.save({'state_dict': weights, 'meta': meta}, file)
        else:
            # The format holds no nested values beside the tensors.
            metadata = {'format': 'pt', 'meta': json.dumps(meta)}
            content = safetensors().torch.save(weights, metadata=metadata)
            beside.write_bytes(_with_sorted_header(content))


def _with_sorted_header(content: bytes) -> bytes:
    """The same file of safetensors; its library writes the metadata in an order that it draws.

    The format: 8 bytes with the length of the header, the header as JSON, the tensors.
    """
    start = 8 + int.from_bytes(content[:8], 'little')
    header = json.dumps(
        json.loads(content[8:start]), sort_keys=True, separators=(',', ':')
    ).encode()
    header += b' ' * (-len(header) % 8)
    return len(header).to_bytes(8, 'little') + header + content[start:]


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
