"""Puts a temporal layer behind convolutions of any 2D CNN, without touching its forward."""

from collections.abc import Callable, Iterable

from torch import nn

from .places import choose, near
from .temporal_conv import TemporalConv


def insert_temporal(
    model: nn.Module, layer: Callable[[int], nn.Module], where: str | Iterable[str]
) -> nn.Module:
    """Puts a temporal layer behind chosen convolutions of a 2D CNN, in place.

    Args:
        model: the network; its convolutions see (N*T, C, H, W).
        layer: makes the temporal layer for a number of channels, such as
            `lambda channels: GateShiftFuse(channels, num_segments=8)`.
        where: one or several places. Each is a rule of `mmgsf.layers.places`
            ('last_conv_of_blocks', 'every_2nd_conv', 'every_3rd_conv', ...) or a glob over the
            names of `model.named_modules()`, for example 'layer?.*.conv3'. Each must choose
            something, and all that it chooses must be a Conv2d (or of a class derived from it).

    Returns:
        The same model.

    Raises:
        TypeError: `where` is neither a string nor one or several strings.
        ValueError: a place that chooses nothing, or a choice that is no convolution, holds a
            temporal layer already, stands in the network under two names, or has a channel count
            that the layer refuses. The model is left as it was.
    """
    places = _places(where)
    modules = dict(model.named_modules(remove_duplicate=False))
    replacements = {}
    for name in dict.fromkeys(name for place in places for name in choose(place, model)):
        _check(name, modules)
        conv = modules[name]
        try:
            temporal = layer(conv.out_channels)
        except ValueError as error:
            raise ValueError(f'{name!r} has {conv.out_channels} channels: {error}') from error
        replacements[name] = TemporalConv(conv, temporal)
    for name, replacement in replacements.items():
        parent, _, child = name.rpartition('.')
        setattr(modules[parent], child, replacement)
    return model


def _places(where: str | Iterable[str]) -> list[str]:
    places = [where] if isinstance(where, str) else where
    if not isinstance(places, Iterable):
        raise TypeError(f'where={where!r} is no place; give a glob, a rule, or a list of them')
    places = list(places)
    if not places or not all(isinstance(place, str) for place in places):
        raise TypeError(f'where={where!r} names no place; give a glob, a rule, or a list of them')
    return places


def _check(name: str, modules: dict[str, nn.Module]) -> None:
    chosen = modules[name]
    parents = [name[:end] for end, letter in enumerate(name) if letter == '.']
    if any(isinstance(modules[parent], TemporalConv) for parent in [*parents, name]):
        raise ValueError(
            f'{name!r} is or lies in a TemporalConv: a temporal layer stands there already; choose '
            'other convolutions, or start from the plain network'
        )
    if not isinstance(chosen, nn.Conv2d):
        raise ValueError(
            f'{name!r} is a {type(chosen).__name__}; a temporal layer goes behind a Conv2d. '
            f'Convolutions near that name: {near(name, modules)}'
        )
    names = [other for other, module in modules.items() if module is chosen]
    if len(names) > 1:
        raise ValueError(
            f'{" and ".join(map(repr, names))} are one and the same convolution; give each place '
            'its own before a temporal layer goes behind it'
        )
