"""Pictures of a run: training curves, a film strip with its prediction.

Colours are told apart without colour vision, and every picture says in words what it shows.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

MARKERS = 'os^Dv'


def draw_curves(runs: Mapping[str, Mapping[str, tuple[Sequence, Sequence]]], path: Path) -> None:
    """Draws the training loss and the validation accuracy of runs side by side.

    Args:
        runs: for each run's name, 'loss' and 'accuracy' as (epochs, values); accuracy in [0, 1].
        path: picture to write.
    """
    figure = Figure(figsize=(10, 4), layout='constrained')
    left, right = figure.subplots(1, 2)
    for (name, curves), marker in zip(runs.items(), MARKERS, strict=False):
        left.plot(*curves['loss'], label=name, marker=marker, markevery=0.2)
        epochs, accuracy = curves['accuracy']
        right.plot(epochs, 100 * np.asarray(accuracy), label=name, marker=marker)
    left.set(xlabel='epoch', ylabel='training loss')
    right.set(xlabel='epoch', ylabel='validation top-1 (%)', ylim=(0, 101))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=110)


def draw_film_strip(
    frames: Sequence[np.ndarray],
    scores: Sequence[float],
    classes: Sequence[str],
    path: Path,
    title: str,
) -> None:
    """Draws the frames that a model saw, and the classes that it finds most likely.

    Args:
        frames: T RGB images (H, W, 3), uint8.
        scores: probability of each class.
        classes: class names in label order.
        path: picture to write.
        title: name of the clip.
    """
    top = np.argsort(scores)[::-1][:5]
    figure = Figure(figsize=(1.6 * len(frames), 4.2), layout='constrained')
    strip, bars = figure.subfigures(2, 1, height_ratios=(1, 1.1))
    strip.suptitle(title)
    for number, (axes, frame) in enumerate(
        zip(strip.subplots(1, len(frames)), frames, strict=True), start=1
    ):
        axes.imshow(frame)
        axes.set_xlabel(f'frame {number}', fontsize=8)
        axes.set(xticks=[], yticks=[])
    axes = bars.subplots()
    percents = [100 * scores[label] for label in top]
    drawn = axes.barh(range(len(top)), percents, color='#1f5a91')
    axes.bar_label(drawn, [f'{percent:.1f} %' for percent in percents], padding=3)
    axes.set_yticks(range(len(top)), [classes[label] for label in top])
    axes.invert_yaxis()
    axes.set(xlabel='probability (%)', xlim=(0, 112))
    figure.savefig(path, dpi=110)
