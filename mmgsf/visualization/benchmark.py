"""Picture of the benchmark: overhead against the share of channels, cost against frames and clips."""

import hashlib
import json
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmgsf.benchmark.report import overhead
from mmgsf.benchmark.timing import spread

from .figures import comment_of, save_figure

TASKS = {'model': ('inference', 'o', '-'), 'train': ('training step', 's', '--')}
LAYERS = {'gsf25': ('GSF 25 %', 'o', '-'), 'gsf100': ('GSF 100 %', 's', '--')}
COLOURS = ('#1f5a91', '#d55e00')  # told apart without colour vision, and by marker and dash


def draw_benchmark(layer: dict, path: Path) -> None:
    """Draws the section 'layer' of benchmark results, quartiles as bars.

    Args:
        layer: the section.
        path: picture to write.
    """
    figure = Figure(figsize=(10, 4), layout='constrained')
    left, right = figure.subplots(1, 2)
    _draw_ratios(left, layer)
    _draw_growth(right, layer)
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend()
    save_figure(figure, path, _checksum(layer))


def is_drawn_from(path: Path, layer: dict) -> bool:
    """Whether a picture is there and was drawn from this section 'layer'."""
    return path.is_file() and comment_of(path) == _checksum(layer)


def _checksum(layer: dict) -> str:
    return hashlib.sha256(json.dumps(layer, sort_keys=True).encode()).hexdigest()


def _draw_ratios(axes: Axes, layer: dict) -> None:
    for (task, (title, marker, dash)), colour in zip(TASKS.items(), COLOURS, strict=True):
        rows = [row for row in layer['ratios'] if row['task'] == task]
        gsf = [row for row in rows if row['channel_ratio'] is not None]
        style = {'marker': marker, 'linestyle': dash, 'color': colour, 'capsize': 3}
        _draw(
            axes,
            [100 * r['channel_ratio'] for r in gsf],
            [overhead(layer, r) for r in gsf],
            label=f'GSF, {title}',
            **style,
        )
        tsm = [overhead(layer, row).median for row in rows if row['contestant'] == 'tsm']
        for value in tsm:
            axes.axhline(
                value,
                color=colour,
                linestyle=':' if task == 'model' else '-.',
                label=f'TSM, {title}',
            )
    axes.axhline(1, color='black', linewidth=0.8)
    axes.set(
        title=f'ResNet-50, {layer["frames"]} frames',
        xlabel='channels that the layer touches (%)',
        ylabel='time / time of the plain network',
    )


def _draw_growth(axes: Axes, layer: dict) -> None:
    for (name, (title, marker, dash)), colour in zip(LAYERS.items(), COLOURS, strict=True):
        rows = [row for row in layer['growth'] if row['contestant'] == name]
        single = sorted((r for r in rows if r['clips'] == 1), key=lambda row: row['frames'])
        several = [r for r in rows if r['clips'] > 1]
        style = {'color': colour, 'capsize': 3}
        _draw(
            axes,
            *_cost(single),
            label=f'{title}, T frames of 1 clip',
            marker=marker,
            linestyle=dash,
            **style,
        )
        _draw(
            axes,
            *_cost(several),
            label=f'{title}, {layer["frames"]} frames of N clips',
            marker='^' if marker == 'o' else 'v',
            linestyle='',
            markersize=9,
            fillstyle='none',
            **style,
        )
    axes.set_xscale('log', base=2)
    axes.set_yscale('log', base=2)
    ticks = sorted({row['clips'] * row['frames'] for row in layer['growth']})
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.yaxis.set_major_formatter('{x:g}')
    axes.set(
        title='the 16 layers of ResNet-50 alone, inference',
        xlabel='frames, T x N',
        ylabel='ms',
    )


def _cost(rows: list[dict]) -> tuple[list[int], list]:
    return [row['clips'] * row['frames'] for row in rows], [
        spread([1e3 * value for value in row['seconds']]) for row in rows
    ]


def _draw(axes: Axes, places: list, spreads: list, **style: object) -> None:
    medians = [found.median for found in spreads]
    below = [found.median - found.low for found in spreads]
    above = [found.high - found.median for found in spreads]
    axes.errorbar(places, medians, yerr=(below, above), **style)
