"""Pictures of fusion weights and of the energy that layers shift."""

import numpy as np
import pytest
import torch

from mmgsf.visualization import (
    draw_energy,
    draw_fusion,
    energy_figure,
    energy_table,
    fusion_figure,
    fusion_table,
)

from .pictures import explanation, read_picture

CLOSED = torch.zeros(2, 3, 2, 2, 2)


def fusing(seed: int = 0) -> dict:
    torch.manual_seed(seed)
    return {
        'first': explanation(CLOSED, torch.rand(2, 3, 8)),
        'sums': explanation(CLOSED),
        'second': explanation(CLOSED, torch.rand(2, 3, 4)),
    }


def test_fusion_weights_are_ordered_within_each_half():
    figure = fusion_figure(fusing(), clip=1)
    panels = [axes for axes in figure.axes if axes.images and axes.get_title()]
    assert [axes.get_title().split('\n')[0] for axes in panels] == ['first', 'second']
    shown = panels[0].images[0].get_array()  # channels x frames
    given = fusing()['first'].fusion[1].numpy().T
    for half in (slice(0, 4), slice(4, 8)):
        assert sorted(map(tuple, shown[half])) == sorted(map(tuple, given[half]))
        assert (np.diff(shown[half].mean(1)) <= 0).all()
    assert panels[0].images[0].get_clim() == (0, 1)


def test_layers_that_sum_have_no_fusion_weights():
    with pytest.raises(ValueError, match='none of these layers fuses'):
        fusion_figure({'sums': explanation(CLOSED)})


def test_fusion_picture_and_table(tmp_path):
    for seed, name in enumerate('ab'):
        draw_fusion(fusing(seed), tmp_path / f'{name}.png', 'a clip')
    a, b = (read_picture(tmp_path / f'{name}.png') for name in 'ab')
    assert (a != b).mean() > 0.02
    rows = fusion_table(fusing())
    assert len(rows) == 2 * 3 * (8 + 4)
    weight = fusing()['first'].fusion[1, 2, 5].item()
    place = {'layer': 'first', 'clip': 2, 'half': 2, 'channel': 6, 'frame': 3}
    assert place | {'weight': round(weight, 6)} in rows


def shifting() -> dict:
    half_open, open_ = CLOSED.clone(), CLOSED.clone()
    half_open[:, :, 0] = 1
    half_open[1, :, 1] = 0.5
    open_[:] = 1
    gates = {'closed': CLOSED, 'half open': half_open, 'open': open_}
    return {name: explanation(gate) for name, gate in gates.items()}


def test_energy_bars_are_the_mean_of_the_clips():
    (axes,) = energy_figure(shifting()).axes
    first, second, both = axes.containers
    assert [bar.get_height() for bar in first] == [0, 100, 100]
    assert [bar.get_height() for bar in second] == [0, 12.5, 100]
    assert [bar.get_hatch() for bar in (first[0], second[0])] == ['', '///']
    assert both.lines[0].get_ydata().tolist() == [0, 56.25, 100]
    assert [text.get_text() for text in axes.get_xticklabels()] == ['closed', 'half open', 'open']


def test_energy_picture_and_table(tmp_path):
    draw_energy(shifting(), tmp_path / 'a.png', 'a clip')
    assert np.ptp(read_picture(tmp_path / 'a.png')) == 255
    rows = energy_table(shifting())
    assert len(rows) == 6
    assert rows[3] == {'layer': 'half open', 'clip': 2, 'half1': 1, 'half2': 0.25, 'both': 0.625}
    with pytest.raises(ValueError, match='no layer to draw'):
        energy_figure({})
