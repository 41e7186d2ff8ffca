"""Where the tensors of the authors' networks stand in this project's ones.

Facts of the networks alone: how the authors name convolutions, norms and temporal layers, and which
module here holds each.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

# A layer's parts, in the authors' names and in ours.
LAYER_PARTS = {
    'conv3D': 'gate_conv',
    'bn': 'norm',
    'channel_conv1': 'fuse_conv1',
    'channel_conv2': 'fuse_conv2',
}
_PART = r'(?P<part>conv3D|bn|channel_conv1|channel_conv2)\.(?P<leaf>\w+)'
_NORM_LEAF = r'(?P<leaf>weight|bias|running_mean|running_var|num_batches_tracked)'
_LAYER = re.compile(rf'^(?:gs[fm]\.)?{_PART}$')


class Place(NamedTuple):
    """Where one tensor belongs.

    Attributes:
        module: the convolution with its norm, such as 'layer1.0.conv3'.
        part: 'conv', 'bn', or that of the temporal layer behind the convolution.
        leaf: the tensor in that part, such as 'weight'.
        layer: 'gsf' or 'gsm' for a tensor of a temporal layer.
    """

    module: str
    part: str
    leaf: str
    layer: str | None = None


@dataclass(frozen=True)
class Network:
    """The names of one of the authors' networks.

    Attributes:
        backbone: type of the backbone here.
        telltale: a key that this network has and the others have not.
        module: from the name of a convolution to its module here; None for another name.
        rules: pattern of a key, the convolution's name made of its groups, and the part.
    """

    backbone: str
    telltale: str
    module: Callable[[str], str | None]
    rules: tuple[tuple[str, str, str], ...]

    def place(self, key: str) -> Place | None:
        """Where the tensor of that key belongs; None if the network has no such tensor."""
        for pattern, name, part in self.rules:
            match = re.fullmatch(pattern, key)
            module = match and self.module(match.expand(name))
            if not module:
                continue
            if part == 'temporal':
                return Place(module, LAYER_PARTS[match['part']], match['leaf'], match['layer'])
            return Place(module, part, match['leaf'])
        return None


def layer_part(key: str) -> str | None:
    """Our name of a tensor of a single layer, 'gate_conv.bias' of 'conv3D.bias'."""
    match = _LAYER.match(key)
    return f'{LAYER_PARTS[match["part"]]}.{match["leaf"]}' if match else None


_BN_STEM = {'conv1_7x7_s2': 'conv1', 'conv2_3x3_reduce': 'conv2_reduce', 'conv2_3x3': 'conv2'}
_BN_BLOCK = re.compile(r'^inception_(?P<block>3[a-c]|4[a-e]|5[ab])_(?P<conv>\w+)$')
_BN_CONVS = {
    '1x1': 'branch_1x1',
    '3x3_reduce': 'branch_3x3.reduce',
    '3x3': 'branch_3x3.conv1',
    'double_3x3_reduce': 'branch_double_3x3.reduce',
    'double_3x3_1': 'branch_double_3x3.conv1',
    'double_3x3_2': 'branch_double_3x3.conv2',
    'pool_proj': 'branch_pool.proj',
}


def bninception_module(name: str) -> str | None:
    """Module of a convolution of BNInception, such as 'inception_3a_3x3'; None if it has none."""
    if name in _BN_STEM:
        return _BN_STEM[name]
    match = _BN_BLOCK.match(name)
    if match is None or match['conv'] not in _BN_CONVS:
        return None
    return f'inception_{match["block"]}.{_BN_CONVS[match["conv"]]}'


_V3_STEM = re.compile(r'^conv(?:_(?P<index>[1-4]))?$')
_V3_BLOCK = re.compile(
    r'^mixed(?:_(?P<block>[1-9]|10))?'
    r'(?:_tower(?:_(?P<tower>[12]))?)?_(?P<split>mixed_)?conv(?:_(?P<index>\d))?$'
)
# The branches that are the first, second and third tower of each block.
_V3_TOWERS = {
    **dict.fromkeys(range(3), ('branch_5x5', 'branch_double_3x3', 'branch_pool')),
    3: ('branch_double_3x3',),
    **dict.fromkeys(range(4, 8), ('branch_7x7', 'branch_double_7x7', 'branch_pool')),
    8: ('branch_3x3', 'branch_7x7'),
    **dict.fromkeys((9, 10), ('branch_3x3', 'branch_double_3x3', 'branch_pool')),
}


def inceptionv3_module(name: str) -> str | None:
    """Module of a convolution of InceptionV3, such as 'mixed_4_tower_1_conv_2'; None if it has none."""
    stem = _V3_STEM.match(name)
    if stem is not None:
        return f'stem.conv{int(stem["index"] or 0) + 1}'
    match = _V3_BLOCK.match(name)
    if match is None:
        return None
    block = int(match['block'] or 0)
    if '_tower' not in name:
        return f'mixed_{block}.{"branch_3x3" if block == 3 else "branch_1x1"}'
    tower = int(match['tower'] or 0)
    if tower >= len(_V3_TOWERS[block]):
        return None
    branch = _V3_TOWERS[block][tower]
    if match['split']:
        step = 'split.conv_1x3' if match['index'] else 'split.conv_3x1'
    elif match['index']:
        step = f'conv{match["index"]}'
    else:
        step = 'proj' if branch == 'branch_pool' else 'reduce'
    return f'mixed_{block}.{branch}.{step}'


_RESNET_CONV = re.compile(r'^layer[1-4]\.\d+\.conv[1-3]$')
_RESNET_DOWNSAMPLE = re.compile(r'^(?P<block>layer[1-4]\.\d+)\.downsample$')


def resnet_module(name: str) -> str | None:
    """Module of a convolution of a ResNet, such as 'layer1.0.conv3'; None if it has none."""
    known = name == 'conv1' or _RESNET_CONV.match(name) or _RESNET_DOWNSAMPLE.match(name)
    return name if known else None


def _resnet(last_conv: int) -> Network:
    """A ResNet whose blocks have that many convolutions; GSF follows the last one."""
    return Network(
        'ResNetGSF',
        f'layer1.0.conv{last_conv}.weight',
        resnet_module,
        (
            (rf'(.+)\.(?P<layer>gsf)\.{_PART}', rf'\1.conv{last_conv}', 'temporal'),
            (r'((?:.+\.)?conv\d)\.(?P<leaf>weight)', r'\1', 'conv'),
            (r'(.+\.downsample)\.0\.(?P<leaf>weight)', r'\1', 'conv'),
            (rf'(.+\.)?bn(\d)\.{_NORM_LEAF}', r'\1conv\2', 'bn'),
            (rf'(.+\.downsample)\.1\.{_NORM_LEAF}', r'\1', 'bn'),
        ),
    )


# In the order of asking: a bottleneck ResNet has the telltale of one of basic blocks too.
NETWORKS = (
    Network(
        'BNInceptionGSF',
        'conv1_7x7_s2.weight',
        bninception_module,
        (
            (rf'(?P<layer>gs[fm])_(.+)\.{_PART}', r'\2', 'temporal'),
            (rf'(.+)_bn\.{_NORM_LEAF}', r'\1', 'bn'),
            (r'(.+)\.(?P<leaf>weight|bias)', r'\1', 'conv'),
        ),
    ),
    Network(
        'InceptionV3GSF',
        'conv_Conv2D.weight',
        inceptionv3_module,
        (
            (rf'(?P<layer>gs[fm])_(.+)_Conv2D\.{_PART}', r'\2', 'temporal'),
            (rf'(.+)_batchnorm\.{_NORM_LEAF}', r'\1', 'bn'),
            (r'(.+)_Conv2D\.(?P<leaf>weight|bias)', r'\1', 'conv'),
        ),
    ),
    _resnet(3),
    _resnet(2),
)
