"""Whole networks in other forms: compiled without graph breaks, autocast, channels innermost."""

import mmgsf.register  # noqa: F401, I001

import copy

import pytest
import torch
from mmaction.registry import MODELS
from torch import nn

from .any2d import randomize

NETWORKS = [
    ({'type': 'ResNetGSF', 'depth': 18, 'base_channels': 8, 'channel_ratio': 0.5}, 32),
    ({'type': 'BNInceptionGSF'}, 32),
    ({'type': 'InceptionV3GSF'}, 75),
]
ONE_STAGE = {'num_stages': 1, 'strides': (1,), 'dilations': (1,), 'out_indices': (0,)}


@pytest.fixture(autouse=True)
def fresh_compiler():
    torch.compiler.reset()


def build(config: dict, **options) -> nn.Module:
    torch.manual_seed(0)
    return randomize(MODELS.build({**config, 'num_segments': 2, **options}))


@pytest.mark.slow
@torch.no_grad()
@pytest.mark.parametrize(('config', 'size'), NETWORKS)
def test_compiled_without_graph_breaks(config, size):
    model = build(config).eval()
    x = torch.randn(4, 3, size, size)
    compiled = torch.compile(model, fullgraph=True, backend='eager')
    expected = model(x)
    scale = expected.abs().max().item()
    torch.testing.assert_close(compiled(x), expected, rtol=1e-4, atol=1e-4 * scale)


@pytest.mark.parametrize('with_cp', [False, True])
def test_compiled_training_step_of_a_network(with_cp):
    plain = build({**NETWORKS[0][0], **ONE_STAGE}, with_cp=with_cp).double().train()
    twin = copy.deepcopy(plain)
    twin.compile(fullgraph=True, backend='aot_eager')
    x = torch.randn(4, 3, 32, 32, dtype=torch.double)
    for model in (plain, twin):
        model(x).square().sum().backward()
    for (name, p), other in zip(plain.named_parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(other.grad, p.grad, msg=lambda text, name=name: name + text)
    for (name, value), other in zip(plain.named_buffers(), twin.buffers(), strict=True):
        torch.testing.assert_close(other, value, msg=lambda text, name=name: name + text)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
@pytest.mark.parametrize('training', [False, True])
def test_autocast_of_a_network_is_finite_and_near(dtype, training):
    model = build({**NETWORKS[0][0], 'base_channels': 16}).train(training)
    x = torch.randn(8, 3, 64, 64)
    expected = copy.deepcopy(model)(x).detach()
    with torch.autocast('cpu', dtype=dtype):
        output = model(x)
    assert output.isfinite().all()
    difference = (output.float() - expected).norm() / expected.norm()
    assert difference < (0.05 if dtype == torch.bfloat16 else 0.01)
    if training:
        output.float().square().mean().backward()
        assert all(p.grad.isfinite().all() for p in model.parameters())
