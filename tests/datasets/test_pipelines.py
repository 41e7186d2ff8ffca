"""Sampler, decoder and what is kept of a sample can be changed in a whole pipeline."""

import pytest

from mmgsf.datasets import with_frame_folders, with_meta_keys, with_num_segments


def test_only_the_sampler_changes():
    pipeline = [{'type': 'DecordInit'}, {'type': 'SegmentSampleFrames', 'num_clips': 8}]
    changed = with_num_segments(pipeline, 16)
    assert changed == [{'type': 'DecordInit'}, {'type': 'SegmentSampleFrames', 'num_clips': 16}]
    assert pipeline[1]['num_clips'] == 8


def test_pipeline_without_a_sampler_is_refused():
    with pytest.raises(ValueError, match='num_segments has no place'):
        with_num_segments([{'type': 'DecordInit'}], 16)


def test_frame_folders_take_the_place_of_videos():
    video = [{'type': name} for name in ('DecordInit', 'SampleFrames', 'DecordDecode', 'Resize')]
    folders = [{'type': name} for name in ('SampleFrames', 'RawFrameDecode', 'Resize')]
    assert with_frame_folders(video) == folders
    with pytest.raises(ValueError, match='no DecordInit and DecordDecode to replace'):
        with_frame_folders(folders)


def test_keys_are_kept_once_and_in_order():
    pipeline = [{'type': 'Resize'}, {'type': 'PackActionInputs', 'meta_keys': ('a', 'b')}]
    changed = with_meta_keys(pipeline, ('b', 'c'))
    assert changed[1] == {'type': 'PackActionInputs', 'meta_keys': ('a', 'b', 'c')}
    assert pipeline[1]['meta_keys'] == ('a', 'b')
    with pytest.raises(ValueError, match='no PackActionInputs'):
        with_meta_keys(pipeline[:1], ('a',))
