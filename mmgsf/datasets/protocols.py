"""The named protocols that videos are tested by: how many clips of a video, and crops of a clip."""

from collections.abc import Sequence
from typing import NamedTuple

# DenseSampleFrames takes clips of its own, by num_sample_positions.
SAMPLERS = ('SampleFrames', 'SegmentSampleFrames')
# They take several clips of a video by arguments of their own.
VIEW_SAMPLERS = ('DenseSampleFrames', 'StretchSampleFrames')
NUM_CROPS = {'ThreeCrop': 3, 'UniformThreeCrop': 3, 'TenCrop': 10}
ONE_CROP, THREE_CROPS = CROPS = ('CenterCrop', 'UniformThreeCrop')


class Protocol(NamedTuple):
    """Views of a video.

    Attributes:
        clips: 1, or 2 whose frames lie at the middle and at the start of each of the T segments.
        crops: 1, the centre one, or 3, those of UniformThreeCrop.
    """

    clips: int
    crops: int

    @property
    def views(self) -> int:
        """Clips x crops."""
        return self.clips * self.crops


PROTOCOLS = {'1x1': Protocol(1, 1), '2x1': Protocol(2, 1), '2x3': Protocol(2, 3)}


def find_protocol(name: str) -> Protocol:
    """The protocol of a name, clips x crops.

    Raises:
        ValueError: there is no such protocol.
    """
    if name not in PROTOCOLS:
        raise ValueError(
            f'protocol {name!r} is unknown; choose one of {", ".join(PROTOCOLS)} (clips x crops)'
        )
    return PROTOCOLS[name]


def with_protocol(pipeline: Sequence[dict], protocol: str) -> list[dict]:
    """The same test pipeline giving the views of a protocol; its sizes and T stay.

    Every transform keeps its place. `num_clips` remains T: the second clip comes by the sampler's
    `twice_sample`, since 2T would make one clip of twice the frame rate.

    Args:
        pipeline: transforms of MMAction2's form, with one sampler of T single frames in test mode
            and one CenterCrop, or already that of a protocol.
        protocol: '1x1', '2x1' or '2x3'.

    Raises:
        ValueError: the protocol is unknown, or the pipeline is no such test pipeline.
    """
    clips, crops = find_protocol(protocol)
    sampler, crop = find_sampler(pipeline), find_crop(pipeline)
    changed = {
        id(sampler): {**sampler, 'twice_sample': clips == 2},
        id(crop): {
            'type': ONE_CROP if crops == 1 else THREE_CROPS,
            'crop_size': crop['crop_size'],
        },
    }
    return [changed.get(id(step), step) for step in pipeline]


def describe_views(pipeline: Sequence[dict]) -> str:
    """Clips x crops of a video that a test pipeline gives, such as '1x1'.

    Raises:
        ValueError: it has no sampler, or more than one.
    """
    sampler = _only(pipeline, (*SAMPLERS, *VIEW_SAMPLERS))
    if sampler['type'] == 'StretchSampleFrames':
        clips = sum(number for _, number in sampler['stretches'])
    elif sampler['type'] == 'DenseSampleFrames':
        clips = sampler.get('num_sample_positions', 10)
    else:
        clips = 2 if sampler.get('twice_sample') else 1
    crops = [NUM_CROPS[step['type']] for step in pipeline if step['type'] in NUM_CROPS]
    return f'{clips}x{max(crops, default=1)}'


def find_sampler(pipeline: Sequence[dict]) -> dict:
    """The sampler of T single frames of a test pipeline.

    Raises:
        ValueError: there is not exactly one, it samples at random, or it takes longer clips.
    """
    sampler = _only(pipeline, SAMPLERS)
    if not sampler.get('test_mode'):
        raise ValueError(
            f'the {sampler["type"]} of the pipeline draws frames at random; a protocol is of a '
            'test pipeline, with test_mode=True'
        )
    if sampler.get('clip_len', 1) != 1:
        raise ValueError(
            f'the {sampler["type"]} of the pipeline has clip_len={sampler["clip_len"]}; the '
            'protocols are those of T single frames, with clip_len=1 and num_clips=T'
        )
    return sampler


def find_crop(pipeline: Sequence[dict]) -> dict:
    """The CenterCrop or UniformThreeCrop of a test pipeline.

    Raises:
        ValueError: there is not exactly one, or it is lazy or not square.
    """
    crop = _only(pipeline, CROPS)
    size = crop['crop_size']
    if crop.get('lazy') or not (isinstance(size, int) or size[0] == size[1]):
        raise ValueError(
            f'the {crop["type"]} of the pipeline is lazy or not square: {dict(crop)}; the '
            'protocols take crops of one side, made at once'
        )
    return crop


def _only(pipeline: Sequence[dict], types: Sequence[str]) -> dict:
    found = [step for step in pipeline if step['type'] in types]
    if len(found) != 1:
        raise ValueError(
            f'the pipeline {[step["type"] for step in pipeline]} has {len(found)} of {types}; a '
            'protocol changes exactly one'
        )
    return found[0]
