"""The layer does what the paper says, whatever the size, and refuses what it cannot do."""

import pytest
import torch
from torch import nn

from mmgsf.layers import GateShiftFuse
from mmgsf.layers.gate_shift_fuse import shifted_channels


def make_layer(
    channels: int = 16, num_segments: int = 4, seed: int = 0, **options
) -> GateShiftFuse:
    torch.manual_seed(seed)
    layer = GateShiftFuse(channels, num_segments, **options)
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.3)
    return layer.eval()


def unshuffle(x: torch.Tensor, touched: int) -> torch.Tensor:
    """Undoes the channel shuffle of both halves of (N*T, C, H, W)."""
    halves = x[:, :touched].unflatten(1, (2, touched // 4, 2)).transpose(2, 3)
    return torch.cat((halves.flatten(1, 3), x[:, touched:]), dim=1)


def ground_truth(layer: GateShiftFuse, x: torch.Tensor) -> torch.Tensor:
    """The layer from its definition, one clip and one frame at a time, by plain modules."""
    frames, half = layer.num_segments, layer.touched // 2
    outputs = []
    for clip in x.split(frames):
        volume = clip[:, : 2 * half].transpose(0, 1)[None]  # (1, C', T, H, W)
        norm = layer.norm
        active = nn.functional.batch_norm(
            volume, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps
        ).relu()
        gates = layer.gate_conv(active).tanh()[0]  # (2, T, H, W)
        out = []
        for i, fuse in enumerate((layer.fuse_conv1, layer.fuse_conv2)):
            part = volume[0, i * half : (i + 1) * half]
            gated = gates[i] * part
            rest = part - gated
            shifted = torch.zeros_like(gated)
            for t in range(frames):
                source = t + 1 if i == 0 else t - 1
                if 0 <= source < frames:
                    shifted[:, t] = gated[:, source]
            means = torch.stack((shifted.mean((2, 3)), rest.mean((2, 3))))[None]  # (1, 2, C'/2, T)
            weight = fuse(means).sigmoid()[0, 0, :, :, None, None]
            fused = weight * shifted + (1 - weight) * rest
            out.append(fused.view(2, half // 2, *fused.shape[1:]).transpose(0, 1).flatten(0, 1))
        outputs.append(torch.cat((torch.cat(out).transpose(0, 1), clip[:, 2 * half :]), dim=1))
    return torch.cat(outputs)


@pytest.mark.parametrize('num_segments', [1, 2, 3, 8])
@pytest.mark.parametrize(('channels', 'ratio'), [(16, 1.0), (16, 0.25), (24, 0.5), (10, 0.75)])
@pytest.mark.parametrize('size', [(5, 5), (3, 7), (1, 1)])
def test_equals_its_definition(num_segments, channels, ratio, size):
    layer = make_layer(channels, num_segments, channel_ratio=ratio)
    x = torch.randn(2 * num_segments, channels, *size)
    torch.testing.assert_close(layer(x), ground_truth(layer, x))


def test_impulse_moves_back_in_the_first_half_and_on_in_the_second():
    layer = make_layer(8, 5, gate=1.0, fuse=False)
    x = torch.zeros(5, 8, 2, 2)
    x[2] = 1
    out = unshuffle(layer(x), 8)
    frames_of = [
        set(out[:, channel].sum((1, 2)).nonzero().flatten().tolist()) for channel in (0, 7)
    ]
    assert frames_of == [{1}, {3}]


def test_fixed_gate_of_one_with_sum_is_a_shift_of_all_that_it_touches():
    layer = make_layer(8, 3, gate=1.0, fuse=False)
    x = torch.randn(3, 8, 2, 2)
    out = unshuffle(layer(x), 8)
    torch.testing.assert_close(out[:-1, :4], x[1:, :4])
    torch.testing.assert_close(out[1:, 4:], x[:-1, 4:])
    assert not out[-1, :4].any()
    assert not out[0, 4:].any()


def test_fixed_gate_of_minus_one_with_sum_takes_differences():
    layer = make_layer(8, 3, gate=-1.0, fuse=False)
    x = torch.randn(3, 8, 2, 2)
    out = unshuffle(layer(x), 8)
    torch.testing.assert_close(out[:-1, :4], 2 * x[:-1, :4] - x[1:, :4])
    torch.testing.assert_close(out[1:, 4:], 2 * x[1:, 4:] - x[:-1, 4:])


def test_closed_gate_permutes_channels_and_scales_them():
    layer = make_layer(8, 2)
    nn.init.zeros_(layer.gate_conv.weight)
    nn.init.zeros_(layer.gate_conv.bias)
    x = torch.randn(2, 8, 3, 3)
    out = unshuffle(layer(x), 8)
    fusion = layer.explain(x).fusion[0][..., None, None]
    torch.testing.assert_close(out, (1 - fusion) * x)
    torch.testing.assert_close(layer(x)[:, 1], ((1 - fusion) * x)[:, 2])


def test_untouched_channels_pass_through():
    layer = make_layer(16, 4, channel_ratio=0.25)
    x = torch.randn(8, 16, 3, 3)
    assert torch.equal(layer(x)[:, 4:], x[:, 4:])
    assert not torch.isclose(layer(x)[:, :4], x[:, :4]).all()


def test_clips_of_a_batch_do_not_see_each_other():
    layer = make_layer(8, 4)
    first, second = torch.randn(4, 8, 3, 3), torch.randn(4, 8, 3, 3)
    both = layer(torch.cat((first, second)))
    torch.testing.assert_close(both, torch.cat((layer(first), layer(second))))


def test_input_is_not_changed():
    layer = make_layer(8, 4)
    x = torch.randn(4, 8, 3, 3)
    kept = x.clone()
    layer(x)
    assert torch.equal(x, kept)


@pytest.mark.parametrize('options', [{}, {'gate': 1.0}, {'gate': -1.0}, {'fuse': False}])
def test_gradients_are_right_in_double_precision(options):
    layer = make_layer(8, 3, channel_ratio=0.5, **options).double()
    x = torch.randn(3, 8, 2, 3, dtype=torch.double, requires_grad=True)
    names = [name for name, _ in layer.named_parameters()]

    def function(x, *values):
        return torch.func.functional_call(layer, dict(zip(names, values, strict=True)), (x,))

    assert torch.autograd.gradcheck(function, (x, *layer.parameters()))


def test_every_parameter_gets_a_gradient():
    layer = make_layer(8, 3).train()
    layer(torch.randn(6, 8, 2, 2)).square().sum().backward()
    assert {
        name for name, p in layer.named_parameters() if p.grad is None or not p.grad.any()
    } == set()


def test_number_of_parameters_is_the_papers():
    touched = 48
    layer = GateShiftFuse(64, channel_ratio=0.75)
    assert sum(p.numel() for p in layer.parameters()) == 29 * touched + 40


def test_explain_gives_what_forward_uses():
    layer = make_layer(16, 4, channel_ratio=0.5)
    x = torch.randn(8, 16, 3, 5)
    gate, fusion = layer.explain(x)
    assert gate.shape == (2, 4, 2, 3, 5)
    assert fusion.shape == (2, 4, 8)
    clip = x[:, :8].unflatten(0, (2, 4)).unflatten(2, (2, 4))  # (N, T, 2, C'/2, H, W)
    gated = gate.unsqueeze(3) * clip
    shifted = torch.zeros_like(gated)
    shifted[:, :-1, 0], shifted[:, 1:, 1] = gated[:, 1:, 0], gated[:, :-1, 1]
    weight = fusion.unflatten(2, (2, 4))[..., None, None]
    expected = weight * shifted + (1 - weight) * (clip - gated)
    torch.testing.assert_close(unshuffle(layer(x), 8)[:, :8], expected.flatten(2, 3).flatten(0, 1))


@pytest.mark.parametrize('options', [{'gate': 1.0}, {'gate': -1.0}])
def test_explain_of_a_fixed_gate_is_that_gate(options):
    gate, fusion = make_layer(8, 2, fuse=False, **options).explain(torch.randn(2, 8, 3, 3))
    assert gate.shape == (1, 2, 2, 3, 3)
    assert (gate == options['gate']).all()
    assert fusion is None


@pytest.mark.parametrize(
    ('channels', 'ratio', 'touched'), [(64, 0.25, 16), (64, 1.0, 64), (48, 0.5, 24), (10, 0.75, 8)]
)
def test_count_of_touched_channels(channels, ratio, touched):
    assert shifted_channels(channels, ratio) == touched


@pytest.mark.parametrize(('channels', 'ratio'), [(64, 0.1), (6, 1.0), (50, 0.5), (99, 0.99)])
def test_refused_count_names_a_ratio_that_works(channels, ratio):
    with pytest.raises(ValueError, match='multiple of 4') as error:
        GateShiftFuse(channels, channel_ratio=ratio)
    nearest = float(str(error.value).split('channel_ratio=')[2].split(',')[0])
    assert shifted_channels(channels, nearest) % 4 == 0


@pytest.mark.parametrize('ratio', [0, -0.5, 1.5, float('nan')])
def test_ratio_outside_its_range_is_refused(ratio):
    with pytest.raises(ValueError, match=r'outside \(0, 1\].*nearest'):
        GateShiftFuse(16, channel_ratio=ratio)


def test_too_few_channels_are_refused():
    with pytest.raises(ValueError, match='nearest number of channels that works is 4'):
        GateShiftFuse(2)


def test_batch_that_is_no_whole_number_of_clips_is_refused():
    with pytest.raises(ValueError, match=r'batch of 10 frames.*num_segments=4.*holds 8 frames'):
        make_layer(8, 4)(torch.randn(10, 8, 3, 3))


def test_other_channel_count_is_refused():
    with pytest.raises(ValueError, match=r'\(4, 12, 3, 3\).*\(N\*T, 8, H, W\)'):
        make_layer(8, 4)(torch.randn(4, 12, 3, 3))


@pytest.mark.parametrize('gate', ['open', 0.5, None])
def test_unknown_gate_is_refused(gate):
    with pytest.raises(ValueError, match="choose 'learned', 1.0 or -1.0"):
        GateShiftFuse(8, gate=gate)


def test_no_frames_are_refused():
    with pytest.raises(ValueError, match='num_segments=0'):
        GateShiftFuse(8, num_segments=0)
