"""The gradient of GSF in eager mode, from the layer's input and little else.

Kept for it are the touched channels, the gates and a few values a channel; the rest is made again.
With autograd's own record of the forward pass every product would be kept.

Notation: D is the gradient of the output before its shuffle, w the fusion weight, g the gate.
The output is w * y' + (1 - w) * r, where y = g * x, y' is y moved in time, and r = x - y.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx, once_differentiable

from . import lean
from .scratch import (
    groups_of_clips,
    in_groups,
    in_halves,
    make_scratch,
    padded,
    pieces_of_space,
    unshuffled,
)


class LeanGateShiftFuse(torch.autograd.Function):
    """The layer as one step of autograd's graph; its gradient cannot be differentiated again."""

    @staticmethod
    def forward(
        ctx: FunctionCtx, x: Tensor, layer: nn.Module, inplace: bool, *parameters: Tensor
    ) -> Tensor:
        """Args as for GateShiftFuse.forward; `parameters` are the layer's, in its order."""
        part = x[:, : layer.touched]
        if layer.touched < layer.channels:
            # The output takes the place of these channels, or they would keep all of x alive.
            part = part.clone()
            out = x if inplace else x.clone()
        else:
            out = torch.empty_like(x)
        parts = lean.forward(layer, part, out)
        ctx.layer, ctx.is_training = layer, layer.norm.training
        ctx.save_for_backward(part, *parts.known, parts.gate, *(parts.means or ()), *parameters)
        if out is x:
            ctx.mark_dirty(x)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor | None, ...]:
        layer = ctx.layer
        part, *values = ctx.saved_tensors
        parts = lean.Parts(lean.Statistics(*values[:2]), values[2], None)
        if layer.fuse:
            parts = parts._replace(means=tuple(values[3:5]))
        result, gradients = _gradients(layer, part, parts, grad.contiguous(), ctx.is_training)
        return result, None, None, *(gradients[name] for name, _ in layer.named_parameters())


def _gradients(
    layer: nn.Module, part: Tensor, parts: lean.Parts, grad: Tensor, training: bool
) -> tuple[Tensor, dict[str, Tensor]]:
    """Gradients of x and, by name, of the layer's parameters."""
    touched, frames = layer.touched, layer.num_segments
    result = torch.empty_like(grad)
    result[:, touched:] = grad[:, touched:]
    halves, target = in_halves(part, touched, frames), in_halves(result, touched, frames)
    grad_out = unshuffled(grad, touched, frames)
    scratch = make_scratch(halves, part.dtype, buffers=3)
    through_gates = torch.empty_like(part)
    total = Sums()
    for clips in groups_of_clips(halves, scratch, buffers=3):
        means = parts.means and tuple(mean[clips] for mean in parts.means)
        some = (halves[clips], grad_out[clips], parts.gate[clips])
        fusion = _fusion_gradient(layer, *some, means, scratch, total)
        of_gates = _mixture_gradient(*some, fusion, target[clips], scratch)
        _gate_gradient(
            layer,
            part.unflatten(0, (-1, frames))[clips].flatten(0, 1),
            parts.known,
            of_gates.mul_(1 - parts.gate[clips].square()),
            through_gates.unflatten(0, (-1, frames))[clips].flatten(0, 1),
            scratch,
            total,
        )
    through_norm, total['norm.weight'], total['norm.bias'] = _norm_gradient(
        layer.norm, part, parts.known, through_gates, training
    )
    result[:, :touched] += through_norm
    return result, total


class Sums(dict):
    """Gradients of parameters by name, summed over what is added."""

    def add(self, name: str, gradient: Tensor) -> None:
        self[name] = self[name] + gradient if name in self else gradient


class Fusion(NamedTuple):
    """What the mixture's gradient needs to know of the fusion.

    Attributes:
        weight: w, (N, T, 2, C'/2, 1).
        of_shifted, of_rest: the share of each number of y' and r in the gradients of the means, as w.
    """

    weight: Tensor
    of_shifted: Tensor
    of_rest: Tensor


