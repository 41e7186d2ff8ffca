"""Gradient checkpointing (Chen et al., arXiv 1604.06174) that leaves running statistics alone.

The values inside a block are not kept for the backward pass but made again there. A norm in training
mode would then count every batch twice, as in MMAction2's `with_cp` and MMEngine's
`activation_checkpointing`; here the second pass works on copies of its buffers.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint


def checkpoint_blocks(blocks: Iterable[nn.Module]) -> None:
    """Makes each block forget its inner values after the forward pass, in place.

    Output, gradients, buffers and state dicts stay those of the network without it. Blocks that draw
    random numbers draw the same ones again.
    """
    for block in blocks:
        # Not a hook: the whole call has to run a second time.
        block.forward = partial(_checkpointed, block)


class HeldBuffers(AbstractContextManager):
    """What a module writes to its buffers in this context is lost; it can be entered again."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module

    def __enter__(self) -> None:
        self._held = [
            (owner, name, buffer)
            for owner in self.module.modules()
            for name, buffer in owner.named_buffers(recurse=False)
        ]
        for owner, name, buffer in self._held:
            setattr(owner, name, buffer.clone())

    def __exit__(self, *_: object) -> None:
        for owner, name, buffer in self._held:
            setattr(owner, name, buffer)


def _checkpointed(block: nn.Module, *args: object, **kwargs: object) -> object:
    forward = partial(type(block).forward, block)
    if not torch.is_grad_enabled():
        return forward(*args, **kwargs)
    if torch.compiler.is_compiling():
        # The compiler makes values again without their side effects.
        return checkpoint(forward, *args, use_reentrant=False, **kwargs)
    contexts = partial(_contexts, block)
    return checkpoint(forward, *args, use_reentrant=False, context_fn=contexts, **kwargs)


def _contexts(block: nn.Module) -> tuple[AbstractContextManager, AbstractContextManager]:
    """Those of the forward pass and of the second one."""
    return nullcontext(), HeldBuffers(block)
