"""The declared TSN policy puts every trainable parameter in exactly one group."""

import mmgsf.register  # noqa: F401, I001

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import nn

from ..models.building import build_recognizer


def build(model: nn.Module):
    init_default_scope('mmaction')
    optimizer = {'type': 'SGD', 'lr': 0.01, 'momentum': 0.9, 'weight_decay': 5e-4}
    return build_optim_wrapper(
        model, {'constructor': 'TSNPolicyConstructor', 'optimizer': optimizer}
    ).optimizer


class Odd(nn.Module):
    """What MMAction2's constructor raises on or drops, and a parameter that two modules share."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.norm = nn.LayerNorm(4)
        self.group = nn.GroupNorm(2, 4)
        self.scale = nn.Parameter(torch.ones(4))
        self.linear = nn.Linear(4, 4)
        self.tied = nn.Linear(4, 4)
        self.tied.weight = self.linear.weight
        self.frozen = nn.Linear(4, 4).requires_grad_(False)


@pytest.mark.parametrize(
    'make',
    [
        Odd,
        lambda: build_recognizer({'type': 'ResNetGSF', 'depth': 18, 'channel_ratio': 0.5}),
        lambda: build_recognizer({'type': 'ResNet', 'depth': 18}),
        lambda: build_recognizer({'type': 'MobileNetV2'}, in_channels=1280),
    ],
)
def test_every_trainable_parameter_is_in_one_group(make):
    model = make()
    grouped = [id(p) for group in build(model).param_groups for p in group['params']]
    trainable = {id(p) for p in model.parameters() if p.requires_grad}
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == trainable


def test_groups_follow_the_policy():
    model = build_recognizer({'type': 'ResNetGSF', 'depth': 18, 'channel_ratio': 0.5})
    rates = {
        id(parameter): (group['lr'], group['weight_decay'])
        for group in build(model).param_groups
        for parameter in group['params']
    }
    layer = model.backbone.layer1[0].conv2.conv.temporal
    assert rates[id(model.backbone.conv1.conv.weight)] == (0.01, 5e-4)
    assert rates[id(layer.gate_conv.weight)] == (0.01, 5e-4)
    assert rates[id(layer.gate_conv.bias)] == (0.02, 0.0)
    assert rates[id(layer.norm.weight)] == rates[id(layer.norm.bias)] == (0.01, 0.0)
    assert rates[id(model.cls_head.fc_cls.weight)] == (0.01, 5e-4)
    assert rates[id(model.cls_head.fc_cls.bias)] == (0.02, 0.0)


def test_groups_can_be_compiled():
    model = Odd()
    optimizer = build(model)
    assert {type(group) for group in optimizer.param_groups} == {dict}
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    before = model.scale.detach().clone()
    torch.compile(optimizer.step, backend='eager')()
    torch.testing.assert_close(model.scale.detach(), before - 0.01 * (1 + 5e-4))
