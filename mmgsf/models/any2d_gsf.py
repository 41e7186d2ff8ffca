"""Any 2D CNN as a backbone with temporal layers: timm, torchvision, MMPretrain or MMAction2."""

import copy
from collections.abc import Iterable
from typing import NamedTuple

import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmgsf.checkpoints.load import load_from_local
from mmgsf.checkpoints.mobilenet_v2 import is_torchvision, rename_torchvision
from mmgsf.checkpoints.package_file import SCHEME, package_file
from mmgsf.checkpoints.plain_weights import load_plain_weights, plain_state_dict
from mmgsf.layers import TemporalConv, insert_temporal
from mmgsf.layers.places import block_names

from .any2d_sources import build_2d_network
from .checkpointing import checkpoint_blocks
from .temporal import check_layer, temporal_layer

PROBE = (2, 3, 224, 224)  # no computation: it runs on the meta device


class Defaults(NamedTuple):
    """Where layers go and which share of the channels they touch, where a config states neither."""

    where: str
    channel_ratio: float


# By the name of the network's class or a base, which timm, torchvision, MMPretrain and MMAction2
# share. The ratio of ResNet is that of ResNetGSF. For MobileNetV2 0.5 was better than 1.0 on CameraMotion,
# in one trial each without a log; the other narrow families follow it untested. Their widths are multiples of 8, as half of them must be of 4.
FAMILIES = {
    'ResNet': Defaults('last_conv_of_blocks', 0.25),
    'ResNetV2': Defaults('last_conv_of_blocks', 0.25),
    'RegNet': Defaults('last_conv_of_blocks', 0.5),
    'ConvNeXt': Defaults('last_conv_of_blocks', 0.5),
    'EfficientNet': Defaults('last_conv_of_blocks', 0.5),
    'MobileNetV2': Defaults('last_conv_of_blocks', 0.5),
    'MobileNetV3': Defaults('last_conv_of_blocks', 0.5),
}
OTHER_FAMILY = Defaults('last_conv_of_blocks', 1.0)


@MODELS.register_module()
class Any2DGSF(BaseModule):
    """A 2D network of another library with temporal layers behind chosen convolutions.

    Maps frames (N*T, 3, H, W) to the network's last feature map (N*T, `out_channels`, H', W'). What
    lies behind that map, such as a classifier, is taken out, so that every parameter is used. State
    dicts of the plain network load: see `pretrained`.

    Args:
        model: 'timm.NAME', 'torchvision.NAME', 'mmpretrain.NAME', a name in MODELS, or a config
            with such a name as its `type` and options of the network's own beside it.
        where: as for `insert_temporal`; None stands for the family's (`FAMILIES`).
        layer: 'gsf', 'gsm', or None for the plain network.
        num_segments: T, frames a clip.
        channel_ratio: share of the channels that each GSF layer touches, in (0, 1]; None stands for
            the family's.
        gate: see GateShiftFuse.
        fuse: see GateShiftFuse.
        pretrained: True for the weights that timm or torchvision has for the network; or a state
            dict of the plain network, as a path or as 'package://FOLDER/FILE' for a file that an
            installed package carries, which is loaded by `init_weights`, strictly but for the
            temporal layers' keys and what was taken out.
        with_cp: checkpoint each residual block (see `checkpoint_blocks`).

    Raises:
        TypeError: `model` or `pretrained` is nothing of the above.
        ValueError: an unknown network or layer, one that gives no feature map, a place that
            `insert_temporal` refuses, or `with_cp` for a network without known blocks.
        ImportError: the network's library does not import.
    """

    def __init__(
        self,
        model: str | dict,
        where: str | Iterable[str] | None = None,
        layer: str | None = 'gsf',
        num_segments: int = 8,
        channel_ratio: float | None = None,
        gate: str | float = 'learned',
        fuse: bool = True,
        pretrained: bool | str | None = None,
        with_cp: bool = False,
    ) -> None:
        super().__init__()
        config = {'type': model} if isinstance(model, str) else model
        if not isinstance(config, dict) or 'type' not in config:
            raise TypeError(f"model={model!r} is no network; give 'timm.NAME' or dict(type=...)")
        if not isinstance(pretrained, bool | str | None):
            raise TypeError(f'pretrained={pretrained!r}; give True, a path as a string, or None')
        self.pretrained = pretrained
        self.num_segments = num_segments
        self.model, self._features, self._removed = build_2d_network(config, pretrained is True)
        self.out_channels, unused = _probe(self, config['type'])
        self._removed += _remove(self.model, unused)
        if with_cp:
            checkpoint_blocks(_blocks(self.model, config['type']))
        check_layer(layer)
        if layer is None:
            return
        defaults = family_defaults(self.model)
        if layer == 'gsf' and channel_ratio is None:
            channel_ratio = defaults.channel_ratio
        make = temporal_layer(layer, num_segments, channel_ratio, gate, fuse)
        insert_temporal(self.model, make, defaults.where if where is None else where)

    def init_weights(self) -> None:
        """Gives the network of MMPretrain or MMAction2 its own start, then loads `pretrained`.

        Networks of timm and torchvision have theirs from their making, as in MMAction2.
        """
        if isinstance(self.model, BaseModule):
            self.model.init_weights()
            # The network's rules for Conv2d are not meant for those within a temporal layer.
            for module in self.modules():
                if isinstance(module, TemporalConv):
                    module.temporal.reset_parameters()
        if isinstance(self.pretrained, str):
            self._load(self.pretrained)
        self._is_init = True

    def forward(self, x: Tensor) -> Tensor:
        """Maps frames (N*T, 3, H, W) to the last feature map (N*T, `out_channels`, H', W')."""
        maps = self._features(self.model, x)
        return maps[-1] if isinstance(maps, tuple | list) else maps

    def _load(self, location: str) -> None:
        path = package_file(location) if location.startswith(SCHEME) else location
        checkpoint = load_from_local(str(path), map_location='cpu')
        try:
            weights = plain_state_dict(checkpoint)
            if _is_openmmlab_mobilenet_v2(self.model) and is_torchvision(weights):
                weights = rename_torchvision(weights)
            load_plain_weights(self.model, weights, self._removed)
        except ValueError as error:
            raise ValueError(f'pretrained={location!r} is refused: {error}') from error


