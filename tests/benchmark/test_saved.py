"""The bytes that a graph holds, against counts by hand."""

import torch
from torch import nn

from mmgsf.benchmark.saved import saved_bytes
from mmgsf.layers import GateShiftFuse
from mmgsf.layers.lean_gradient import LeanGateShiftFuse

FLOAT = 4


class Keeping(torch.autograd.Function):
    """Keeps its input as autograd wants it, and more as attributes of its context."""

    @staticmethod
    def forward(ctx, x, module):
        ctx.save_for_backward(x)
        ctx.one = torch.zeros(10)
        ctx.more = {'list': [torch.zeros(20), None], 'text': 'x'}
        ctx.module = module
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2, None


def test_context_attributes_count_and_the_network_does_not():
    module = nn.Linear(100, 100)
    x = torch.zeros(1000, requires_grad=True)
    found = saved_bytes(Keeping.apply(x, module).sum(), module)
    assert found == FLOAT * (1000 + 10 + 20)
    with_module = saved_bytes(Keeping.apply(x, module).sum())
    assert with_module - found == FLOAT * (100 * 100 + 100)


def test_small_network_by_hand():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(30, 50), nn.ReLU(), nn.Linear(50, 7))
    x = torch.randn(4, 30)
    # Linear keeps its input, ReLU its output, which is the second one's input; the sum keeps nothing.
    assert saved_bytes(network(x).sum(), network) == FLOAT * (4 * 30 + 4 * 50)


def test_storage_counts_once_and_in_full():
    large = torch.zeros(1000, requires_grad=True)
    x = torch.ones(5, requires_grad=True)
    # Both products keep x and their part of one storage.
    product = x * large[:5] + x * large[5:10]
    assert saved_bytes(product.sum()) == FLOAT * (1000 + 5)


def test_branches_that_meet_count_once():
    x = torch.ones(8, requires_grad=True)
    y = x.exp()  # keeps its result
    assert saved_bytes([y.sum(), y.mean()]) == FLOAT * 8


def test_layer_keeps_its_touched_channels_and_little_more():
    torch.manual_seed(0)
    layer = GateShiftFuse(16, num_segments=4, channel_ratio=0.5)
    x = torch.randn(4, 16, 6, 6, requires_grad=True)
    out = layer(x)
    assert out.grad_fn.name() == f'{LeanGateShiftFuse.__name__}Backward'
    found = saved_bytes(out.sum(), layer)
    touched, gates = 4 * 8 * 36, 4 * 2 * 36
    assert FLOAT * (touched + gates) <= found < FLOAT * (touched + gates) * 1.2
