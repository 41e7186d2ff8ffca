"""Changes of a config's pipelines that must be made in several places at once."""

from collections.abc import Sequence

SAMPLERS = ('SampleFrames', 'SegmentSampleFrames', 'DenseSampleFrames', 'StretchSampleFrames')


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


def with_dense_sampling(pipeline: Sequence[dict]) -> list[dict]:
    """The same pipeline, its T frames from one stretch of the video in place of all of it.

    MMAction2's DenseSampleFrames with its own values: the frames lie 64 / T apart; training takes
    one stretch at random, test ten spread over the video.

    Args:
        pipeline: transforms of MMAction2's form with SegmentSampleFrames.

    Raises:
        ValueError: the pipeline has no SegmentSampleFrames.
    """
    if not any(transform['type'] == 'SegmentSampleFrames' for transform in pipeline):
        raise ValueError('the pipeline has no SegmentSampleFrames to replace; give one that has')
    dense = {'type': 'DenseSampleFrames', 'clip_len': 1, 'frame_interval': 1}
    return [
        {**transform, **dense} if transform['type'] == 'SegmentSampleFrames' else transform
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


def with_flip(pipeline: Sequence[dict], flip_label_map: dict[int, int] | None) -> list[dict]:
    """The same pipeline, its Flip swapping these labels, or without one.

    Args:
        pipeline: transforms of MMAction2's form.
        flip_label_map: label to label, both ways; None takes Flip out.

    Raises:
        ValueError: there are labels to swap and the pipeline has no Flip.
    """
    if flip_label_map and not any(transform['type'] == 'Flip' for transform in pipeline):
        raise ValueError(f'the pipeline has no Flip that could swap the labels {flip_label_map}')
    return [
        {**transform, 'flip_label_map': flip_label_map}
        if transform['type'] == 'Flip' and flip_label_map
        else transform
        for transform in pipeline
        if transform['type'] != 'Flip' or flip_label_map is not None
    ]


def with_frame_folders(pipeline: Sequence[dict]) -> list[dict]:
    """The same pipeline, reading folders of frames in place of videos.

    Args:
        pipeline: transforms of MMAction2's form with DecordInit and DecordDecode.

    Raises:
        ValueError: the pipeline does not decode videos with these two.
    """
    types = [transform['type'] for transform in pipeline]
    if not {'DecordInit', 'DecordDecode'} <= set(types):
        raise ValueError(
            f'the pipeline {types} has no DecordInit and DecordDecode to replace; give one that '
            'reads videos'
        )
    return [
        {'type': 'RawFrameDecode'} if transform['type'] == 'DecordDecode' else transform
        for transform in pipeline
        if transform['type'] != 'DecordInit'
    ]


def with_meta_keys(pipeline: Sequence[dict], keys: Sequence[str]) -> list[dict]:
    """The same pipeline, its PackActionInputs keeping `keys` of a sample as well.

    Args:
        pipeline: transforms of MMAction2's form that end in PackActionInputs.
        keys: keys of the sample; those that it lacks are passed over.

    Raises:
        ValueError: the pipeline has no PackActionInputs.
    """
    if not any(transform['type'] == 'PackActionInputs' for transform in pipeline):
        raise ValueError(f'the pipeline has no PackActionInputs, so {tuple(keys)} have no place')
    return [
        {**step, 'meta_keys': tuple(dict.fromkeys((*step.get('meta_keys', ()), *keys)))}
        if step['type'] == 'PackActionInputs'
        else step
        for step in pipeline
    ]
