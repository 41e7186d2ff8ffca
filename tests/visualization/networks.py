"""A small recognizer of every backbone, with weights under which each gate and map says something."""

import torch
from torch import nn

from mmgsf.datasets.preprocessing import CAFFE_BGR, IMAGENET_RGB
from mmgsf.layers import GateShiftFuse
from tests.models.any2d import randomize
from tests.models.building import build_recognizer

SEGMENTS = 4
NETWORKS = {
    'resnet-gsf': (
        {'type': 'ResNetGSF', 'depth': 18, 'base_channels': 16, 'pretrained': None},
        128,
        64,
    ),
    'resnet-gsm': (
        {'type': 'ResNetGSF', 'depth': 18, 'base_channels': 16, 'pretrained': None, 'layer': 'gsm'},
        128,
        64,
    ),
    'resnet-bottleneck': (
        {
            'type': 'ResNetGSF',
            'depth': 50,
            'base_channels': 16,
            'pretrained': None,
            'with_cp': True,
        },
        512,
        64,
    ),
    'bninception-gsf': ({'type': 'BNInceptionGSF'}, 1024, 64),
    'bninception-gsm': ({'type': 'BNInceptionGSF', 'layer': 'gsm'}, 1024, 64),
    'inceptionv3-gsf': ({'type': 'InceptionV3GSF'}, 2048, 101),
    'inceptionv3-gsm': ({'type': 'InceptionV3GSF', 'layer': 'gsm'}, 2048, 101),
    'any2d': ({'type': 'Any2DGSF', 'model': 'MobileNetV2'}, 1280, 64),
    'any2d-gsm': ({'type': 'Any2DGSF', 'model': 'MobileNetV2', 'layer': 'gsm'}, 1280, 64),
}


def build(name: str = 'resnet-gsf', **options) -> nn.Module:
    backbone, channels, _ = NETWORKS[name]
    values = CAFFE_BGR if 'Inception' in backbone['type'] else IMAGENET_RGB
    preprocessor = {'type': 'ActionDataPreprocessor', 'format_shape': 'NCHW', **values}
    model = build_recognizer(
        {**backbone, **options}, SEGMENTS, in_channels=channels, data_preprocessor=preprocessor
    )
    randomize(model)
    for module in model.modules():
        if isinstance(module, GateShiftFuse) and module.gate == 'learned':
            nn.init.normal_(module.gate_conv.weight, std=0.1)
            nn.init.normal_(module.gate_conv.bias, std=0.3)
    nn.init.normal_(model.cls_head.fc_cls.weight, std=0.1)
    nn.init.normal_(model.cls_head.fc_cls.bias)
    return model.eval()


def video(name: str = 'resnet-gsf', views: int = 1, seed: int = 0) -> torch.Tensor:
    """(views*T, 3, H, W) uint8 of the network's size."""
    torch.manual_seed(seed)
    size = NETWORKS[name][2]
    return torch.randint(0, 256, (views * SEGMENTS, 3, size, size), dtype=torch.uint8)
