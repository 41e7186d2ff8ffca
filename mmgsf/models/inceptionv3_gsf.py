"""InceptionV3 with Gate-Shift-Fuse at the authors' eleven places.

Network: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016,
arXiv 1512.00567, in the form of the Caffe model that the ImageNet weights come from; its blocks are
numbered from mixed_0 to mixed_10 in the order of that paper's table 1.
"""

import itertools
import math

from mmaction.registry import MODELS
from torch import Tensor, nn

from .inception import Branches, ConvNormReLU, Inception, average_pool, chain, max_pool

_FIRST_CONVS = tuple(f'mixed_{index}.branch_1x1.conv' for index in (0, 1, 2, 4, 5, 7, 9, 10))
_REDUCTION = 'mixed_8.branch_3x3.reduce.conv'
_PLACES = {
    'gsf': (*_FIRST_CONVS, 'mixed_3.branch_3x3.conv', 'mixed_6.branch_1x1.conv', _REDUCTION),
    'gsm': (*_FIRST_CONVS, 'mixed_3.branch_double_3x3.reduce.conv', _REDUCTION),
}


class InceptionA(Branches):
    """Maps of 1/8 of the size: mixed_0 to mixed_2."""

    def __init__(self, in_channels: int, pool_proj: int) -> None:
        super().__init__()
        self.branch_1x1 = ConvNormReLU(in_channels, 64, 1)
        self.branch_5x5 = chain(
            reduce=ConvNormReLU(in_channels, 48, 1), conv1=ConvNormReLU(48, 64, 5)
        )
        self.branch_double_3x3 = chain(
            reduce=ConvNormReLU(in_channels, 64, 1),
            conv1=ConvNormReLU(64, 96, 3),
            conv2=ConvNormReLU(96, 96, 3),
        )
        self.branch_pool = _pooling(in_channels, pool_proj, average_pool())


class ReductionA(Branches):
    """To 1/16 of the size: mixed_3."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch_3x3 = ConvNormReLU(in_channels, 384, 3, stride=2, padding=0)
        self.branch_double_3x3 = chain(
            reduce=ConvNormReLU(in_channels, 64, 1),
            conv1=ConvNormReLU(64, 96, 3),
            conv2=ConvNormReLU(96, 96, 3, stride=2, padding=0),
        )
        self.branch_pool = max_pool()


class InceptionB(Branches):
    """Maps of 1/16 of the size, 7x7 kernels taken apart: mixed_4 to mixed_7."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.branch_1x1 = ConvNormReLU(in_channels, 192, 1)
        self.branch_7x7 = chain(
            reduce=ConvNormReLU(in_channels, width, 1),
            conv1=ConvNormReLU(width, width, (7, 1)),
            conv2=ConvNormReLU(width, 192, (1, 7)),
        )
        self.branch_double_7x7 = chain(
            reduce=ConvNormReLU(in_channels, width, 1),
            conv1=ConvNormReLU(width, width, (1, 7)),
            conv2=ConvNormReLU(width, width, (7, 1)),
            conv3=ConvNormReLU(width, width, (1, 7)),
            conv4=ConvNormReLU(width, 192, (7, 1)),
        )
        self.branch_pool = _pooling(in_channels, 192, average_pool())


