"""Every parameter gets a gradient, so DistributedDataParallel needs no find_unused_parameters."""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from .building import build_recognizer

BACKBONES = {
    'ResNetGSF': ({'type': 'ResNetGSF', 'depth': 18}, 512, 64),
    'BNInceptionGSF': ({'type': 'BNInceptionGSF'}, 1024, 64),
    'InceptionV3GSF': ({'type': 'InceptionV3GSF'}, 2048, 101),
    'ResNetTSMWidth': ({'type': 'ResNetTSMWidth', 'depth': 18}, 512, 64),
    'Any2DGSF': ({'type': 'Any2DGSF', 'model': 'MobileNetV2'}, 1280, 64),
}
HEADS = {
    'GSFHead': {'type': 'GSFHead', 'num_classes': 5},
    'VerbNounHead': {'type': 'VerbNounHead', 'num_verbs': 5, 'num_nouns': 6},
}


def test_every_part_is_tested():
    ours = {n for n, c in MODELS.module_dict.items() if c.__module__.startswith('mmgsf.')}
    assert ours == {*BACKBONES, *HEADS, 'RecognizerGSF'}


@pytest.mark.parametrize('layer', [{'layer': 'gsf'}, {'layer': 'gsm'}], ids=['gsf', 'gsm'])
@pytest.mark.parametrize('head', HEADS)
@pytest.mark.parametrize('backbone', BACKBONES)
def test_every_parameter_gets_a_gradient(backbone, head, layer):
    torch.manual_seed(0)
    config, channels, size = BACKBONES[backbone]
    if backbone == 'ResNetTSMWidth':  # has TSM
        layer = {}
    model = build_recognizer(
        {**config, **layer}, in_channels=channels, cls_head=HEADS[head]
    ).train()
    labels = [1, 2] if head == 'VerbNounHead' else 1
    samples = [ActionDataSample().set_gt_label(labels) for _ in range(2)]
    losses = model(torch.randn(2, 4, 3, size, size), samples, mode='loss')
    model.parse_losses(losses)[0].backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []
