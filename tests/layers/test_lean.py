"""What runs in eager mode equals the plain operations: output, gradients, statistics, side effects."""

import copy

import pytest
import torch
from torch import Tensor, nn

from mmgsf.layers import GateShift, GateShiftFuse, TemporalConv, scratch

# Channels, T, ratio, height and width: odd sizes, single rows and columns, one frame.
SHAPES = [
    (64, 8, 1.0, 14, 10),
    (64, 8, 0.25, 7, 7),
    (256, 4, 0.25, 5, 1),
    (16, 3, 1.0, 1, 6),
    (16, 1, 0.5, 3, 4),
    (16, 2, 1.0, 2, 2),
]


def build(channels: int, frames: int, ratio: float, **options) -> GateShiftFuse:
    """A layer in double precision whose norm has scales of both signs, and one of zero."""
    torch.manual_seed(0)
    layer = GateShiftFuse(channels, frames, ratio, **options)
    nn.init.normal_(layer.norm.running_mean)
    nn.init.uniform_(layer.norm.running_var, 0.5, 2)
    nn.init.normal_(layer.norm.weight)
    nn.init.normal_(layer.norm.bias)
    with torch.no_grad():
        layer.norm.weight[0] = 0
        layer.norm.bias[0] = -1
    return layer.double()


def run(layer: nn.Module, x: Tensor, plain: bool, inplace: bool = False) -> dict[str, Tensor]:
    """Output, gradients and buffers of one step."""
    layer, leaf = copy.deepcopy(layer), x.clone().requires_grad_()
    assert layer._runs_lean(leaf)
    output = layer._plain(leaf * 1) if plain else layer(leaf * 1, inplace=inplace)
    torch.manual_seed(1)
    output.backward(torch.randn_like(output))
    return {
        'output': output.detach(),
        'input': leaf.grad,
        **{name: parameter.grad for name, parameter in layer.named_parameters()},
        **dict(layer.named_buffers()),
    }


