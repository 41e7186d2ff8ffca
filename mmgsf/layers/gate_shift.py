"""Gate-Shift module (GSM), the predecessor of Gate-Shift-Fuse, for comparison.

Paper: Sudhakaran, Escalera, Lanz, "Gate-Shift Networks for Video Action Recognition", CVPR 2020,
arXiv 1912.00381. It differs from GSF in three points: all channels are touched, what was shifted and
what stayed is summed, and the gates start closed.
"""

from collections.abc import Callable

from torch import nn

from .gate_shift_fuse import GateShiftFuse


class GateShift(GateShiftFuse):
    """Gates and shifts all channels of a video's feature maps and sums the parts (GSM, section 3).

    The weights of the gate start at zero, so that a pretrained network starts with a permutation of
    its channels within each half and no exchange in time.

    Args:
        channels: C of the input, a multiple of 4.
        num_segments: T, frames a clip.
        norm_layer: makes the norm before the gate from a channel count.

    Raises:
        ValueError: C is no multiple of 4, or num_segments is below 1.
    """

    def __init__(
        self,
        channels: int,
        num_segments: int = 8,
        norm_layer: Callable[[int], nn.Module] = nn.BatchNorm2d,
    ) -> None:
        super().__init__(channels, num_segments, fuse=False, norm_layer=norm_layer)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """As for GSF, then closes the gates."""
        super().reset_parameters()
        nn.init.zeros_(self.gate_conv.weight)
        nn.init.zeros_(self.gate_conv.bias)
