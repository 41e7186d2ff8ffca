"""Pictures inside the answer itself, so that none lies on the disk or has an address."""

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from torch import nn

from mmgsf.apis import Clip

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 110


def data_url(kind: str, content: bytes) -> str:
    """Content as an address that holds it."""
    return f'data:{kind};base64,{base64.b64encode(content).decode()}'


def frame_pictures(frames: Sequence[np.ndarray]) -> list[str]:
    """Images (H, W, 3) uint8 RGB as data URLs."""
    pictures = []
    for frame in frames:
        file = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(frame)).save(file, 'PNG')
        pictures.append(data_url('image/png', file.getvalue()))
    return pictures


def gates_picture(model: nn.Module, clip: Clip) -> str:
    """Frames and gates of the first view, of the last layer of each size of feature map.

    Raises:
        ValueError: the model has no Gate-Shift layer.
    """
    from mmgsf.visualization.explaining import explain_layers, last_of_each_size
    from mmgsf.visualization.gates import gates_figure

    layers = explain_layers(model, first_view(model, clip))
    shown = {name: layers[name] for name in last_of_each_size(layers)}
    return _figure(gates_figure(clip.frames[: model.num_segments], shown))


def saliency_picture(model: nn.Module, clip: Clip, label: int, class_name: str) -> str:
    """Grad-CAM of the first view for a class.

    Raises:
        ImportError: captum is missing.
        ValueError: the model gives none.
    """
    from mmgsf.visualization.saliency import saliency, saliency_figure

    found = saliency(model, first_view(model, clip), target=label)
    return _figure(saliency_figure(clip.frames[: model.num_segments], found, class_name))


def first_view(model: nn.Module, clip: Clip):
    """(T, 3, H, W) of the clip's inputs."""
    return clip.inputs[: model.num_segments]


def _figure(figure: 'Figure') -> str:
    file = io.BytesIO()
    figure.savefig(file, dpi=DPI, format='png')
    return data_url('image/png', file.getvalue())
