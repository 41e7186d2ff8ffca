"""One small recognizer for all tests that only look through it."""

from copy import copy
from functools import cache

import torch
from mmengine.config import Config
from torch import nn

from mmgsf.apis import get_config, load_model

NAME = 'gsf_r18_camera_motion'


@cache
def small_model() -> nn.Module:
    """CameraMotion's network, 8 frames of 64x64, with weights that tell clips apart; not to change."""
    torch.manual_seed(0)
    model = load_model(get_config(NAME))
    model.cls_head.fc_cls.weight.data.normal_()
    return model


def with_config(model: nn.Module, config: Config) -> nn.Module:
    """The same network under another config, for what is read by it."""
    other = copy(model)
    other.cfg = config
    return other
