"""Converts state dicts in the authors' names to this project's."""

import re
from collections.abc import Mapping

from torch import Tensor

# A layer's parts, in the authors' names and in ours.
LAYER_PARTS = {
    'conv3D': 'gate_conv',
    'bn': 'norm',
    'channel_conv1': 'fuse_conv1',
    'channel_conv2': 'fuse_conv2',
}
_WRAPPERS = re.compile(r'^(module\.)?(base_model\.)?')
_PART = r'(?P<part>conv3D|bn|channel_conv1|channel_conv2)\.(?P<leaf>\w+)'
_LAYER = re.compile(rf'^(?:gsf\.)?{_PART}$')
_BLOCK = r'^(?P<block>layer[1-4]\.\d+)\.'


def convert_official(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Gives the tensors of an official GSF state dict the names they have here.

    Args:
        state_dict: of a ResNet with GSF, with or without the prefixes `module.` and `base_model.`,
            or of one layer.

    Returns:
        The state dict of a `RecognizerGSF` (`backbone.*`, `cls_head.*`), or of a `GateShiftFuse`.
        Each key of the input is used exactly once.

    Raises:
        ValueError: a key that neither a layer nor a ResNet with GSF has, or two keys for one tensor.
    """
    names = {key: _WRAPPERS.sub('', key) for key in state_dict}
    if not names:
        raise ValueError('the state dict is empty; give that of a network or of one GSF layer')
    if all(_LAYER.match(name) for name in names.values()):
        rename = _rename_layer
    else:
        last_conv = 3 if any('.conv3.' in name for name in names.values()) else 2
        rename = _resnet_renamer(last_conv)
    converted: dict[str, Tensor] = {}
    for key, name in names.items():
        new = rename(name)
        if new is None:
            raise ValueError(
                f'key {key!r} is in neither a GSF layer nor a ResNet with GSF; '
                'give a state dict of the authors as it is'
            )
        if new in converted:
            raise ValueError(f'key {key!r} stands for {new!r}, which another key gave already')
        converted[new] = state_dict[key]
    return converted


def _rename_layer(name: str) -> str | None:
    match = _LAYER.match(name)
    return f'{LAYER_PARTS[match["part"]]}.{match["leaf"]}' if match else None


def _resnet_renamer(last_conv: int):
    """Names of a ResNet whose blocks have `last_conv` convolutions; GSF follows the last one."""
    last = f'conv{last_conv}'

    def conv(match: re.Match) -> str:
        net = '.net' if match['conv'] == last else ''
        return f'backbone.{match["block"]}.{match["conv"]}.conv{net}.{match["leaf"]}'

    rules = (
        (r'^conv1\.(?P<leaf>weight)$', r'backbone.conv1.conv.\g<leaf>'),
        (r'^bn1\.(?P<leaf>\w+)$', r'backbone.conv1.bn.\g<leaf>'),
        (rf'{_BLOCK}(?P<conv>conv[1-{last_conv}])\.(?P<leaf>weight)$', conv),
        (rf'{_BLOCK}bn([1-{last_conv}])\.(\w+)$', r'backbone.\g<block>.conv\2.bn.\3'),
        (rf'{_BLOCK}downsample\.0\.(weight)$', r'backbone.\g<block>.downsample.conv.\2'),
        (rf'{_BLOCK}downsample\.1\.(\w+)$', r'backbone.\g<block>.downsample.bn.\2'),
        (r'^(?:fc|new_fc)\.(weight|bias)$', r'cls_head.fc_cls.\1'),
    )

    def rename(name: str) -> str | None:
        for pattern, target in rules:
            new, count = re.subn(pattern, target, name)
            if count:
                return new
        match = re.match(rf'{_BLOCK}gsf\.{_PART}$', name)
        if match is None:
            return None
        part = LAYER_PARTS[match['part']]
        return f'backbone.{match["block"]}.{last}.conv.temporal.{part}.{match["leaf"]}'

    return rename
