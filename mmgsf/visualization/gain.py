"""What each class gains by one model over another, from two score dumps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmgsf.evaluation.ensemble import aligned, class_accuracies
from mmgsf.evaluation.score_dump import ScoreDump

from .figures import DARK, LETTER, LIGHT, save_figure

MOST = 30


@dataclass(frozen=True)
class ClassGains:
    """Top-1 within each class by two models, in percent; nan for a class without videos.

    Attributes:
        classes: names in label order.
        videos: (classes,) how many there are of each.
        before: (classes,) of the model that is compared with.
        after: (classes,) of the other one.
    """

    classes: Sequence[str]
    videos: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @property
    def order(self) -> np.ndarray:
        """Labels of the classes with videos, the largest gain first."""
        gains = self.after - self.before
        return np.argsort(-gains, kind='stable')[: int(np.isfinite(gains).sum())]


def class_gains(
    before: ScoreDump, after: ScoreDump, sources: Sequence[str] = ('BEFORE', 'AFTER')
) -> ClassGains:
    """Compares two dumps of the same videos.

    Args:
        before: of the model that is compared with.
        after: of the other one.
        sources: what to call the two in messages.

    Raises:
        ValueError: the dumps are of other videos, labels or classes, or have no labels.
    """
    before, after = aligned((before, after), sources)
    count = before.scores.shape[1]
    names = before.classes or after.classes or [f'class {label}' for label in range(count)]
    accuracies = [class_accuracies(dump.scores, dump.labels) for dump in (before, after)]
    return ClassGains(names, np.bincount(before.labels, minlength=count), *accuracies)


def gain_figure(
    gains: ClassGains, names: tuple[str, str] = ('before', 'after'), most: int = MOST
) -> Figure:
    """Bars of the gains, the largest on top; of many classes those at both ends.

    Args:
        gains: of `class_gains`.
        names: of the two models.
        most: bars at most.

    Raises:
        ValueError: `most` is below 2.
    """
    if most < 2:
        raise ValueError(f'most={most}: draw 2 classes at least')
    change, order = gains.after - gains.before, gains.order
    cut = len(order) > most
    top = -(-most // 2)
    shown = np.concatenate((order[:top], order[top - most :])) if cut else order
    longest = max(len(gains.classes[label]) for label in shown)
    size = (5.5 + LETTER * longest, 0.27 * len(shown) + 1.6)
    figure = Figure(figsize=size, layout='constrained')
    part = f'the largest and least gains of {len(order)}' if cut else f'{len(order)}'
    mean = np.nanmean(change)
    figure.suptitle(f'{names[1]} over {names[0]}, {part} classes\nmean of all {mean:+.1f} points')
    axes = figure.subplots()
    _draw_bars(axes, gains, shown)
    if cut:
        axes.axhline(top - 0.5, color='black', linestyle=':', linewidth=1)
    return figure


def draw_gain(
    gains: ClassGains,
    path: str | Path,
    names: tuple[str, str] = ('before', 'after'),
    most: int = MOST,
) -> None:
    """Writes `gain_figure` to `path`."""
    save_figure(gain_figure(gains, names, most), path)


def gain_table(gains: ClassGains) -> list[dict]:
    """All classes with videos, the largest gain first, in percent."""
    return [
        {
            'label': int(label),
            'class': gains.classes[label],
            'videos': int(gains.videos[label]),
            'before': round(float(gains.before[label]), 3),
            'after': round(float(gains.after[label]), 3),
            'gain': round(float(gains.after[label] - gains.before[label]), 3),
        }
        for label in gains.order
    ]


def _draw_bars(axes: Axes, gains: ClassGains, shown: np.ndarray) -> None:
    values = gains.after[shown] - gains.before[shown]
    up = values >= 0
    bars = axes.barh(range(len(shown)), values, color=np.where(up, LIGHT, DARK), edgecolor='black')
    for bar, gained in zip(bars, up, strict=True):
        bar.set(linewidth=0.6, hatch='' if gained else '///')
    texts = [
        f'{value:+.1f}  ({gains.before[label]:.0f} to {gains.after[label]:.0f})'
        for value, label in zip(values, shown, strict=True)
    ]
    axes.bar_label(bars, texts, padding=4, fontsize=8)
    axes.set_yticks(range(len(shown)), [gains.classes[label] for label in shown], fontsize=8)
    axes.set_ylim(len(shown) - 0.3, -0.7)
    axes.axvline(0, color='black', linewidth=0.8)
    low, high = min(values.min(), 0), max(values.max(), 0)
    margin = 0.4 * (high - low or 1)
    axes.set_xlim(low - margin * (low < 0), high + margin * (high > 0 or low == 0))
    axes.set_xlabel('gain in top-1 of the class (percentage points)')
