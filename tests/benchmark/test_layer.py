"""The layer's part of the benchmark measures the layer at the places of a real ResNet-50."""

import torch
from mmaction.registry import MODELS

import mmgsf.register  # noqa: F401
from mmgsf.benchmark.layer import (
    PLACES,
    measure_growth,
    measure_places,
    measure_ratios,
    per_frame,
    place_contestants,
)
from mmgsf.layers import GateShiftFuse, TemporalConv


def test_places_are_those_of_the_network():
    backbone = MODELS.build({'type': 'ResNetGSF', 'depth': 50, '_scope_': 'mmaction'})
    shapes = {}
    for module in backbone.modules():
        if isinstance(module, TemporalConv):
            module.register_forward_hook(
                lambda module, inputs, out: shapes.setdefault(
                    (module.net.in_channels, *out.shape[1:]), []
                ).append(1)
            )
    with torch.no_grad():
        backbone.eval()(torch.zeros(8, 3, 64, 64))
    found = {
        (place.in_channels, place.channels, *(64 // place.stride,) * 2): [1] * place.blocks
        for place in PLACES
    }
    assert shapes == found


def test_each_task_and_contestant_computes_what_it_says():
    calls = place_contestants(PLACES[3], size=64, clips=1, frames=4)
    assert set(calls) == {
        f'{task}/{what}'
        for task in ('model', 'train')
        for what in ('conv', 'shift', 'gsf25', 'gsf100')
    }
    for name, call in calls.items():
        leaf = call.prepare()
        before = leaf.detach().clone()
        assert leaf.requires_grad == name.startswith('train')
        call.run(leaf)
        # In inference the layer overwrites its input, as in the network; the next call gets a new one.
        if not name.startswith('train'):
            assert torch.equal(leaf, before) == ('gsf' not in name)
        assert torch.equal(call.prepare(), before)


def test_figures_have_the_shapes_that_were_asked_for():
    lines = []
    places = measure_places(32, 2, 1, lines.append)
    assert len(places) == len(PLACES) * 8
    growth = measure_growth(32, [(1, 2), (1, 4), (2, 2)], 1, lines.append)
    assert {(row['clips'], row['frames']) for row in growth} == {(1, 2), (1, 4), (2, 2)}
    row = {'clips': 2, 'frames': 4, 'seconds': [0.8, 1.6, 0.4]}
    assert per_frame(row) == 0.1
    ratios = measure_ratios((0.25,), 32, 2, 1, lines.append)
    assert [(row['task'], row['contestant'], row['channel_ratio']) for row in ratios] == [
        (task, name, ratio)
        for task in ('model', 'train')
        for name, ratio in (('plain', None), ('tsm', None), ('gsf25', 0.25))
    ]
    assert all(len(row['seconds']) == 1 for row in (*places, *growth, *ratios))


def test_sum_over_places_counts_each_block(monkeypatch):
    from mmgsf.benchmark import layer

    monkeypatch.setattr(
        layer, 'interleave', lambda contestants, repeats: {name: [1.0] for name in contestants}
    )
    rows = layer.measure_growth(32, [(1, 2)], 1, lambda line: None)
    blocks = sum(place.blocks for place in PLACES)
    assert [row['seconds'] for row in rows] == [[blocks], [blocks]]
    assert (
        sum(
            isinstance(m, GateShiftFuse)
            for m in MODELS.build(
                {'type': 'ResNetGSF', 'depth': 50, '_scope_': 'mmaction'}
            ).modules()
        )
        == blocks
    )
