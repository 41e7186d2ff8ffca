"""Any2DGSF around networks of timm.

Runs in an environment that has timm, torchvision and MMAction2: tools/run_second_environment.sh.
"""

import pytest
import timm
import torch

from tests.models.any2d import (
    assert_clips_are_apart,
    assert_every_parameter_learns,
    assert_plain_weights_load,
    build,
    layers,
    places,
)

# Channels of the map, layers, the first and the last of them, ratio, what is taken out.
NETWORKS = {
    'resnet26d': (2048, 8, 'layer1.0.conv3', 'layer4.1.conv3', 0.25, ['fc']),
    'regnetx_002': (368, 13, 's1.b1.conv3.conv', 's4.b7.conv3.conv', 0.5, ['head']),
    'efficientnet_lite0': (
        1280,
        16,
        'blocks.0.0.conv_pw',
        'blocks.6.0.conv_pwl',
        0.5,
        ['classifier'],
    ),
    'convnext_atto': (
        320,
        12,
        'stages.0.blocks.0.mlp.fc2',
        'stages.3.blocks.1.mlp.fc2',
        0.5,
        ['head'],
    ),
    # conv_head comes after the pooling.
    'mobilenetv3_small_050': (
        288,
        11,
        'blocks.0.0.conv_pw',
        'blocks.4.2.conv_pwl',
        0.5,
        ['conv_head', 'classifier'],
    ),
}


@pytest.fixture(params=NETWORKS)
def name(request) -> str:
    return request.param


@pytest.fixture
def backbone(name):
    torch.manual_seed(0)
    return build(f'timm.{name}')


def test_places_are_the_last_convolutions_of_the_blocks(name, backbone):
    _, count, first, last, ratio, _ = NETWORKS[name]
    found = places(backbone)
    assert (len(found), found[0], found[-1]) == (count, first, last)
    blocks = [place.rsplit('.conv', 1)[0].removesuffix('.mlp.fc2') for place in found]
    blocks = [block.removesuffix('.conv3') for block in blocks]
    assert len(set(blocks)) == count
    assert {layer.channel_ratio for layer in layers(backbone)} == {ratio}
    assert {layer.num_segments for layer in layers(backbone)} == {4}


def test_unmodified_state_dict_loads(name, backbone):
    assert_plain_weights_load(backbone, timm.create_model(name), NETWORKS[name][-1])


def test_output_is_the_last_feature_map(name, backbone):
    channels = NETWORKS[name][0]
    assert backbone.out_channels == channels
    assert backbone(torch.randn(4, 3, 64, 96)).shape == (4, channels, 2, 3)


def test_plain_network_gives_timms_own_features(name):
    backbone = build(f'timm.{name}', layer=None).eval()
    plain = timm.create_model(name).eval()
    plain.load_state_dict({**plain.state_dict(), **backbone.model.state_dict()})
    x = torch.randn(2, 3, 64, 64)
    assert places(backbone) == []
    torch.testing.assert_close(backbone(x), plain.forward_features(x))


def test_every_parameter_gets_a_gradient(backbone):
    assert_every_parameter_learns(backbone)


def test_frames_of_different_clips_never_mix(backbone):
    assert_clips_are_apart(backbone)


def test_starting_weights_are_timms():
    backbone = build('timm.resnet26d')
    before = {key: value.clone() for key, value in backbone.state_dict().items()}
    backbone.init_weights()
    assert all(torch.equal(backbone.state_dict()[key], value) for key, value in before.items())


def test_weights_of_a_file_load(tmp_path):
    plain = timm.create_model('mobilenetv3_small_050')
    torch.save(plain.state_dict(), tmp_path / 'net.pth')
    backbone = build('timm.mobilenetv3_small_050', pretrained=str(tmp_path / 'net.pth'))
    backbone.init_weights()
    assert torch.equal(
        backbone.model.blocks[4][2].conv_pwl.weight, plain.blocks[4][2].conv_pwl.weight
    )


def test_options_of_the_network_pass_on():
    backbone = build({'type': 'timm.resnet26d', 'output_stride': 8, 'in_chans': 3})
    assert backbone(torch.randn(4, 3, 64, 64)).shape == (4, 2048, 8, 8)
    assert build({'type': timm.models.resnet26d}).out_channels == 2048


def test_unknown_name_gives_names_near_it():
    with pytest.raises(ValueError, match=r"'timm.resnet26dd' is not known.*timm\.resnet26d"):
        build('timm.resnet26dd')


@pytest.mark.parametrize(
    ('name', 'shape'),
    [
        ('vit_tiny_patch16_224', r'\(2, 197, 192\)'),
        ('swin_tiny_patch4_window7_224', r'\(2, 7, 7, 768\)'),
    ],
)
def test_network_without_feature_maps_is_refused(name, shape):
    with pytest.raises(ValueError, match=f"'timm.{name}' gives {shape}"):
        build(f'timm.{name}')
