"""What each class gains by one model over another."""

import numpy as np
import pytest

from mmgsf.evaluation.score_dump import ScoreDump
from mmgsf.visualization import class_gains, draw_gain, gain_figure, gain_table

from .pictures import read_picture

NAMES = ['p', 'q', 'r', 's', 't']
LABELS = np.array([0, 0, 1, 2, 2])
CLASSES = ['same', 'worse', 'better', 'none']


def dump(predicted: list[int], classes: list[str] = CLASSES) -> ScoreDump:
    return ScoreDump(NAMES, LABELS, np.eye(4)[predicted], classes)


def reversed_order(given: ScoreDump) -> ScoreDump:
    return ScoreDump(given.names[::-1], given.labels[::-1], given.scores[::-1], given.classes)


def gains():
    return class_gains(dump([0, 3, 1, 0, 2]), reversed_order(dump([0, 1, 0, 2, 2])))


def test_gains_of_the_same_videos_in_another_order():
    found = gains()
    assert found.videos.tolist() == [2, 1, 2, 0]
    np.testing.assert_array_equal(found.before, [50, 100, 50, np.nan])
    np.testing.assert_array_equal(found.after, [50, 0, 100, np.nan])
    assert [CLASSES[label] for label in found.order] == ['better', 'same', 'worse']


def test_bars_are_sorted_and_say_their_sign():
    figure = gain_figure(gains(), ('TSN', 'GSF'))
    (axes,) = figure.axes
    (bars,) = axes.containers
    assert [bar.get_width() for bar in bars] == [50, 0, -100]
    assert [text.get_text() for text in axes.get_yticklabels()] == ['better', 'same', 'worse']
    assert [bar.get_hatch() for bar in bars] == ['', '', '///']
    assert [text.get_text() for text in axes.texts][0] == '+50.0  (50 to 100)'
    assert figure.get_suptitle() == 'GSF over TSN, 3 classes\nmean of all -16.7 points'


def test_of_many_classes_both_ends():
    figure = gain_figure(gains(), most=2)
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.containers[0]] == [50, -100]
    assert 'the largest and least gains of 3 classes' in figure.get_suptitle()


def test_picture_and_table(tmp_path):
    draw_gain(gains(), tmp_path / 'a.png')
    draw_gain(gains(), tmp_path / 'b.png', most=2)
    a, b = (read_picture(tmp_path / f'{name}.png') for name in 'ab')
    assert a.shape[0] > b.shape[0]
    rows = gain_table(gains())
    assert [row['gain'] for row in rows] == [50, 0, -100]
    assert rows[0] | {'gain': 50} == {
        'label': 2,
        'class': 'better',
        'videos': 2,
        'before': 50,
        'after': 100,
        'gain': 50,
    }


def test_dumps_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match='a.npz and b.npz differ in class 0'):
        class_gains(dump([0] * 5), dump([0] * 5, CLASSES[::-1]), ('a.npz', 'b.npz'))
    with pytest.raises(ValueError, match='draw 2 classes at least'):
        gain_figure(gains(), most=1)
