"""Any2DGSF around networks of MMPretrain."""

import pytest
import torch

from tests.models.any2d import (
    assert_clips_are_apart,
    assert_every_parameter_learns,
    build,
    layers,
    places,
)

# Channels of the map, layers, the first and the last of them, ratio.
NETWORKS = {
    'ResNet': ({'depth': 18}, 512, 8, 'layer1.0.conv2', 'layer4.1.conv2', 0.25),
    'RegNet': ({'arch': 'regnetx_400mf'}, 384, 22, 'layer1.0.conv3', 'layer4.11.conv3', 0.5),
    'MobileNetV3': ({}, 576, 11, 'layer1.linear_conv.conv', 'layer11.linear_conv.conv', 0.5),
}


@pytest.mark.parametrize('name', NETWORKS)
def test_network(name):
    options, channels, count, first, last, ratio = NETWORKS[name]
    torch.manual_seed(0)
    backbone = build({'type': f'mmpretrain.{name}', **options})
    found = places(backbone)
    assert (len(found), found[0], found[-1]) == (count, first, last)
    assert {layer.channel_ratio for layer in layers(backbone)} == {ratio}
    assert backbone(torch.randn(4, 3, 64, 96)).shape == (4, channels, 2, 3)
    assert backbone.out_channels == channels
    assert_every_parameter_learns(backbone)
    assert_clips_are_apart(backbone)


def test_checkpoint_of_a_classifier_loads(tmp_path):
    from mmpretrain.models import ImageClassifier, LinearClsHead, ResNet

    classifier = ImageClassifier(
        backbone=ResNet(18),
        head=LinearClsHead(5, 512),
        data_preprocessor={'type': 'mmpretrain.ClsDataPreprocessor'},
    )
    torch.save({'state_dict': classifier.state_dict(), 'meta': {}}, tmp_path / 'net.pth')
    backbone = {'type': 'mmpretrain.ResNet', 'depth': 18}
    ours = build(backbone, pretrained=str(tmp_path / 'net.pth'))
    ours.init_weights()
    theirs = classifier.backbone.layer4[1].conv2.weight
    assert torch.equal(ours.model.layer4[1].conv2.weight, theirs)


def test_unknown_name_gives_names_near_it():
    with pytest.raises(ValueError, match=r"'mmpretrain.ResNett' is not known.*mmpretrain\.ResNet,"):
        build('mmpretrain.ResNett')


def test_pooled_output_is_refused():
    with pytest.raises(ValueError, match=r"'mmpretrain.ConvNeXt' gives \(2, 768\)"):
        build('mmpretrain.ConvNeXt')
