"""Picture of the fusion weights of each layer over channels and time."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .explaining import LayerExplanation
from .figures import SHARES, save_figure

COLUMNS = 4


def fusion_figure(layers: Mapping[str, LayerExplanation], title: str = '', clip: int = 0) -> Figure:
    """For each layer that fuses, its weights as channels x frames.

    Within each half the channels are in the order of their mean weight, the largest on top.

    Args:
        layers: what to draw; those that sum are left out.
        title: of the picture.
        clip: which of the N clips of the explanations.

    Raises:
        ValueError: none of the layers fuses.
    """
    weights = {
        name: explanation.fusion[clip].numpy()
        for name, explanation in layers.items()
        if explanation.fusion is not None
    }
    if not weights:
        raise ValueError('none of these layers fuses by weights (GSM and fuse=False sum)')
    columns = min(COLUMNS, len(weights))
    rows = -(-len(weights) // columns)
    figure = Figure(figsize=(max(6, 2.6 * columns), 2.9 * rows + 1.2), layout='constrained')
    figure.suptitle(title)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat[len(weights) :]:
        axes.set_visible(False)
    for axes, (name, weight) in zip(grid.flat, weights.items(), strict=False):
        frames, channels = weight.shape
        halves = weight.reshape(frames, 2, -1).transpose(1, 2, 0)  # (2, C'/2, T)
        ordered = [half[np.argsort(-half.mean(1), kind='stable')] for half in halves]
        image = axes.imshow(
            np.concatenate(ordered),
            cmap=SHARES,
            vmin=0,
            vmax=1,
            aspect='auto',
            interpolation='nearest',
            extent=(0.5, frames + 0.5, channels, 0),
        )
        axes.axhline(channels / 2, color='white', linewidth=2)
        axes.set_yticks(
            (channels / 4, 3 * channels / 4), ('half 1', 'half 2'), rotation=90, va='center'
        )
        axes.tick_params(axis='y', length=0)
        step = -(-frames // 8)
        axes.set_xticks(range(1, frames + 1, step))
        axes.set_title(f'{name}\n{channels} channels', fontsize=8)
        axes.set_xlabel('frame', fontsize=8)
    bar = figure.colorbar(
        image, ax=grid, location='bottom', shrink=0.6, aspect=50, pad=0.02, label='fusion weight w'
    )
    bar.set_ticks((0, 0.5, 1), labels=('0\nonly what stayed', '0.5', '1\nonly what was shifted in'))
    return figure


def draw_fusion(
    layers: Mapping[str, LayerExplanation], path: str | Path, title: str = '', clip: int = 0
) -> None:
    """Writes `fusion_figure` to `path`."""
    save_figure(fusion_figure(layers, title, clip), path)


def fusion_table(layers: Mapping[str, LayerExplanation]) -> list[dict]:
    """The weight of each layer that fuses, clip, channel and frame, each counted from 1."""
    rows = []
    for name, explanation in layers.items():
        if explanation.fusion is None:
            continue
        half = explanation.fusion.shape[2] // 2
        for (clip, frame, channel), weight in np.ndenumerate(explanation.fusion.numpy()):
            place = {'layer': name, 'clip': clip + 1, 'half': channel // half + 1}
            place |= {'channel': channel + 1, 'frame': frame + 1}
            rows.append(place | {'weight': round(float(weight), 6)})
    return rows
