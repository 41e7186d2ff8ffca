"""GSF in a form that Inductor turns into few passes on the CPU: inference of compiled networks.

The 3x3x3 convolution is a matrix product to 27 small maps for each half, which one kernel moves and
adds; the norm is folded into it; what moves in time or stays out is a load under a mask, so that the
result is computed in the kernel of whatever follows (norm, shortcut and ReLU in a ResNet). No
operation here fixes a layout: Inductor keeps whole networks channels innermost, and a layer
compiled alone in the layout of its input. There is no convolution, which would force the former.

The shuffle is what costs most where channels lie innermost, as it cannot be vectorised. `convolve`
therefore gives the convolution before the layer its output channels in the shuffled order.

Shapes as in `gate_shift_fuse`, with B = N*T, L = H*W.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STEPS = (1, 0, -1)
TAPS = 27


def applies(layer: nn.Module, x: Tensor) -> bool:
    """Whether this form is to be traced for x and the layer's state."""
    if not torch.compiler.is_compiling() or torch.compiler.is_exporting():
        return False
    if torch.is_grad_enabled() or layer.gate != 'learned':
        return False
    norm = layer.norm
    return (
        x.device.type == 'cpu'
        and x.dtype == torch.float32
        and not torch.is_autocast_enabled('cpu')
        and isinstance(norm, nn.modules.batchnorm._BatchNorm)
        and norm.weight is not None
        and norm.weight.dtype == x.dtype
        and norm.running_mean is not None
        and not norm.training
        and not any(part._forward_hooks or part._forward_pre_hooks for part in layer.children())
    )


def convolve(net: nn.Conv2d, layer: nn.Module, x: Tensor) -> Tensor:
    """The convolution before the layer, the layer's touched channels in the order of the shuffle."""
    touched = layer.touched
    weight = torch.cat((shuffle(net.weight[:touched], 0), net.weight[touched:]))
    bias = net.bias
    if bias is not None:
        bias = torch.cat((shuffle(bias[:touched], 0), bias[touched:]))
    return net._conv_forward(x, weight, bias)


def forward(layer: nn.Module, x: Tensor, shuffled: bool = False) -> Tensor:
    """The layer's output for x (B, C, H, W).

    Args:
        layer: a GateShiftFuse with learned gates, in evaluation.
        x: feature maps.
        shuffled: x comes from `convolve`.
    """
    half = layer.touched // 2
    gates = [_gate(layer, x, i, shuffled) for i in range(2)]  # each (N, T, H, W)
    weights = _fusion(layer, x, gates, shuffled) if layer.fuse else (None, None)
    maps = x.unflatten(0, (-1, layer.num_segments))
    parts = [maps[:, :, i * half : (i + 1) * half] for i in range(2)]
    mixed = [_mix(part, gates[i], weights[i], i) for i, part in enumerate(parts)]
    if shuffled:
        if layer.touched == layer.channels:
            return _spread(mixed, layer.channels).flatten(0, 1)
        changes = [each - part for each, part in zip(mixed, parts, strict=True)]
        return (maps + _spread(changes, layer.channels)).flatten(0, 1)
    mixed = [_alternate(each, 2) for each in mixed]
    return torch.cat((*mixed, maps[:, :, 2 * half :]), dim=2).flatten(0, 1)


def _spread(halves: list[Tensor], channels: int) -> Tensor:
    """Both halves (N, T, C'/2, H, W) at their places among C channels of zeros.

    A sum under masks, since Inductor would store a concatenation; and the masks are on blocks of
    C'/2 channels where those divide C, for one mask a channel has to be computed in 64 bit. The
    halves themselves are stored, in memory that the activations leave: what follows can then
    overwrite x, and a network needs no fresh pages, which cost more than writing to them.
    """
    halves = [_stored(each.movedim(2, -1)).movedim(-1, 2) for each in halves]
    size = halves[0].shape[2]
    if channels % size:
        pads = [(0, 0, 0, 0, i * size, channels - (i + 1) * size) for i in range(2)]
        return sum(F.pad(each, pad) for each, pad in zip(halves, pads, strict=True))
    blocks = channels // size
    pads = [(0, 0, 0, 0, 0, 0, i, blocks - 1 - i) for i in range(2)]
    spread = [F.pad(each.unsqueeze(2), pad) for each, pad in zip(halves, pads, strict=True)]
    return (spread[0] + spread[1]).flatten(2, 3)


