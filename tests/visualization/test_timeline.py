"""The picture of a timeline says what is in it."""

import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from mmgsf.visualization.timeline import draw_timeline

from ..apis.test_timeline import CLASSES, timeline


@pytest.fixture
def figures(monkeypatch):
    """The figures that were written."""
    kept = []
    write = Figure.savefig

    def savefig(self, *args, **kwargs):
        kept.append(self)
        write(self, *args, **kwargs)

    monkeypatch.setattr(Figure, 'savefig', savefig)
    return kept


def test_bars_lie_where_the_segments_do(tmp_path, figures):
    drawn = timeline(2, 2, 0, 1, 1, 1)
    draw_timeline(drawn, tmp_path / 'a.png')
    assert [path.name for path in tmp_path.iterdir()] == ['a.png']
    bars, strip = figures[0].axes[:2]
    # Rows in the order in which the classes come first, the first on top.
    assert [text.get_text() for text in bars.get_yticklabels()] == [
        CLASSES[2],
        CLASSES[0],
        CLASSES[1],
    ]
    assert bars.get_ylim()[0] > bars.get_ylim()[1]
    places = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars.patches]
    assert places == [pytest.approx((one.start, one.end)) for one in drawn.segments()]
    (mesh,) = [one for one in strip.collections if isinstance(one, QuadMesh)]
    shown = np.asarray(mesh.get_array()).reshape(3, 6)
    assert np.allclose(shown, drawn.scores[:, [2, 0, 1]].T)
    assert 'a.mp4: a_model, 8 frames, 2 apart, every 10' in bars.get_title(loc='left')


def test_classes_that_lead_briefly_are_left_out_and_said(tmp_path, figures):
    draw_timeline(timeline(0, 0, 1, 2, 2), tmp_path / 'a.png', top=2)
    bars = figures[0].axes[0]
    assert [text.get_text() for text in bars.get_yticklabels()] == [CLASSES[0], CLASSES[2]]
    assert '1 class that leads more briefly left out' in bars.get_title(loc='left')


def test_a_picture_that_fails_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(Figure, 'savefig', lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        draw_timeline(timeline(0), tmp_path / 'a.png')
    assert not list(tmp_path.iterdir())
