"""A temporal layer goes behind chosen convolutions, and nothing else changes."""

import copy

import pytest
import torch
from torch import nn

from mmgsf.layers import GateShiftFuse, TemporalConv, insert_temporal


def make_network() -> nn.Module:
    torch.manual_seed(0)
    block = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 1))
    return nn.Sequential(nn.Conv2d(3, 8, 3), block, nn.ReLU(), nn.Conv2d(8, 16, 1)).eval()


def layer(channels: int) -> GateShiftFuse:
    return GateShiftFuse(channels, num_segments=4)


def places(network: nn.Module) -> list[str]:
    return [name for name, module in network.named_modules() if isinstance(module, TemporalConv)]


@pytest.mark.parametrize(
    ('where', 'expected'), [('1.*2', ['1.2']), (['0', '3'], ['0', '3']), ('1.?', None)]
)
def test_globs_choose_convolutions(where, expected):
    network = make_network()
    if expected is None:
        with pytest.raises(ValueError, match="'1.1' is a BatchNorm2d"):
            insert_temporal(network, layer, where)
        assert places(network) == []
        return
    assert insert_temporal(network, layer, where) is network
    assert places(network) == expected


def test_layer_gets_the_convolutions_channels_and_output():
    network = make_network()
    plain = copy.deepcopy(network)
    insert_temporal(network, layer, '3')
    x = torch.randn(8, 3, 6, 6)
    assert network[3].temporal.channels == 16
    torch.testing.assert_close(network.eval()(x), network[3].temporal(plain(x)))


def test_plain_state_dict_loads_strictly_but_for_the_layers_keys():
    network = make_network()
    plain = copy.deepcopy(network)
    for parameter in plain.parameters():
        nn.init.normal_(parameter)
    insert_temporal(network, layer, ['0', '1.0'])
    missing, unexpected = network.load_state_dict(dict(plain.state_dict()), strict=False)
    assert unexpected == []
    assert all('.temporal.' in key for key in missing)
    assert torch.equal(network[0].weight, plain[0].weight)
    assert torch.equal(network[0].bias, plain[0].bias)


def test_own_state_dict_has_the_names_of_the_parameters():
    network = insert_temporal(make_network(), layer, '0')
    assert {'0.net.weight', '0.net.bias'} <= network.state_dict().keys()
    assert network.state_dict().keys() >= dict(network.named_parameters()).keys()
    insert_temporal(make_network(), layer, '0').load_state_dict(network.state_dict(), strict=True)


def test_no_match_names_what_is_near():
    with pytest.raises(ValueError, match=r"'1.5' matches no module.*1\.0"):
        insert_temporal(make_network(), layer, '1.5')


@pytest.mark.parametrize('where', ['0', '0.net', '0.temporal.fuse_conv1'])
def test_second_layer_behind_one_convolution_is_refused(where):
    network = insert_temporal(make_network(), layer, '0')
    with pytest.raises(ValueError, match=f'{where!r} is or lies in a TemporalConv'):
        insert_temporal(network, layer, where)


def test_channels_that_the_layer_refuses_are_named_and_leave_the_network_alone():
    network = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 6, 1))
    with pytest.raises(ValueError, match="'1' has 6 channels: .*multiple of 4"):
        insert_temporal(network, layer, ['0', '1'])
    assert places(network) == []


@pytest.mark.parametrize('where', ['0', '1.conv'])
def test_convolution_under_two_names_is_refused(where):
    shared = nn.Conv2d(8, 8, 1)
    network = nn.Sequential(shared, nn.Sequential())
    network[1].conv = shared
    with pytest.raises(ValueError, match=r"'0' and '1.conv' are one and the same convolution"):
        insert_temporal(network, layer, where)
    assert places(network) == []


@pytest.mark.parametrize('where', [None, 3, [], ['0', 3]])
def test_what_is_no_place_is_refused(where):
    with pytest.raises(TypeError, match='give a glob, a rule, or a list of them'):
        insert_temporal(make_network(), layer, where)


def test_network_that_is_a_convolution_is_refused():
    with pytest.raises(ValueError, match='matches no module'):
        insert_temporal(nn.Conv2d(8, 8, 1), layer, '*')
