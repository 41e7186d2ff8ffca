"""What a published file says of preprocessing follows from the config."""

from mmgsf.apis import get_config, load_model
from mmgsf.publishing.facts import describe_published, frame_size
from tests.small_model import small_model


def test_facts_are_those_of_the_config():
    found = describe_published(small_model(), 'net', seed=5, licence='CC0-1.0')
    assert (found['name'], found['num_segments'], found['protocol']) == ('net', 8, '1x1')
    assert (found['seed'], found['licence']) == (5, 'CC0-1.0')
    assert found['dataset_meta']['classes'][5] == 'Turning the camera left'
    assert found['preprocessing'] == {
        'steps': [
            {'type': 'SegmentSampleFrames', 'num_clips': 8, 'test_mode': True},
            {'type': 'Resize', 'scale': [-1, 64]},
            {'type': 'CenterCrop', 'crop_size': 64},
        ],
        'channel_order': 'RGB',
        'mean': [123.675, 116.28, 103.53],
        'std': [58.395, 57.12, 57.375],
    }


def test_a_network_of_bgr_and_several_stretches():
    config = get_config('gsf_r18_footage_camera_motion')
    config.model.data_preprocessor.to_rgb = True
    found = describe_published(load_model(config), 'net', seed=5, licence='CC0-1.0')
    assert found['preprocessing']['channel_order'] == 'BGR'
    assert found['protocol'] == '7x1'
    assert found['preprocessing']['steps'][0]['stretches'] == [[16, 3], [48, 3], [None, 1]]


def test_frame_size():
    assert frame_size([{'type': 'CenterCrop', 'crop_size': 64}, {'type': 'Format'}]) == 64
    assert frame_size([{'type': 'CenterCrop', 'crop_size': (32, 32)}]) == 32
    assert frame_size([{'type': 'Format'}]) is None
