"""What must hold of any 2D network with temporal layers in it."""

import mmgsf.register  # noqa: F401, I001

import copy

import torch
from mmaction.registry import MODELS
from mmengine.registry import init_default_scope
from torch import nn

from mmgsf.checkpoints.plain_weights import load_plain_weights
from mmgsf.layers import GateShiftFuse, TemporalConv

SEGMENTS = 4


def build(model: str | dict, **options) -> nn.Module:
    init_default_scope('mmaction')
    return MODELS.build({'type': 'Any2DGSF', 'model': model, 'num_segments': SEGMENTS, **options})


def places(backbone: nn.Module) -> list[str]:
    """Names of the convolutions that have a layer, as the plain network has them."""
    modules = backbone.model.named_modules()
    return [name for name, module in modules if isinstance(module, TemporalConv)]


def layers(backbone: nn.Module) -> list[GateShiftFuse]:
    return [module for module in backbone.modules() if isinstance(module, GateShiftFuse)]


def randomize(model: nn.Module) -> nn.Module:
    """Gives norms values under which no branch is shut and no error hides."""
    torch.manual_seed(1)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(module.weight, 0.5, 1.0)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return model


def assert_plain_weights_load(backbone: nn.Module, plain: nn.Module, removed: list[str]) -> None:
    """The state dict of the plain network loads, all of it but what was taken out."""
    weights = randomize(copy.deepcopy(plain)).state_dict()
    kept = {key: value for key, value in weights.items() if key.split('.')[0] not in removed}
    by_torch, by_us = copy.deepcopy(backbone.model), copy.deepcopy(backbone.model)
    missing, unexpected = by_torch.load_state_dict(dict(weights), strict=False)
    assert missing
    assert all('.temporal.' in key for key in missing)
    assert set(unexpected) == weights.keys() - kept.keys()
    load_plain_weights(by_us, weights, removed)
    for state in (by_torch.state_dict(), by_us.state_dict()):
        for key, value in kept.items():
            module, _, leaf = key.rpartition('.')
            name = f'{module}.net.{leaf}' if module in places(backbone) else key
            assert torch.equal(state[name], value), key


def assert_every_parameter_learns(backbone: nn.Module) -> None:
    torch.manual_seed(0)
    model = randomize(copy.deepcopy(backbone)).train()
    model(torch.randn(2 * SEGMENTS, 3, 64, 64)).square().sum().backward()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


@torch.no_grad()
def assert_clips_are_apart(backbone: nn.Module) -> None:
    """A batch of two clips equals two batches of one, and frames of one clip do reach each other."""
    torch.manual_seed(0)
    model = randomize(copy.deepcopy(backbone)).eval()
    x = torch.randn(2 * SEGMENTS, 3, 64, 64)
    together = model(x)
    apart = torch.cat([model(clip) for clip in x.split(SEGMENTS)])
    torch.testing.assert_close(together, apart, rtol=1e-4, atol=1e-4)
    changed = x.clone()
    changed[1] += 1
    difference = (model(changed) - together).abs().amax((1, 2, 3))
    assert not difference[SEGMENTS:].any()
    assert difference[0] > 0
    assert difference[2] > 0
