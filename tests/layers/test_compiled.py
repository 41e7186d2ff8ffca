"""The form for Inductor gives what eager mode gives, and is traced only where it is meant."""

import pytest
import torch
from torch import nn

from mmgsf.layers import GateShift, GateShiftFuse, TemporalConv, compiled

from .test_gate_shift_fuse import make_layer
from .test_reference import CASES, assert_equal, load_case


@pytest.fixture(autouse=True)
def fresh_compiler():
    torch.compiler.reset()


@pytest.fixture
def calls(monkeypatch):
    """Counts how often the form is traced."""
    traced = []
    forward = compiled.forward

    def counting(layer, x, shuffled=False):
        traced.append(shuffled)
        return forward(layer, x, shuffled)

    monkeypatch.setattr(compiled, 'forward', counting)
    return traced


def with_conv(layer: GateShiftFuse, bias: bool = True) -> TemporalConv:
    conv = nn.Conv2d(8, layer.channels, 1, bias=bias)
    return TemporalConv(conv, layer).eval()


@torch.no_grad()
@pytest.mark.parametrize('name', CASES)
def test_gives_the_authors_tensors(name):
    layer, case = load_case(name)
    output = compiled.forward(layer.eval(), case['x'])
    assert_equal(output, case['eval_output'], 'output')


@torch.no_grad()
@pytest.mark.parametrize(
    ('channels', 'ratio', 'fuse'),
    [(16, 1.0, True), (16, 0.25, True), (32, 0.5, False), (20, 0.4, True), (24, 0.7, True)],
)
@pytest.mark.parametrize('frames', [1, 2, 4])
def test_joined_to_its_convolution(channels, ratio, fuse, frames):
    block = with_conv(make_layer(channels, frames, channel_ratio=ratio, fuse=fuse), fuse)
    x = torch.randn(2 * frames, 8, 5, 6)
    output = compiled.forward(block.temporal, compiled.convolve(block.net, block.temporal, x), True)
    torch.testing.assert_close(output, block(x))


@torch.no_grad()
@pytest.mark.slow
@pytest.mark.parametrize(('ratio', 'size'), [(0.25, (8, 8)), (1.0, (4, 20))])
def test_compiled_by_inductor(ratio, size):
    # Sums of padded slices of a convolution are compiled wrongly where H*W is a multiple of 16.
    block = with_conv(make_layer(64, 4, channel_ratio=ratio))
    x = torch.randn(8, 8, *size)
    output = torch.compile(block, fullgraph=True)(x)
    torch.testing.assert_close(output, block(x), rtol=1e-5, atol=1e-5)


@torch.no_grad()
@pytest.mark.slow
def test_compiled_alone_with_a_dynamic_batch():
    layer = make_layer(32, 4, channel_ratio=0.5)
    function = torch.compile(layer, fullgraph=True, dynamic=True)
    for clips in (2, 3, 5):
        x = torch.randn(4 * clips, 32, 4, 8)
        torch.testing.assert_close(function(x), layer(x), rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_gate_shift_joined_to_its_convolution(calls):
    layer = GateShift(16, 4)
    nn.init.normal_(layer.gate_conv.weight)
    block = with_conv(layer)
    x = torch.randn(8, 8, 5, 6)
    output = torch.compile(block, fullgraph=True, backend='eager')(x)
    assert calls == [True]
    torch.testing.assert_close(output, block(x))


def test_a_convolution_with_a_hook_is_run_itself(calls):
    block = with_conv(make_layer(16, 4))
    block.net.register_forward_hook(lambda module, args, output: output + 1)
    x = torch.randn(8, 8, 5, 6)
    with torch.no_grad():
        output = torch.compile(block, backend='eager')(x)
        torch.testing.assert_close(output, block(x))
    assert True not in calls


@pytest.mark.parametrize('change', ['train', 'grad', 'double', 'autocast', 'eager'])
def test_other_uses_keep_their_form(change, calls):
    block = with_conv(make_layer(16, 4))
    x = torch.randn(8, 8, 5, 6)
    if change == 'train':
        block.train()
    if change == 'double':
        block, x = block.double(), x.double()
    function = block if change == 'eager' else torch.compile(block, backend='eager')
    autocast = torch.autocast('cpu', torch.bfloat16, enabled=change == 'autocast')
    with torch.set_grad_enabled(change == 'grad'), autocast:
        function(x)
    assert calls == []
