"""Chooses the convolutions of a 2D CNN that a temporal layer goes behind: by glob or by rule.

The rules:

- 'last_conv_of_blocks': the last convolution on the main path of each residual block. A block is a
  module whose class name, or that of a base, ends as one of `BLOCK_ENDINGS`; one that holds further
  blocks counts as a stage, not as a block. Last is what is defined last, which says little of
  blocks with parallel branches (RepVGG, a dense block of DenseNet): name those by a glob.
- 'every_2nd_conv', 'every_3rd_conv', ...: of the convolutions on the main path, in the order in
  which the network defines them, the n-th, the 2n-th and so on.

Off the main path are, within a block, the children named as in `SIDE_NAMES` (downsampling and other
shortcuts, squeeze-and-excite), and everywhere the modules whose class name says squeeze-and-excite
or attention (`SIDE_CLASSES`). Nothing is run: order is that of definition.
"""

import difflib
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from torch import nn

from .temporal_conv import TemporalConv

LAST_CONV_OF_BLOCKS = 'last_conv_of_blocks'
EVERY_NTH_CONV = re.compile(r'every_(\d+)(?:st|nd|rd|th)_conv')

# BasicBlock, ConvNeXtBlock, CNBlock; PreActBottleneck; InvertedResidual, EdgeResidual; FusedMBConv.
BLOCK_ENDINGS = (
    'Block',
    'Bottleneck',
    'Bottle2neck',
    'Residual',
    'MBConv',
    'DepthwiseSeparableConv',
)
# 'proj' is the shortcut of torchvision's RegNet.
SIDE_NAMES = ('downsample', 'shortcut', 'skip', 'proj', 'se', 'se_layer', 'attn', 'attention')
SIDE_CLASSES = re.compile(r'SqueezeExcit|GatherExcite|SE(Layer|Module|Block)$|Attn|Attention')


def choose(place: str, model: nn.Module) -> list[str]:
    """Names of the modules that a glob or a rule chooses, in the order of definition.

    Raises:
        ValueError: it chooses nothing.
    """
    every_nth = EVERY_NTH_CONV.fullmatch(place)
    if place == LAST_CONV_OF_BLOCKS:
        return _last_of_blocks(model)
    if every_nth:
        return _every_nth(model, place, int(every_nth[1]))
    modules = dict(model.named_modules(remove_duplicate=False))
    names = [name for name in modules if name and fnmatchcase(name, place)]
    if not names:
        raise ValueError(
            f'where={place!r} matches no module and is no rule. Convolutions near that name: '
            f'{near(place, modules)}; the rules: {LAST_CONV_OF_BLOCKS!r}, '
            "'every_2nd_conv', 'every_3rd_conv', ..."
        )
    return names


def near(name: str, modules: dict[str, nn.Module]) -> str:
    """The convolutions among the modules whose names come nearest, as a text."""
    convolutions = [key for key, module in modules.items() if key and _is_conv(module)]
    return ', '.join(difflib.get_close_matches(name, convolutions, n=5, cutoff=0.0)) or 'none'


def block_names(model: nn.Module) -> list[str]:
    """Names of the residual blocks that hold no further blocks, in the order of definition."""
    found = dict.fromkeys(block for _, block in _main_path(model) if block is not None)
    return [
        block
        for block in found
        if not any(
            other != block and other.startswith(f'{block}.' if block else '') for other in found
        )
    ]


def _last_of_blocks(model: nn.Module) -> list[str]:
    last = {block: name for name, block in _main_path(model)}
    names = [last[block] for block in block_names(model)]
    if not names:
        raise ValueError(
            f'where={LAST_CONV_OF_BLOCKS!r} finds no residual block with a convolution in '
            f'{type(model).__name__} (class names that end in {", ".join(BLOCK_ENDINGS)}); name '
            "the convolutions by a glob, or take 'every_2nd_conv'"
        )
    return names


def _every_nth(model: nn.Module, place: str, step: int) -> list[str]:
    names = [name for name, _ in _main_path(model)]
    if not 1 <= step <= len(names):
        raise ValueError(
            f'where={place!r} chooses nothing: the main path of {type(model).__name__} has '
            f'{len(names)} convolutions; the step must be from 1 to that'
        )
    return names[step - 1 :: step]


def _main_path(
    module: nn.Module, name: str = '', block: str | None = None
) -> Iterator[tuple[str, str | None]]:
    """Each convolution on the main path, with the name of the innermost block around it."""
    if _is_conv(module):
        yield name, block
        return
    if any(base.__name__.endswith(BLOCK_ENDINGS) for base in type(module).__mro__):
        block = name
    for child_name, child in module.named_children():
        beside = block is not None and child_name in SIDE_NAMES
        if not beside and not SIDE_CLASSES.search(type(child).__name__):
            yield from _main_path(child, f'{name}.{child_name}' if name else child_name, block)


def _is_conv(module: nn.Module) -> bool:
    # A convolution that has its temporal layer keeps its place in the count, and is refused later.
    return isinstance(module, nn.Conv2d | TemporalConv)
