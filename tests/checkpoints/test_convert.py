"""Official state dicts convert key by key, whole or not at all."""

import pytest
import torch

from mmgsf.checkpoints import convert_official
from mmgsf.layers import GateShiftFuse

from ..models.building import build_recognizer
from ..models.reference_network import DEPTHS, load_case


def official_layer(channels: int = 8) -> dict[str, torch.Tensor]:
    parts = {'gate_conv': 'conv3D', 'norm': 'bn', 'fuse_conv1': 'channel_conv1'}
    parts['fuse_conv2'] = 'channel_conv2'
    layer = GateShiftFuse(channels)
    return {
        f'{parts[part]}.{leaf}': value
        for (part, leaf), value in (
            (key.split('.'), value) for key, value in layer.state_dict().items()
        )
    }


@pytest.mark.parametrize('prefix', ['', 'gsf.', 'module.gsf.'])
def test_layer(prefix):
    official = {f'{prefix}{key}': value for key, value in official_layer().items()}
    converted = convert_official(official)
    assert len(converted) == len(official)
    GateShiftFuse(8).load_state_dict(converted, strict=True)


@pytest.mark.parametrize('prefix', ['', 'module.', 'base_model.', 'module.base_model.'])
@pytest.mark.parametrize('name', sorted(DEPTHS))
def test_network(name, prefix):
    official = {f'{prefix}{key}': value for key, value in load_case(name)[1].items()}
    converted = convert_official(official)
    assert len(converted) == len(official)
    assert {id(value) for value in converted.values()} == {id(value) for value in official.values()}


def test_classifier_outside_the_base_network():
    official = {
        f'module.base_model.{key}': value
        for key, value in load_case('resnet50_t8_r25')[1].items()
        if not key.startswith('fc.')
    }
    weight, bias = torch.randn(5, 2048), torch.randn(5)
    official |= {'module.new_fc.weight': weight, 'module.new_fc.bias': bias}
    backbone = {'type': 'ResNetGSF', 'depth': 50}
    model = build_recognizer(backbone, num_segments=8, in_channels=2048)
    model.load_state_dict(convert_official(official), strict=True)
    assert torch.equal(model.cls_head.fc_cls.weight, weight)


@pytest.mark.parametrize(
    'key',
    ['layer1.0.conv4.weight', 'layer5.0.bn1.bias', 'gsf.bn2.weight', 'layer1.0.gsf.conv2D.bias'],
)
def test_unknown_key_is_refused_by_name(key):
    official = {**load_case('resnet50_t8_r25')[1], key: torch.zeros(1)}
    with pytest.raises(ValueError, match=key):
        convert_official(official)


def test_two_keys_for_one_tensor_are_refused():
    official = load_case('resnet50_t8_r25')[1]
    with pytest.raises(ValueError, match='new_fc.bias.*another key'):
        convert_official({**official, 'new_fc.bias': torch.zeros(1000)})


def test_nothing_is_refused():
    with pytest.raises(ValueError, match='empty'):
        convert_official({})
