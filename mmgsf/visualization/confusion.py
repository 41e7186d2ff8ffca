"""Picture of which class was taken for which, of few classes or of hundreds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from .figures import LETTER, SHARES, save_figure

MOST = 25
# Above so many the numbers in the cells are too small to read.
NUMBERED = 40
# Above so many the columns have numbers for names.
NAMED = 12


def confusion_figure(
    truth: Sequence[int],
    predicted: Sequence[int],
    classes: Sequence[str],
    title: str,
    most: int = MOST,
) -> Figure:
    """How often each class was taken for each, as counts and as shares of the row.

    Of more classes than `most` it shows those that are mixed up most often, and in a last column what
    was taken for any other class; classes that are mixed up with each other lie side by side.

    Args:
        truth: labels from 0 up.
        predicted: as many labels.
        classes: class names in label order.
        title: what was tested.
        most: classes to show, 2 or more.

    Raises:
        ValueError: labels that do not belong together, or `most` is below 2.
    """
    if most < 2:
        raise ValueError(f'most={most}: show 2 classes at least')
    counts, names = _counts(truth, predicted, len(classes)), list(classes)
    if len(classes) > most:
        shown = most_confused(counts, most)
        names = [classes[label] for label in shown]
        inside = counts[np.ix_(shown, shown)]
        counts = np.column_stack((inside, counts[shown].sum(1) - inside.sum(1)))
        title = f'{title}\nthe {len(shown)} classes mixed up most often, of {len(classes)}'
    side, room = max(4.5, 0.4 * len(names)), LETTER * max(map(len, names))
    below = 1.6 if len(names) > NAMED else room
    figure = Figure(figsize=(side + room + 2, side + below + 0.6), layout='compressed')
    axes = figure.subplots()
    image = _draw_counts(axes, counts)
    _name_cells(axes, names, counts.shape[1] > len(names))
    axes.set(xlabel='predicted', ylabel='true', title=title)
    figure.colorbar(image, label='share of the true class', shrink=0.8)
    return figure


def draw_confusion(
    truth: Sequence[int],
    predicted: Sequence[int],
    classes: Sequence[str],
    path: str | Path,
    title: str,
    most: int = MOST,
) -> None:
    """Writes `confusion_figure` to `path`."""
    save_figure(confusion_figure(truth, predicted, classes, title, most), path)


def most_confused(counts: np.ndarray, most: int) -> list[int]:
    """Labels of the classes with the commonest mistakes, those mixed up side by side.

    Args:
        counts: videos of each class (row) taken for each class (column).
        most: how many labels; fewer if fewer classes are in any mistake.

    Returns:
        From the commonest mistake on; the first classes if there is no mistake.
    """
    mistakes = counts + counts.T
    np.fill_diagonal(mistakes, 0)
    mistakes = np.triu(mistakes)
    if not mistakes.any():
        return list(range(min(most, len(counts))))
    labels: list[int] = []
    for place in np.argsort(-mistakes, axis=None, kind='stable'):
        pair = [int(label) for label in np.unravel_index(place, mistakes.shape)]
        if len(labels) == most or not mistakes[tuple(pair)]:
            break
        new = [label for label in pair if label not in labels]
        if len(labels) + len(new) <= most:
            # Beside its partner, if that is there already.
            known = [labels.index(label) + 1 for label in pair if label in labels]
            start = known[0] if known else len(labels)
            labels[start:start] = new
    return labels


def confusion_table(
    truth: Sequence[int], predicted: Sequence[int], classes: Sequence[str]
) -> list[dict]:
    """Each pair of a class and what its videos were taken for, the commonest mistakes first."""
    counts = _counts(truth, predicted, len(classes))
    totals = counts.sum(1)
    pairs = np.argwhere(counts)
    order = np.lexsort((-counts[tuple(pairs.T)], pairs[:, 0] == pairs[:, 1]))
    return [
        {
            'true': classes[row],
            'predicted': classes[column],
            'videos': int(counts[row, column]),
            'share_of_class': round(counts[row, column] / totals[row], 6),
        }
        for row, column in pairs[order]
    ]


def _counts(truth: Sequence[int], predicted: Sequence[int], classes: int) -> np.ndarray:
    labels = np.asarray((truth, predicted))
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(
            f'labels from {labels.min()} to {labels.max()} for {classes} classes; test on a split '
            'with labels'
        )
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (labels[0], labels[1]), 1)
    return counts


def _draw_counts(axes: Axes, counts: np.ndarray) -> AxesImage:
    """Shares of the rows as colours, counts as numbers where they can be read."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap=SHARES, vmin=0, vmax=1)
    for row, column in np.argwhere(counts) if len(counts) <= NUMBERED else ():
        colour = 'black' if shares[row, column] > 0.5 else 'white'
        style = {'ha': 'center', 'va': 'center', 'color': colour, 'fontsize': _size(counts)}
        axes.text(column, row, counts[row, column], **style)
    return image


def _name_cells(axes: Axes, names: list[str], others: bool) -> None:
    columns, size = names, _size(names)
    turned = {'rotation': 45, 'ha': 'right', 'rotation_mode': 'anchor'}
    if len(names) > NAMED:
        columns = [f'{number}' for number in range(1, len(names) + 1)]
        names = [f'{name}  {number}' for name, number in zip(names, columns, strict=True)]
    style = turned if columns is names else {}
    axes.set_yticks(range(len(names)), names, fontsize=size)
    axes.set_xticks(range(len(columns)), columns, fontsize=size, **style)
    if others:
        axes.axvline(len(names) - 0.5, color='white', linewidth=2)
        axes.set_xticks(range(len(names) + 1), [*columns, 'any other class'], fontsize=size)
        axes.get_xticklabels()[-1].set(**turned)


def _size(rows: Sequence) -> int:
    """Of the letters, in points."""
    return 7 if len(rows) > NAMED else 10
