"""ResNet with Gate-Shift-Fuse: MMAction2's own ResNet, with a layer in every residual block.

The layer stands behind the last convolution of a block and before that convolution's norm (authors'
network; see GateShiftFuse for the paper).
"""

from collections.abc import Sequence

from mmaction.models.backbones.resnet import ResNet
from mmaction.registry import MODELS
from mmcv.cnn import build_norm_layer
from mmengine.model import kaiming_init
from torch import Tensor, nn

from mmgsf.layers import GateShiftFuse, TemporalConv, insert_temporal

from .checkpointing import checkpoint_blocks
from .resnet_width import STANDARD_BASE_CHANNELS, set_base_channels
from .temporal import check_layer, temporal_layer

FUSE_INITS = ('kaiming', 'uniform')
GSF_CHANNEL_RATIO = 0.25


@MODELS.register_module()
class ResNetGSF(ResNet):
    """ResNet-18, 34, 50, 101 or 152 with a GSF layer in its blocks.

    Maps frames (N*T, 3, H, W) to feature maps (N*T, C, H/32, W/32), C = 512 for depth 18 and 34 and
    2048 for the others. Checkpoints of MMAction2's ResNet and ResNetTSM load as they are.

    Args:
        depth: 18, 34, 50, 101 or 152.
        num_segments: T, frames a clip.
        channel_ratio: share of the channels that each layer touches, in (0, 1]; None stands for
            0.25 with GSF and for all with GSM.
        gate: see GateShiftFuse.
        fuse: see GateShiftFuse.
        layer: 'gsf', 'gsm', or None for the plain network.
        gsf_conv: the convolution of each block, 'conv1' to 'conv3', that the layer follows; None
            stands for the last one, where the authors have it.
        gsf_stages: the stages, from 1 to `num_stages`, that get layers; None stands for all.
        gsf_blocks: the blocks, counted from 0 in each stage, that get layers; None stands for all.
        base_channels: channels of the first stage's blocks; 64 is the standard width.
        fuse_init: of the fusion convolutions, 'kaiming' (fan-out, as the authors) or 'uniform'
            (PyTorch's own); without ImageNet weights only the latter starts to learn soon.
        with_cp: checkpoint each block (see `checkpoint_blocks`); any depth can.
        **kwargs: as for MMAction2's ResNet. `frozen_stages` freezes the temporal layers of those
            stages as well, their norms too; freeze only what a checkpoint of GSF fills.

    Raises:
        ValueError: a depth, layer, stage, block or convolution that there is not, a channel count that the
            layer cannot take, an unknown `fuse_init`, or more frozen stages than there are.
    """

    def __init__(
        self,
        depth: int,
        num_segments: int = 8,
        channel_ratio: float | None = None,
        gate: str | float = 'learned',
        fuse: bool = True,
        layer: str | None = 'gsf',
        gsf_conv: str | None = None,
        gsf_stages: Sequence[int] | None = None,
        gsf_blocks: Sequence[int] | None = None,
        base_channels: int = STANDARD_BASE_CHANNELS,
        fuse_init: str = 'kaiming',
        with_cp: bool = False,
        **kwargs,
    ) -> None:
        if fuse_init not in FUSE_INITS:
            raise ValueError(f'fuse_init={fuse_init!r} is not known; choose one of {FUSE_INITS}')
        if depth not in self.arch_settings:
            raise ValueError(
                f'depth={depth} is no ResNet; choose one of {list(self.arch_settings)}'
            )
        super().__init__(depth, **kwargs)
        self.fuse_init = fuse_init
        set_base_channels(self, base_channels)
        self.with_cp = with_cp
        if with_cp:
            stages = (getattr(self, name) for name in self.res_layers)
            checkpoint_blocks(block for stage in stages for block in stage)
        self.num_segments = num_segments
        places = self._places(gsf_conv, gsf_stages, gsf_blocks)
        check_layer(layer)
        if layer == 'gsf' and channel_ratio is None:
            channel_ratio = GSF_CHANNEL_RATIO
        if layer is not None and places:
            make = temporal_layer(layer, num_segments, channel_ratio, gate, fuse, self._norm_layer)
            insert_temporal(self, make, places)
        if not -1 <= self.frozen_stages <= self.num_stages:
            raise ValueError(
                f'frozen_stages={self.frozen_stages}: give -1 for none, 0 for the stem, or the '
                f'number of stages to freeze with it, up to {self.num_stages}'
            )
        # DDP and optimisers ask which parameters are trained before MMAction2 freezes any.
        self._freeze_stages()

    def _norm_layer(self, channels: int) -> nn.Module:
        return build_norm_layer(self.norm_cfg, channels)[1]

    def _places(
        self, conv: str | None, stages: Sequence[int] | None, blocks: Sequence[int] | None
    ) -> list[str]:
        """Names of the chosen convolution of each chosen block."""
        convs = ('conv1', 'conv2', 'conv3') if self.block.expansion > 1 else ('conv1', 'conv2')
        if conv is not None and conv not in convs:
            raise ValueError(f'gsf_conv={conv!r}: the blocks of depth {self.depth} have {convs}')
        stages = _known('gsf_stages', stages, range(1, self.num_stages + 1))
        blocks = _known('gsf_blocks', blocks, range(max(self.stage_blocks)))
        return [
            f'layer{stage}.{block}.{conv or convs[-1]}.conv'
            for stage in stages
            for block in blocks
            if block < self.stage_blocks[stage - 1]
        ]

    def init_weights(self) -> None:
        """As MMAction2's ResNet; then the layers' fusion convolutions by `fuse_init`."""
        super().init_weights()
        for module in self.modules():
            if isinstance(module, GateShiftFuse) and module.fuse:
                for conv in (module.fuse_conv1, module.fuse_conv2):
                    if self.fuse_init == 'kaiming':
                        kaiming_init(conv)
                    else:
                        conv.reset_parameters()

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        # ResNetTSM wraps convolutions that are plain ones here; its keys say so by `.net.`.
        wrapped = {
            f'{prefix}{name}.net.'
            for name, module in self.named_modules()
            if isinstance(module, TemporalConv)
        }
        for key in [key for key in state_dict if key.startswith(prefix) and '.net.' in key]:
            if not any(key.startswith(name) for name in wrapped):
                state_dict[key.replace('.net.', '.')] = state_dict.pop(key)
        super()._load_from_state_dict(state_dict, prefix, *args)

    def train(self, mode: bool = True) -> 'ResNetGSF':
        """As MMAction2's ResNet, which forgets to return itself."""
        super().train(mode)
        return self

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Maps frames (N*T, 3, H, W) to the feature maps of the stages in `out_indices`."""
        return super().forward(x)


def _known(argument: str, values: Sequence[int] | None, allowed: range) -> list[int]:
    if values is None:
        return list(allowed)
    unknown = [value for value in values if value not in allowed]
    if unknown:
        raise ValueError(f'{argument}={list(values)}: {unknown} is not in {list(allowed)}')
    return list(values)
