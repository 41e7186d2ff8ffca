"""Gate-Shift-Fuse (GSF), a temporal layer for networks that see one frame at a time.

Paper: Sudhakaran, Escalera, Lanz, "Gate-Shift-Fuse for Video Action Recognition", IEEE TPAMI 45(9),
2023, arXiv 2203.08897. The 3x3x3 gate convolution is computed here as one 2D convolution with three
output planes a half, one for each tap in time, so that frames never leave their (N*T, C, H, W)
layout.

Shapes: N clips, T segments, C channels, H, W; C' of the C channels are touched, in two halves.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import compiled, lean
from .lean_gradient import LeanGateShiftFuse

TIME_TAPS = 3
LEAN_DTYPES = (torch.float32, torch.float64)
LOWER_DTYPES = (torch.bfloat16, torch.float16)


class Explanation(NamedTuple):
    """What a GSF layer decides about one input.

    Attributes:
        gate: (N, T, 2, H, W) in (-1, 1), one plane for each half: the share shifted in time.
        fusion: (N, T, C') in (0, 1), the weight of the shifted part, in the order of the input's
            channels; None if the layer sums.
    """

    gate: Tensor
    fusion: Tensor | None


def shifted_channels(channels: int, channel_ratio: float) -> int:
    """Number of channels C' that a layer of this ratio touches, a multiple of 4.

    Raises:
        ValueError: the ratio is outside (0, 1], or C' is no multiple of 4.
    """
    if not 0 < channel_ratio <= 1:
        nearest = 1.0 if channel_ratio > 1 else 0.25
        raise ValueError(
            f'channel_ratio={channel_ratio} is outside (0, 1]; the nearest usual value is {nearest}'
        )
    count = int(channels * channel_ratio)
    count += count % 2
    if count % 4 or count == 0:
        raise ValueError(
            f'{channels} channels at channel_ratio={channel_ratio} are {count} to touch, which is '
            f'no multiple of 4 (two halves, each shuffled in two groups); {_nearest(channels, count)}'
        )
    return count


def _nearest(channels: int, count: int) -> str:
    if channels < 4:
        return 'the nearest number of channels that works is 4 at channel_ratio=1.0'
    nearest = min(max(4, 4 * round(count / 4)), channels // 4 * 4)
    return (
        f'the nearest that works is channel_ratio={nearest / channels!r}, which touches {nearest}'
    )


class GateShiftFuse(nn.Module):
    """Gates, shifts and fuses the first channels of a video's feature maps (paper, section 3).

    A learned gate takes a part of each feature map. In the first half of the touched channels that
    part moves one frame back in time, in the second half one frame on. Learned weights for every
    channel and frame fuse what was shifted with what stayed. A channel shuffle within each half
    follows, so even a closed gate is not the identity.

    Args:
        channels: C of the input.
        num_segments: T, frames a clip.
        channel_ratio: share of the channels that is touched, in (0, 1]; the others pass through.
        gate: 'learned', or a fixed value: 1.0 shifts everything (TSM-like), -1.0 takes differences.
        fuse: fuse by learned weights; False sums what was shifted and what stayed, as in GSM.
        norm_layer: makes the norm before the gate from a channel count.

    Raises:
        ValueError: a ratio outside (0, 1], a count of touched channels that is no multiple of 4,
            num_segments below 1, or a fixed gate other than 1.0 and -1.0.
    """

    def __init__(
        self,
        channels: int,
        num_segments: int = 8,
        channel_ratio: float = 1.0,
        gate: str | float = 'learned',
        fuse: bool = True,
        norm_layer: Callable[[int], nn.Module] = nn.BatchNorm2d,
    ) -> None:
        super().__init__()
        if num_segments < 1:
            raise ValueError(f'num_segments={num_segments}: a clip has at least 1 frame; give >= 1')
        if gate not in ('learned', 1.0, -1.0):
            raise ValueError(f"gate={gate!r} is not known; choose 'learned', 1.0 or -1.0")
        self.channels = channels
        self.num_segments = num_segments
        self.channel_ratio = channel_ratio
        self.gate = gate
        self.fuse = fuse
        self.touched = shifted_channels(channels, channel_ratio)
        if gate == 'learned':
            self.norm = norm_layer(self.touched)
            self.gate_conv = nn.Conv3d(self.touched, 2, TIME_TAPS, padding=1, groups=2)
        if fuse:
            self.fuse_conv1 = nn.Conv2d(2, 1, 3, padding=1)
            self.fuse_conv2 = nn.Conv2d(2, 1, 3, padding=1)

    def reset_parameters(self) -> None:
        """Gives norm and convolutions the weights that PyTorch makes them with."""
        for part in self.children():
            part.reset_parameters()

    def extra_repr(self) -> str:
        return (
            f'{self.channels}, num_segments={self.num_segments}, '
            f'channel_ratio={self.channel_ratio}, gate={self.gate!r}, fuse={self.fuse}'
        )

    def forward(self, x: Tensor, inplace: bool = False) -> Tensor:
        """Maps (N*T, C, H, W) to the same shape; the T frames of a clip lie one after the other.

        Args:
            x: feature maps.
            inplace: x may be overwritten, since nobody else needs it.

        Raises:
            ValueError: T does not divide the batch, or the channel count is not the layer's.
        """
        self._check(x)
        if self._runs_lean(x):
            return self._lean(x, inplace)
        if compiled.applies(self, x):
            return compiled.forward(self, x)
        return self._plain(x)

    def _plain(self, x: Tensor) -> Tensor:
        """In operations that compile, export and trace."""
        halves = self._halves(x)
        gated = halves * self._gate(x)  # (N, T, 2, C'/2, H, W)
        rest = halves - gated
        shifted = self._shift(gated)
        if self.fuse:
            weight = self._fusion(halves, gated)[..., None, None]  # (N, T, 2, C'/2, 1, 1)
            out = rest + weight * (shifted - rest)
        else:
            out = rest + shifted
        # The shuffle: each half is seen as two groups, whose channels then alternate.
        out = out.unflatten(3, (2, -1)).transpose(3, 4).flatten(2, 4).flatten(0, 1)
        return torch.cat((out, x[:, self.touched :]), dim=1)

    def _lean(self, x: Tensor, inplace: bool) -> Tensor:
        """The same with fewer passes over memory."""
        if torch.is_grad_enabled():
            parameters = list(self.parameters())
            if x.requires_grad or any(parameter.requires_grad for parameter in parameters):
                return LeanGateShiftFuse.apply(x, self, inplace and not x.is_leaf, *parameters)
        with torch.no_grad(), torch.autocast('cpu', enabled=False):
            out = x if inplace else x.clone()
            if x.is_contiguous():
                lean.forward(self, x, out)
            else:
                part = x[:, : self.touched].contiguous()
                lean.forward(self, part, part)
                out[:, : self.touched] = part
        return out

    def _runs_lean(self, x: Tensor) -> bool:
        """Whether x and the layer's state are what `lean` is written for.

        It looks at values, for which a GPU would have to wait, and was never run on one.
        """
        if torch.compiler.is_compiling() or torch.jit.is_tracing() or self.gate != 'learned':
            return False
        norm = self.norm
        return (
            type(x) is Tensor
            and x.device.type == 'cpu'
            and isinstance(norm, nn.modules.batchnorm._BatchNorm)
            and norm.affine
            and self._has_lean_form(x)
            and norm.track_running_stats
            and (type(norm) is nn.BatchNorm2d and x[:, 0].numel() > 1 or not norm.training)
            and not any(part._forward_hooks or part._forward_pre_hooks for part in self.children())
        )

    def _has_lean_form(self, x: Tensor) -> bool:
        """In inference x may also have any strides, and a lower precision than the layer."""
        own = self.norm.weight.dtype
        if torch.is_grad_enabled() and (
            not x.is_contiguous() or x.dtype != own or torch.is_autocast_enabled('cpu')
        ):
            return False
        return own in LEAN_DTYPES and x.dtype in (own, *LOWER_DTYPES)

    @torch.no_grad()
    def explain(self, x: Tensor) -> Explanation:
        """The gate and the fusion weights that `forward` uses for an input (N*T, C, H, W)."""
        self._check(x)
        halves = self._halves(x)
        gate = self._gate(x)
        fusion = self._fusion(halves, halves * gate).flatten(2) if self.fuse else None
        return Explanation(gate.expand_as(halves[:, :, :, :1]).squeeze(3), fusion)

    def _check(self, x: Tensor) -> None:
        if torch.jit.is_tracing():
            return
        if x.dim() != 4 or x.shape[1] != self.channels:
            raise ValueError(
                f'input of shape {tuple(x.shape)}: this layer takes (N*T, {self.channels}, H, W)'
            )
        if x.shape[0] % self.num_segments:
            raise ValueError(
                f'a batch of {x.shape[0]} frames is not divisible by num_segments='
                f'{self.num_segments}; the nearest batch that is holds '
                f'{max(1, round(x.shape[0] / self.num_segments)) * self.num_segments} frames'
            )

    def _halves(self, x: Tensor) -> Tensor:
        """(N*T, C, H, W) to the touched channels (N, T, 2, C'/2, H, W)."""
        return x[:, : self.touched].unflatten(1, (2, -1)).unflatten(0, (-1, self.num_segments))

    def _gate(self, x: Tensor) -> Tensor:
        """The gate (N, T, 2, 1, H, W), or a fixed one that broadcasts to it."""
        if self.gate != 'learned':
            return x.new_full((1,) * 6, self.gate)
        active = self.norm(x[:, : self.touched]).relu()
        weight = self.gate_conv.weight.transpose(1, 2).flatten(0, 1)  # (2*3, C'/2, 3, 3)
        taps = F.conv2d(active, weight, padding=1, groups=2)
        taps = taps.unflatten(1, (2, TIME_TAPS)).unflatten(0, (-1, self.num_segments))
        past, now, future = taps.unbind(3)  # each (N, T, 2, H, W)
        planes = _shift_time(past, 1) + now + _shift_time(future, -1)
        return (planes + self.gate_conv.bias[:, None, None]).tanh().unsqueeze(3)

    def _shift(self, gated: Tensor) -> Tensor:
        """The first half takes its value from the next frame, the second from the previous one."""
        first, second = gated.unbind(2)
        return torch.stack((_shift_time(first, -1), _shift_time(second, 1)), dim=2)

    def _fusion(self, halves: Tensor, gated: Tensor) -> Tensor:
        """(N, T, 2, C'/2): weights in (0, 1) from the spatial means of both parts."""
        mean_gated = gated.mean((-2, -1))  # (N, T, 2, C'/2)
        mean_rest = halves.mean((-2, -1)) - mean_gated
        mean_shifted = self._shift(mean_gated)
        means = torch.stack((mean_shifted, mean_rest), dim=-1)  # (N, T, 2, C'/2, 2)
        first, second = means.permute(2, 0, 4, 3, 1).unbind(0)  # each (N, 2, C'/2, T)
        weights = torch.cat((self.fuse_conv1(first), self.fuse_conv2(second)), dim=1)
        return weights.sigmoid().permute(0, 3, 1, 2)


def _shift_time(x: Tensor, step: int) -> Tensor:
    """Moves (N, T, ...) by `step` frames in time; zeros come in."""
    # Not by F.pad: torch 2.13's Inductor compiles the sum of padded slices of a convolution wrongly
    # on the CPU where H*W is a multiple of 16.
    zero = torch.zeros_like(x[:, :1])
    return torch.cat((zero, x[:, :-1]) if step > 0 else (x[:, 1:], zero), dim=1)
