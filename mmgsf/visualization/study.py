"""Pictures of the comparison on CameraMotion: accuracy against cost, and curves of all seeds."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmgsf.study.results import PARTS, accuracies

from .embedding import COLOURS, MARKERS
from .figures import save_figure


def draw_accuracy(rows: Sequence[dict], path: str | Path) -> None:
    """Accuracy of each row against its multiply-adds, a picture for each part; bars span the seeds.

    Args:
        rows: of the comparison's record.
        path: picture to write.
    """
    figure = Figure(figsize=(11, 5.2), layout='constrained')
    for axes, part in zip(figure.subplots(1, len(PARTS)), PARTS, strict=True):
        for number, row in enumerate(rows):
            values = accuracies(row['runs'], part)
            mean = fmean(values)
            axes.errorbar(
                row['macs'] / 1e6,
                mean,
                yerr=[[mean - min(values)], [max(values) - mean]],
                marker=MARKERS[number % len(MARKERS)],
                color=COLOURS[number % len(COLOURS)],
                markeredgecolor='black',
                markersize=8,
                capsize=3,
                linestyle='none',
                label=row['title'],
            )
        axes.set(
            xlabel='million multiply-adds a clip', ylabel='top-1 (%)', title=part, xscale='log'
        )
        axes.grid(alpha=0.3)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc='outside right upper', fontsize=8)
    save_figure(figure, path)


def draw_study_curves(rows: Sequence[dict], path: str | Path) -> None:
    """Training loss and validation accuracy of every seed, a colour and marker for each row."""
    figure = Figure(figsize=(11, 4.4), layout='constrained')
    loss, accuracy = figure.subplots(1, 2)
    for number, row in enumerate(rows):
        style = {'color': COLOURS[number], 'marker': MARKERS[number], 'markersize': 4}
        for seed, run in enumerate(row['runs']):
            title = row['title'] if seed == 0 else None
            _draw_curve(loss, run, 'loss', 1.0, title, style)
            _draw_curve(accuracy, run, 'accuracy', 100.0, title, style)
    loss.set(xlabel='epoch', ylabel='training loss', ylim=(0, None))
    accuracy.set(xlabel='epoch', ylabel='validation top-1 (%)', ylim=(0, 101))
    for axes in (loss, accuracy):
        axes.grid(alpha=0.3)
        axes.legend()
    save_figure(figure, path)


def _draw_curve(axes: Axes, run: dict, key: str, factor: float, title: str | None, style: dict):
    rows = [row for row in run['epochs'] if key in row]
    axes.plot(
        [row['epoch'] for row in rows],
        [factor * row[key] for row in rows],
        label=title,
        linewidth=1,
        **style,
    )
