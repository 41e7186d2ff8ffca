"""Sums of models' raw scores, as GSM and GSF report their ensembles, and what they get right."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .score_dump import UNLABELLED, ScoreDump

TOP = 5


def aligned(dumps: Sequence[ScoreDump], sources: Sequence[str]) -> list[ScoreDump]:
    """The same dumps with their videos in the order of the first one.

    Args:
        dumps: of the same videos, labels and classes. Class names are compared where both sides
            have them; otherwise their number is.
        sources: a name for each dump, for messages.

    Raises:
        ValueError: two dumps differ; names the first difference.
    """
    first, ordered = dumps[0], [dumps[0]]
    for dump, source in zip(dumps[1:], sources[1:], strict=True):
        pair = f'{sources[0]} and {source}'
        _refuse_other_classes(first, dump, pair)
        rows = {name: row for row, name in enumerate(dump.names)}
        known = set(first.names)
        for names, others, there, missing in (
            (first.names, rows, sources[0], source),
            (dump.names, known, source, sources[0]),
        ):
            lacking = [name for name in names if name not in others]
            if lacking:
                raise ValueError(
                    f'{len(lacking)} videos of {there} are not in {missing}, first {lacking[0]!r}; '
                    'sum dumps of the same videos'
                )
        order = [rows[name] for name in first.names]
        labels = dump.labels[order]
        wrong = np.flatnonzero(labels != first.labels)
        if wrong.size:
            row = wrong[0]
            raise ValueError(
                f'{pair} differ in {wrong.size} labels, first {first.names[row]!r}: '
                f'{first.labels[row]} and {labels[row]}; sum dumps of the same annotation list'
            )
        ordered.append(replace(dump, names=first.names, labels=labels, scores=dump.scores[order]))
    return ordered


def _refuse_other_classes(first: ScoreDump, other: ScoreDump, pair: str) -> None:
    counts = first.scores.shape[1], other.scores.shape[1]
    if counts[0] != counts[1]:
        raise ValueError(
            f'{pair} differ in their number of classes: {counts[0]} and {counts[1]}; sum dumps of '
            'the same data'
        )
    for label, (ours, theirs) in enumerate(zip(first.classes, other.classes, strict=False)):
        if ours != theirs:
            raise ValueError(
                f'{pair} differ in class {label}: {ours!r} and {theirs!r}; sum dumps of the same '
                'label order'
            )


def summed(dumps: Sequence[ScoreDump], weights: Sequence[float] | None = None) -> np.ndarray:
    """Weighted sum of the raw scores of aligned dumps, (V, classes).

    Args:
        dumps: as `aligned` gives them.
        weights: one for each dump; 1 for all if None.

    Raises:
        ValueError: another number of weights than of dumps, or one is not finite.
    """
    weights = [1.0] * len(dumps) if weights is None else weights
    if len(weights) != len(dumps) or not np.isfinite(weights).all():
        raise ValueError(f'weights {list(weights)} for {len(dumps)} dumps: give a number for each')
    return sum(
        weight * dump.scores.astype(np.float64) for weight, dump in zip(weights, dumps, strict=True)
    )


def accuracies(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Top-1, top-5 and mean class accuracy of V videos, in percent.

    Args:
        scores: (V, classes).
        labels: (V,), all known.

    Returns:
        'top1', 'top5' and 'mean_class', the mean of `class_accuracies` over classes that occur.

    Raises:
        ValueError: a video has no label, or there is none.
    """
    _require_labels(labels)
    best = np.argsort(-scores, axis=1, kind='stable')[:, :TOP]
    hits = best == labels[:, None]
    return {
        'top1': 100 * float(hits[:, 0].mean()),
        'top5': 100 * float(hits.any(1).mean()),
        'mean_class': float(np.nanmean(class_accuracies(scores, labels))),
    }


def class_accuracies(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Top-1 within each class (classes,), in percent; nan for a class without videos.

    Raises:
        ValueError: a video has no label, or there is none.
    """
    counts = confusion(scores, labels)
    with np.errstate(invalid='ignore'):
        return 100 * np.diag(counts) / counts.sum(1)


def confusion(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How many videos of each class (row) were taken for each class (column)."""
    _require_labels(labels)
    counts = np.zeros((scores.shape[1],) * 2, dtype=int)
    np.add.at(counts, (labels, scores.argmax(1)), 1)
    return counts


def confused_pairs(
    scores: np.ndarray, labels: np.ndarray, count: int
) -> list[tuple[int, int, int]]:
    """The commonest mistakes: true label, label taken for it, videos; commonest first."""
    mistakes = confusion(scores, labels)
    np.fill_diagonal(mistakes, 0)
    order = np.argsort(-mistakes, axis=None, kind='stable')[:count]
    pairs = zip(*np.unravel_index(order, mistakes.shape), strict=True)
    return [(int(a), int(b), int(mistakes[a, b])) for a, b in pairs if mistakes[a, b]]


def _require_labels(labels: np.ndarray) -> None:
    without = int((labels == UNLABELLED).sum())
    if without or not len(labels):
        raise ValueError(
            f'{without} of {len(labels)} videos have no label; measure on a split with labels'
        )
