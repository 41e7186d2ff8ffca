"""Compiled, exported and traced forms give what eager mode gives."""

import pytest
import torch

from mmgsf.layers import GateShiftFuse, TemporalConv

from .test_gate_shift_fuse import make_layer

OPTIONS = [{'channel_ratio': 0.5}, {'gate': 1.0}, {'gate': -1.0, 'fuse': False}]


@pytest.fixture(autouse=True)
def fresh_compiler():
    torch.compiler.reset()


def step(layer: torch.nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    """Output, input gradient and parameter gradients of one training step."""
    x = x.clone().requires_grad_()
    layer.zero_grad()
    output = layer(x)
    output.square().sum().backward()
    return [output, x.grad, *(p.grad.clone() for p in layer.parameters())]


@pytest.mark.parametrize('options', OPTIONS)
def test_compiled_without_graph_breaks(options):
    layer = make_layer(16, 4, **options)
    compiled = torch.compile(layer, fullgraph=True)
    x = torch.randn(8, 16, 5, 6)
    torch.testing.assert_close(compiled(x), layer(x))


@pytest.mark.parametrize('size', [(5, 6), (8, 8)])
def test_compiled_training_step(size):
    layer, twin = (make_layer(16, 4, channel_ratio=0.5).train() for _ in range(2))
    x = torch.randn(8, 16, *size)
    compiled = step(torch.compile(twin, fullgraph=True), x)
    for actual, expected in zip(compiled, step(layer, x), strict=True):
        torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-5)
    for actual, expected in zip(twin.buffers(), layer.buffers(), strict=True):
        torch.testing.assert_close(actual, expected)


def test_no_compiler_runs_unless_asked_for():
    torch._dynamo.utils.counters.clear()
    conv = TemporalConv(torch.nn.Conv2d(8, 16, 1), make_layer(16, 4, channel_ratio=0.5))
    x = torch.randn(8, 8, 5, 6)
    step(conv.train(), x)
    with torch.no_grad():
        conv.eval()(x)
    assert not torch._dynamo.utils.counters


@pytest.mark.parametrize('options', OPTIONS)
def test_exported_with_a_dynamic_batch_and_size(options):
    layer = make_layer(16, 4, **options)
    dim = torch.export.Dim
    shapes = {'x': {0: 4 * dim('clips', min=1, max=64), 2: dim('height'), 3: dim('width')}}
    exported = torch.export.export(layer, (torch.randn(8, 16, 5, 6),), dynamic_shapes=shapes)
    x = torch.randn(12, 16, 7, 4)
    torch.testing.assert_close(exported.module()(x), layer(x))


@pytest.mark.filterwarnings('ignore::DeprecationWarning')
def test_traced_form_takes_other_batches_and_sizes():
    layer = make_layer(16, 4, channel_ratio=0.5)
    traced = torch.jit.trace(layer, torch.randn(8, 16, 5, 6))
    x = torch.randn(12, 16, 7, 4)
    torch.testing.assert_close(traced(x), layer(x))


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_autocast_is_finite_and_near(dtype):
    layer = make_layer(16, 4)
    x = torch.randn(8, 16, 5, 6)
    with torch.autocast('cpu', dtype=dtype):
        output = layer(x)
    assert output.isfinite().all()
    torch.testing.assert_close(output.float(), layer(x), rtol=0.05, atol=0.05)


def test_pickles_and_copies():
    import copy
    import pickle

    layer = make_layer(16, 4)
    x = torch.randn(4, 16, 3, 3)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert isinstance(twin, GateShiftFuse)
        assert torch.equal(twin(x), layer(x))
