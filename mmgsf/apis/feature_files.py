"""Files of features, one .npz a video: their names, what they say of themselves, and which are done."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from torch import nn

from mmgsf import __version__
from mmgsf.checkpoints.whole import sha256
from mmgsf.datasets.preparation.media import VIDEO_SUFFIXES
from mmgsf.evaluation.files import read_npz, write_npz

from .features import FeatureSettings, num_segments_of

ARRAYS = ('features', 'frame_indices', 'fps', 'meta')
# What may differ between files of one run: the rest is the same recipe.
OWN = ('mmgsf', 'checkpoint', 'video', 'video_bytes', 'total_frames')


@dataclass(frozen=True)
class Source:
    """A video, and the place of its features below the folder of all."""

    path: Path
    place: Path


def find_sources(videos: Iterable[str | Path]) -> list[Source]:
    """Videos that were named, and those below folders that were named.

    Raises:
        FileNotFoundError: there is no such file or folder, or no video in it.
        ValueError: two videos would have one file of features.
    """
    sources = []
    for video in map(Path, videos):
        if video.is_dir():
            found = [path for path in sorted(video.rglob('*')) if _is_video(path)]
            if not found:
                raise FileNotFoundError(
                    f'{video} holds no video ({", ".join(VIDEO_SUFFIXES)}); check the folder'
                )
            sources += [Source(path, _place(path, video)) for path in found]
        elif video.is_file():
            sources.append(Source(video, _place(video, video.parent)))
        else:
            raise FileNotFoundError(f'{video} is not there; check the path of the video')
    return _apart(sources)


def read_sources(list_file: str | Path, data_prefix: str | Path | None = None) -> list[Source]:
    """Videos of a list, one a line, with or without a label behind a space or a tab.

    Args:
        list_file: the list; that of a training will do.
        data_prefix: folder of relative paths; None takes that of the list.

    Raises:
        FileNotFoundError: there is no such list.
        ValueError: it is empty or not UTF-8, or two videos would have one file of features.
    """
    path = Path(list_file)
    if not path.is_file():
        raise FileNotFoundError(f'list {path} is not there; check the path')
    try:
        lines = path.read_text(encoding='utf-8-sig').splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f'{path} cannot be read as UTF-8 ({error}); save it so') from error
    folder = path.parent if data_prefix is None else Path(data_prefix)
    names = [_name(line) for line in lines if line.strip()]
    if not names:
        raise ValueError(f'list {path} is empty; give one video a line')
    return _apart([Source(folder / name, _place(folder / name, folder)) for name in names])


def _name(line: str) -> str:
    """The path of a row of a list, without labels."""
    if '\t' in line:
        return line.split('\t')[0].strip()
    return re.sub(r'( \d+)+$', '', line.strip())


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES and path.is_file()


def _place(path: Path, folder: Path) -> Path:
    # A row with .. in it must not lead out of the folder of features.
    absolute, root = Path(path).absolute(), Path(folder).absolute()
    inside = absolute.is_relative_to(root) and '..' not in absolute.parts
    return (absolute.relative_to(root) if inside else Path(path.name)).with_suffix('.npz')


def _apart(sources: Sequence[Source]) -> list[Source]:
    seen: dict[Path, Source] = {}
    for source in sources:
        first = seen.setdefault(source.place, source)
        if first.path != source.path:
            raise ValueError(
                f'{first.path} and {source.path} would both become {source.place}; give them '
                'different names, or extract them to different folders'
            )
    return list(seen.values())


def describe(
    model: nn.Module, checkpoint: str | Path, settings: FeatureSettings
) -> dict[str, object]:
    """All that features follow from, beside the video, in plain values."""
    preprocessor = model.cfg.model.get('data_preprocessor') or {}
    recipe = {
        'model': getattr(model, 'name', type(model).__name__),
        'checkpoint': Path(checkpoint).name,
        'checkpoint_sha256': sha256(Path(checkpoint)),
        'num_segments': num_segments_of(model),
        **asdict(settings),
        'preprocessing': {'data_preprocessor': preprocessor, 'pipeline': model.cfg.test_pipeline},
        'mmgsf': __version__,
    }
    # As it will be read back: lists for tuples.
    return json.loads(json.dumps(recipe, default=str))


def write_features(
    path: Path,
    features: np.ndarray,
    frame_indices: np.ndarray,
    fps: float,
    meta: dict[str, object],
) -> None:
    """Writes the features of a video, whole or not at all; loads with allow_pickle=False."""
    write_npz(
        path,
        features=features,
        frame_indices=frame_indices,
        fps=np.array(fps, dtype=np.float64),
        meta=np.array(json.dumps(meta)),
    )


def is_done(path: Path, source: Path, recipe: dict[str, object]) -> bool:
    """Whether a whole file of the same recipe and of the same video is there.

    Raises:
        ValueError: there is one of another recipe, or of something else.
    """
    if not path.exists():
        return False
    try:
        with np.load(path, allow_pickle=False) as loaded:
            names = loaded.files
        meta = json.loads(str(read_npz(path, ARRAYS)['meta']))
    except Exception as error:  # zip, zlib and numpy raise what they like over a damaged file
        if isinstance(error, ValueError) and 'no array' in str(error):
            raise ValueError(f'{path} holds {names}, no features; choose another folder') from error
        return False
    different = [key for key in recipe if key not in OWN and meta.get(key) != recipe[key]]
    if different:
        key = different[0]
        raise ValueError(
            f'{path} was made with {key}={_short(meta.get(key))}, not {_short(recipe[key])}; choose '
            'another folder, or replace all by --force'
        )
    return source.is_file() and meta.get('video_bytes') == source.stat().st_size


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f'{text[:57]}...'
