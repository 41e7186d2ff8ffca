"""Frames to draw, explanations with known numbers, and pictures read back."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from mmgsf.visualization import LayerExplanation


def frames_of(count: int, size: int = 16) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 256, (count, size, size, 3), dtype=np.uint8))


def explanation(gate: torch.Tensor, fusion: torch.Tensor | None = None) -> LayerExplanation:
    """Of these gates (N, T, 2, H, W), for an input of ones."""
    energy = torch.ones_like(gate).sum((3, 4))
    return LayerExplanation(gate, fusion, gate.square().sum((3, 4)), energy)


def read_picture(path: Path) -> np.ndarray:
    """All its pixels, (H, W, 3); fails if the file is not whole."""
    with Image.open(path) as image:
        return np.asarray(image.convert('RGB'))
