"""What BNInception and InceptionV3 share: their convolutions, pools, weights and preprocessing."""

from collections import OrderedDict

import torch
from mmengine.model import BaseModule, constant_init, kaiming_init
from mmengine.runner import CheckpointLoader
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmgsf.checkpoints.convert import convert_official
from mmgsf.checkpoints.plain_weights import load_plain_weights
from mmgsf.datasets.preprocessing import CAFFE_BGR
from mmgsf.layers import TemporalConv, insert_temporal

from .checkpointing import checkpoint_blocks
from .temporal import check_layer, temporal_layer


class ConvNormReLU(nn.Sequential):
    """A convolution with bias, its norm, and ReLU.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: one number, or (height, width).
        stride: in both directions.
        padding: None keeps the size at stride 1.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int = 1,
        padding: int | None = None,
    ) -> None:
        height, width = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
        around = (height // 2, width // 2) if padding is None else padding
        conv = nn.Conv2d(in_channels, out_channels, (height, width), stride, around)
        norm = nn.BatchNorm2d(out_channels)
        super().__init__(OrderedDict(conv=conv, bn=norm, relu=nn.ReLU(inplace=True)))


class Branches(nn.Module):
    """Modules side by side; their outputs follow one another in the channels."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.children()], dim=1)


def chain(**modules: nn.Module) -> nn.Sequential:
    """Named modules, one after the other."""
    return nn.Sequential(OrderedDict(modules))


def max_pool(padding: int = 0, stride: int = 2) -> nn.MaxPool2d:
    """3x3, sizes rounded up as in Caffe."""
    return nn.MaxPool2d(3, stride, padding, ceil_mode=True)


def average_pool() -> nn.AvgPool2d:
    """3x3 at stride 1 that counts its padding as zeros, sizes rounded up as in Caffe."""
    return nn.AvgPool2d(3, 1, 1, ceil_mode=True)


class Inception(BaseModule):
    """Base of the Inception backbones, whose ImageNet weights were converted from Caffe.

    Args:
        num_segments: T, frames a clip.
        channel_ratio: share of the channels that each GSF layer touches, in (0, 1]; None for 1.0.
        gate: see GateShiftFuse.
        fuse: see GateShiftFuse.
        layer: 'gsf', 'gsm', or None for the plain network.
        pretrained: file or URL of ImageNet weights in the names of the Caffe conversion.
        norm_eval: keeps the norms in eval mode.
        with_cp: checkpoint each block (see `checkpoint_blocks`); the stem is kept.
        init_cfg: as in MMEngine.

    Attributes:
        preprocessing: arguments of MMAction2's ActionDataPreprocessor that these weights take.
        out_channels: channels of the last feature map.
        places: convolutions that GSF and GSM follow.

    Raises:
        ValueError: an unknown layer, or what the layer refuses.
    """

    preprocessing = CAFFE_BGR
    out_channels: int
    places: dict[str, tuple[str, ...]]

    def __init__(
        self,
        num_segments: int = 8,
        channel_ratio: float | None = None,
        gate: str | float = 'learned',
        fuse: bool = True,
        layer: str | None = 'gsf',
        pretrained: str | None = None,
        norm_eval: bool = False,
        with_cp: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        check_layer(layer)
        self.num_segments = num_segments
        self.pretrained = pretrained
        self.norm_eval = norm_eval
        self.build_blocks()
        if layer is not None:
            make = temporal_layer(layer, num_segments, channel_ratio, gate, fuse)
            insert_temporal(self, make, self.places[layer])
        if with_cp:
            checkpoint_blocks(child for child in self.children() if isinstance(child, Branches))

    def build_blocks(self) -> None:
        """Makes the modules of the plain network."""
        raise NotImplementedError

    def init_weights(self) -> None:
        """Loads `pretrained`, or draws the convolutions' weights (kaiming, fan-out).

        The temporal layers keep what they were made with.

        Raises:
            FileNotFoundError, ValueError: the file is missing, is no checkpoint, or is not one of
                this network.
        """
        if self.init_cfg is not None:
            super().init_weights()
            return
        if self.pretrained is not None:
            self.load_imagenet(self.pretrained)
            return
        for module in self.modules():
            if isinstance(module, ConvNormReLU):
                conv = module.conv.net if isinstance(module.conv, TemporalConv) else module.conv
                kaiming_init(conv)
                constant_init(module.bn, 1)

    def load_imagenet(self, path: str) -> None:
        """Loads a Caffe conversion of the plain network: all of it but the classifier, or nothing.

        Args:
            path: file or URL; the names are those of the authors' plain networks.

        Raises:
            FileNotFoundError, ValueError: see `init_weights`.
        """
        loaded = CheckpointLoader.load_checkpoint(path, map_location='cpu')
        converted = convert_official(loaded.get('state_dict', loaded))
        weights = {
            key.removeprefix('backbone.'): value
            for key, value in converted.items()
            if key.startswith('backbone.')
        }
        try:
            load_plain_weights(self, weights)
        except ValueError as error:
            raise ValueError(
                f'pretrained={path!r} is not the whole of {type(self).__name__}: {error}'
            ) from error

    def train(self, mode: bool = True) -> 'Inception':
        """Sets the mode; with `norm_eval` the norms stay in eval mode."""
        super().train(mode)
        if mode and self.norm_eval:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self