def family_defaults(model: nn.Module) -> Defaults:
    """The entry of `FAMILIES` for a network."""
    names = (base.__name__ for base in type(model).__mro__)
    return next((FAMILIES[name] for name in names if name in FAMILIES), OTHER_FAMILY)


def _blocks(model: nn.Module, name: object) -> list[nn.Module]:
    names = block_names(model)
    if not names:
        raise ValueError(
            f'with_cp=True: no residual block is known in model={name!r} (see '
            'mmgsf.layers.places); leave with_cp out'
        )
    return [model.get_submodule(block) for block in names]


def _probe(backbone: Any2DGSF, name: object) -> tuple[int, set[str]]:
    """Channels of the feature map, and the parameters of the network that it does not depend on."""
    if any(isinstance(module, TemporalConv) for module in backbone.model.modules()):
        raise ValueError(f'model={name!r} has temporal layers already; give the plain network')
    meta = copy.deepcopy(backbone).to('meta').eval().requires_grad_()
    parameters = dict(meta.model.named_parameters())
    with torch.enable_grad():
        try:
            maps = meta(torch.zeros(PROBE, device='meta'))
        except Exception as error:  # a network for other input fails in a way of its own
            raise ValueError(
                f'model={name!r} does not take frames {PROBE}, as a 2D CNN does: {error}'
            ) from error
        shape = tuple(maps.shape)
        channels = getattr(meta.model, 'num_features', None)  # timm's; some have channels last
        if len(shape) != 4 or shape[0] != PROBE[0] or channels not in (None, shape[1]):
            raise ValueError(
                f'model={name!r} gives {shape} for frames {PROBE}, no feature map (N*T, C, H, W)'
            )
        gradients = torch.autograd.grad(maps.sum(), list(parameters.values()), allow_unused=True)
    unused = {key for key, g in zip(parameters, gradients, strict=True) if g is None}
    return shape[1], unused


def _remove(model: nn.Module, unused: set[str]) -> list[str]:
    """Takes out the modules all of whose parameters are unused; returns their names."""
    removed = []
    for name, module in list(model.named_modules()):
        keys = [f'{name}.{key}' for key, _ in module.named_parameters()]
        if (
            keys
            and unused.issuperset(keys)
            and not name.startswith(tuple(f'{r}.' for r in removed))
        ):
            model.set_submodule(name, nn.Identity())
            removed.append(name)
    return removed


def _is_openmmlab_mobilenet_v2(model: nn.Module) -> bool:
    names = {base.__name__ for base in type(model).__mro__}
    return 'MobileNetV2' in names and hasattr(model, 'layer7')
