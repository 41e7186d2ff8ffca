"""The comparison's pictures show every row, and every seed's curve."""

import mmgsf.register  # noqa: F401, I001

from types import SimpleNamespace

import cv2
import pytest
from matplotlib.axes import Axes

from mmgsf.study import pictures
from mmgsf.study.pictures import draw_accuracy, draw_pair, draw_study_curves
from mmgsf.visualization.figures import comment_of

from .made import row, run_row, write_run_dump

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


def test_gain_is_of_the_new_network_over_the_old(tmp_path, monkeypatch):
    """As tools/zoo/study_report.py has it: GSF's over TSM, upwards where GSF is right more often."""
    runs = []
    for name, wrong in (('tsm', 8), ('gsf', 0)):
        write_run_dump(tmp_path / f'{name}.npz', wrong)
        known = SimpleNamespace(name=name, title=name.upper())
        runs.append([SimpleNamespace(row=known, seed=0, dump=tmp_path / f'{name}.npz')])
    drawn = []
    figure = pictures.gain_figure
    monkeypatch.setattr(pictures, 'gain_figure', lambda *a: drawn.append(figure(*a)) or drawn[-1])
    monkeypatch.setattr(pictures, 'draw_embeddings', lambda *a: None)
    draw_pair(*runs, 'footage', tmp_path, 'of a record')
    title = drawn[0].get_suptitle()
    assert title.startswith('GSF over TSM')
    assert title.endswith('mean of all +50.0 points')
    for name in ('gain', 'confusion_tsm', 'confusion_gsf'):
        assert comment_of(tmp_path / f'comparison_{name}.png') == 'of a record'
