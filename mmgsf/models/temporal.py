"""The temporal layers that backbones take by name."""

from collections.abc import Callable

from torch import nn

from mmgsf.layers import GateShift, GateShiftFuse

TEMPORAL_LAYERS = ('gsf', 'gsm')


def check_layer(layer: str | None) -> None:
    """Refuses the name of a temporal layer that is not there.

    Raises:
        ValueError: `layer` is neither 'gsf' nor 'gsm' nor None.
    """
    if layer is not None and layer not in TEMPORAL_LAYERS:
        raise ValueError(
            f'layer={layer!r} is not known; choose one of {TEMPORAL_LAYERS}, or None for the plain '
            'network'
        )


def temporal_layer(
    layer: str,
    num_segments: int,
    channel_ratio: float | None = None,
    gate: str | float = 'learned',
    fuse: bool = True,
    norm_layer: Callable[[int], nn.Module] = nn.BatchNorm2d,
) -> Callable[[int], nn.Module]:
    """What makes a temporal layer for a number of channels, for `insert_temporal`.

    Args:
        layer: 'gsf' or 'gsm'.
        num_segments: T, frames a clip.
        channel_ratio: share of the channels that GSF touches, in (0, 1]; None stands for 1.0, the
            only value that GSM takes.
        gate: GSF's, see GateShiftFuse.
        fuse: GSF's, see GateShiftFuse; GSM always sums.
        norm_layer: makes the norm before the gate from a channel count.

    Raises:
        ValueError: an unknown layer, or a ratio or a fixed gate with GSM.
    """
    check_layer(layer)
    ratio = 1.0 if channel_ratio is None else channel_ratio
    if layer == 'gsm':
        if ratio != 1.0 or gate != 'learned':
            raise ValueError(
                f"layer='gsm' with channel_ratio={channel_ratio} and gate={gate!r}: GSM touches all "
                "channels by learned gates; for its sum with other values use layer='gsf', "
                'fuse=False'
            )
        return lambda channels: GateShift(channels, num_segments, norm_layer)
    return lambda channels: GateShiftFuse(channels, num_segments, ratio, gate, fuse, norm_layer)
