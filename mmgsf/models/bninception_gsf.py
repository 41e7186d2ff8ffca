"""BNInception with Gate-Shift-Fuse at the authors' ten places.

Network: Ioffe, Szegedy, "Batch Normalization", ICML 2015, arXiv 1502.03167, in the form of the Caffe
model that the ImageNet weights come from.
"""

from mmaction.registry import MODELS
from torch import Tensor

from .inception import Branches, ConvNormReLU, Inception, average_pool, chain, max_pool

_PLACES = (
    *(f'inception_{block}.branch_1x1.conv' for block in ('3a', '3b', '4a', '4b', '4c', '4d')),
    *(f'inception_{block}.branch_1x1.conv' for block in ('5a', '5b')),
    *(f'inception_{block}.branch_3x3.reduce.conv' for block in ('3c', '4e')),
)


class InceptionBlock(Branches):
    """Four branches at stride 1.

    Args:
        in_channels: channels of the input.
        conv_1x1: channels of the 1x1 branch.
        conv_3x3: channels of the 3x3 branch, reduced and put out.
        double_3x3: channels of the branch with two 3x3 convolutions, reduced and put out.
        pool_proj: channels of the pooling branch.
        pool: its 'average' or 'max'.
    """

    def __init__(
        self,
        in_channels: int,
        conv_1x1: int,
        conv_3x3: tuple[int, int],
        double_3x3: tuple[int, int],
        pool_proj: int,
        pool: str = 'average',
    ) -> None:
        super().__init__()
        self.branch_1x1 = ConvNormReLU(in_channels, conv_1x1, 1)
        self.branch_3x3 = chain(
            reduce=ConvNormReLU(in_channels, conv_3x3[0], 1),
            conv1=ConvNormReLU(*conv_3x3, 3),
        )
        self.branch_double_3x3 = chain(
            reduce=ConvNormReLU(in_channels, double_3x3[0], 1),
            conv1=ConvNormReLU(*double_3x3, 3),
            conv2=ConvNormReLU(double_3x3[1], double_3x3[1], 3),
        )
        self.branch_pool = chain(
            pool=average_pool() if pool == 'average' else max_pool(padding=1, stride=1),
            proj=ConvNormReLU(in_channels, pool_proj, 1),
        )


class ReductionBlock(Branches):
    """Three branches at stride 2; the third only pools.

    Args:
        in_channels: channels of the input.
        conv_3x3: channels of the 3x3 branch, reduced and put out.
        double_3x3: channels of the branch with two 3x3 convolutions, reduced and put out.
    """

    def __init__(
        self, in_channels: int, conv_3x3: tuple[int, int], double_3x3: tuple[int, int]
    ) -> None:
        super().__init__()
        self.branch_3x3 = chain(
            reduce=ConvNormReLU(in_channels, conv_3x3[0], 1),
            conv1=ConvNormReLU(*conv_3x3, 3, stride=2),
        )
        self.branch_double_3x3 = chain(
            reduce=ConvNormReLU(in_channels, double_3x3[0], 1),
            conv1=ConvNormReLU(*double_3x3, 3),
            conv2=ConvNormReLU(double_3x3[1], double_3x3[1], 3, stride=2),
        )
        self.branch_pool = max_pool()


@MODELS.register_module()
class BNInceptionGSF(Inception):
    """BNInception with GSF on the 1x1 branches, and on the reductions of the two stride-2 blocks.

    Maps frames (N*T, 3, H, W), BGR with values 0 to 255 less the means, to feature maps (N*T, 1024,
    H/32, W/32).

    The arguments are those of `Inception`.
    """

    out_channels = 1024
    places = {'gsf': _PLACES, 'gsm': _PLACES}

    def build_blocks(self) -> None:
        self.conv1 = ConvNormReLU(3, 64, 7, stride=2)
        self.pool1 = max_pool()
        self.conv2_reduce = ConvNormReLU(64, 64, 1)
        self.conv2 = ConvNormReLU(64, 192, 3)
        self.pool2 = max_pool()
        self.inception_3a = InceptionBlock(192, 64, (64, 64), (64, 96), 32)
        self.inception_3b = InceptionBlock(256, 64, (64, 96), (64, 96), 64)
        self.inception_3c = ReductionBlock(320, (128, 160), (64, 96))
        self.inception_4a = InceptionBlock(576, 224, (64, 96), (96, 128), 128)
        self.inception_4b = InceptionBlock(576, 192, (96, 128), (96, 128), 128)
        self.inception_4c = InceptionBlock(576, 160, (128, 160), (128, 160), 128)
        self.inception_4d = InceptionBlock(608, 96, (128, 192), (160, 192), 128)
        self.inception_4e = ReductionBlock(608, (128, 192), (192, 256))
        self.inception_5a = InceptionBlock(1056, 352, (192, 320), (160, 224), 128)
        self.inception_5b = InceptionBlock(1024, 352, (192, 320), (192, 224), 128, pool='max')

    def forward(self, x: Tensor) -> Tensor:
        """Maps frames (N*T, 3, H, W) to the last feature map (N*T, 1024, H/32, W/32)."""
        x = self.pool1(self.conv1(x))
        x = self.pool2(self.conv2(self.conv2_reduce(x)))
        x = self.inception_3c(self.inception_3b(self.inception_3a(x)))
        x = self.inception_4b(self.inception_4a(x))
        x = self.inception_4e(self.inception_4d(self.inception_4c(x)))
        return self.inception_5b(self.inception_5a(x))
