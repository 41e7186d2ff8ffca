"""Clips that show int8 quantisation how large a network's values are."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from mmgsf.apis import read_clip

VIDEO_SUFFIXES = ('.mp4', '.webm', '.mkv', '.avi', '.mov')


def calibration_clips(
    model: nn.Module, count: int, source: str | Path | None = None
) -> list[np.ndarray]:
    """Clips (T, H, W, 3), uint8 RGB, as the model's test pipeline makes them.

    Args:
        model: of `mmgsf.apis.load_model`.
        count: how many, spread evenly over what there is; all if there are fewer.
        source: a folder of videos, or an annotation list of the form that the config's training
            set has; None takes that set itself.

    Raises:
        FileNotFoundError: nothing lies there.
        ValueError: there are no videos, or the pipeline makes more of a video than one clip.
    """
    if source is not None and not Path(source).exists():
        raise FileNotFoundError(f'{source} is not there; give a folder of videos or a list')
    if count < 1:
        raise ValueError(f'{count} clips to calibrate with: give at least 1; 300 are usual')
    folder = source is not None and Path(source).is_dir()
    inputs = _of_folder(model, Path(source), count) if folder else _of_list(model, source, count)
    clips = [_clip(frames, model.num_segments) for frames in inputs]
    if not clips:
        raise ValueError(f'{source or "the training set"} has no videos to calibrate with')
    return clips


def _spread(samples: Sequence, count: int) -> list[int]:
    """Places of `count` samples, evenly spread; of all if there are fewer."""
    places = np.linspace(0, len(samples) - 1, min(count, len(samples)))
    return places.round().astype(int).tolist()


def _of_folder(model: nn.Module, folder: Path, count: int) -> Iterator[Tensor]:
    found = folder.rglob('*')
    videos = sorted(path for path in found if path.suffix.lower() in VIDEO_SUFFIXES)
    for place in _spread(videos, count):
        yield read_clip(model, videos[place]).inputs


def _of_list(model: nn.Module, source: str | Path | None, count: int) -> Iterator[Tensor]:
    from mmaction.registry import DATASETS
    from mmengine.registry import init_default_scope

    config = model.cfg
    init_default_scope(config.get('default_scope', 'mmaction'))
    described = dict(config.train_dataloader.dataset)
    described.update(pipeline=config.test_pipeline, test_mode=True)
    if source is not None:
        described['ann_file'] = str(source)
    if not Path(described['ann_file']).is_file():
        raise FileNotFoundError(
            f'{described["ann_file"]}, the list of the training set, is not there; calibrate with '
            'a folder of videos or another list'
        )
    dataset = DATASETS.build(described)
    for place in _spread(dataset, count):
        yield dataset[place]['inputs']


def _clip(inputs: Tensor, num_segments: int) -> np.ndarray:
    if inputs.dim() != 4 or len(inputs) != num_segments:
        raise ValueError(
            f'the test_pipeline makes {tuple(inputs.shape)} of a video: int8 is calibrated with a '
            f'pipeline of one clip of {num_segments} frames'
        )
    return np.ascontiguousarray(inputs.permute(0, 2, 3, 1).numpy())
