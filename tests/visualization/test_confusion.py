"""Which class is taken for which, of few classes and of hundreds."""

import numpy as np
import pytest

from mmgsf.visualization import confusion_figure, confusion_table, draw_confusion
from mmgsf.visualization.confusion import most_confused

from .pictures import read_picture

TRUTH, PREDICTED = [0, 0, 0, 1, 2, 2], [0, 1, 1, 1, 2, 0]
CLASSES = ['cat', 'dog', 'owl']


def texts(axes) -> dict:
    return {text.get_position()[::-1]: text.get_text() for text in axes.texts}


def test_counts_and_shares():
    figure = confusion_figure(TRUTH, PREDICTED, CLASSES, 'a model')
    axes = figure.axes[0]
    shares = axes.images[0].get_array()
    np.testing.assert_allclose(shares, [[1 / 3, 2 / 3, 0], [0, 1, 0], [0.5, 0, 0.5]])
    assert texts(axes) == {(0, 0): '1', (0, 1): '2', (1, 1): '1', (2, 0): '1', (2, 2): '1'}
    assert axes.get_title() == 'a model'


def many() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """400 classes of 10 videos; 7 and 300 are mixed up, 20 is taken for 7, 5 for 399 once."""
    truth = np.repeat(np.arange(400), 10)
    predicted = truth.copy()
    predicted[70:76], predicted[3000:3005] = 300, 7
    predicted[200:203] = 7
    predicted[50] = 399
    return truth, predicted, [f'class {label}' for label in range(400)]


def test_of_hundreds_of_classes_those_that_are_mixed_up():
    figure = confusion_figure(*many(), 'a model', most=4)
    axes = figure.axes[0]
    rows = [text.get_text() for text in axes.get_yticklabels()]
    assert rows == ['class 7', 'class 20', 'class 300']  # the next pair would be one too many
    columns = [text.get_text() for text in axes.get_xticklabels()]
    assert columns == [*rows, 'any other class']
    np.testing.assert_allclose(
        axes.images[0].get_array(), [[0.4, 0, 0.6, 0], [0.3, 0.7, 0, 0], [0.5, 0, 0.5, 0]]
    )
    assert '3 classes mixed up most often, of 400' in axes.get_title()


def test_what_is_taken_for_another_class_is_counted():
    figure = confusion_figure(*many(), 'a model', most=2)
    shares = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(shares, [[0.4, 0.6, 0], [0.5, 0.5, 0]])
    truth, predicted, classes = many()
    predicted[76] = 11
    figure = confusion_figure(truth, predicted, classes, 'a model', most=2)
    np.testing.assert_allclose(figure.axes[0].images[0].get_array()[0], [0.3, 0.6, 0.1])


def test_of_many_columns_the_numbers_are_told_beside_the_names():
    truth = np.arange(14)
    axes = confusion_figure(truth, truth, [f'c{label}' for label in truth], 'a model').axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == [str(n) for n in range(1, 15)]
    assert [text.get_text() for text in axes.get_yticklabels()][13] == 'c13  14'


def test_a_model_without_mistakes_still_has_a_picture():
    truth = np.arange(30)
    assert len(most_confused(np.eye(30, dtype=int), 5)) == 5
    figure = confusion_figure(truth, truth, [str(label) for label in truth], 'perfect', most=5)
    np.testing.assert_allclose(figure.axes[0].images[0].get_array()[:, :5], np.eye(5))


def test_picture_and_table(tmp_path):
    draw_confusion(TRUTH, PREDICTED, CLASSES, tmp_path / 'a.png', 'a model')
    draw_confusion(PREDICTED, TRUTH, CLASSES, tmp_path / 'b.png', 'a model')
    a, b = (read_picture(tmp_path / f'{name}.png') for name in 'ab')
    assert a.shape == b.shape
    assert (a != b).any()
    rows = confusion_table(TRUTH, PREDICTED, CLASSES)
    assert [(row['true'], row['predicted'], row['videos']) for row in rows] == [
        ('cat', 'dog', 2),
        ('owl', 'cat', 1),
        ('cat', 'cat', 1),
        ('dog', 'dog', 1),
        ('owl', 'owl', 1),
    ]
    assert rows[0]['share_of_class'] == 0.666667


def test_labels_out_of_range_are_refused():
    with pytest.raises(ValueError, match='labels from -1 to 1 for 2 classes'):
        confusion_figure([0, -1], [0, 1], ['a', 'b'], 'none')
    with pytest.raises(ValueError, match='show 2 classes at least'):
        confusion_figure([0], [0], ['a', 'b'], 'none', most=1)
