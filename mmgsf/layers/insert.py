"""Puts a temporal layer behind convolutions of any 2D CNN, without touching its forward."""

import difflib
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from torch import Tensor, nn


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
        return self.temporal(self.net(x))


def _accept_plain_keys(module: nn.Module, state_dict: dict, prefix: str, *_: object) -> None:
    for key in [key for key in state_dict if key.startswith(prefix)]:
        name = key[len(prefix) :]
        if name.split('.')[0] not in module._modules:
            state_dict[f'{prefix}net.{name}'] = state_dict.pop(key)


def insert_temporal(
    model: nn.Module, layer: Callable[[int], nn.Module], where: str | Iterable[str]
) -> nn.Module:
    """Puts a temporal layer behind chosen convolutions of a 2D CNN, in place.

    Args:
        model: the network; its convolutions see (N*T, C, H, W).
        layer: makes the temporal layer for a number of channels, such as
            `lambda channels: GateShiftFuse(channels, num_segments=8)`.
        where: a glob, or several, over the names of `model.named_modules()`, for example
            'layer?.*.conv3'. Every glob must match, and all that matches must be a Conv2d.

    Returns:
        The same model.

    Raises:
        ValueError: a glob that matches nothing, or a match that is no convolution or holds a
            temporal layer already. The model is left as it was.
    """
    globs = [where] if isinstance(where, str) else list(where)
    modules = dict(model.named_modules())
    chosen = list(dict.fromkeys(name for glob in globs for name in _matches(glob, modules)))
    replacements = {}
    for name in chosen:
        conv = modules[name]
        if not isinstance(conv, nn.Conv2d):
            raise ValueError(
                f'{name!r} is a {type(conv).__name__}; a temporal layer goes behind a Conv2d. '
                f'Convolutions near that name: {_near(name, modules)}'
            )
        replacements[name] = TemporalConv(conv, layer(conv.out_channels))
    for name, replacement in replacements.items():
        parent, _, child = name.rpartition('.')
        setattr(modules[parent], child, replacement)
    return model


def _matches(glob: str, modules: dict[str, nn.Module]) -> list[str]:
    names = [name for name in modules if fnmatchcase(name, glob)]
    if not names:
        raise ValueError(
            f'where={glob!r} matches no module. Convolutions near that name: {_near(glob, modules)}'
        )
    return names


def _near(name: str, modules: dict[str, nn.Module]) -> str:
    convolutions = [key for key, module in modules.items() if isinstance(module, nn.Conv2d)]
    return ', '.join(difflib.get_close_matches(name, convolutions, n=5, cutoff=0.0)) or 'none'