def shuffle(x: Tensor, dim: int) -> Tensor:
    """The layer's channel shuffle of both halves along `dim`."""
    return torch.cat([_alternate(part, dim) for part in x.chunk(2, dim)], dim)


def _alternate(x: Tensor, dim: int) -> Tensor:
    """Channels of one half: the two groups alternate."""
    return x.unflatten(dim, (2, -1)).transpose(dim, dim + 1).flatten(dim, dim + 1)


def _restore(x: Tensor, dim: int) -> Tensor:
    """`_alternate` undone."""
    return x.unflatten(dim, (-1, 2)).transpose(dim, dim + 1).flatten(dim, dim + 1)


def _stored(x: Tensor) -> Tensor:
    """x in memory of its own: Inductor would compute small values again for every pixel."""
    x = x.contiguous()
    return x.as_strided(x.shape, x.stride())


def _move(x: Tensor, half: int) -> Tensor:
    """(N, T, ...) by a frame: the first half takes from the next one, the second from the previous."""
    return _shift(x, (-1 if half == 0 else 1,))


def _shift(x: Tensor, steps: tuple[int, ...]) -> Tensor:
    """Moves (N, T, ...) along T and the dimensions after it; zeros come in."""
    pad = [0, 0] * (x.dim() - 1 - len(steps))
    for step in reversed(steps):
        pad += [max(step, 0), max(-step, 0)]
    for dim, step in enumerate(steps, 1):
        size = x.shape[dim]
        x = x.narrow(dim, max(-step, 0), size - abs(step))
    return F.pad(x, pad)


def _gate(layer: nn.Module, x: Tensor, half: int, shuffled: bool) -> Tensor:
    """The gate (N, T, H, W) of one half."""
    norm, size = layer.norm, layer.touched // 2
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    shift = norm.bias - norm.running_mean * scale
    own = slice(half * size, (half + 1) * size)
    weight = layer.gate_conv.weight[half].flatten(1)  # (C'/2, 27)
    scale, shift = scale[own], shift[own]
    if shuffled:
        weight, scale, shift = (_alternate(each, 0) for each in (weight, scale, shift))
    scale, shift = _stored(scale)[:, None, None], _stored(shift)[:, None, None]
    active = (x[:, own] * scale + shift).relu().flatten(2)  # (B, C'/2, L)
    weight = _stored(weight.t()).expand(x.shape[0], -1, -1)
    taps = torch.bmm(weight, active).unflatten(2, x.shape[2:])
    taps = taps.unflatten(0, (-1, layer.num_segments)).unbind(2)  # each (N, T, H, W)
    steps = itertools.product(STEPS, repeat=3)
    planes = sum(_shift(tap, step) for tap, step in zip(taps, steps, strict=True))
    return _stored((planes + layer.gate_conv.bias[half]).tanh())


def _fusion(layer: nn.Module, x: Tensor, gates: list[Tensor], shuffled: bool) -> list[Tensor]:
    """The fusion weights (N, T, C'/2, 1, 1) of both halves, in the order of x's channels."""
    size, found = layer.touched // 2, []
    for half, conv in enumerate((layer.fuse_conv1, layer.fuse_conv2)):
        part = x[:, half * size : (half + 1) * size].unflatten(0, (-1, layer.num_segments))
        mean_gated = (part * gates[half].unsqueeze(2)).mean((-2, -1))  # (N, T, C'/2)
        mean_rest = part.mean((-2, -1)) - mean_gated
        means = torch.stack((_move(mean_gated, half), mean_rest), dim=1)  # (N, 2, T, C'/2)
        if shuffled:
            means = _restore(means, 3)
        windows = _stored(F.pad(means, (1, 1, 1, 1))).unfold(2, 3, 1).unfold(3, 3, 1)
        kernel = conv.weight[0].transpose(1, 2)[:, None, None]  # (2, 1, 1, 3, 3): time, channel
        weight = ((windows * kernel).sum((1, 4, 5)) + conv.bias).sigmoid()
        if shuffled:
            weight = _alternate(weight, 2)
        found.append(_stored(weight)[..., None, None])
    return found


def _mix(part: Tensor, gate: Tensor, weight: Tensor | None, half: int) -> Tensor:
    """What a half (N, T, C'/2, H, W) becomes, in the order of its channels."""
    stays = part - gate.unsqueeze(2) * part
    # The gate is moved by itself: a product that is moved would be stored.
    moved = _move(gate, half).unsqueeze(2) * _move(part, half)
    return stays + moved if weight is None else stays + weight * (moved - stays)
