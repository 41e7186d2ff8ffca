"""What is set in a whole pipeline at once is set wherever it stands."""

import pytest

from mmgsf.datasets import (
    with_dense_sampling,
    with_flip,
    with_frame_folders,
    with_meta_keys,
    with_num_segments,
    with_sizes,
)


def test_only_the_sampler_changes():
    pipeline = [{'type': 'DecordInit'}, {'type': 'SegmentSampleFrames', 'num_clips': 8}]
    changed = with_num_segments(pipeline, 16)
    assert changed == [{'type': 'DecordInit'}, {'type': 'SegmentSampleFrames', 'num_clips': 16}]
    assert pipeline[1]['num_clips'] == 8


def test_pipeline_without_a_sampler_is_refused():
    with pytest.raises(ValueError, match='num_segments has no place'):
        with_num_segments([{'type': 'DecordInit'}], 16)


def test_sizes_change_wherever_they_stand():
    pipeline = [
        {'type': 'Resize', 'scale': (-1, 256)},
        {'type': 'MultiScaleCrop', 'input_size': 224},
        {'type': 'Resize', 'scale': (224, 224), 'keep_ratio': False},
        {'type': 'CenterCrop', 'crop_size': 224},
        {'type': 'Flip'},
    ]
    assert with_sizes(pipeline, crop_size=229, short_side=261) == [
        {'type': 'Resize', 'scale': (-1, 261)},
        {'type': 'MultiScaleCrop', 'input_size': 229},
        {'type': 'Resize', 'scale': (229, 229), 'keep_ratio': False},
        {'type': 'CenterCrop', 'crop_size': 229},
        {'type': 'Flip'},
    ]
    assert pipeline[1]['input_size'] == 224


def test_crop_larger_than_the_frame_is_refused():
    with pytest.raises(ValueError, match='short_side=224 is below crop_size=229'):
        with_sizes([], crop_size=229, short_side=224)


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


def test_dense_sampling_keeps_t_and_the_mode():
    pipeline = [{'type': 'SegmentSampleFrames', 'num_clips': 8, 'test_mode': True}, {'type': 'X'}]
    dense = {'type': 'DenseSampleFrames', 'clip_len': 1, 'frame_interval': 1, 'num_clips': 8}
    changed = with_dense_sampling(pipeline)
    assert changed == [{**dense, 'test_mode': True}, {'type': 'X'}]
    assert with_num_segments(changed, 16)[0]['num_clips'] == 16
    with pytest.raises(ValueError, match='no SegmentSampleFrames to replace'):
        with_dense_sampling(changed)


def test_flip_swaps_these_labels_or_goes():
    pipeline = [{'type': 'DecordInit'}, {'type': 'Flip', 'flip_ratio': 0.5}]
    assert with_flip(pipeline, {}) == pipeline
    assert with_flip(pipeline, {0: 1, 1: 0})[1] == {
        'type': 'Flip',
        'flip_ratio': 0.5,
        'flip_label_map': {0: 1, 1: 0},
    }
    assert with_flip(pipeline, None) == pipeline[:1]
    with pytest.raises(ValueError, match='has no Flip that could swap'):
        with_flip(pipeline[:1], {0: 1, 1: 0})
