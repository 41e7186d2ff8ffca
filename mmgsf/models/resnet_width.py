"""ResNets of MMAction2 at another width, for small machines and ablations."""

from mmaction.models.backbones.resnet import ResNet, make_res_layer
from mmaction.models.backbones.resnet_tsm import ResNetTSM
from mmaction.registry import MODELS
from mmcv.cnn import ConvModule

STANDARD_BASE_CHANNELS = 64


def set_base_channels(resnet: ResNet, base_channels: int) -> None:
    """Rebuilds the stem and the stages with `base_channels` channels in the first stage, in place.

    MMAction2's ResNet has no such option (its ResNet3d has, by this name).

    Raises:
        ValueError: `base_channels` is below 1.
    """
    if base_channels < 1:
        raise ValueError(f'base_channels={base_channels}: a stage has channels; the usual is 64')
    if base_channels == STANDARD_BASE_CHANNELS:
        return
    configs = {'conv_cfg': resnet.conv_cfg, 'norm_cfg': resnet.norm_cfg, 'act_cfg': resnet.act_cfg}
    resnet.conv1 = ConvModule(
        resnet.in_channels, base_channels, 7, stride=2, padding=3, bias=False, **configs
    )
    in_channels = base_channels
    for stage, (name, blocks) in enumerate(
        zip(resnet.res_layers, resnet.stage_blocks, strict=True)
    ):
        planes = base_channels * 2**stage
        layer = make_res_layer(
            resnet.block,
            in_channels,
            planes,
            blocks,
            stride=resnet.strides[stage],
            dilation=resnet.dilations[stage],
            style=resnet.style,
            with_cp=resnet.with_cp,
            **configs,
        )
        setattr(resnet, name, layer)
        in_channels = planes * resnet.block.expansion
    resnet.inplanes = resnet.feat_dim = in_channels


@MODELS.register_module()
class ResNetTSMWidth(ResNetTSM):
    """MMAction2's ResNetTSM with a `base_channels` option.

    Args:
        base_channels: channels of the first stage's blocks; 64 is the standard width.
        **kwargs: as for `ResNetTSM`.
    """

    def __init__(self, depth: int, base_channels: int = STANDARD_BASE_CHANNELS, **kwargs) -> None:
        self._base_channels = base_channels
        super().__init__(depth, **kwargs)

    def init_structure(self) -> None:
        # Runs once all stages stand and before the shifts are put in.
        set_base_channels(self, self._base_channels)
        super().init_structure()