def _fusion_gradient(
    layer: nn.Module,
    halves: Tensor,
    grad_out: Tensor,
    gate: Tensor,
    means: tuple[Tensor, Tensor] | None,
    scratch: Tensor,
    total: Sums,
) -> Fusion | None:
    """Through the fusion convolutions to the means of y' and r, if there are any."""
    if means is None:
        return None
    of_weight = 0
    for piece in pieces_of_space(halves, scratch, buffers=3):
        shifted, rest = lean.split(halves[..., piece], gate[..., piece], scratch)
        difference = in_groups(torch.sub(shifted, rest, out=rest))
        of_weight = of_weight + difference.mul_(grad_out[..., piece]).sum(-1)
    planes, (kernel, bias) = lean.fusion_input(*means), lean.fusion_kernel(layer)
    weight = F.conv2d(planes, kernel, bias, padding=1, groups=2).sigmoid_()  # (N, 2, T, C'/2)
    of_planes = of_weight.flatten(3).transpose(1, 2) * weight * (1 - weight)
    of_planes, of_kernel, of_bias = torch.ops.aten.convolution_backward(
        of_planes, planes, kernel, [2], [1, 1], [1, 1], [1, 1], False, [0, 0], 2, [True] * 3
    )
    of_kernel = of_kernel.transpose(2, 3)
    for index, name in enumerate(('fuse_conv1', 'fuse_conv2')):
        total.add(f'{name}.weight', of_kernel[index : index + 1])
        total.add(f'{name}.bias', of_bias[index : index + 1])
    of_planes = of_planes.unflatten(1, (2, 2)) / halves.shape[-1]
    of_shifted, of_rest = of_planes.permute(2, 0, 3, 1, 4)[..., None].unbind()
    return Fusion(weight.transpose(1, 2)[..., None], of_shifted, of_rest)


def _mixture_gradient(
    halves: Tensor,
    grad_out: Tensor,
    gate: Tensor,
    fusion: Fusion | None,
    target: Tensor,
    scratch: Tensor,
) -> Tensor:
    """Writes the gradient of the halves to `target`, without what comes through the gates.

    Returns:
        The gradient of the gates (N, T, 2, L).
    """
    of_gates = torch.empty_like(gate)
    for piece in pieces_of_space(halves, scratch, buffers=3):
        x, out = halves[..., piece], grad_out[..., piece]
        to_shifted, of_y = padded(scratch, x.shape, back=True)
        of_rest, difference = scratch[-2 * x.numel() :].view(2, *x.shape)
        if fusion is None:
            in_groups(to_shifted).copy_(out)
            in_groups(of_rest).copy_(out)
        else:
            _weighted(fusion.of_shifted, out, fusion.weight, to_shifted)
            _weighted(fusion.of_rest, out, 1 - fusion.weight, of_rest)
        torch.sub(of_y, of_rest, out=difference)
        plane = gate[..., piece].unsqueeze(3)
        torch.addcmul(of_rest, difference, plane, out=target[..., piece])
        of_gates[..., piece] = difference.mul_(x).sum(3)
    return of_gates


def _weighted(offset: Tensor, grad_out: Tensor, weight: Tensor, out: Tensor) -> None:
    offset, weight, out = map(in_groups, (offset, weight, out))
    torch.addcmul(offset, grad_out, weight, out=out)


def _gate_gradient(
    layer: nn.Module,
    part: Tensor,
    known: lean.Statistics,
    grad: Tensor,
    target: Tensor,
    scratch: Tensor,
    total: Sums,
) -> None:
    """From the gates before tanh, (N, T, 2, L), to the norm's output, written to `target`."""
    total.add('gate_conv.bias', grad.sum((0, 1, 3)))
    planes = _in_time(grad)
    weight = lean.gate_weight(layer.gate_conv)
    back = weight.transpose(1, 2).reshape(layer.touched, lean.TAPS, 1, 1)
    step = max(1, scratch.numel() // part[0].numel())
    for own, block, out in zip(*(t.split(step) for t in (planes, part, target)), strict=True):
        taps = lean.taps_of(own, *part.shape[-2:])  # (N*T, 54, H, W)
        active = lean.activate(layer.norm, block, known, scratch)
        rows, columns = (t.flatten(2).unflatten(1, (2, -1)) for t in (taps, active))
        of_weight = torch.matmul(rows, columns.transpose(2, 3)).sum(0)
        total.add(
            'gate_conv.weight', of_weight.transpose(1, 2).reshape(layer.gate_conv.weight.shape)
        )
        of_active = F.conv2d(taps, back, groups=2)
        torch.ops.aten.threshold_backward.grad_input(of_active, active, 0, grad_input=out)


def _in_time(grad: Tensor) -> Tensor:
    """Gradients of the gates (N, T, 2, L) at their taps in time: (N*T, 6, L)."""
    clips, frames, _, size = grad.shape
    planes = grad.new_zeros(clips, frames, 2, 3, size)
    planes[:, :-1, :, 0] = grad[:, 1:]
    planes[:, :, :, 1] = grad
    planes[:, 1:, :, 2] = grad[:, :-1]
    return planes.view(clips * frames, 6, size)


def _norm_gradient(
    norm: nn.Module, part: Tensor, known: lean.Statistics, grad: Tensor, training: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of a norm's input, weight and bias."""
    inverse_std = torch.rsqrt(known.variance + norm.eps)
    return torch.ops.aten.native_batch_norm_backward(
        grad, part, norm.weight, *known, known.mean, inverse_std, training, norm.eps, [True] * 3
    )
