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
