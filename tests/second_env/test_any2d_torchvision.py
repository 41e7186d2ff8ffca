"""Any2DGSF around networks of torchvision, and its MobileNetV2 weights in MMAction2's."""

import pytest
import torch
import torchvision
from torch import nn

from mmgsf.models.any2d_sources import TORCHVISION_CLASSES
from tests.models.any2d import (
    assert_clips_are_apart,
    assert_every_parameter_learns,
    assert_plain_weights_load,
    build,
    layers,
    places,
    randomize,
)

# Channels of the map, layers, the first and the last of them, ratio, what is taken out.
NETWORKS = {
    'resnet18': (512, 8, 'layer1.0.conv2', 'layer4.1.conv2', 0.25, ['fc']),
    'mobilenet_v2': (1280, 17, 'features.1.conv.1', 'features.17.conv.2', 0.5, ['classifier']),
}
# One small network of each class that is taken.
FAMILIES = {
    'AlexNet': 'alexnet',
    'ConvNeXt': 'convnext_tiny',
    'EfficientNet': 'efficientnet_b0',
    'MNASNet': 'mnasnet0_5',
    'MobileNetV2': 'mobilenet_v2',
    'MobileNetV3': 'mobilenet_v3_small',
    'RegNet': 'regnet_y_400mf',
    'ResNet': 'resnet18',
    'ShuffleNetV2': 'shufflenet_v2_x0_5',
    'SqueezeNet': 'squeezenet1_1',
    'VGG': 'vgg11_bn',
}


@pytest.mark.parametrize('name', NETWORKS)
def test_network(name):
    channels, count, first, last, ratio, removed = NETWORKS[name]
    torch.manual_seed(0)
    backbone = build(f'torchvision.{name}')
    found = places(backbone)
    assert (len(found), found[0], found[-1]) == (count, first, last)
    assert {layer.channel_ratio for layer in layers(backbone)} == {ratio}
    assert backbone.out_channels == channels
    assert backbone(torch.randn(4, 3, 64, 96)).shape == (4, channels, 2, 3)
    plain = torchvision.models.get_model(name, weights=None)
    assert_plain_weights_load(backbone, plain, removed)
    assert_every_parameter_learns(backbone)
    assert_clips_are_apart(backbone)


def test_every_known_class_is_tested():
    assert sorted(FAMILIES) == sorted(TORCHVISION_CLASSES)


@pytest.mark.parametrize(('family', 'name'), FAMILIES.items())
def test_feature_map_is_what_the_network_pools(family, name):
    """Put before the network's own pooling and classifier, the map gives the network's logits."""
    plain = randomize(torchvision.models.get_model(name, weights=None)).eval()
    assert type(plain).__name__ == family
    backbone = build(f'torchvision.{name}', layer=None).eval()
    backbone.model.load_state_dict(plain.state_dict(), strict=False)
    x = torch.randn(2, 3, 224, 224)
    maps = backbone(x)
    assert maps.shape[1] == backbone.out_channels
    pool = getattr(plain, 'avgpool', nn.AdaptiveAvgPool2d(1))
    if family == 'SqueezeNet':
        logits = plain.classifier(maps).flatten(1)
    elif family == 'ConvNeXt':
        logits = plain.classifier(pool(maps))
    else:
        head = plain.fc if hasattr(plain, 'fc') else plain.classifier
        logits = head(pool(maps).flatten(1))
    torch.testing.assert_close(logits, plain(x), rtol=1e-4, atol=1e-4)


def test_other_classes_are_refused():
    with pytest.raises(
        ValueError, match='torchvision.densenet121 is a DenseNet.*known are AlexNet'
    ):
        build('torchvision.densenet121')


def test_unknown_name_gives_names_near_it():
    with pytest.raises(ValueError, match=r"'torchvision.resnet19' is not known.*\.resnet18"):
        build('torchvision.resnet19')


def test_options_and_functions_pass_on():
    options = {'replace_stride_with_dilation': [False, False, True], 'norm_layer': nn.BatchNorm2d}
    backbone = build({'type': torchvision.models.resnet50, **options})
    assert backbone(torch.randn(4, 3, 64, 64)).shape == (4, 2048, 4, 4)


def test_mobilenet_v2_weights_mean_the_same_in_mmaction2(tmp_path):
    plain = randomize(torchvision.models.mobilenet_v2(weights=None)).eval()
    torch.save(plain.state_dict(), tmp_path / 'mobilenet_v2.pth')
    backbone = build('MobileNetV2', layer=None, pretrained=str(tmp_path / 'mobilenet_v2.pth'))
    backbone.init_weights()
    x = torch.randn(2, 3, 64, 64)
    torch.testing.assert_close(backbone.eval()(x), plain.features(x), rtol=1e-4, atol=1e-4)
