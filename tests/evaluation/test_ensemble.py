"""Sums of scores and what is measured on them, on cases worked out by hand."""

import mmgsf.register  # noqa: F401, I001

import numpy as np
import pytest
from mmaction.evaluation import mean_class_accuracy, top_k_accuracy

from mmgsf.evaluation.ensemble import (
    accuracies,
    aligned,
    class_accuracies,
    confused_pairs,
    confusion,
    summed,
)
from mmgsf.evaluation.score_dump import ScoreDump

NAMES = ['a', 'b', 'c', 'd']
LABELS = np.array([0, 1, 1, 2])
CLASSES = ['x', 'y', 'z']


def dump(scores: list[list[float]], **changes) -> ScoreDump:
    parts = {'names': NAMES, 'labels': LABELS, 'classes': CLASSES, **changes}
    return ScoreDump(scores=np.array(scores, dtype=np.float32), **parts)


@pytest.fixture
def first() -> ScoreDump:
    """Right on a and b; takes c for class 2 and d for class 0."""
    return dump([[3, 0, 0], [0, 1, 0], [0, 0, 2], [5, 0, 4]])


def shuffled(source: ScoreDump, order: list[int]) -> ScoreDump:
    return ScoreDump(
        [source.names[row] for row in order],
        source.labels[order],
        source.scores[order],
        source.classes,
    )


def test_rows_are_matched_by_name(first):
    other = aligned([first, shuffled(first, [2, 0, 3, 1])], ['1', '2'])[1]
    assert other.names == NAMES
    np.testing.assert_array_equal(other.scores, first.scores)
    np.testing.assert_array_equal(other.labels, LABELS)


def test_sum_of_raw_scores(first):
    second = dump([[0, 1, 0], [0, 0, 3], [0, 4, 0], [0, 0, 2]])
    expected = first.scores + second.scores
    np.testing.assert_array_equal(summed([first, second]), expected)
    assert summed([first, second]).argmax(1).tolist() == [0, 2, 1, 2]
    # Three of the first outweigh one of the second on b.
    weighted = summed([first, second], [4, 1])
    np.testing.assert_array_equal(weighted, 4 * first.scores + second.scores)
    assert weighted.argmax(1).tolist() == [0, 1, 2, 0]


@pytest.mark.parametrize('weights', [[1.0], [1.0, float('nan')], [1.0, 1.0, 1.0]])
def test_weights_that_do_not_fit_are_refused(first, weights):
    with pytest.raises(ValueError, match='for 2 dumps: give a number for each'):
        summed([first, first], weights)


EXTRA = {'names': [*NAMES, 'e'], 'labels': np.array([0, 1, 1, 2, 0])}
FEWER = {'names': NAMES[:3], 'labels': LABELS[:3]}


@pytest.mark.parametrize(
    ('rows', 'classes', 'changes', 'match'),
    [
        (3, 3, FEWER, "1 videos of A are not in B, first 'd'"),
        (5, 3, EXTRA, "1 videos of B are not in A, first 'e'"),
        (4, 3, {'labels': np.array([0, 1, 2, 2])}, "differ in 1 labels, first 'c': 1 and 2"),
        (4, 3, {'classes': ['x', 'z', 'y']}, "A and B differ in class 1: 'y' and 'z'"),
        (4, 4, {'classes': []}, 'A and B differ in their number of classes: 3 and 4'),
    ],
)
def test_first_difference_is_named(first, rows, classes, changes, match):
    other = dump(np.zeros((rows, classes)).tolist(), **changes)
    with pytest.raises(ValueError, match=match):
        aligned([first, other], ['A', 'B'])


def test_dump_without_class_names_fits_by_its_labels(first):
    unnamed = dump(first.scores.tolist(), classes=[])
    assert [d.classes for d in aligned([first, unnamed], ['A', 'B'])] == [CLASSES, []]


def test_accuracies_worked_out_by_hand(first):
    # Top-1: a and b of four. Classes: 1, 1/2, 0.
    assert accuracies(first.scores, LABELS) == {'top1': 50, 'top5': 100, 'mean_class': 50}
    assert class_accuracies(first.scores, LABELS).tolist() == [100, 50, 0]


def test_top5_of_more_classes():
    scores = -np.arange(8.0)[None].repeat(3, 0)
    assert accuracies(scores, np.array([0, 4, 5])) == pytest.approx(
        {'top1': 100 / 3, 'top5': 200 / 3, 'mean_class': 100 / 3}
    )


def test_classes_without_videos_do_not_count():
    scores = np.eye(3)[[0, 0, 1]]
    labels = np.array([0, 0, 0])
    assert np.isnan(class_accuracies(scores, labels)[1:]).all()
    assert accuracies(scores, labels)['mean_class'] == pytest.approx(200 / 3)


def test_equals_mmaction2_where_all_classes_occur():
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 12
    scores = rng.normal(size=(300, 12))
    measured = accuracies(scores, labels)
    top1, top5 = top_k_accuracy(scores, labels, (1, 5))
    assert measured == pytest.approx(
        {
            'top1': 100 * top1,
            'top5': 100 * top5,
            'mean_class': 100 * mean_class_accuracy(scores, labels),
        }
    )


def test_confusion_and_its_commonest_pairs():
    scores = np.eye(3)[[0, 1, 1, 2, 2, 2, 0]]
    labels = np.array([0, 0, 0, 2, 1, 1, 1])
    assert confusion(scores, labels).tolist() == [[1, 2, 0], [1, 0, 2], [0, 0, 1]]
    assert confused_pairs(scores, labels, 2) == [(0, 1, 2), (1, 2, 2)]
    assert confused_pairs(scores, labels, 9) == [(0, 1, 2), (1, 2, 2), (1, 0, 1)]


def test_videos_without_labels_are_not_measured():
    with pytest.raises(ValueError, match='1 of 2 videos have no label'):
        accuracies(np.zeros((2, 3)), np.array([0, -1]))
