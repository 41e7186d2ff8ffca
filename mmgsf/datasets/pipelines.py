"""Changes of a config's pipelines that must be made in several places at once."""

from collections.abc import Sequence

SAMPLERS = ('SampleFrames', 'SegmentSampleFrames')


def with_num_segments(pipeline: Sequence[dict], num_segments: int) -> list[dict]:
    """The same pipeline, its sampler taking `num_segments` single frames.

    Args:
        pipeline: transforms of MMAction2's form, one of them a sampler with `num_clips`.
        num_segments: T, at least 1.

    Raises:
        ValueError: the pipeline has no sampler.
    """
    if not any(transform['type'] in SAMPLERS for transform in pipeline):
        raise ValueError(f'the pipeline has none of {SAMPLERS}, so num_segments has no place in it')
    return [
        {**transform, 'num_clips': num_segments} if transform['type'] in SAMPLERS else transform
        for transform in pipeline
    ]


def with_sizes(pipeline: Sequence[dict], crop_size: int, short_side: int) -> list[dict]:
    """The same pipeline for another input size of the network.

    Args:
        pipeline: transforms of MMAction2's form: a Resize of the short side, a crop, and in training
            a Resize of the crop.
        crop_size: height and width of the crops, in pixels.
        short_side: of the frames before the crop, in pixels.

    Raises:
        ValueError: the short side is smaller than the crop.
    """
    if short_side < crop_size:
        raise ValueError(
            f'short_side={short_side} is below crop_size={crop_size}; the crop would not fit'
        )
    changes = {'CenterCrop': {'crop_size': crop_size}, 'MultiScaleCrop': {'input_size': crop_size}}
    changed = []
    for transform in pipeline:
        if transform['type'] == 'Resize':
            of_crop = transform.get('keep_ratio') is False
            scale = (crop_size, crop_size) if of_crop else (-1, short_side)
            changed.append({**transform, 'scale': scale})
        else:
            changed.append({**transform, **changes.get(transform['type'], {})})
    return changed
