"""The networks that are compared, and the ways in which each is run.

A contestant is named NETWORK/LAYER/MODE, for example r50/gsf25/eager. Its baseline is the plain
network run the same way; where only the layers are compiled, nothing of that is.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import NamedTuple

import torch
from mmaction.registry import MODELS
from mmengine.logging import MMLogger
from torch import Tensor, nn

from mmgsf.layers import TemporalConv

from .machine import native_bfloat16

# In the order they are timed in: a compiler leaves a process in another state.
EAGER, BFLOAT16, COMPILED, LAYER_COMPILED = MODES = (
    'eager',
    'bf16',
    'compiled',
    'layer-compiled',
)
NUM_CLASSES = 174
PLAIN = 'plain'
# Sixteen layers of four shapes are one function to the compiler.
RECOMPILE_LIMIT = 64


class Network(NamedTuple):
    """A network of the comparison: backbones by layer, channels out, side of a frame in pixels."""

    backbones: dict[str, dict]
    channels: int
    size: int


def _resnet(**backbone: object) -> dict:
    return {'type': 'ResNetGSF', 'depth': 50, 'norm_eval': False, **backbone}


def _inception(name: str, channels: int, size: int) -> Network:
    backbones = {PLAIN: {'type': name, 'layer': None}, 'gsf100': {'type': name}}
    return Network(backbones, channels, size)


NETWORKS = {
    'r50': Network(
        {
            PLAIN: _resnet(type='ResNet'),
            'tsm': _resnet(type='ResNetTSM', pretrained2d=False),
            'gsf25': _resnet(channel_ratio=0.25),
            'gsf100': _resnet(channel_ratio=1.0),
        },
        2048,
        224,
    ),
    'bninception': _inception('BNInceptionGSF', 1024, 224),
    'inceptionv3': _inception('InceptionV3GSF', 2048, 229),
}


class Contender(NamedTuple):
    """One network with one layer, run in one way.

    Attributes:
        network: a key of `NETWORKS`.
        layer: a key of its backbones.
        mode: one of `MODES`.
    """

    network: str
    layer: str
    mode: str

    @property
    def name(self) -> str:
        return '/'.join(self)

    @property
    def baseline(self) -> 'Contender':
        return Contender(self.network, PLAIN, self.mode)

    def size(self, size: int | None) -> int:
        """Side of its frames where ResNet-50's is `size`; None for the usual one, in pixels."""
        own = NETWORKS[self.network].size
        return own if size is None else size + own - NETWORKS['r50'].size

    def config(self, frames: int) -> dict:
        """Of the whole recognizer; one head for all, so that only the backbones differ."""
        network = NETWORKS[self.network]
        return recognizer(network.backbones[self.layer], network.channels, frames)


def recognizer(backbone: dict, channels: int, frames: int) -> dict:
    """Config of a recognizer of one clip of that many frames."""
    head = {'type': 'GSFHead', 'num_classes': NUM_CLASSES, 'in_channels': channels}
    return {
        'type': 'RecognizerGSF',
        'num_segments': frames,
        'backbone': backbone,
        'cls_head': {**head, 'average_clips': 'score'},
    }


def contenders(compiled: bool = False) -> tuple[list[Contender], list[str]]:
    """All contenders, and a line for each mode that is left out.

    Args:
        compiled: start a compiler.
    """
    left_out, modes = [], list(MODES)
    if not compiled:
        modes = [mode for mode in modes if mode not in (COMPILED, LAYER_COMPILED)]
        left_out.append('compiled networks and layers: only with --compile')
    if not native_bfloat16():
        modes.remove(BFLOAT16)
        left_out.append('bf16: this CPU has no instructions for it')
    found = [
        Contender(network, layer, mode)
        for mode in modes
        for network, parts in NETWORKS.items()
        for layer in parts.backbones
        if mode != LAYER_COMPILED or layer != 'tsm'
    ]
    return found, left_out


def chosen(found: Sequence[Contender], globs: Sequence[str] | None) -> list[Contender]:
    """Those whose names match, with their baselines.

    Raises:
        ValueError: a glob that matches none.
    """
    if not globs:
        return list(found)
    wanted = set()
    for glob in globs:
        matches = [one for one in found if fnmatchcase(one.name, glob)]
        if not matches:
            raise ValueError(
                f'--contestants {glob} matches none; there are '
                f'{", ".join(one.name for one in found)}'
            )
        for one in matches:
            wanted |= {one, one.baseline}
    return [one for one in found if one in wanted]


def build(config: dict) -> nn.Module:
    """A recognizer with weights drawn as for training from nothing; the same for the same config."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel('WARNING')  # it would name every parameter
    torch.manual_seed(0)
    try:
        network = MODELS.build({**config, '_scope_': 'mmaction'})
        network.init_weights()
    finally:
        logger.setLevel(level)
    return network


def runner(network: nn.Module, mode: str) -> Callable[[Tensor], Tensor]:
    """Maps clips (N, T, 3, H, W) to scores (N, classes) in that mode."""

    def scores(clips: Tensor) -> Tensor:
        return network(clips, stage='head')

    def in_bfloat16(clips: Tensor) -> Tensor:
        with torch.autocast('cpu', torch.bfloat16):
            return network(clips, stage='head')

    # Frames of another network's size are no reason for symbolic ones: on InceptionV3's 229 pixels
    # behind 224 the compiler was not done after ten minutes.
    if mode == COMPILED:
        return torch.compile(scores, dynamic=False)
    if mode == LAYER_COMPILED:
        for module in network.modules():
            if isinstance(module, TemporalConv):
                module.temporal.compile(dynamic=False)
    return in_bfloat16 if mode == BFLOAT16 else scores


@contextmanager
def compiling() -> Iterator[None]:
    """Within it a compiled function is one, or it is an error: none falls back to eager mode."""
    import torch._dynamo

    options = {'recompile_limit': RECOMPILE_LIMIT, 'fail_on_recompile_limit_hit': True}
    with torch._dynamo.config.patch(**options):
        yield
