"""A convolution with a temporal layer behind it, which loads the plain network's weights."""

from torch import Tensor, nn

from . import compiled
from .gate_shift import GateShift
from .gate_shift_fuse import GateShiftFuse


class TemporalConv(nn.Module):
    """A convolution and the temporal layer that follows it.

    The convolution's parameters are named `net.*`, as in MMAction2's TemporalShift. State dicts of
    the network without the layer load as they are: their keys lack the `net.` and get it here.

    Args:
        net: the convolution that stood here.
        temporal: maps (N*T, C, H, W) to the same shape.
    """

    def __init__(self, net: nn.Module, temporal: nn.Module) -> None:
        super().__init__()
        self.net = net
        self.temporal = temporal
        self.register_load_state_dict_pre_hook(_accept_plain_keys)

    # Weight loaders and initialisers of 2D networks reach for these two on a convolution.
    @property
    def weight(self) -> Tensor:
        return self.net.weight

    @property
    def bias(self) -> Tensor | None:
        return self.net.bias

    def forward(self, x: Tensor) -> Tensor:
        if self._joins(x):
            x = compiled.convolve(self.net, self.temporal, x)
            return compiled.forward(self.temporal, x, shuffled=True)
        x = self.net(x)
        # What the convolution made is nobody else's, unless a hook looks at it.
        hooks = (self.net._forward_hooks, self.temporal._forward_hooks)
        if isinstance(self.temporal, GateShiftFuse) and not any(hooks):
            return self.temporal(x, inplace=True)
        return self.temporal(x)

    def _joins(self, x: Tensor) -> bool:
        """Whether the convolution can be compiled together with the layer."""
        net, temporal = self.net, self.temporal
        return (
            type(net) is nn.Conv2d
            and type(temporal) in (GateShiftFuse, GateShift)
            and not any(
                hooks
                for part in (net, temporal)
                for hooks in (part._forward_hooks, part._forward_pre_hooks)
            )
            and net.out_channels == temporal.channels
            and net.groups == 1
            and compiled.applies(temporal, x)
        )


def _accept_plain_keys(module: nn.Module, state_dict: dict, prefix: str, *_: object) -> None:
    for key in [key for key in state_dict if key.startswith(prefix)]:
        name = key[len(prefix) :]
        if name.split('.')[0] not in module._modules:
            state_dict[f'{prefix}net.{name}'] = state_dict.pop(key)
