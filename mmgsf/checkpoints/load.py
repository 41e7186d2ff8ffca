"""Loads checkpoints without ever running code that lies in them."""

import json
from pathlib import Path
from typing import Any

import torch

from .refusal import refusal
from .save import safetensors
from .whole import damage, verify_checksum


class Inert:
    """Stands in for what mmengine pickles beside the weights; it keeps nothing and does nothing."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass


def _inert(*args: object, **kwargs: object) -> Inert:
    return Inert()


# What a checkpoint of mmengine's own Runner names besides tensors: its log history and numbers of
# numpy. None of it is weights. Every name gets a stand-in, `getattr` as well.
_MMENGINE_GLOBALS = [
    (Inert, 'mmengine.logging.history_buffer.HistoryBuffer'),
    *(
        (_inert, name)
        for name in (
            'builtins.getattr',
            'numpy.core.multiarray._reconstruct',
            'numpy._core.multiarray._reconstruct',
            'numpy.core.multiarray.scalar',
            'numpy._core.multiarray.scalar',
            'numpy.ndarray',
            'numpy.dtype',
        )
    ),
]


def load_from_local(filename: str, map_location: Any = None) -> Any:
    """Loads a local checkpoint with weights_only=True; has the form of an mmengine loader.

    A file of safetensors comes as a dict of `state_dict` and `meta`, as `save_weights` got them. The log history of a checkpoint of mmengine's own Runner is dropped; weights, optimiser and
    schedulers are kept.

    Args:
        filename: path of the file; a checksum in its name, as published files have it, is compared.
        map_location: as for torch.load.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, no checkpoint or not the one of its checksum, or holds
            objects other than tensors and plain values; the first one is named.
    """
    path = Path(filename).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f'checkpoint {filename} is not there; check the path')
    verify_checksum(path)
    if path.suffix == '.safetensors':
        return _load_safetensors(path)
    fault = damage(path)
    if fault:
        raise ValueError(f'checkpoint {filename} is refused: {fault}; copy it again')
    return _without_program(_read(path, map_location))


def peek(path: Path) -> Any:
    """What a file of torch.save holds, its tensors left on the disk until they are used.

    Damage of the tensors is not looked for.

    Raises:
        ValueError: as `load_from_local`.
    """
    with path.open('rb') as file:
        is_zip = file.read(2) == b'PK'
    return _read(path, 'cpu', mmap=is_zip)


def _read(path: Path, map_location: Any, mmap: bool | None = None) -> Any:
    try:
        with torch.serialization.safe_globals(_MMENGINE_GLOBALS):
            return torch.load(path, map_location=map_location, weights_only=True, mmap=mmap)
    except Exception as error:  # odd bytes lead the unpickler to any exception
        raise ValueError(f'checkpoint {path} is refused: {refusal(path, error)}') from error


def _without_program(checkpoint: Any) -> Any:
    """mmengine's Runner.resume carries out `meta['config']`, Python in files of the time of mmcv."""
    meta = checkpoint.get('meta') if isinstance(checkpoint, dict) else None
    if isinstance(meta, dict):
        meta.pop('config', None)
    return checkpoint


def _load_safetensors(path: Path) -> dict:
    package = safetensors()
    try:
        with package.safe_open(path, framework='pt') as file:
            state_dict = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            meta = (file.metadata() or {}).get('meta', '{}')
        return _without_program({'state_dict': state_dict, 'meta': json.loads(meta)})
    except (package.SafetensorError, ValueError) as error:
        raise ValueError(
            f'checkpoint {path} is refused: it is no whole file of safetensors ({error}); '
            'copy it again'
        ) from error
