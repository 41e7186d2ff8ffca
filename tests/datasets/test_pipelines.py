"""The sampler's T can be changed in a whole pipeline."""

import pytest

from mmgsf.datasets import with_num_segments


def test_only_the_sampler_changes():
    pipeline = [{'type': 'DecordInit'}, {'type': 'SegmentSampleFrames', 'num_clips': 8}]
    changed = with_num_segments(pipeline, 16)
    assert changed == [{'type': 'DecordInit'}, {'type': 'SegmentSampleFrames', 'num_clips': 16}]
    assert pipeline[1]['num_clips'] == 8


def test_pipeline_without_a_sampler_is_refused():
    with pytest.raises(ValueError, match='num_segments has no place'):
        with_num_segments([{'type': 'DecordInit'}], 16)
