"""The gradient of GSF in eager mode, from the layer's input and little else.

Kept for it are the touched channels, the gates and a few values a channel; the rest is made again.
With autograd's own record of the forward pass every product would be kept.

Notation: D is the gradient of the output before its shuffle, w the fusion weight, g the gate.
The output is w * y' + (1 - w) * r, where y = g * x, y' is y moved in time, and r = x - y.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx, once_differentiable

from . import lean


class LeanGateShiftFuse(torch.autograd.Function):
    """The layer as one step of autograd's graph; its gradient cannot be differentiated again."""

    @staticmethod
    def forward(
        ctx: FunctionCtx, x: Tensor, layer: nn.Module, inplace: bool, *parameters: Tensor
    ) -> Tensor:
        """Args as for GateShiftFuse.forward; `parameters` are the layer's, in its order."""
        part = x[:, : layer.touched]
        whole = layer.touched == layer.channels
        if not whole:
            # The output takes the place of these channels, or they would keep all of x alive.
            part = part.clone()
            out = x if inplace else x.clone()
        else:
            out = torch.empty_like(x)
        parts = lean.forward(layer, x, out)
        ctx.layer, ctx.is_training = layer, layer.norm.training
        ctx.save_for_backward(part, *parts.norm, parts.gate, *(parts.means or ()), *parameters)
        if out is x:
            ctx.mark_dirty(x)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor | None, ...]:
        layer = ctx.layer
        part, *values = ctx.saved_tensors
        norm, gate, means = lean.Affine(*values[:4]), values[4], None
        if layer.fuse:
            means = tuple(values[5:7])
        touched, frames = layer.touched, layer.num_segments
        halves = lean.in_halves(part, touched, frames)
        grad_out = lean.unshuffled(grad.contiguous(), touched, frames).flatten(3, 4)
        grad_halves, grad_gate, fuse_gradients = mixture_gradient(
            layer, halves, grad_out, gate, means
        )
        grad_part, gate_gradients = gate_gradient(
            layer, part, norm, gate, grad_gate, ctx.is_training
        )
        grad_part += grad_halves.view_as(part)
        gradients = {**gate_gradients, **fuse_gradients}
        own = (gradients[name] for name, _ in layer.named_parameters())
        if touched < layer.channels:
            grad_part = torch.cat((grad_part, grad[:, touched:]), dim=1)
        return grad_part, None, None, *own


