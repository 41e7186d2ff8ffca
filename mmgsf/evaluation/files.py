"""Result files: arrays in .npz that load without pickles."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmgsf.files import replacing


def write_npz(path: str | Path, **arrays: np.ndarray) -> None:
    """Writes arrays of numbers or text, whole or not at all.

    Raises:
        ValueError: `path` does not end in .npz, or an array holds other objects.
    """
    require_npz(path)
    objects = [name for name, array in arrays.items() if np.asarray(array).dtype.hasobject]
    if objects:
        raise ValueError(f'{path}: {objects} hold objects; give arrays of numbers or str')
    with replacing(path) as beside, beside.open('wb') as file:
        np.savez(file, **arrays)


def require_npz(path: str | Path) -> None:
    """Refuses a name that does not end in .npz."""
    if Path(path).suffix != '.npz':
        raise ValueError(f'{path}: scores are written as numpy arrays; name the file .npz')


def read_npz(
    path: str | Path, keys: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, np.ndarray]:
    """The arrays `keys` of a file, and those of `optional` that it has; nothing in it is executed.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged or no .npz, or lacks an array or holds one of objects.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'{path} is not there; check the path')
    try:
        with np.load(path, allow_pickle=False) as loaded:
            missing = [key for key in keys if key not in loaded.files]
            if missing:
                raise ValueError(f'no array {", ".join(missing)} in it, only {loaded.files}')
            there = [key for key in optional if key in loaded.files]
            return {key: loaded[key] for key in (*keys, *there)}
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(
            f'{path} does not hold the arrays {", ".join(keys)} of numbers and text ({error}); '
            'write them with numpy.savez, text as str arrays'
        ) from error
