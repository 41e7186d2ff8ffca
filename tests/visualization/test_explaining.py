"""What is told of the layers is what the whole network computes with."""

import math

import pytest
import torch
from torch import nn

from mmgsf.layers import GateShift, GateShiftFuse, TemporalConv, insert_temporal
from mmgsf.visualization import (
    LayerExplanation,
    choose_layers,
    explain_layers,
    last_of_each_size,
    temporal_layers,
)
from mmgsf.visualization.clips import prepared_clips
from mmgsf.visualization.explaining import recorded_layers
from tests.models import any2d

from .networks import NETWORKS, SEGMENTS, build, video


def recompute(layer: GateShiftFuse, x: torch.Tensor, found: LayerExplanation) -> torch.Tensor:
    """The layer's output from its input, the gates and the weights, in plain operations."""
    clips = x.unflatten(0, (-1, layer.num_segments))[:, :, : layer.touched]
    halves = []
    for half, part in enumerate(clips.chunk(2, dim=2)):  # (N, T, C'/2, H, W)
        gated = found.gate[:, :, half, None] * part
        shifted = torch.zeros_like(gated)
        if half == 0:
            shifted[:, :-1] = gated[:, 1:]
        else:
            shifted[:, 1:] = gated[:, :-1]
        rest = part - gated
        if found.fusion is None:
            out = rest + shifted
        else:
            weight = found.fusion.chunk(2, dim=2)[half][..., None, None]
            out = weight * shifted + (1 - weight) * rest
        first, second = out.chunk(2, dim=2)
        halves.append(torch.stack((first, second), dim=3).flatten(2, 3))
    return torch.cat((torch.cat(halves, 2).flatten(0, 1), x[:, layer.touched :]), dim=1)


@torch.no_grad()
def run_and_capture(model: nn.Module, inputs: torch.Tensor) -> dict[str, dict]:
    """Input and output of each layer in an ordinary forward pass, in which it works in place."""
    seen, handles = {}, []

    def keep(name: str, what: str, value: torch.Tensor) -> None:
        seen.setdefault(name, {})[what] = value.clone()

    for name, module in model.named_modules():
        if isinstance(module, TemporalConv):
            handles += [
                module.temporal.register_forward_pre_hook(
                    lambda _, args, name=name: keep(name, 'input', args[0])
                ),
                module.register_forward_hook(
                    lambda _, __, out, name=name: keep(name, 'output', out)
                ),
            ]
    model(prepared_clips(model, inputs), mode='tensor')
    for handle in handles:
        handle.remove()
    return seen


@pytest.mark.parametrize('name', NETWORKS)
def test_gates_and_weights_are_those_of_forward(name):
    model = build(name)
    inputs = video(name, views=2)
    found = explain_layers(model, inputs)
    seen = run_and_capture(model, inputs)
    layers = temporal_layers(model)
    assert len(found) == len(seen) == len(layers)
    for (key, explanation), captured in zip(found.items(), seen.values(), strict=True):
        expected = captured['output']
        given = recompute(layers[key], captured['input'], explanation)
        error = (given - expected).abs().max() / expected.abs().max()
        assert error < 1e-5, key
        assert explanation.gate.std() > 1e-3, key
        assert (explanation.fusion is None) == isinstance(layers[key], GateShift)


@pytest.mark.parametrize('name', ['resnet-gsf', 'inceptionv3-gsm'])
def test_energy_is_the_sum_of_squares(name):
    model = build(name)
    inputs = video(name)
    found = explain_layers(model, inputs)
    seen = run_and_capture(model, inputs)
    for (key, explanation), captured in zip(found.items(), seen.values(), strict=True):
        x = captured['input'][:, : temporal_layers(model)[key].touched].double()
        halves = x.unflatten(1, (2, -1))  # (T, 2, C'/2, H, W)
        gated = (explanation.gate[0].double()[:, :, None] * halves).square()
        shares = gated.sum((0, 2, 3, 4)) / halves.square().sum((0, 2, 3, 4))
        torch.testing.assert_close(
            explanation.half_shares[0].double(), shares, rtol=1e-4, atol=1e-7
        )
        whole = gated.sum() / halves.square().sum()
        torch.testing.assert_close(explanation.share[0].double(), whole, rtol=1e-4, atol=1e-7)


