"""What a user may name as videos: files, folders, globs, frames, and lists of these."""

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from mmgsf.datasets.preparation.media import VIDEO_SUFFIXES

Source = str | Path | np.ndarray | Tensor | Sequence


def is_single(source: Source) -> bool:
    """Whether a source is one video by its form: a file's path, or frames."""
    if isinstance(source, str | Path):
        return not Path(source).is_dir() and not _is_glob(source)
    return not isinstance(source, list | tuple) or _is_frames(source)


def expand(source: Source) -> list[Any]:
    """The videos of a source: paths, and frames as they were given.

    Args:
        source: a video file; a folder, whose videos are taken recursively, sorted; a glob ('**' goes
            through folders), sorted; uint8 RGB frames (frames, H, W, 3) or a list of (H, W, 3); or a
            list of these.

    Raises:
        FileNotFoundError: a folder holds no videos, or a glob fits none.
        ValueError: an empty list.
    """
    if isinstance(source, str | Path):
        return list(_paths(source))
    if is_single(source):
        return [source]
    if not source:
        raise ValueError('no videos: the list is empty; give a path, a folder, a glob or frames')
    return [video for one in source for video in expand(one)]


def _paths(source: str | Path) -> Iterator[Path]:
    path = Path(source)
    if path.is_dir():
        found = sorted(p for p in path.rglob('*') if _is_video(p))
        if not found:
            raise FileNotFoundError(
                f'folder {path} holds no videos ({", ".join(VIDEO_SUFFIXES)}); name the files, or '
                'another folder'
            )
        yield from found
    elif _is_glob(source):
        found = sorted(p for p in map(Path, glob.glob(str(source), recursive=True)) if p.is_file())
        if not found:
            raise FileNotFoundError(f'{source} fits no file; check the pattern')
        yield from found
    else:
        yield path


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES and path.is_file()


def _is_glob(source: str | Path) -> bool:
    # A file may have a name such as 'clip [1].mp4'.
    return glob.has_magic(str(source)) and not Path(source).exists()


def _is_frames(source: list | tuple) -> bool:
    return bool(source) and all(isinstance(one, np.ndarray) and one.ndim == 3 for one in source)
