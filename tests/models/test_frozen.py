"""Frozen stages stay as they are, their temporal layers and norms too; the others learn as before."""

import pytest
import torch
from mmaction.registry import MODELS
from torch import nn

from mmgsf.layers import TemporalConv

from .building import build_recognizer

BACKBONE = {'type': 'ResNetGSF', 'depth': 18, 'base_channels': 8, 'channel_ratio': 1.0}


def build(frozen_stages: int, **options) -> nn.Module:
    torch.manual_seed(0)
    backbone = {**BACKBONE, 'frozen_stages': frozen_stages, **options}
    head = {'dropout_ratio': 0.0}
    return build_recognizer(backbone, 2, num_classes=3, in_channels=64, cls_head=head)


def is_frozen(name: str) -> bool:
    return name.startswith(('backbone.conv1.', 'backbone.layer1.', 'backbone.layer2.'))


@pytest.mark.parametrize('depth', [18, 50])
def test_what_is_frozen_is_known_as_soon_as_the_model_is_built(depth):
    # DDP and the optimiser are made before MMAction2 first freezes anything.
    model = build(2, depth=depth)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert {name for name, _ in model.named_parameters()} - trained == {
        name for name, _ in model.named_parameters() if is_frozen(name)
    }
    last = {18: 'conv2', 50: 'conv3'}[depth]
    assert isinstance(getattr(model.backbone.layer2[0], last).conv, TemporalConv)


@pytest.mark.parametrize('with_cp', [False, True])
def test_a_step_changes_the_others_only(with_cp):
    model = build(2, with_cp=with_cp).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model(torch.randn(2, 2, 3, 32, 32), stage='head').square().sum().backward()
    optimizer.step()
    changed = {
        name for name, value in model.state_dict().items() if not torch.equal(value, before[name])
    }
    assert not [name for name in changed if is_frozen(name)]
    # Running statistics of norms, those of the temporal layers among them, and every weight.
    left = [name for name in before if name not in changed and not is_frozen(name)]
    assert left == []


def test_frozen_norms_stay_in_evaluation_through_train_and_eval():
    model = build(2).eval().train()
    norms = {n: m for n, m in model.named_modules() if isinstance(m, nn.BatchNorm2d)}
    assert any('.temporal.' in name and is_frozen(name) for name in norms)
    assert {name for name, norm in norms.items() if not norm.training} == {
        name for name in norms if is_frozen(name)
    }


def test_gradients_of_the_rest_are_those_of_the_same_network_unfrozen():
    frozen, free = build(1), build(-1)
    free.load_state_dict(frozen.state_dict())
    frozen.train()
    free.train()
    for part in (free.backbone.conv1, free.backbone.layer1):
        part.eval()
    x = torch.randn(2, 2, 3, 32, 32)
    for model in (frozen, free):
        model(x, stage='head').square().sum().backward()
    wanted = dict(free.named_parameters())
    for name, parameter in frozen.named_parameters():
        if parameter.requires_grad:
            torch.testing.assert_close(parameter.grad, wanted[name].grad)


@pytest.mark.parametrize('frozen', [-2, 5])
def test_more_stages_than_there_are_are_refused(frozen):
    with pytest.raises(ValueError, match=f'frozen_stages={frozen}: give -1 for none'):
        MODELS.build({**BACKBONE, 'frozen_stages': frozen})