def one_layer(layer: GateShiftFuse) -> nn.Module:
    """A network whose layer sees the input itself."""
    network = nn.Sequential(nn.Conv2d(4, 4, 1, bias=False))
    nn.init.dirac_(network[0].weight)
    return insert_temporal(network, lambda _: layer, '0').eval()


@torch.no_grad()
def explained(layer: GateShiftFuse, x: torch.Tensor) -> LayerExplanation:
    network = one_layer(layer)
    with recorded_layers(network) as parts:
        network(x)
    (explanation,) = parts['0']
    return explanation


def test_shares_by_hand():
    layer = GateShift(4, num_segments=2)
    layer.gate_conv.bias.data = torch.tensor([0.5, -2.0])
    x = torch.ones(2, 4, 3, 3)
    x[:, 2:] = 2
    found = explained(layer, x)
    squares = [math.tanh(0.5) ** 2, math.tanh(2.0) ** 2]
    torch.testing.assert_close(found.half_shares, torch.tensor([squares]))
    # The second half holds four fifths of the energy.
    expected = (squares[0] + 4 * squares[1]) / 5
    torch.testing.assert_close(found.share, torch.tensor([expected]))


def test_share_is_one_for_an_open_gate_and_zero_for_a_closed_one():
    x = torch.randn(4, 4, 3, 3)
    assert explained(GateShiftFuse(4, 2, gate=1.0), x).share.tolist() == [1, 1]
    assert explained(GateShiftFuse(4, 2, gate=-1.0), x).half_shares.tolist() == [[1, 1]] * 2
    assert explained(GateShift(4, 2), x).share.tolist() == [0, 0]
    assert explained(GateShiftFuse(4, 2, gate=1.0), torch.zeros(2, 4, 3, 3)).share.tolist() == [0]


def test_model_and_statistics_stay_as_they_were():
    model = build().train()
    model.backbone.layer4.eval()
    modes = [module.training for module in model.modules()]
    before = {key: value.clone() for key, value in model.state_dict().items()}
    explain_layers(model, video())
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert not any(layer._forward_pre_hooks for layer in temporal_layers(model).values())


def test_views_and_videos_follow_one_another():
    model = build()
    first, second = video(views=2), video(views=2, seed=1)
    together = explain_layers(model, [first, second])
    apart = [
        explain_layers(model, view) for view in (*first.split(SEGMENTS), *second.split(SEGMENTS))
    ]
    for key, found in together.items():
        assert found.gate.shape[:3] == (4, SEGMENTS, 2)
        assert found.share.shape == (4,)
        for clip, alone in enumerate(apart):
            torch.testing.assert_close(found.gate[clip], alone[key].gate[0], rtol=1e-4, atol=1e-5)


def test_names_are_those_that_a_config_takes():
    assert list(temporal_layers(build()))[0] == 'layer1.0.conv2.conv'
    assert list(temporal_layers(build('bninception-gsf')))[0] == 'inception_3a.branch_1x1.conv'
    model = build('any2d')
    assert list(temporal_layers(model)) == any2d.places(model.backbone)


def test_last_of_each_size():
    names = last_of_each_size(explain_layers(build(), video()))
    assert names == [f'layer{stage}.1.conv2.conv' for stage in (1, 2, 3, 4)]


def test_choice_of_layers():
    names = ['a.0', 'a.1', 'b.0']
    assert choose_layers(names, ['b.0', 'a.*']) == names
    with pytest.raises(ValueError, match=r"layer 'a.7' is not in the network; near it: a\.1"):
        choose_layers(names, ['b.0', 'a.7'])


def test_what_cannot_be_explained_is_refused():
    with pytest.raises(ValueError, match='no Gate-Shift layer to explain'):
        explain_layers(build(layer=None), video())
    with pytest.raises(ValueError, match=r'inputs of shape \(3, 3, 64, 64\).*T=4 frames'):
        explain_layers(build(), video()[:3])
    with pytest.raises(TypeError, match='Linear is no RecognizerGSF'):
        prepared_clips(nn.Linear(1, 1), video())
    model = build()
    model.backbone.layer4[1] = nn.Sequential(model.backbone.layer4[1]).eval()
    model.backbone.layer4[1].forward = lambda x: x
    with pytest.raises(ValueError, match='layer4.1.0.conv2.conv was not reached'):
        explain_layers(model, video())
