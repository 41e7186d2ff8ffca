"""Pictures of the comparison: accuracy against cost, curves of all seeds, features in the plane."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mmengine.runner import Runner

from mmgsf.apis import load_model, model_classes
from mmgsf.visualization import (
    Features,
    class_gains,
    confusion_figure,
    dataset_features,
    embed,
    gain_figure,
)
from mmgsf.visualization.embedding import COLOURS, MARKERS, draw_points
from mmgsf.visualization.figures import save_figure

from .results import PARTS, accuracies, joined
from .runs import Run


def draw_accuracy(rows: Sequence[dict], path: str | Path, comment: str | None = None) -> None:
    """Accuracy of each row against its time, a picture for each part; bars span the seeds.

    Args:
        rows: of the comparison's record.
        path: picture to write.
        comment: kept in it, as in all pictures here: what record they are of.
    """
    figure = Figure(figsize=(11, 5.2), layout='constrained')
    for axes, part in zip(figure.subplots(1, len(PARTS)), PARTS, strict=True):
        for number, row in enumerate(rows):
            values = accuracies(row['runs'], part)
            mean = fmean(values)
            axes.errorbar(
                row['milliseconds'][0],
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
        axes.set(xlabel='milliseconds a clip, one thread', ylabel='top-1 (%)', title=part)
        axes.grid(alpha=0.3)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc='outside right upper', fontsize=8)
    save_figure(figure, path, comment)


def draw_study_curves(rows: Sequence[dict], path: str | Path, comment: str | None = None) -> None:
    """Training loss and validation accuracy of every seed, a colour and marker for each row."""
    figure = Figure(figsize=(11, 4.4), layout='constrained')
    loss, accuracy = figure.subplots(1, 2)
    for number, row in enumerate(rows):
        style = {'color': COLOURS[number], 'marker': MARKERS[number], 'markersize': 4}
        for place, run in enumerate(row['runs']):
            title = row['title'] if place == 0 else None
            _draw_curve(loss, run, 'loss', 1.0, title, style)
            _draw_curve(accuracy, run, 'accuracy', 100.0, title, style)
    loss.set(xlabel='epoch', ylabel='training loss', ylim=(0, None))
    accuracy.set(xlabel='epoch', ylabel='validation top-1 (%)', ylim=(0, 101))
    for axes in (loss, accuracy):
        axes.grid(alpha=0.3)
        axes.legend()
    save_figure(figure, path, comment)


def _draw_curve(
    axes: Axes, run: dict, key: str, factor: float, title: str | None, style: dict
) -> None:
    rows = [row for row in run['epochs'] if key in row]
    axes.plot(
        [row['epoch'] for row in rows],
        [factor * row[key] for row in rows],
        label=title,
        linewidth=1,
        **style,
    )


def draw_pair(
    old: Sequence[Run], new: Sequence[Run], part: str, out: Path, comment: str | None = None
) -> None:
    """How two networks differ on one part: gain of each class, both confusions, t-SNE of both.

    Args:
        old: trained and tested runs of one row.
        new: of the row whose gains over the old one are drawn.
        part: 'photograph' or 'footage'.
        out: folder of the pictures.
        comment: kept in each.
    """
    names = [runs[0].row.title for runs in (old, new)]
    dumps = [joined(runs, part) for runs in (old, new)]
    gains = gain_figure(class_gains(*dumps), names)
    save_figure(gains, out / 'comparison_gain.png', comment)
    for runs, name, dump in zip((old, new), names, dumps, strict=True):
        title = f'{name}, {part}, {len(runs)} seeds'
        path = out / f'comparison_confusion_{runs[0].row.name}.png'
        figure = confusion_figure(dump.labels, dump.scores.argmax(1), dump.classes, title)
        save_figure(figure, path, comment)
    draw_embeddings((old[0], new[0]), part, out / 'comparison_embedding.png', comment)


def draw_embeddings(runs: Sequence[Run], part: str, path: Path, comment: str | None = None) -> None:
    """t-SNE of the pooled features of the test clips of one part, a picture for each run."""
    figure = Figure(figsize=(13, 5.6), layout='constrained')
    for axes, run in zip(figure.subplots(1, len(runs)), runs, strict=True):
        found = _features(run, part)
        points = embed(found.features)
        draw_points(axes, points, found.labels, found.classes)
        axes.set_title(f'{run.row.title}, seed {run.seed}')
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc='outside right upper', fontsize=9)
    figure.suptitle(f't-SNE of the features of {len(points)} test clips, {part}')
    save_figure(figure, path, comment)


def _features(run: Run, part: str) -> Features:
    model = load_model(run.config, run.checkpoint, device='cpu')
    loader = Runner.build_dataloader(run.config.val_dataloader)
    found = dataset_features(model, loader, model_classes(model))
    videos = map(loader.dataset.get_data_info, range(len(loader.dataset)))
    rows = [video['filename'].endswith(f'_{part}.mp4') for video in videos]
    return Features(found.features[rows], found.labels[rows], found.classes)
