"""GSF with few passes over memory: what `GateShiftFuse` computes with in eager mode.

The layer has next to no arithmetic; its time goes into moving feature maps. So the norm before the
gate is folded into the gate convolution and a clamp, which reads the maps once; the 3x3x3
convolution is one matrix product a frame to 27 small maps for each half, which are then shifted and
added; and the result is written straight to its place, shuffle included. The functions here take
contiguous tensors and know nothing of autograd.

Shapes as in `gate_shift_fuse`, with L = H*W; `halves` are (N, T, 2, C'/2, L).
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TAPS = 27
CENTRE_TAP = TAPS // 2
# The first half takes from the next frame, the second from the previous one.
TAKES = ((slice(None, -1), slice(1, None), -1), (slice(1, None), slice(None, -1), 0))


class Affine(NamedTuple):
    """A norm as scale * x + shift, each (C'); mean and 1/std are the batch's, or the running ones."""

    scale: Tensor
    shift: Tensor
    mean: Tensor
    inverse_std: Tensor


def affine(norm: nn.Module, part: Tensor) -> Affine:
    """The norm of the touched channels (N*T, C', H, W); in training its statistics move on."""
    if norm.training:
        variance, mean = torch.var_mean(part, (0, 2, 3), correction=0)
        _update_statistics(norm, mean, variance, part.numel() // part.shape[1])
    else:
        mean, variance = norm.running_mean, norm.running_var
    inverse_std = torch.rsqrt(variance + norm.eps)
    scale = norm.weight * inverse_std
    return Affine(scale, norm.bias - mean * scale, mean, inverse_std)


def _update_statistics(norm: nn.Module, mean: Tensor, variance: Tensor, count: int) -> None:
    norm.num_batches_tracked.add_(1)
    momentum = norm.momentum
    if momentum is None:
        momentum = 1.0 / norm.num_batches_tracked.item()
    norm.running_mean.lerp_(mean, momentum)
    norm.running_var.lerp_(variance * (count / (count - 1)), momentum)


def clamp_before_gate(part: Tensor, norm: Affine) -> Tensor:
    """Values whose affine map is ReLU(norm(part)): clamped where that is zero."""
    scale, zero = norm.scale[:, None, None], (-norm.shift / norm.scale)[:, None, None]
    clamped = torch.maximum(part, torch.where(scale > 0, zero, -torch.inf))
    if (scale < 0).any():
        torch.minimum(clamped, torch.where(scale < 0, zero, torch.inf), out=clamped)
    return clamped


def gate_weight(gate_conv: nn.Conv3d) -> Tensor:
    """The gate convolution as (2, 27, C'/2): half, tap in time, height and width, channel."""
    return gate_conv.weight.flatten(2).transpose(1, 2)


def gates(gate_conv: nn.Conv3d, clamped: Tensor, norm: Affine, frames: int) -> Tensor:
    """The gates (N, T, 2, L) of clamped maps (N*T, C', H, W)."""
    height, width = clamped.shape[-2:]
    weight = gate_weight(gate_conv)
    # A channel of scale 0 is a constant, which the clamp cannot give.
    shift = torch.where(norm.scale == 0, norm.shift.relu(), norm.shift)
    bias = (weight @ shift.view(2, -1, 1)).squeeze(2)
    bias[:, CENTRE_TAP] += gate_conv.bias
    weight = weight * norm.scale.view(2, 1, -1)
    taps = F.conv2d(clamped, weight.reshape(2 * TAPS, -1, 1, 1), bias.flatten(), groups=2)
    zero_wrapped(taps, width)
    taps = taps.view(-1, 6, 9, height * width)
    planes = taps[:, :, 4]
    for tap, to, source in shifts(height, width):
        planes[..., to] += taps[:, :, tap, source]
    past, planes, future = planes.view(-1, frames, 2, 3, height * width).unbind(3)
    planes[:, 1:] += past[:, :-1]
    planes[:, :-1] += future[:, 1:]
    return planes.tanh()


def zero_wrapped(taps: Tensor, width: int) -> None:
    """Zeroes what a shift of flattened rows would carry from the end of one row into the next."""
    columns = taps.view(taps.shape[0], 18, 3, -1, width)
    columns[:, :, 0, :, width - 1] = 0
    columns[:, :, 2, :, 0] = 0


def shifts(height: int, width: int) -> list[tuple[int, slice, slice]]:
    """Of each spatial tap but the centre: its number, and where its flattened map goes from where."""
    length = height * width
    moves = []
    for tap in (0, 1, 2, 3, 5, 6, 7, 8):
        step = (1 - tap // 3) * width + 1 - tap % 3
        kept = max(0, length - abs(step))
        away, near = slice(length - kept, None), slice(0, kept)
        moves.append((tap, away, near) if step > 0 else (tap, near, away))
    return moves


def fusion_inputs(shifted: Tensor, rest: Tensor) -> tuple[Tensor, Tensor]:
    """What the two fusion convolutions see: (N, 2, C'/2, T), from means (N, T, 2, C'/2)."""
    zero = torch.zeros_like(shifted[:, :1, 0])
    first = torch.cat((shifted[:, 1:, 0], zero), dim=1)
    second = torch.cat((zero, shifted[:, :-1, 1]), dim=1)
    return (
        torch.stack((first, rest[:, :, 0]), dim=1).transpose(2, 3),
        torch.stack((second, rest[:, :, 1]), dim=1).transpose(2, 3),
    )


def fusion(layer: nn.Module, first: Tensor, second: Tensor) -> Tensor:
    """The fusion weights (N, T, 2, C'/2) from what `fusion_inputs` gives."""
    planes = torch.cat((layer.fuse_conv1(first), layer.fuse_conv2(second)), dim=1)
    return planes.sigmoid().permute(0, 3, 1, 2)


def in_halves(x: Tensor, touched: int, frames: int) -> Tensor:
    """The touched channels of (N*T, C, H, W) as halves; a view."""
    return x.flatten(2).unflatten(0, (-1, frames))[:, :, :touched].unflatten(2, (2, -1))


def unshuffled(x: Tensor, touched: int, frames: int) -> Tensor:
    """The touched channels of (N*T, C, H, W) in the order before the shuffle; a view.

    Returns:
        (N, T, 2, 2, C'/4, L): half, then group.
    """
    return in_halves(x, touched, frames).unflatten(3, (-1, 2)).transpose(3, 4)


def mix(gated: Tensor, rest: Tensor, weight: Tensor | None, out: Tensor) -> None:
    """Writes the mixture of shifted `gated` and `rest`, halves both, to `out` of `unshuffled`."""
    gated, rest = gated.unflatten(3, (2, -1)), rest.unflatten(3, (2, -1))
    weight = None if weight is None else weight.unflatten(3, (2, -1))[..., None]
    for half, (to, source, alone) in enumerate(TAKES):
        target, moved, stays = out[:, :, half], gated[:, source, half], rest[:, :, half]
        if weight is None:
            torch.add(stays[:, to], moved, out=target[:, to])
            target[:, alone] = stays[:, alone]
        else:
            share = weight[:, :, half]
            torch.lerp(stays[:, to], moved, share[:, to], out=target[:, to])
            torch.mul(stays[:, alone], 1 - share[:, alone], out=target[:, alone])


class Parts(NamedTuple):
    """What the gradient needs of a forward pass beside the touched channels.

    Attributes:
        norm: the norm's affine map.
        gate: (N, T, 2, L).
        means: those of what is shifted and of what stays, (N, T, 2, C'/2) each; None without fusion.
    """

    norm: Affine
    gate: Tensor
    means: tuple[Tensor, Tensor] | None


def forward(layer: nn.Module, x: Tensor, out: Tensor) -> Parts:
    """Writes the touched channels of the layer's output for x (N*T, C, H, W) to `out`.

    Args:
        layer: a GateShiftFuse with learned gates.
        x: contiguous.
        out: like x; may be x itself. Its other channels are left alone.
    """
    touched, frames = layer.touched, layer.num_segments
    part = x[:, :touched]
    norm = affine(layer.norm, part)
    clamped = clamp_before_gate(part, norm)
    gate = gates(layer.gate_conv, clamped, norm, frames)
    halves, plane = in_halves(x, touched, frames), gate.unsqueeze(3)
    gated = torch.mul(halves, plane, out=in_halves(clamped, touched, frames))
    means = weight = None
    if layer.fuse:
        mean_gated = gated.mean(-1)
        means = mean_gated, halves.mean(-1).sub_(mean_gated)
        weight = fusion(layer, *fusion_inputs(*means))
    mix(gated, halves * (1 - plane), weight, unshuffled(out, touched, frames))
    return Parts(norm, gate, means)
