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
    planes = add_taps(taps, width).unflatten(0, (-1, frames)).unflatten(2, (2, 3))
    past, planes, future = planes.unbind(3)  # each (N, T, 2, L)
    planes[:, 1:] += past[:, :-1]
    planes[:, :-1] += future[:, 1:]
    return planes.tanh()


def add_taps(taps: Tensor, width: int) -> Tensor:
    """Moves the maps of the 3x3 taps to where they count and adds them; uses the taps up.

    Rows are flattened, so that a move is a shift, once the column that would wrap is zero.

    Args:
        taps: (N*T, 54, H, W), the last 9 of each 54 = 2*3*9 in the order of height, then width.

    Returns:
        (N*T, 6, L).
    """
    zero_wrapped(taps, width)
    rows = taps.view(taps.shape[0], 18, 3, -1)
    left, middle, right = rows.unbind(2)
    middle[..., 1:] += left[..., :-1]
    middle[..., :-1] += right[..., 1:]
    above, centre, below = middle.unflatten(1, (6, 3)).unbind(2)
    centre[..., width:] += above[..., :-width]
    centre[..., :-width] += below[..., width:]
    return centre


def taps_of(planes: Tensor, height: int, width: int) -> Tensor:
    """The other way round: planes (N*T, 6, L) copied to their taps (N*T, 54, H, W)."""
    rows = planes.new_zeros(planes.shape[0], 6, 3, planes.shape[-1])
    rows[:, :, 0, :-width] = planes[..., width:]
    rows[:, :, 1] = planes
    rows[:, :, 2, width:] = planes[..., :-width]
    rows = rows.view(planes.shape[0], 18, -1)
    taps = planes.new_zeros(planes.shape[0], 18, 3, planes.shape[-1])
    taps[:, :, 0, :-1] = rows[..., 1:]
    taps[:, :, 1] = rows
    taps[:, :, 2, 1:] = rows[..., :-1]
    taps = taps.view(planes.shape[0], 2 * TAPS, height, width)
    zero_wrapped(taps, width)
    return taps


def zero_wrapped(taps: Tensor, width: int) -> None:
    """Zeroes what a shift of flattened rows would carry from the end of one row into the next."""
    columns = taps.view(taps.shape[0], 18, 3, -1, width)
    columns[:, :, 0, :, width - 1] = 0
    columns[:, :, 2, :, 0] = 0


def fusion(layer: nn.Module, mean_gated: Tensor, mean_rest: Tensor) -> Tensor:
    """The fusion weights (N, T, 2, C'/2) from the means of y and of r, each (N, T, 2, C'/2)."""
    first, second = mean_gated.unbind(2)
    moved = (F.pad(first[:, 1:], (0, 0, 0, 1)), F.pad(second[:, :-1], (0, 0, 1, 0)))
    rest = mean_rest.unbind(2)
    planes = torch.stack((moved[0], rest[0], moved[1], rest[1]), dim=1)  # (N, 4, T, C'/2)
    convs = (layer.fuse_conv1, layer.fuse_conv2)
    weight = torch.cat([conv.weight for conv in convs]).transpose(2, 3)
    bias = torch.cat([conv.bias for conv in convs])
    weights = F.conv2d(planes, weight, bias, padding=1, groups=2)
    return weights.sigmoid().transpose(1, 2)


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
        weight = fusion(layer, *means)
    mix(gated, halves * (1 - plane), weight, unshuffled(out, touched, frames))
    return Parts(norm, gate, means)
