"""Pictures of the gates over the frames: a film strip, and a video with both halves side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch.nn.functional as F
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from torch import Tensor

from mmgsf.datasets.camera_motion_video import write_h264
from mmgsf.files import replacing

from .explaining import LayerExplanation
from .figures import (
    HALVES,
    SIGNED,
    bare,
    grey_middle,
    in_line,
    require_frames,
    save_figure,
    show_frames,
)

GATE_LABEL = 'gate: share of the feature that is shifted, with its sign'
PIXELS = 100  # an inch of the video's frames
COVER = 0.75  # how far an open gate's colour hides the frame


def gates_figure(
    frames: Sequence[np.ndarray],
    layers: Mapping[str, LayerExplanation],
    title: str = '',
    clip: int = 0,
    limit: float = 1.0,
) -> Figure:
    """The frames of a clip, and below them both gates of each layer at each frame.

    Args:
        frames: the T frames that the network saw, RGB (H, W, 3) uint8.
        layers: what to draw, one or several of `explain_layers`.
        title: of the picture.
        clip: which of the N clips of the explanations.
        limit: the colours span -limit to limit; gates lie in (-1, 1).

    Raises:
        ValueError: another number of frames than the explanations have, no layer, or no limit.
    """
    gates = _gates(frames, layers, clip, limit)
    count, rows = len(frames), 1 + 2 * len(gates)
    figure = Figure(figsize=(1.15 * count + 2.6, 1.15 * rows + 1.3), layout='constrained')
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.03, wspace=0.01, hspace=0.01)
    figure.suptitle(title)
    grid = figure.subplots(rows, count, squeeze=False)
    show_frames(grid[0], frames)
    names = [(name, half) for name in gates for half in range(2)]
    for row, (name, half) in zip(grid[1:], names, strict=True):
        size = '{}x{}'.format(*gates[name].shape[-2:])
        text = f'{name}\n{size}, {HALVES[half]}'
        row[0].set_ylabel(text, rotation=0, ha='right', va='center', fontsize=8)
        for axes, plane in zip(row, gates[name][:, half].numpy(), strict=True):
            image = axes.imshow(plane, cmap=SIGNED, vmin=-limit, vmax=limit)
    bare(grid.flat)
    _colour_bar(figure, image, grid, limit)
    return figure


def draw_gates(
    frames: Sequence[np.ndarray],
    layers: Mapping[str, LayerExplanation],
    path: str | Path,
    title: str = '',
    clip: int = 0,
    limit: float = 1.0,
) -> None:
    """Writes `gates_figure` to `path`."""
    save_figure(gates_figure(frames, layers, title, clip, limit), path)


def gate_overlay(
    frames: Sequence[np.ndarray],
    layers: Mapping[str, LayerExplanation],
    title: str = '',
    clip: int = 0,
    limit: float = 1.0,
) -> np.ndarray:
    """Frames of a video: each frame of the clip, and both gates of each layer over it in grey.

    Where a gate is closed, the grey frame shows; the further it opens, the more its colour covers.

    Args:
        frames: as for `gates_figure`.
        layers: as for `gates_figure`.
        title: as for `gates_figure`.
        clip: as for `gates_figure`.
        limit: as for `gates_figure`.

    Returns:
        (T, H, W, 3) uint8 RGB, H and W even.

    Raises:
        ValueError: as `gates_figure`.
    """
    gates = _gates(frames, layers, clip, limit)
    figure = Figure(figsize=(7.2, 2.2 * len(gates) + 1.4), dpi=PIXELS, layout='constrained')
    canvas = FigureCanvasAgg(figure)
    size = frames[0].shape[:2]
    shown = [
        [_covered(frames, gate[:, half], size, limit) for half in (0, 1)] for gate in gates.values()
    ]
    images = _overlay_images(figure, frames[0], dict(zip(gates, shown, strict=True)), limit)
    heading = figure.suptitle(' ', fontsize=10)
    video = []
    for number, frame in enumerate(frames):
        heading.set_text(f'{title}, frame {number + 1} of {len(frames)}'.lstrip(', '))
        for row, halves in zip(images, shown, strict=True):
            row[0].set_data(frame)
            row[1].set_data(halves[0][number])
            row[2].set_data(halves[1][number])
        canvas.draw()
        # It takes most of the time, and the first one fits them all.
        figure.set_layout_engine('none')
        picture = np.asarray(canvas.buffer_rgba())[..., :3]
        video.append(picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2].copy())
    return np.stack(video)


def write_gate_overlay(
    frames: Sequence[np.ndarray],
    layers: Mapping[str, LayerExplanation],
    path: str | Path,
    title: str = '',
    clip: int = 0,
    limit: float = 1.0,
    fps: int = 2,
) -> None:
    """Writes `gate_overlay` as H.264, one frame for each of the clip.

    Args:
        frames: as for `gates_figure`.
        layers: as for `gates_figure`.
        title: as for `gates_figure`.
        clip: as for `gates_figure`.
        limit: as for `gates_figure`.
        path: video to write, such as .mp4.
        fps: frames a second of the video.

    Raises:
        ImportError: PyAV is missing.
        ValueError: as `gates_figure`.
    """
    try:
        import av  # noqa: F401
    except ImportError as error:
        raise ImportError('videos are written with PyAV: pip install "mmgsf[visualize]"') from error
    video = gate_overlay(frames, layers, title, clip, limit)
    with replacing(path) as beside:
        write_h264(beside, video, fps)


def gate_table(layers: Mapping[str, LayerExplanation]) -> list[dict]:
    """For each layer, clip, half and frame, each counted from 1: the gate's mean, least and most."""
    rows = []
    for name, explanation in layers.items():
        planes = explanation.gate.transpose(1, 2).flatten(3)  # (N, 2, T, H*W)
        for clip, half, frame in np.ndindex(*planes.shape[:3]):
            plane = planes[clip, half, frame]
            place = {'layer': name, 'clip': clip + 1, 'half': half + 1, 'frame': frame + 1}
            values = {'mean': plane.mean(), 'mean_absolute': plane.abs().mean()}
            values |= {'minimum': plane.min(), 'maximum': plane.max()}
            rows.append(place | {key: round(value.item(), 6) for key, value in values.items()})
    return rows


