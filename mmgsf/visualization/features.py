"""Features of videos, as a classifier sees them, and the file that keeps those of a data set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from mmgsf.evaluation.files import read_npz, write_npz

from .clips import evaluating, prepared_clips


@dataclass(frozen=True)
class Features:
    """Features (V, C) of V videos with labels (V,), and the class names in label order, or none.

    Raises:
        ValueError: the parts do not belong together, or a number is not finite.
    """

    features: np.ndarray
    labels: np.ndarray
    classes: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.labels.shape != self.features.shape[:1]:
            raise ValueError(
                f'features of shape {self.features.shape} and labels of shape {self.labels.shape} '
                'do not belong together; give a row and a label for each video'
            )
        if not np.isfinite(self.features).all():
            raise ValueError('a feature is not finite')
        known = len(self.classes) or np.inf
        if self.labels.size and not 0 <= self.labels.min() <= self.labels.max() < known:
            raise ValueError(
                f'labels are {self.labels.min()} to {self.labels.max()}, of {known} classes; they '
                'count from 0'
            )


def pooled_features(model: nn.Module, inputs: Tensor | Sequence[Tensor]) -> Tensor:
    """The last feature map, averaged over space, frames and views: a row for each video.

    Args:
        model: a RecognizerGSF; it runs in eval mode and is left in the mode that it was in.
        inputs: (views*T, 3, H, W) uint8 as a test pipeline packs a video, or several of one shape.

    Returns:
        (V, C), on the CPU.
    """
    videos = [inputs] if isinstance(inputs, Tensor) and inputs.dim() == 4 else list(inputs)
    with torch.no_grad(), evaluating(model):
        maps = model.extract_feat(prepared_clips(model, videos))[0]
    maps = maps[-1] if isinstance(maps, tuple | list) else maps
    return maps.float().mean((2, 3)).unflatten(0, (len(videos), -1)).mean(1).cpu()


def dataset_features(
    model: nn.Module, batches: Iterable[dict], classes: Sequence[str] = ()
) -> Features:
    """`pooled_features` of all videos that a data loader of MMAction2 gives.

    Raises:
        ValueError: there is none, or a video has not one label.
    """
    rows, labels = [], []
    for batch in batches:
        rows.append(pooled_features(model, batch['inputs']))
        labels += [sample.gt_label for sample in batch['data_samples']]
    if not labels or any(label.numel() != 1 for label in labels):
        raise ValueError('features are coloured by class: give videos with one label each')
    return Features(torch.cat(rows).numpy(), torch.cat(labels).cpu().numpy(), classes)


def write_features(path: str | Path, found: Features) -> None:
    """Writes features, labels and classes, whole or not at all.

    Raises:
        ValueError: `path` does not end in .npz.
    """
    classes = np.array(found.classes, dtype=str)
    write_npz(path, features=found.features, labels=found.labels, classes=classes)


def read_features(path: str | Path) -> Features:
    """Reads what `write_features` wrote, `classes` or not; nothing in the file is executed.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or holds no features.
    """
    arrays = read_npz(path, ('features', 'labels'), optional=('classes',))
    if arrays['features'].dtype.kind not in 'fiu' or arrays['labels'].dtype.kind not in 'iu':
        raise ValueError(f'{path}: features must be numbers, labels whole numbers')
    try:
        classes = arrays.get('classes', np.array([], dtype=str)).astype(str).tolist()
        return Features(arrays['features'], arrays['labels'], classes)
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from error
