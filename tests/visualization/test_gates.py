"""Film strips and videos of gates."""

import av
import numpy as np
import pytest
import torch
from matplotlib import colormaps

from mmgsf.visualization import (
    draw_gates,
    gate_overlay,
    gate_table,
    gates_figure,
    write_gate_overlay,
)
from mmgsf.visualization.figures import DPI, GREY_WEIGHTS, SIGNED
from mmgsf.visualization.gates import COVER

from .pictures import explanation, frames_of, read_picture

T = 4


def layers(seed: int = 0) -> dict:
    torch.manual_seed(seed)
    gates = {'stem.conv': torch.rand(2, T, 2, 8, 8) * 2 - 1, 'last.conv': torch.rand(2, T, 2, 2, 2)}
    return {name: explanation(gate) for name, gate in gates.items()}


def test_colours_read_without_colour_vision():
    colours = colormaps[SIGNED](np.linspace(0, 1, 101))[:, :3]
    lightness = colours @ GREY_WEIGHTS
    assert (np.diff(lightness) > 0).all()
    assert np.ptp(colours[50]) < 0.05  # zero is neutral
    assert abs(lightness[50] - lightness[[0, -1]].mean()) < 0.1


def test_strip_shows_both_halves_of_each_layer_at_each_frame():
    found, frames = layers(), frames_of(T)
    figure = gates_figure(frames, found, 'a clip', clip=1)
    axes = np.reshape(figure.axes[: 5 * T], (5, T))
    for number in range(T):
        assert (axes[0, number].images[0].get_array() == frames[number]).all()
        for row, (name, half) in enumerate([(n, h) for n in found for h in (0, 1)], start=1):
            image = axes[row, number].images[0]
            assert (image.get_array() == found[name].gate[1, number, half].numpy()).all()
            assert image.get_clim() == (-1, 1)
            label = axes[row, 0].get_ylabel()
            assert name in label
            assert f'half {half + 1}' in label
            assert ('before', 'after')[half] in label
    bar = figure.axes[-1]
    assert bar.get_xlabel().startswith('gate: share of the feature that is shifted')
    assert [text.get_text().split('\n')[0] for text in bar.get_xticklabels()] == ['-1', '0', '1']


def test_picture_is_whole_and_says_what_the_gates_are(tmp_path):
    frames = frames_of(T)
    draw_gates(frames, layers(), tmp_path / 'a.png')
    draw_gates(frames, layers(seed=1), tmp_path / 'b.png')
    a, b = (read_picture(tmp_path / f'{name}.png') for name in 'ab')
    width, height = gates_figure(frames, layers()).get_size_inches()
    assert a.shape == b.shape
    assert a.shape[:2] == pytest.approx((height * DPI, width * DPI), abs=1)
    assert (a != b).mean() > 0.01
    assert sorted(path.name for path in tmp_path.iterdir()) == ['a.png', 'b.png']


def test_overlay_covers_a_frame_as_far_as_the_gate_is_open():
    frames = [np.full((16, 16, 3), 128, np.uint8)] * T
    videos = {}
    for value in (-1.0, 0.0, 1.0):
        gate = torch.zeros(1, T, 2, 4, 4)
        gate[:, 2, 1] = value  # the second half, at the third frame
        videos[value] = gate_overlay(frames, {'conv': explanation(gate)}).astype(int)
    low, closed, high = (videos[value] for value in (-1.0, 0.0, 1.0))
    assert (low[[0, 1, 3]] == closed[[0, 1, 3]]).all()
    changed = np.argwhere((high[2] != closed[2]).any(-1))
    assert changed[:, 1].min() > 0.6 * high.shape[2]  # the third column
    row, column = np.median(changed, axis=0).astype(int)
    assert np.ptp(closed[2, row, column]) < 3  # the grey frame
    ends = [255 * np.dot(colormaps[SIGNED](end)[:3], GREY_WEIGHTS) for end in (0.0, 1.0)]
    grey = closed[2, row, column, 0]
    expected = [COVER * end + (1 - COVER) * grey for end in ends]
    found = [np.dot(picture[2, row, column], GREY_WEIGHTS) for picture in (low, high)]
    assert found == pytest.approx(expected, abs=3)


def test_video_has_a_frame_for_each_of_the_clip(tmp_path):
    frames, found = frames_of(T), layers()
    path = tmp_path / 'gates.mp4'
    write_gate_overlay(frames, found, path, 'a clip', fps=3)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 3
        decoded = np.stack([f.to_ndarray(format='rgb24') for f in container.decode(video=0)])
    drawn = gate_overlay(frames, found, 'a clip')
    assert decoded.shape == drawn.shape
    assert len(decoded) == T
    assert np.abs(decoded.astype(int) - drawn).mean() < 5
    changes = np.abs(np.diff(decoded.astype(int), axis=0)).mean((1, 2, 3))
    assert (changes > 1).all()


def test_table():
    gate = torch.zeros(1, T, 2, 2, 2)
    gate[0, 2, 1] = torch.tensor([[0.5, -0.5], [-0.5, -0.5]])
    rows = gate_table({'conv': explanation(gate)})
    assert len(rows) == 2 * T
    (row,) = [row for row in rows if row['mean']]
    assert row == {
        'layer': 'conv',
        'clip': 1,
        'half': 2,
        'frame': 3,
        'mean': -0.25,
        'mean_absolute': 0.5,
        'minimum': -0.5,
        'maximum': 0.5,
    }


def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(ValueError, match='3 frames for a clip of 4'):
        gates_figure(frames_of(3), layers())
    with pytest.raises(ValueError, match='no layer to draw'):
        gate_overlay(frames_of(T), {})
    with pytest.raises(ValueError, match='limit=0: the colours span'):
        gates_figure(frames_of(T), layers(), limit=0)
    with pytest.raises(ValueError, match='a picture ends in one of .png'):
        draw_gates(frames_of(T), layers(), tmp_path / 'a.txt')
    assert not list(tmp_path.iterdir())
