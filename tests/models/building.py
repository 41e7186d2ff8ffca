"""Builds models as a config would."""

import mmgsf.register  # noqa: F401, I001

from mmaction.registry import MODELS
from mmengine.registry import init_default_scope
from torch import nn


def build_recognizer(
    backbone: dict, num_segments: int = 4, num_classes: int = 5, in_channels: int = 512, **options
) -> nn.Module:
    """A RecognizerGSF with a GSFHead, or the `cls_head` given; its weights as PyTorch makes them."""
    init_default_scope('mmaction')
    head = options.pop('cls_head', {})
    if 'type' not in head:
        head = {'type': 'GSFHead', 'num_classes': num_classes, **head}
    return MODELS.build(
        {
            'type': 'RecognizerGSF',
            'num_segments': num_segments,
            'backbone': backbone,
            'cls_head': {'in_channels': in_channels, 'average_clips': 'score', **head},
            'data_preprocessor': {
                'type': 'ActionDataPreprocessor',
                'mean': [123.675, 116.28, 103.53],
                'std': [58.395, 57.12, 57.375],
                'format_shape': 'NCHW',
            },
            **options,
        }
    )