class ReductionB(Branches):
    """To 1/32 of the size: mixed_8."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch_3x3 = chain(
            reduce=ConvNormReLU(in_channels, 192, 1),
            conv1=ConvNormReLU(192, 320, 3, stride=2, padding=0),
        )
        self.branch_7x7 = chain(
            reduce=ConvNormReLU(in_channels, 192, 1),
            conv1=ConvNormReLU(192, 192, (7, 1)),
            conv2=ConvNormReLU(192, 192, (1, 7)),
            conv3=ConvNormReLU(192, 192, 3, stride=2, padding=0),
        )
        self.branch_pool = max_pool()


class InceptionC(Branches):
    """Maps of 1/32 of the size, the last kernels side by side: mixed_9 and mixed_10."""

    def __init__(self, in_channels: int, pool: nn.Module) -> None:
        super().__init__()
        self.branch_1x1 = ConvNormReLU(in_channels, 320, 1)
        self.branch_3x3 = chain(reduce=ConvNormReLU(in_channels, 384, 1), split=Split(384))
        self.branch_double_3x3 = chain(
            reduce=ConvNormReLU(in_channels, 448, 1),
            conv1=ConvNormReLU(448, 384, 3),
            split=Split(384),
        )
        self.branch_pool = _pooling(in_channels, 192, pool)


class Split(Branches):
    """A 3x1 and a 1x3 convolution side by side."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_3x1 = ConvNormReLU(channels, channels, (3, 1))
        self.conv_1x3 = ConvNormReLU(channels, channels, (1, 3))


def _pooling(in_channels: int, out_channels: int, pool: nn.Module) -> nn.Sequential:
    return chain(pool=pool, proj=ConvNormReLU(in_channels, out_channels, 1))


def _fits(size: int) -> bool:
    """Whether convolutions, rounded down, and poolings, rounded up, agree at stride 2."""
    after_conv3 = (size - 3) // 2 - 1
    after_conv5 = math.ceil((after_conv3 - 3) / 2) - 1
    after_stem = math.ceil((after_conv5 - 3) / 2) + 1
    return after_stem >= 7 and after_stem % 4 == 3


@MODELS.register_module()
class InceptionV3GSF(Inception):
    """InceptionV3 without its auxiliary branch, with GSF behind the first convolution of its blocks.

    Maps frames (N*T, 3, H, W), BGR with values 0 to 255 less the means, to feature maps (N*T, 2048,
    h, w); 229 pixels give 6, 299 give 8.

    The arguments are those of `Inception`. GSM has ten places, another one in mixed_3 and none
    in mixed_6.
    """

    out_channels = 2048
    places = _PLACES

    def build_blocks(self) -> None:
        self.stem = chain(
            conv1=ConvNormReLU(3, 32, 3, stride=2, padding=0),
            conv2=ConvNormReLU(32, 32, 3, padding=0),
            conv3=ConvNormReLU(32, 64, 3),
            pool1=max_pool(),
            conv4=ConvNormReLU(64, 80, 1),
            conv5=ConvNormReLU(80, 192, 3, padding=0),
            pool2=max_pool(),
        )
        self.mixed_0 = InceptionA(192, 32)
        self.mixed_1 = InceptionA(256, 64)
        self.mixed_2 = InceptionA(288, 64)
        self.mixed_3 = ReductionA(288)
        self.mixed_4 = InceptionB(768, 128)
        self.mixed_5 = InceptionB(768, 160)
        self.mixed_6 = InceptionB(768, 160)
        self.mixed_7 = InceptionB(768, 192)
        self.mixed_8 = ReductionB(768)
        self.mixed_9 = InceptionC(1280, average_pool())
        self.mixed_10 = InceptionC(2048, max_pool(padding=1, stride=1))

    def forward(self, x: Tensor) -> Tensor:
        """Maps frames (N*T, 3, H, W) to the last feature map (N*T, 2048, h, w).

        Raises:
            ValueError: a height or width at which the branches of a block differ in size.
        """
        for size in x.shape[-2:]:
            if not _fits(size):
                below = next((near for near in range(size, 0, -1) if _fits(near)), None)
                above = next(near for near in itertools.count(size) if _fits(near))
                raise ValueError(
                    f'frames of {x.shape[-2]}x{x.shape[-1]}: InceptionV3 has no place for {size}; '
                    f'the nearest sizes are {f"{below} and " if below else ""}{above}, the usual '
                    'ones 229 and 299'
                )
        x = self.stem(x)
        x = self.mixed_2(self.mixed_1(self.mixed_0(x)))
        x = self.mixed_5(self.mixed_4(self.mixed_3(x)))
        x = self.mixed_7(self.mixed_6(x))
        return self.mixed_10(self.mixed_9(self.mixed_8(x)))
