"""Picture of the share of energy that each layer shifts in time (`LayerExplanation` defines it)."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .explaining import LayerExplanation
from .figures import DARK, HALVES, LIGHT, in_line, save_figure


def energy_figure(layers: Mapping[str, LayerExplanation], title: str = '') -> Figure:
    """For each layer the share of each half, and of both: the mean of the clips.

    Args:
        layers: `explain_layers` of one or several videos; with several clips a line spans their
            least and most.
        title: of the picture.

    Raises:
        ValueError: there is no layer.
    """
    if not layers:
        raise ValueError('there is no layer to draw; give one of explain_layers at least')
    places = np.arange(len(layers))
    halves = np.stack([100 * found.half_shares.numpy() for found in layers.values()])  # (L, N, 2)
    shares = np.stack([100 * found.share.numpy() for found in layers.values()])  # (L, N)
    figure = Figure(figsize=(max(7, 0.75 * len(layers) + 2), 4.6), layout='constrained')
    axes = figure.subplots()
    styles = ((DARK, '', in_line(HALVES[0])), (LIGHT, '///', in_line(HALVES[1])))
    for half, (colour, hatch, label) in enumerate(styles):
        axes.bar(
            places + 0.4 * half - 0.2,
            halves[..., half].mean(1),
            0.38,
            color=colour,
            hatch=hatch,
            edgecolor='black',
            linewidth=0.6,
            label=label,
        )
    mean = shares.mean(1)
    # A mean of equal values may be rounded past them.
    spread = np.maximum(0, (mean - shares.min(1), shares.max(1) - mean))
    spread = spread if shares.shape[1] > 1 else None
    style = {'fmt': 'D', 'color': 'black', 'markerfacecolor': 'white', 'capsize': 3}
    axes.errorbar(places, mean, yerr=spread, label='both halves', **style)
    axes.set_xticks(places, list(layers), rotation=45, ha='right', fontsize=8)
    axes.set(ylabel='share of energy shifted in time (%)', title=title, ylim=(0, None))
    axes.grid(axis='y', alpha=0.3)
    axes.set_axisbelow(True)
    figure.legend(loc='outside upper center', ncols=3, fontsize=9)
    return figure


def draw_energy(layers: Mapping[str, LayerExplanation], path: str | Path, title: str = '') -> None:
    """Writes `energy_figure` to `path`."""
    save_figure(energy_figure(layers, title), path)


def energy_table(layers: Mapping[str, LayerExplanation]) -> list[dict]:
    """The shares, in [0, 1], of each layer and clip, counted from 1."""
    rows = []
    for name, found in layers.items():
        for clip, (halves, share) in enumerate(zip(found.half_shares, found.share, strict=True), 1):
            shares = {'half1': halves[0], 'half2': halves[1], 'both': share}
            values = {key: round(value.item(), 6) for key, value in shares.items()}
            rows.append({'layer': name, 'clip': clip, **values})
    return rows
