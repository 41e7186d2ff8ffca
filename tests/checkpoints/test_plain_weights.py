"""Weights of the plain network load whole or not at all."""

import copy

import pytest
import torch
from torch import nn

from mmgsf.checkpoints.plain_weights import load_plain_weights, plain_state_dict
from mmgsf.layers import GateShiftFuse, insert_temporal


def make_network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 1))


@pytest.fixture
def plain() -> dict[str, torch.Tensor]:
    network = make_network()
    for parameter in network.parameters():
        nn.init.normal_(parameter)
    return network.state_dict()


@pytest.fixture
def network() -> nn.Module:
    return insert_temporal(make_network(), lambda channels: GateShiftFuse(channels), '0')


def snapshot(network: nn.Module) -> dict[str, torch.Tensor]:
    return copy.deepcopy(network.state_dict())


def test_plain_weights_arrive_and_the_layers_keep_theirs(network, plain):
    before = snapshot(network)
    load_plain_weights(network, plain)
    after = network.state_dict()
    assert torch.equal(after['0.net.weight'], plain['0.weight'])
    assert torch.equal(after['2.bias'], plain['2.bias'])
    assert all(torch.equal(after[key], before[key]) for key in before if '.temporal.' in key)


def test_weights_with_temporal_layers_load_too(network):
    other = insert_temporal(make_network(), lambda channels: GateShiftFuse(channels), '0')
    load_plain_weights(network, other.state_dict())
    assert all(torch.equal(network.state_dict()[k], v) for k, v in other.state_dict().items())


def without(weights: dict, key: str) -> dict:
    return {name: value for name, value in weights.items() if name != key}


FAULTS = {
    'a missing key': (lambda weights: without(weights, '0.weight'), '^the.*; 0.weight missing$'),
    'a key too many': (
        lambda weights: {**weights, '3.weight': torch.zeros(1)},
        '; 3.weight unexpected$',
    ),
    'another shape': (
        lambda weights: {**weights, '2.bias': torch.zeros(4)},
        r'; 2.bias of \(4,\), not \(8,\) of another shape$',
    ),
    'another network': (
        lambda weights: {f'stem.{key}': value for key, value in weights.items()},
        'and 3 more missing; .* unexpected$',
    ),
}


@pytest.mark.parametrize(('change', 'message'), FAULTS.values(), ids=FAULTS)
def test_faults_are_named_and_nothing_is_loaded(network, plain, change, message):
    before = snapshot(network)
    with pytest.raises(ValueError, match=message):
        load_plain_weights(network, change(plain))
    after = network.state_dict()
    assert all(torch.equal(after[key], value) for key, value in before.items())


def test_files_without_batch_counts_load(network, plain):
    load_plain_weights(network, without(plain, '1.num_batches_tracked'))
    assert torch.equal(network[2].weight, plain['2.weight'])


def test_a_classifier_in_the_file_is_left_there(network, plain):
    extra = {'fc.weight': torch.zeros(5, 8), 'conv_head.weight': torch.zeros(8, 8, 1, 1)}
    load_plain_weights(network, {**plain, **extra}, removed=['conv_head'])
    with pytest.raises(ValueError, match='conv_head.weight unexpected'):
        load_plain_weights(network, {**plain, **extra})


def test_state_dict_is_found_where_it_usually_lies(plain):
    whole = {f'backbone.{key}': value for key, value in plain.items()}
    whole |= {'head.fc.weight': torch.zeros(5, 8)}
    for checkpoint in (plain, {'state_dict': plain}, {'meta': {}, 'state_dict': whole}):
        assert plain_state_dict(checkpoint).keys() == plain.keys()


@pytest.mark.parametrize('checkpoint', [[1, 2], {'epoch': 3}, {'state_dict': {'a': 1}}])
def test_what_holds_no_state_dict_is_refused(checkpoint):
    with pytest.raises(ValueError, match='holds no state dict'):
        plain_state_dict(checkpoint)
