"""Whether an exported file gives what its model gives."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from .exported import open_exported

# Largest difference of a probability to the model in PyTorch that passes.
TOLERANCES = {'.onnx': 1e-4, '.pt2': 1e-4, '.xml': 1e-3}
BATCHES = (1, 2, 3)


@torch.no_grad()
def eager_probabilities(model: nn.Module, clips: np.ndarray) -> list[np.ndarray]:
    """What a model itself gives for uint8 RGB clips (N, T, H, W, 3), each a video of its own.

    Returns:
        (N, classes), or one such array for verbs and one for nouns.
    """
    from mmaction.structures import ActionDataSample

    frames = torch.from_numpy(np.ascontiguousarray(clips.transpose(0, 1, 4, 2, 3)))
    data = {'inputs': list(frames), 'data_samples': [ActionDataSample() for _ in clips]}
    scored = model(**model.data_preprocessor(data, training=False), mode='predict')
    scores = [sample.pred_score for sample in scored]
    if isinstance(scores[0], dict):
        parts = [torch.stack([score[kind] for score in scores]) for kind in scores[0]]
    else:
        parts = [torch.stack(scores).flatten(1)]
    if model.cls_head.average_clips != 'prob':
        parts = [part.softmax(-1) for part in parts]
    return [part.numpy() for part in parts]


def largest_difference(model: nn.Module, path: str | Path, seed: int = 0) -> float:
    """Largest difference of a probability between a file and its model.

    Both get batches of 1, 2 and 3 clips of coarse noise, from nearly grey to full contrast: clips on
    which a network is sure of its class hide differences.

    Args:
        model: that was exported, on the CPU.
        path: of the file.
        seed: of the clips.
    """
    exported = open_exported(path)
    rng = np.random.default_rng(seed)
    differences = []
    for batch in BATCHES:
        clips = _noise(rng, batch, exported.description.clip_shape)
        expected = eager_probabilities(model, clips)
        for actual, wanted in zip(exported(clips).values(), expected, strict=True):
            differences.append(np.abs(actual - wanted).max())
    return float(max(differences))


def _noise(rng: np.random.Generator, count: int, shape: tuple[int, ...]) -> np.ndarray:
    """Clips (N, T, H, W, 3), uint8, of blocks of random colours that change from frame to frame."""
    segments, height, width, channels = shape
    small = rng.uniform(-1, 1, (count, segments, -(-height // 8), -(-width // 8), channels))
    large = small.repeat(8, axis=2).repeat(8, axis=3)[:, :, :height, :width]
    contrast = 127 * np.linspace(0.1, 1.0, count).reshape(-1, 1, 1, 1, 1)
    return (128 + contrast * large).round().astype(np.uint8)


def check_parity(model: nn.Module, path: str | Path) -> float:
    """`largest_difference`, if it is within the tolerance.

    Raises:
        ValueError: it is not.
    """
    difference, tolerance = largest_difference(model, path), TOLERANCES[Path(path).suffix]
    # Written so that a NaN fails too.
    if not difference <= tolerance:
        raise ValueError(
            f'{path} differs from its model by {difference:.1e} in a probability, above '
            f'{tolerance:.0e}; it is not to be used'
        )
    return difference
