"""The comparison's pictures show every row, and every seed's curve."""

import mmgsf.register  # noqa: F401, I001

import cv2
import pytest
from matplotlib.axes import Axes

from mmgsf.study.pictures import draw_accuracy, draw_study_curves

from .made import row, run_row

ROWS = [
    row('gsf', 'layers', run_row(0, 40, 20), run_row(1, 36, 24)),
    row('tsm', 'layers', run_row(0, 30, 10)),
]


def test_accuracy_is_the_mean_and_reaches_to_all_seeds(tmp_path, monkeypatch):
    drawn = []
    plot = Axes.errorbar
    monkeypatch.setattr(
        Axes, 'errorbar', lambda axes, x, y, **k: drawn.append((y, k)) or plot(axes, x, y, **k)
    )
    draw_accuracy(ROWS, tmp_path / 'a.png')
    assert [mean for mean, _ in drawn] == pytest.approx([95, 75, 55, 25])
    assert drawn[0][1]['yerr'] == [[5.0], [5.0]]
    assert cv2.imread(str(tmp_path / 'a.png')).std() > 10


def test_each_seed_has_its_curves(tmp_path, monkeypatch):
    drawn = []
    plot = Axes.plot
    monkeypatch.setattr(
        Axes,
        'plot',
        lambda axes, x, y, **k: drawn.append((x, y, k['label'])) or plot(axes, x, y, **k),
    )
    draw_study_curves(ROWS, tmp_path / 'a.png')
    assert len(drawn) == 6
    assert drawn[0] == ([1, 2], [2.0, 1.5], 'GSF')
    assert drawn[1] == ([2], [50.0], 'GSF')
    assert [label for *_, label in drawn] == ['GSF', 'GSF', None, None, 'TSM', 'TSM']
