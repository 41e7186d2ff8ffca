"""Folds batch norms into the convolutions before them, for deployment."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from mmcv.cnn import Conv2d
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_eval

# Not what is derived from them: timm's BatchNormAct2d has an activation inside, and its StdConv2d
# changes the weights. mmcv's Conv2d differs in empty batches only.
CONVOLUTIONS = (nn.Conv2d, Conv2d)
NORMS = (nn.BatchNorm2d, nn.SyncBatchNorm)


class Folding(NamedTuple):
    """How many batch norms were folded, and how many were left as they are."""

    folded: int
    left: int


def fold_batch_norm(model: nn.Module) -> Folding:
    """Folds each batch norm that stands directly behind a convolution into it, in place.

    The output stays the same but for rounding. A norm behind a temporal layer, or within one,
    stays: the layer is not linear. So does a norm that something stands before, that has another
    number of channels, or that is used in two places. What stands behind what is told by the order
    of definition within a module, as in mmcv's `fuse_conv_bn`.

    Args:
        model: in eval mode. It cannot be trained afterwards, nor load the state dicts that it could.

    Raises:
        ValueError: the model is in training mode.
    """
    if model.training:
        raise ValueError(
            'the model is in training mode, in which its norms use the statistics of the batch; '
            'call model.eval() first'
        )
    pairs = list(_pairs(model))
    for parent, conv_name, norm_name in pairs:
        conv, norm = getattr(parent, conv_name), getattr(parent, norm_name)
        setattr(parent, conv_name, fuse_conv_bn_eval(conv, norm))
        setattr(parent, norm_name, nn.Identity())
    return Folding(len(pairs), sum(isinstance(module, _BatchNorm) for module in model.modules()))


def _pairs(model: nn.Module) -> Iterator[tuple[nn.Module, str, str]]:
    """A module, and the names in it of a convolution and of the norm that can be folded into it."""
    uses = Counter(
        id(child) for module in model.modules() for child in module._modules.values() if child
    )
    for parent in model.modules():
        # mmcv's ConvModule may have its norm first.
        order = getattr(parent, 'order', ('conv', 'norm'))
        children = [item for item in parent._modules.items() if item[1] is not None]
        for (conv_name, conv), (norm_name, norm) in zip(children, children[1:], strict=False):
            if (
                type(conv) in CONVOLUTIONS
                and type(norm) in NORMS
                and conv.out_channels == norm.num_features
                and norm.running_mean is not None
                and uses[id(conv)] == uses[id(norm)] == 1
                and not (conv._forward_hooks or norm._forward_hooks or norm._forward_pre_hooks)
                and order.index('conv') < order.index('norm')
            ):
                yield parent, conv_name, norm_name
