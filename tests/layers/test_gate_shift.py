"""GSM is GSF without fusion, on all channels, its gates closed at first."""

import pytest
import torch

from mmgsf.layers import GateShift, GateShiftFuse


def test_starts_as_a_permutation_within_each_half():
    x = torch.randn(8, 16, 3, 3)
    output = GateShift(16, num_segments=4)(x)
    order = torch.arange(16).view(2, 2, 4).transpose(1, 2).flatten()
    assert torch.equal(output, x[:, order])


def test_equals_gsf_without_fusion():
    torch.manual_seed(0)
    gsm, gsf = GateShift(8, 4), GateShiftFuse(8, 4, fuse=False)
    torch.nn.init.normal_(gsm.gate_conv.weight)
    gsf.load_state_dict(gsm.state_dict(), strict=True)
    x = torch.randn(8, 8, 5, 5)
    assert torch.equal(gsm(x), gsf(x))


def test_frames_meet_once_the_gates_open():
    torch.manual_seed(0)
    layer = GateShift(8, num_segments=4).eval()
    torch.nn.init.constant_(layer.gate_conv.bias, 1.0)
    x = torch.randn(4, 8, 3, 3)
    changed = x.clone()
    changed[2] += 1
    differs = (layer(x) != layer(changed)).flatten(2).any(2)  # (T, C)
    assert differs[1, :4].all()
    assert not differs[1, 4:].any()
    assert differs[3, 4:].all()
    assert not differs[3, :4].any()
    assert not differs[0].any()


def test_every_parameter_gets_a_gradient():
    layer = GateShift(8, num_segments=4)
    layer(torch.randn(4, 8, 3, 3)).square().sum().backward()
    gradients = {name: p.grad.abs().sum().item() for name, p in layer.named_parameters()}
    # A closed gate hides its norm in the first step only: its convolution moves.
    assert gradients['gate_conv.weight'] > 0
    assert gradients['gate_conv.bias'] > 0
    assert gradients.keys() == {'norm.weight', 'norm.bias', 'gate_conv.weight', 'gate_conv.bias'}


def test_channels_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match='6 channels'):
        GateShift(6)


def test_reset_closes_the_gates_again():
    layer = GateShift(8)
    torch.nn.init.ones_(layer.gate_conv.weight)
    layer.reset_parameters()
    assert not layer.gate_conv.weight.any()
