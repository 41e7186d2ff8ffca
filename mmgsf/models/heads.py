"""Classification head: logits of every frame, averaged over the clip (GSF paper, section 4)."""

from mmaction.models.heads.tsm_head import TSMHead
from mmaction.registry import MODELS
from torch import Tensor


@MODELS.register_module()
class GSFHead(TSMHead):
    """Global average pool, dropout and a linear layer for each frame; the mean over T frames.

    Args:
        num_classes: classes to tell apart.
        in_channels: channels of the feature map.
        num_segments: T; `RecognizerGSF` gives its own where this is left out.
        dropout_ratio: share of pooled features dropped in training, in [0, 1).
        init_std: standard deviation of the linear layer's initial weights; its biases start at 0.
        **kwargs: as for MMAction2's TSMHead; `average_clips` 'score' gives the mean logits of a
            video's views, 'prob' the mean probabilities, None each view's logits.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        num_segments: int = 8,
        dropout_ratio: float = 0.5,
        init_std: float = 0.001,
        **kwargs,
    ) -> None:
        super().__init__(
            num_classes,
            in_channels,
            num_segments=num_segments,
            dropout_ratio=dropout_ratio,
            init_std=init_std,
            **kwargs,
        )

    def forward(self, x: Tensor, num_segs: int | None = None, **kwargs) -> Tensor:
        """Maps feature maps (N*T, C, H, W) to logits (N, num_classes).

        Raises:
            ValueError: T does not divide the number of feature maps.
        """
        if x.shape[0] % self.num_segments:
            raise ValueError(
                f'{x.shape[0]} feature maps are no whole number of clips of num_segments='
                f'{self.num_segments}; give backbone, head and sampler the same'
            )
        return super().forward(x, num_segs, **kwargs)
