"""GSF with few passes over memory: what `GateShiftFuse` computes with in eager mode on the CPU.

The layer has next to no arithmetic; its time goes into moving feature maps, into the pages of fresh
memory, and, for small maps, into calling operations. So it works on as many clips at a time as fit
into a scratch buffer, and on a part of the space where one clip does not; the 3x3x3 convolution is
one matrix product to 27 small maps for each half, which are then shifted and added; a move in time
is a view of memory with zeros at its ends; and the result is written straight to its place, shuffle
included. The functions here take contiguous tensors and know nothing of autograd.

Shapes as in `gate_shift_fuse`, with L = H*W; `halves` are (N, T, 2, C'/2, L).
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .scratch import (
    groups_of_clips,
    in_groups,
    in_halves,
    make_scratch,
    padded,
    pieces_of_space,
    unshuffled,
)

TAPS = 27
CENTRE_TAP = TAPS // 2


class Statistics(NamedTuple):
    """What the norm subtracts and divides by, each (C')."""

    mean: Tensor
    variance: Tensor


def statistics(norm: nn.Module, part: Tensor) -> Statistics:
    """Those of the touched channels (N*T, C', H, W), or in evaluation the running ones."""
    if not norm.training:
        return Statistics(norm.running_mean, norm.running_var)
    norm.num_batches_tracked.add_(1)
    momentum = norm.momentum
    if momentum is None:
        momentum = 1.0 / norm.num_batches_tracked.item()
    running = (norm.running_mean, norm.running_var)
    return Statistics(*torch.batch_norm_update_stats(part, *running, momentum))


def activate(norm: nn.Module, part: Tensor, known: Statistics, scratch: Tensor) -> Tensor:
    """ReLU(norm(part)) of some frames (N*T, C', H, W), in `scratch`."""
    active = scratch[: part.numel()].view(part.shape)
    active.copy_(part)
    none = active.new_empty(0)
    out = (active, none, none)
    torch.native_batch_norm(active, norm.weight, norm.bias, *known, False, 0.0, norm.eps, out=out)
    return active.relu_()


def gate_weight(gate_conv: nn.Conv3d) -> Tensor:
    """The gate convolution as (2, 27, C'/2): half, tap in time, height and width, channel."""
    return gate_conv.weight.flatten(2).transpose(1, 2)


def gates(layer: nn.Module, part: Tensor, known: Statistics, scratch: Tensor) -> Tensor:
    """The gates (N, T, 2, L) of the touched channels (N*T, C', H, W) of some clips."""
    weight = gate_weight(layer.gate_conv).reshape(2 * TAPS, -1, 1, 1)
    planes = []
    for block in part.split(max(1, scratch.numel() // part[0].numel())):
        taps = F.conv2d(activate(layer.norm, block, known, scratch), weight, groups=2)
        planes.append(add_taps(taps, part.shape[-1]))
    planes = _joined(planes).unflatten(0, (-1, layer.num_segments)).unflatten(2, (2, 3))
    past, now, future = planes.unbind(3)  # each (N, T, 2, L)
    now[:, 1:] += past[:, :-1]
    now[:, :-1] += future[:, 1:]
    # Not in place, which would keep all the taps alive.
    return now.add_(layer.gate_conv.bias[:, None]).tanh()


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


def fusion_input(mean_shifted: Tensor, mean_rest: Tensor) -> Tensor:
    """What the fusion convolutions see of the means of y' and of r: (N, 4, T, C'/2)."""
    return torch.stack((mean_shifted, mean_rest), dim=3).permute(0, 2, 3, 1, 4).flatten(1, 2)


def fusion_kernel(layer: nn.Module) -> tuple[Tensor, Tensor]:
    """Both fusion convolutions as one of two groups over (T, C'/2): weight and bias."""
    convs = (layer.fuse_conv1, layer.fuse_conv2)
    weight = torch.cat([conv.weight for conv in convs]).transpose(2, 3)
    return weight, torch.cat([conv.bias for conv in convs])


def fusion(layer: nn.Module, mean_shifted: Tensor, mean_rest: Tensor) -> Tensor:
    """The fusion weights (N, T, 2, C'/2) from the means of y' and of r, each (N, T, 2, C'/2)."""
    planes = fusion_input(mean_shifted, mean_rest)
    return F.conv2d(planes, *fusion_kernel(layer), padding=1, groups=2).sigmoid_().transpose(1, 2)


def split(halves: Tensor, gate: Tensor, scratch: Tensor) -> tuple[Tensor, Tensor]:
    """y' and r of `halves`, each (N, T, 2, C'/2, L), in `scratch`."""
    gated, shifted = padded(scratch, halves.shape)
    torch.mul(halves, gate.unsqueeze(3), out=gated)
    rest = scratch[-halves.numel() :].view(halves.shape)
    return shifted, torch.sub(halves, gated, out=rest)


def mix(
    layer: nn.Module, halves: Tensor, gate: Tensor, out: Tensor, scratch: Tensor
) -> tuple[Tensor, Tensor] | None:
    """Writes w * y' + (1 - w) * r to `out` of `unshuffled`, which may share memory with `halves`.

    Returns:
        The means of y' and of r, each (N, T, 2, C'/2), if the layer fuses.
    """
    pieces = pieces_of_space(halves, scratch)
    means = weight = None
    if layer.fuse:
        sums = []
        for piece in pieces:
            parts = split(halves[..., piece], gate[..., piece], scratch)
            sums.append([part.sum(-1) for part in parts])
        means = tuple(sum(each).div_(halves.shape[-1]) for each in zip(*sums, strict=True))
        weight = in_groups(fusion(layer, *means))[..., None]
    for piece in pieces:
        if weight is None or len(pieces) > 1:
            parts = split(halves[..., piece], gate[..., piece], scratch)
        shifted, rest = map(in_groups, parts)
        target = out[..., piece]
        # Kernels write their own type only.
        mixed = target if target.dtype == rest.dtype else rest
        if weight is None:
            torch.add(rest, shifted, out=mixed)
        else:
            torch.lerp(rest, shifted, weight, out=mixed)
        if mixed is rest:
            target.copy_(rest)
    return means


class Parts(NamedTuple):
    """What the gradient needs of a forward pass beside the touched channels.

    Attributes:
        known: the norm's statistics.
        gate: (N, T, 2, L).
        means: those of y' and of r, (N, T, 2, C'/2) each; None without fusion.
    """

    known: Statistics
    gate: Tensor
    means: tuple[Tensor, Tensor] | None


def forward(layer: nn.Module, x: Tensor, out: Tensor) -> Parts:
    """Writes the touched channels of the layer's output for x to `out`.

    Args:
        layer: a GateShiftFuse with learned gates.
        x: (N*T, C, H, W), contiguous; or of its channels the touched ones alone. It may be of lower
            precision than the layer, which computes in its own.
        out: (N*T, C, H, W), contiguous; may be x itself. Its other channels are left alone.
    """
    touched, frames = layer.touched, layer.num_segments
    part, halves = x[:, :touched], in_halves(x, touched, frames)
    target = unshuffled(out, touched, frames)
    known, scratch = statistics(layer.norm, part), make_scratch(halves, layer.norm.weight.dtype)
    gate, means = [], []
    for clips in groups_of_clips(halves, scratch):
        own = part.unflatten(0, (-1, frames))[clips].flatten(0, 1)
        gate.append(gates(layer, own, known, scratch))
        means.append(mix(layer, halves[clips], gate[-1], target[clips], scratch))
    means = tuple(map(_joined, zip(*means, strict=True))) if layer.fuse else None
    return Parts(known, _joined(gate), means)


def _joined(parts: Sequence[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts)