def mixture_gradient(
    layer: nn.Module,
    halves: Tensor,
    grad_out: Tensor,
    gate: Tensor,
    means: tuple[Tensor, Tensor] | None,
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Gradients of the halves (N, T, 2, C'/2, L), the gates (N, T, 2, L) and the fusion."""
    plane = gate.unsqueeze(3)
    of_rest, of_shifted, gradients = grad_out, grad_out, {}
    if means is not None:
        gated = halves * plane
        rest = halves - gated
        weight, of_means, gradients = _fusion_gradient(
            layer, means, _weight_gradient(gated, rest, grad_out)
        )
        mean_shifted, mean_rest = (g / halves.shape[-1] for g in of_means)
        of_rest = torch.mul(grad_out, 1 - weight, out=rest).add_(mean_rest)
        of_shifted = torch.mul(grad_out, weight, out=gated)
    # The gradient of y, back at its own frame, less that of r = x - y.
    difference = torch.neg(of_rest)
    for half, (to, source, _) in enumerate(lean.TAKES):
        difference[:, source, half] += of_shifted[:, to, half]
    if means is not None:
        difference += mean_shifted
    grad_gate = (halves * difference).sum(3)
    if means is None:
        return torch.addcmul(of_rest, difference, plane), grad_gate, gradients
    return of_rest.addcmul_(difference, plane), grad_gate, gradients


def _weight_gradient(gated: Tensor, rest: Tensor, grad_out: Tensor) -> Tensor:
    """(N, T, 2, C'/2): the sum over space of D * (y' - r)."""
    grad_weight = (grad_out * rest).sum(-1).neg_()
    for half, (to, source, _) in enumerate(lean.TAKES):
        grad_weight[:, to, half] += (grad_out[:, to, half] * gated[:, source, half]).sum(-1)
    return grad_weight


def _fusion_gradient(
    layer: nn.Module, means: tuple[Tensor, Tensor], grad_weight: Tensor
) -> tuple[Tensor, tuple[Tensor, Tensor], dict[str, Tensor]]:
    """The weights (..., 1), the gradients (..., 1) of the two means, and those of the parameters."""
    names = [name for name, _ in layer.named_parameters() if name.startswith('fuse_conv')]
    with torch.enable_grad():
        leaves = [mean.detach().requires_grad_() for mean in means]
        weight = lean.fusion(layer, *lean.fusion_inputs(*leaves))
        wanted = {name: layer.get_parameter(name) for name in names}
        wanted = {name: value for name, value in wanted.items() if value.requires_grad}
        of_shifted, of_rest, *own = torch.autograd.grad(
            weight, [*leaves, *wanted.values()], grad_weight
        )
    gradients = {**dict.fromkeys(names), **dict(zip(wanted, own, strict=True))}
    return weight.detach()[..., None], (of_shifted[..., None], of_rest[..., None]), gradients


def gate_gradient(
    layer: nn.Module, part: Tensor, norm: lean.Affine, gate: Tensor, grad: Tensor, training: bool
) -> tuple[Tensor, dict[str, Tensor]]:
    """Gradients of the touched channels (N*T, C', H, W) through the gates, and of its parameters."""
    grad = grad * (1 - gate * gate)
    taps = _tap_gradients(grad, part.shape[-2:])  # (N*T, 54, H, W)
    weight = lean.gate_weight(layer.gate_conv)
    clamped = lean.clamp_before_gate(part, norm)
    grad_weight = torch.matmul(
        taps.flatten(2).unflatten(1, (2, -1)),
        clamped.flatten(2).unflatten(1, (2, -1)).transpose(2, 3),
    ).sum(0)
    shift = torch.where(norm.scale == 0, norm.shift.relu(), norm.shift)
    grad_weight *= norm.scale.view(2, 1, -1)
    grad_weight += taps.sum((0, 2, 3)).view(2, -1, 1) * shift.view(2, 1, -1)
    back = weight.transpose(1, 2).reshape(layer.touched, lean.TAPS, 1, 1)
    of_active = F.conv2d(taps, back, groups=2)
    # ReLU passes what lies above zero.
    of_active *= torch.addcmul(norm.shift[:, None, None], part, norm.scale[:, None, None]) > 0
    grad_part, of_norm_weight, of_norm_bias = _norm_gradient(part, norm, of_active, training)
    return grad_part, {
        'norm.weight': of_norm_weight,
        'norm.bias': of_norm_bias,
        'gate_conv.weight': grad_weight.transpose(1, 2).reshape(layer.gate_conv.weight.shape),
        'gate_conv.bias': grad.sum((0, 1, 3)),
    }


def _tap_gradients(grad: Tensor, size: tuple[int, int]) -> Tensor:
    """Gradients of the gates (N, T, 2, L) at the taps that they were summed from."""
    clips, frames = grad.shape[:2]
    planes = grad.new_zeros(clips, frames, 2, 3, grad.shape[-1])
    planes[:, :-1, :, 0] = grad[:, 1:]
    planes[:, :, :, 1] = grad
    planes[:, 1:, :, 2] = grad[:, :-1]
    planes = planes.view(clips * frames, 6, -1)
    taps = grad.new_zeros(clips * frames, 6, 9, grad.shape[-1])
    taps[:, :, 4] = planes
    for tap, to, source in lean.shifts(*size):
        taps[:, :, tap, source] = planes[..., to]
    taps = taps.view(clips * frames, 2 * lean.TAPS, *size)
    lean.zero_wrapped(taps, size[1])
    return taps


def _norm_gradient(
    part: Tensor, norm: lean.Affine, grad: Tensor, training: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of a norm's input, weight and bias; `grad` is used up."""
    of_bias = grad.sum((0, 2, 3))
    product = (grad * part).sum((0, 2, 3))
    of_weight = norm.inverse_std * (product - norm.mean * of_bias)
    grad *= norm.scale[:, None, None]
    if training:
        count = part.numel() // part.shape[1]
        slope = -norm.scale * norm.inverse_std * of_weight / count
        offset = -norm.scale * of_bias / count - slope * norm.mean
        grad += offset[:, None, None]
        grad += part * slope[:, None, None]
    return grad, of_weight, of_bias
