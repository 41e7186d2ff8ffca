"""Converts state dicts in the authors' names to this project's."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from .official_names import NETWORKS, Network, Place, layer_part

_WRAPPERS = re.compile(r'^(module\.)?(base_model\.)?')
# The classifier of the plain networks, and the one that the authors put in its place.
_CLASSIFIER = re.compile(r'(?:fc|new_fc|last_linear|top_cls_fc)\.(weight|bias)')
# Convolutions of a block and blocks of each stage, to the depth of the ResNet.
_DEPTHS = {
    (2, (2, 2, 2, 2)): 18,
    (2, (3, 4, 6, 3)): 34,
    (3, (3, 4, 6, 3)): 50,
    (3, (3, 4, 23, 3)): 101,
    (3, (3, 8, 36, 3)): 152,
}


class OfficialNetwork(NamedTuple):
    """What a state dict of the authors holds. T is not in it: the weights fit any number of frames.

    Attributes:
        backbone: config of the backbone here.
        in_channels: channels of its last feature map.
        num_classes: of the classifier; None without one.
    """

    backbone: dict
    in_channels: int
    num_classes: int | None


def convert_official(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Gives the tensors of an official GSF or GSM state dict the names they have here.

    Args:
        state_dict: of a ResNet, a BNInception or an InceptionV3, with or without temporal layers
            and the prefixes `module.` and `base_model.`; or of one layer.

    Returns:
        The state dict of a `RecognizerGSF` (`backbone.*`, `cls_head.*`), or of a `GateShiftFuse` or
        `GateShift`. Each key of the input is used exactly once.

    Raises:
        ValueError: a key that neither a layer nor one of the networks has, two keys for one
            tensor, or temporal layers of two kinds.
    """
    names = {key: _WRAPPERS.sub('', key) for key in state_dict}
    if not names:
        raise ValueError('the state dict is empty; give that of a network or of one layer')
    layer = {key: layer_part(name) for key, name in names.items()}
    new_names = layer if all(layer.values()) else _new_names(names)
    sources: dict[str, str] = {}
    for key, new in new_names.items():
        if new in sources:
            raise ValueError(f'key {key!r} stands for {new!r}, which another key gave already')
        sources[new] = key
    return {new: _plain_shape(new, state_dict[key]) for new, key in sources.items()}


def describe_official(state_dict: Mapping[str, Tensor]) -> OfficialNetwork:
    """Finds out from names and shapes which network an official state dict belongs to.

    Raises:
        ValueError: as `convert_official`; or the depth or the channel ratio is that of no network.
    """
    converted = convert_official(state_dict)
    names = {_WRAPPERS.sub('', key) for key in state_dict}
    network = _network(names)
    places = _places(network, {name: name for name in names})
    layer = next((place.layer for place in places.values() if place and place.layer), None)
    backbone = {'type': network.backbone, 'layer': layer}
    if layer is not None:
        backbone['channel_ratio'] = _channel_ratio(converted)
    if network.backbone == 'ResNetGSF':
        backbone['depth'] = _depth(names)
    classifier = converted.get('cls_head.fc_cls.weight')
    widths = [value.shape[0] for key, value in converted.items() if key.endswith('.conv.weight')]
    in_channels = {'BNInceptionGSF': 1024, 'InceptionV3GSF': 2048}.get(
        network.backbone, max(widths)
    )
    return OfficialNetwork(
        backbone, in_channels, None if classifier is None else classifier.shape[0]
    )


def _network(names: set[str]) -> Network:
    for network in NETWORKS:
        if network.telltale in names:
            return network
    known = ', '.join(dict.fromkeys(network.backbone for network in NETWORKS))
    raise ValueError(
        f'the keys, such as {min(names)!r}, are those of neither a temporal layer nor one of the '
        f'networks {known}; give a state dict of the authors as it is'
    )


def _places(network: Network, names: dict[str, str]) -> dict[str, Place | None]:
    """The place of every key; None for those of the classifier."""
    places = {}
    for key, name in names.items():
        place = network.place(name)
        if place is None and not _CLASSIFIER.fullmatch(name):
            raise ValueError(
                f'key {key!r} is in neither a temporal layer nor a {network.backbone} of the '
                'authors; give their state dict as it is'
            )
        places[key] = place
    return places


def _new_names(names: dict[str, str]) -> dict[str, str]:
    places = _places(_network(set(names.values())), names)
    layers = {place.layer: place.module for place in places.values() if place and place.layer}
    if len(layers) > 1:
        raise ValueError(
            f'the state dict has layers of two kinds, {sorted(layers)}; a network has one kind'
        )
    temporal = {place.module for place in places.values() if place and place.layer}
    return {
        key: _classifier_name(names[key]) if place is None else _name(place, temporal)
        for key, place in places.items()
    }


def _classifier_name(name: str) -> str:
    return f'cls_head.fc_cls.{name.rpartition(".")[2]}'


def _name(place: Place, temporal: set[str]) -> str:
    if place.layer:
        part = f'conv.temporal.{place.part}'
    elif place.part == 'conv' and place.module in temporal:
        part = 'conv.net'
    else:
        part = place.part
    return f'backbone.{place.module}.{part}.{place.leaf}'


def _plain_shape(name: str, value: Tensor) -> Tensor:
    """Norms of the first Caffe conversions are (1, C) where torch wants (C) (tsn-pytorch#104)."""
    is_row = '.bn.' in name and value.dim() == 2 and value.shape[0] == 1
    return value.squeeze(0) if is_row else value


def _channel_ratio(converted: Mapping[str, Tensor]) -> float:
    """Touched channels over all; the same in every layer."""
    end = '.temporal.norm.weight'
    ratios = Counter(
        value.numel() / converted[f'{key.removesuffix(end)}.net.weight'].shape[0]
        for key, value in converted.items()
        if key.endswith(end)
    )
    if len(ratios) != 1:
        raise ValueError(
            f'the layers touch different shares of their channels, {sorted(ratios)}; a network of '
            'the authors has one channel_ratio'
        )
    return next(iter(ratios))


def _depth(names: set[str]) -> int:
    block = max(int(conv[1]) for name in names if (conv := re.search(r'\.conv(\d)\.', name)))
    stages = tuple(
        len({name.split('.')[1] for name in names if name.startswith(f'layer{stage}.')})
        for stage in range(1, 5)
    )
    if (block, stages) not in _DEPTHS:
        raise ValueError(
            f'a ResNet with blocks of {block} convolutions and {stages} blocks a stage is none of '
            f'depth {sorted(_DEPTHS.values())}; the state dict is not whole'
        )
    return _DEPTHS[block, stages]