def assert_same(actual: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert actual.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(actual[name], value, msg=lambda text, name=name: name + text)


@pytest.mark.parametrize('inplace', [True, False])
@pytest.mark.parametrize('fuse', [True, False])
@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize('shape', SHAPES)
def test_step_equals_the_plain_one(shape, training, fuse, inplace):
    channels, frames, ratio, height, width = shape
    layer = build(channels, frames, ratio, fuse=fuse).train(training)
    x = torch.randn(2 * frames, channels, height, width, dtype=torch.double)
    assert_same(run(layer, x, plain=False, inplace=inplace), run(layer, x, plain=True))


@pytest.mark.parametrize('fuse', [True, False])
@pytest.mark.parametrize('numbers', [4000, 500, 1])
def test_step_in_groups_of_clips_and_pieces_of_space_equals_the_plain_one(
    monkeypatch, numbers, fuse
):
    monkeypatch.setattr(scratch, 'SCRATCH', numbers)
    layer = build(16, 3, 0.5, fuse=fuse).train()
    x = torch.randn(5 * 3, 16, 6, 5, dtype=torch.double)
    halves = scratch.in_halves(x, 8, 3)
    memory = scratch.make_scratch(halves, x.dtype)
    groups = list(scratch.groups_of_clips(halves, memory))
    pieces = scratch.pieces_of_space(halves[groups[0]], memory)
    assert (len(groups), len(pieces)) == {4000: (3, 1), 500: (5, 5), 1: (5, 10)}[numbers]
    assert_same(run(layer, x, plain=False), run(layer, x, plain=True))


@pytest.mark.parametrize('shape', SHAPES)
def test_inference_equals_the_plain_one(shape):
    channels, frames, ratio, height, width = shape
    layer = build(channels, frames, ratio).eval()
    x = torch.randn(2 * frames, channels, height, width, dtype=torch.double)
    before = x.clone()
    with torch.no_grad():
        expected = layer._plain(x)
        torch.testing.assert_close(layer(x), expected)
        assert torch.equal(x, before)
        torch.testing.assert_close(layer(x, inplace=True), expected)


@pytest.mark.parametrize('fuse', [True, False])
@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize('ratio', [0.5, 1.0])
def test_gradients_by_finite_differences(ratio, training, fuse):
    layer = build(8, 3, ratio, fuse=fuse).train(training)
    names = [name for name, _ in layer.named_parameters()]

    def step(x: Tensor, *values: Tensor) -> Tensor:
        own = dict(zip(names, values, strict=True))
        return torch.func.functional_call(layer, own, (x,))

    torch.manual_seed(2)
    x = torch.randn(6, 8, 3, 4, dtype=torch.double, requires_grad=True)
    assert layer._runs_lean(x)
    assert torch.autograd.gradcheck(step, (x, *layer.parameters()))


@pytest.mark.parametrize('momentum', [0.1, None])
def test_running_statistics_move_as_the_norms_own(momentum):
    layer = build(16, 2, 0.5).train()
    layer.norm.momentum = momentum
    other = copy.deepcopy(layer)
    for step in range(3):
        x = torch.randn(4, 16, 3, 3, dtype=torch.double) + step
        layer(x)
        other._plain(x)
    for (name, mine), theirs in zip(layer.named_buffers(), other.buffers(), strict=True):
        torch.testing.assert_close(mine, theirs, msg=name)


@pytest.mark.parametrize('frozen', ['norm.weight', 'gate_conv.bias', 'fuse_conv1.weight'])
def test_frozen_parameter_gets_no_gradient_and_the_others_theirs(frozen):
    layer = build(16, 2, 1.0).train()
    layer.get_parameter(frozen).requires_grad_(False)
    x = torch.randn(4, 16, 3, 3, dtype=torch.double)
    actual, expected = run(layer, x, plain=False), run(layer, x, plain=True)
    assert actual.pop(frozen) is None
    assert expected.pop(frozen) is None
    assert_same(actual, expected)


def test_gradient_that_is_not_contiguous():
    layer = build(16, 2, 0.5).train()
    outputs = []
    for plain in (True, False):
        x = torch.linspace(-1, 1, 4 * 16 * 12, dtype=torch.double).view(4, 16, 3, 4)
        x.requires_grad_()
        output = layer._plain(x) if plain else layer(x)
        output.transpose(2, 3).contiguous().pow(2).sum().backward()
        outputs.append(x.grad)
    torch.testing.assert_close(outputs[1], outputs[0])


@pytest.mark.parametrize('ratio', [0.25, 1.0])
def test_record_for_the_gradient_is_the_touched_channels_and_little_else(ratio):
    layer = GateShiftFuse(64, 8, ratio).train()
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    x = torch.randn(8, 64, 16, 16, requires_grad=True) * 1
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        layer(x, inplace=True)
    touched, gates = ratio * x.numel() * 4, 8 * 2 * 16 * 16 * 4
    assert sum(kept.values()) <= touched + gates + 16 * 1024


def test_convolution_lends_its_output_unless_a_hook_looks_at_it():
    conv, layer = nn.Conv2d(4, 16, 1), GateShiftFuse(16, 2, 0.5).eval()
    wrapped, x, seen = TemporalConv(conv, layer), torch.randn(4, 4, 3, 3), []
    with torch.no_grad():
        expected = layer(conv(x))
        assert torch.equal(wrapped(x), expected)
        conv.register_forward_hook(lambda module, args, output: seen.append(output))
        assert torch.equal(wrapped(x), expected)
        torch.testing.assert_close(seen[0], nn.functional.conv2d(x, conv.weight, conv.bias))
    layer.register_forward_hook(lambda module, args, output: seen.append(args[0]))
    conv._forward_hooks.clear()
    with torch.no_grad():
        wrapped(x)
        torch.testing.assert_close(seen[-1], conv(x))


def test_leaf_is_never_overwritten():
    layer = GateShiftFuse(16, 2, 0.5).train()
    x = torch.randn(4, 16, 3, 3, requires_grad=True)
    before = x.detach().clone()
    layer(x, inplace=True).sum().backward()
    assert torch.equal(x.detach(), before)
    assert x.grad is not None


def other_states() -> dict[str, tuple[nn.Module, Tensor]]:
    x = torch.randn(4, 16, 3, 3)
    hooked = GateShiftFuse(16, 2)
    hooked.norm.register_forward_hook(lambda *args: None)
    own_norm = GateShiftFuse(16, 2, norm_layer=lambda count: nn.GroupNorm(1, count))
    without_affine = GateShiftFuse(16, 2, norm_layer=lambda n: nn.BatchNorm2d(n, affine=False))
    return {
        'channels last': (GateShiftFuse(16, 2), x.to(memory_format=torch.channels_last)),
        'half': (GateShiftFuse(16, 2).bfloat16(), x.bfloat16()),
        'meta': (GateShiftFuse(16, 2).to('meta'), x.to('meta')),
        'fixed gate': (GateShiftFuse(16, 2, gate=1.0), x),
        'hook within': (hooked, x),
        'another norm': (own_norm, x),
        'norm without weights': (without_affine, x),
        'parameter as input': (GateShiftFuse(16, 2), nn.Parameter(x)),
    }


@pytest.mark.parametrize('state', other_states())
def test_other_states_take_the_plain_way(state):
    layer, x = other_states()[state]
    assert not layer._runs_lean(x)
    assert layer(x).shape == x.shape


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
@pytest.mark.parametrize('inplace', [True, False])
def test_autocast_computes_in_the_layers_precision_but_takes_the_plain_way_in_training(
    inplace, dtype
):
    layer, x = GateShiftFuse(16, 2).eval(), torch.randn(4, 16, 3, 3)
    nn.init.normal_(layer.gate_conv.weight)
    with torch.autocast('cpu', dtype):
        assert not layer._runs_lean(x)
        assert layer(x).isfinite().all()
        with torch.no_grad():
            assert layer._runs_lean(x)
            torch.testing.assert_close(layer(x), layer._plain(x), rtol=0.05, atol=0.05)
            rounded = x.to(dtype)
            output = layer(rounded.clone(), inplace=inplace)
    with torch.no_grad():
        exact = layer(rounded.float())
    assert torch.equal(output, exact.to(dtype))


@pytest.mark.parametrize('ratio', [0.25, 1.0])
@pytest.mark.parametrize('inplace', [True, False])
def test_channels_last_stays_so_in_inference(inplace, ratio):
    layer = build(64, 2, ratio).eval()
    x = torch.randn(4, 64, 5, 3, dtype=torch.double)
    last = x.to(memory_format=torch.channels_last)
    with torch.no_grad():
        assert layer._runs_lean(last)
        output = layer(last.clone(), inplace=inplace)
        torch.testing.assert_close(output, layer._plain(x), check_stride=False)
    assert output.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(last, x)


def test_gsm_runs_lean():
    layer = GateShift(16, 2).eval()
    nn.init.normal_(layer.gate_conv.weight)
    x = torch.randn(4, 16, 5, 5)
    assert layer._runs_lean(x)
    with torch.no_grad():
        torch.testing.assert_close(layer(x), layer._plain(x))
