"""Official state dicts convert key by key, whole or not at all."""

import pytest
import torch

from mmgsf.checkpoints import convert_official, describe_official
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


CASES = {
    'resnet50_t8_r25': ('ResNetGSF', 'gsf', 0.25, 2048),
    'resnet50_t8_r100': ('ResNetGSF', 'gsf', 1.0, 2048),
    'resnet101_t4_r25': ('ResNetGSF', 'gsf', 0.25, 2048),
    'bninception_t8_r100': ('BNInceptionGSF', 'gsf', 1.0, 1024),
    'inceptionv3_t4_r100': ('InceptionV3GSF', 'gsf', 1.0, 2048),
    'gsm_bninception_t8': ('BNInceptionGSF', 'gsm', 1.0, 1024),
    'gsm_inceptionv3_t4': ('InceptionV3GSF', 'gsm', 1.0, 2048),
}


@pytest.mark.parametrize('prefix', ['', 'module.', 'base_model.', 'module.base_model.'])
@pytest.mark.parametrize('name', sorted(CASES))
def test_network(name, prefix):
    official = {f'{prefix}{key}': value for key, value in load_case(name)[1].items()}
    converted = convert_official(official)
    assert len(converted) == len(official)
    assert {id(value) for value in converted.values()} == {id(value) for value in official.values()}


@pytest.mark.parametrize('name', sorted(CASES))
def test_network_is_found_from_names_and_shapes(name):
    backbone, layer, ratio, in_channels = CASES[name]
    found = describe_official({f'module.base_model.{k}': v for k, v in load_case(name)[1].items()})
    assert (found.num_classes, found.in_channels) == (1000, in_channels)
    expected = {'type': backbone, 'layer': layer, 'channel_ratio': ratio}
    if name in DEPTHS:
        expected['depth'] = DEPTHS[name]
    assert found.backbone == expected


@pytest.mark.parametrize('name', ['resnet50_t8_r25', 'bninception_t8_r100', 'inceptionv3_t4_r100'])
def test_plain_network_converts_without_a_layer(name):
    plain = {key: value for key, value in load_case(name)[1].items() if 'gsf' not in key}
    assert describe_official(plain).backbone['layer'] is None
    converted = convert_official(plain)
    assert len(converted) == len(plain)
    assert not any('.net.' in key for key in converted)


def test_layers_of_two_kinds_are_refused():
    official = load_case('bninception_t8_r100')[1]
    official['gsm_inception_3c_3x3.bn.weight'] = torch.ones(4)
    with pytest.raises(ValueError, match="two kinds, \\['gsf', 'gsm'\\]"):
        convert_official(official)


def test_layers_of_two_ratios_are_refused():
    official = dict(load_case('bninception_t8_r100')[1])
    official['gsf_inception_3a_1x1.bn.weight'] = torch.ones(32)
    with pytest.raises(ValueError, match=r'different shares.*0\.5, 1\.0'):
        describe_official(official)


def test_resnet_of_no_known_depth_is_refused():
    official = {k: v for k, v in load_case('resnet50_t8_r25')[1].items() if 'layer4.2' not in k}
    with pytest.raises(ValueError, match=r'\(3, 4, 6, 2\) blocks a stage'):
        describe_official(official)


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
    ('name', 'key'),
    [
        ('bninception_t8_r100', 'inception_3d_1x1.weight'),
        ('bninception_t8_r100', 'inception_3c_1x1_bn.weightt'),
        ('bninception_t8_r100', 'gsf_inception_3a_5x5.bn.weight'),
        ('inceptionv3_t4_r100', 'mixed_11_conv_Conv2D.weight'),
        ('inceptionv3_t4_r100', 'mixed_3_tower_1_conv_Conv2D.weight'),
        ('inceptionv3_t4_r100', 'aux_conv_Conv2D.weight'),
    ],
)
def test_unknown_key_of_an_inception_is_refused_by_name(name, key):
    with pytest.raises(ValueError, match=key):
        convert_official({**load_case(name)[1], key: torch.zeros(1)})


def test_names_of_no_network_are_refused():
    with pytest.raises(ValueError, match="'features.0.weight'.*BNInceptionGSF, InceptionV3GSF"):
        convert_official({'features.0.weight': torch.zeros(1)})


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
