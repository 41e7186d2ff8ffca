"""Views of feature maps, and the scratch buffer that the lean way of GSF works in.

Working on as many clips at a time as fit into the buffer, and on a part of the space where one clip
does not, keeps what is worked on in cache and needs no pages of fresh memory.

Shapes as in `gate_shift_fuse`, with L = H*W; `halves` are (N, T, 2, C'/2, L).
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

# Numbers of working memory: the best of 2**20 to 2**23 for ResNet-50 on two cores.
SCRATCH = 2**21


def in_halves(x: Tensor, touched: int, frames: int) -> Tensor:
    """The touched channels of (N*T, C, H, W) as halves; a view."""
    return x.flatten(2).unflatten(0, (-1, frames))[:, :, :touched].unflatten(2, (2, -1))


def in_groups(halves: Tensor) -> Tensor:
    """Halves, or values of their channels, by the shuffle's two groups: (N, T, 2, 2, C'/4, ...)."""
    return halves.unflatten(3, (2, -1))


def unshuffled(x: Tensor, touched: int, frames: int) -> Tensor:
    """The touched channels of (N*T, C, H, W) in the order before the shuffle; a view.

    Returns:
        (N, T, 2, 2, C'/4, L): half, then group.
    """
    return in_halves(x, touched, frames).unflatten(3, (-1, 2)).transpose(3, 4)


def padded(scratch: Tensor, shape: torch.Size, back: bool = False) -> tuple[Tensor, Tensor]:
    """Memory for halves of this shape between two frames of zeros.

    Returns:
        The halves, and the same moved in time as the layer moves them (the first half takes from
        the next frame, the second from the previous one), or, for gradients, `back`: two views.
    """
    clips, frames, _, channels, size = shape
    frame = channels * size
    clip = 2 * (frames + 2) * frame
    memory = scratch[: clips * clip].view(clips, 2, frames + 2, channels, size)
    if back:
        memory[:, 0, 0], memory[:, 1, -1] = 0, 0
        start, half = 0, (frames + 4) * frame
    else:
        # The last frame of the first half and the first of the second lie side by side.
        memory.view(clips, -1)[:, (frames + 1) * frame : (frames + 3) * frame] = 0
        start, half = 2 * frame, frames * frame
    strides = (clip, frame, half, size, 1)
    moved = memory.as_strided(shape, strides, memory.storage_offset() + start)
    return memory[:, :, 1:-1].transpose(1, 2), moved


def scratch_size(shape: tuple[int, ...], buffers: int = 2) -> int:
    """Numbers in `buffers` for halves of this shape, the first of them `padded`."""
    numbers = math.prod(shape)
    return buffers * numbers + 2 * numbers // shape[1]


def make_scratch(halves: Tensor, dtype: torch.dtype, buffers: int = 2) -> Tensor:
    """Working memory for all clips, or for as many as fit, but for one frame at least."""
    wanted = min(SCRATCH, scratch_size(halves.shape, buffers))
    return halves.new_empty(max(wanted, halves[0, 0].numel()), dtype=dtype)


def groups_of_clips(halves: Tensor, scratch: Tensor, buffers: int = 2) -> Iterator[slice]:
    """The clips that are worked on together."""
    clips = halves.shape[0]
    step = max(1, scratch.numel() // scratch_size((1, *halves.shape[1:]), buffers))
    return (slice(start, start + step) for start in range(0, clips, step))


def pieces_of_space(halves: Tensor, scratch: Tensor, buffers: int = 2) -> list[slice]:
    """The parts of the space that are worked on one after the other."""
    size = halves.shape[-1]
    step = max(1, size * scratch.numel() // scratch_size(halves.shape, buffers))
    return [slice(start, start + step) for start in range(0, size, step)]
