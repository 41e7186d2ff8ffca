"""Clips without files: validation's are always the same, training's follow from the random numbers."""

import mmgsf.register  # noqa: F401, I001

import numpy as np
import pytest
from mmaction.registry import DATASETS

from mmgsf.datasets.rendered_footage import RenderedFootage


def rendered(**options) -> RenderedFootage:
    options = {'split': 'val', 'num_samples': 16, 'size': 32, 'num_frames': 4, **options}
    return DATASETS.build({'type': 'RenderedFootage', 'pipeline': [], **options})


def test_validation_is_always_the_same():
    first, second, other = rendered(test_mode=True), rendered(test_mode=True), rendered(seed=1)
    np.testing.assert_array_equal(first[3]['array'], second[3]['array'])
    assert first[3]['array'].shape != other[3]['array'].shape
    assert [first.get_data_info(i)['label'] for i in range(16)] == 2 * list(range(8))


def test_training_follows_from_numpys_random_numbers():
    dataset = rendered(split='train')
    clips = []
    for seed in (0, 0, 1):
        np.random.seed(seed)
        clips.append(dataset[3]['array'])
    np.testing.assert_array_equal(clips[0], clips[1])
    assert clips[0].shape != clips[2].shape or not np.array_equal(clips[0], clips[2])


def test_a_standing_camera_is_as_likely_in_all_classes():
    frames = []
    for label in (0, 7):
        np.random.seed(0)
        frames.append(rendered(split='train', standing=1.0)[label]['array'])
    np.testing.assert_array_equal(*frames)


@pytest.mark.parametrize('options', [{'split': 'test'}, {'num_samples': 12}, {'standing': 1.5}])
def test_what_cannot_be_is_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        rendered(**options)