def _gates(
    frames: Sequence[np.ndarray],
    layers: Mapping[str, LayerExplanation],
    clip: int,
    limit: float,
) -> dict[str, Tensor]:
    """Those of one clip, (T, 2, H, W) each."""
    if not layers:
        raise ValueError('there is no layer to draw; give one of explain_layers at least')
    if not limit > 0:
        raise ValueError(f'limit={limit}: the colours span -limit to limit; give a number above 0')
    gates = {name: explanation.gate[clip] for name, explanation in layers.items()}
    require_frames(frames, len(next(iter(gates.values()))))
    return gates


def _covered(
    frames: Sequence[np.ndarray], planes: Tensor, size: tuple[int, int], limit: float
) -> np.ndarray:
    """The frames in grey under the colours of one half's gates (T, H, W): (T, *size, 3) in [0, 1]."""
    large = F.interpolate(planes[:, None], size, mode='nearest-exact')[:, 0].numpy()
    colours = colormaps[SIGNED]((large / limit + 1) / 2)[..., :3]
    cover = COVER * np.clip(np.abs(large) / limit, 0, 1)[..., None] ** 0.5
    grey = np.stack([grey_middle(frame) for frame in frames])
    return (1 - cover) * grey + cover * colours


def _overlay_images(
    figure: Figure, frame: np.ndarray, shown: Mapping[str, list], limit: float
) -> list[list[AxesImage]]:
    """A row for each layer, of the frame and both covered ones, at the first frame."""
    grid = figure.subplots(len(shown), 3, squeeze=False)
    images = []
    for row, (name, halves) in zip(grid, shown.items(), strict=True):
        columns = (frame, halves[0][0], halves[1][0])
        images.append([axes.imshow(part) for axes, part in zip(row, columns, strict=True)])
        row[0].set_ylabel(name, fontsize=7)
    for axes, text in zip(grid[0], ('frame', *HALVES), strict=True):
        axes.set_title(in_line(text), fontsize=8)
    bare(grid.flat)
    _colour_bar(figure, ScalarMappable(Normalize(-limit, limit), SIGNED), grid, limit)
    return images


def _colour_bar(figure: Figure, image: ScalarMappable, grid: np.ndarray, limit: float) -> None:
    bar = figure.colorbar(
        image, ax=grid, location='bottom', shrink=0.7, aspect=50, pad=0.02, label=GATE_LABEL
    )
    ends = (f'{-limit:g}\nall, sign turned', '0\nnothing', f'{limit:g}\nall')
    if limit != 1:
        ends = (f'{-limit:g}\nsign turned', '0\nnothing', f'{limit:g}')
    bar.set_ticks((-limit, 0, limit), labels=ends)
