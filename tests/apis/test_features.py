"""Features are what the backbone gives, pooled; windows cover the video; each frame keeps its place."""

import numpy as np
import pytest
import torch

from mmgsf.apis import FeatureExtractor, FeatureSettings, get_config, load_model, read_clip
from mmgsf.apis.features import build_steps, frame_windows, read_parts

from ..videos import noise_clip, write_video


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    return load_model(get_config('gsf_r18_camera_motion'))


@pytest.fixture(scope='module')
def video(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp('video') / 'a clip.mp4'
    return str(write_video(path, noise_clip(0, 30), crf='10'))


def backbone_output(model, inputs: torch.Tensor) -> torch.Tensor:
    """(frames, C, H, W) by hand: normalised by the config's numbers, through the backbone."""
    settings = model.cfg.model.data_preprocessor
    mean, std = (torch.tensor(settings[key]).view(3, 1, 1) for key in ('mean', 'std'))
    with torch.no_grad():
        return model.backbone((inputs - mean) / std)


def extract(model, video, **settings) -> list[tuple[np.ndarray, torch.Tensor]]:
    """Frame numbers and features of the parts of a video."""
    extractor = FeatureExtractor(model, FeatureSettings(**settings))
    parts = read_parts(build_steps(model), video, extractor.num_segments, extractor.settings)
    return [(part.frame_indices, extractor(part.inputs)) for part in parts]


def test_features_are_the_pooled_output_of_the_backbone(model, video):
    clip = read_clip(model, video)
    by_hand = backbone_output(model, clip.inputs).mean((2, 3))
    ((frames, pooled),) = extract(model, video)
    assert frames.tolist() == [clip.frame_indices.tolist()]
    torch.testing.assert_close(pooled, by_hand.mean(0, keepdim=True))
    ((_, single),) = extract(model, video, mode='frames')
    assert single.shape == (1, 8, 128)
    torch.testing.assert_close(single[0], by_hand)
    ((_, half),) = extract(model, video, dtype='float16')
    assert half.dtype == torch.float16
    torch.testing.assert_close(half.float(), pooled, atol=1e-3, rtol=1e-3)


def test_another_layer_is_taken_as_it_leaves_it(model, video):
    ((_, found),) = extract(model, video, mode='frames', layer='backbone.layer2.0.conv1.conv')
    kept = []
    # The norm and an activation in place follow.
    layer = model.backbone.layer2[0].conv1.conv
    hook = layer.register_forward_hook(lambda module, given, output: kept.append(output.clone()))
    backbone_output(model, read_clip(model, video).inputs)
    hook.remove()
    torch.testing.assert_close(found[0], kept[0].mean((2, 3)))
    assert not layer._forward_hooks


def test_windows_take_their_own_frames(model, video):
    parts = extract(model, video, stride=3)
    frames = np.concatenate([frames for frames, _ in parts])
    features = torch.cat([features for _, features in parts])
    # More windows than are computed at once.
    assert [len(some) for some, _ in parts] == [8, 1]
    assert frames[:, 0].tolist() == [0, 3, 6, 9, 12, 15, 18, 21, 22]
    import decord

    reader = decord.VideoReader(video, ctx=decord.cpu())
    steps = build_steps(model)
    for window in (0, 5, 8):
        assert frames[window].tolist() == list(range(frames[window, 0], frames[window, 0] + 8))
        sample = {'imgs': list(reader.get_batch(frames[window]).asnumpy()), 'num_clips': 8}
        sample |= {'img_shape': (48, 64), 'original_shape': (48, 64), 'clip_len': 1}
        for step in steps[3:]:
            sample = step(sample)
        by_hand = backbone_output(model, sample['inputs']).mean((0, 2, 3))
        torch.testing.assert_close(features[window], by_hand)


@pytest.mark.parametrize(
    ('total', 'stride', 'interval', 'windows'),
    [
        (8, 4, 1, [[0, 1, 2, 3], [4, 5, 6, 7]]),
        (9, 4, 1, [[0, 1, 2, 3], [4, 5, 6, 7], [5, 6, 7, 8]]),
        (3, 4, 1, [[0, 1, 2, 2]]),
        (10, 5, 3, [[0, 3, 6, 9]]),
        (1, 1, 1, [[0, 0, 0, 0]]),
    ],
)
def test_windows_cover_the_video(total, stride, interval, windows):
    assert frame_windows(total, 4, stride, interval).tolist() == windows


def test_views_of_the_test_pipeline_stay_apart(model, video):
    from mmgsf.datasets import with_protocol

    pipeline = model.cfg.test_pipeline
    model.cfg.test_pipeline = with_protocol(pipeline, '2x3')
    try:
        ((frames, features),) = extract(model, video)
        clip = read_clip(model, video)
        with pytest.raises(ValueError, match='gives 3 crops of a window'):
            extract(model, video, stride=4)
    finally:
        model.cfg.test_pipeline = pipeline
    by_hand = backbone_output(model, clip.inputs).mean((2, 3)).unflatten(0, (6, 8)).mean(1)
    torch.testing.assert_close(features, by_hand)
    assert frames.shape == (6, 8)
    # Two clips under each of three crops.
    assert frames[0].tolist() == frames[2].tolist() != frames[1].tolist()


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        ({'mode': 'video'}, r"mode='video': take one of \('pooled', 'frames'\)"),
        ({'dtype': 'int8'}, "dtype='int8'"),
        ({'stride': 0}, 'stride=0: it counts frames'),
        ({'frame_interval': 2}, 'frame_interval=2 is of windows; give a stride'),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        FeatureSettings(**settings)


@pytest.mark.parametrize(
    ('layer', 'message'),
    [
        ('backbone.layer5', 'has no layer.*such as backbone.layer'),
        ('', 'has no layer'),
        ('cls_head.consensus', 'frames'),
    ],
)
def test_layers_that_give_no_features_are_refused(model, video, layer, message):
    with pytest.raises(ValueError, match=message):
        extract(model, video, layer=layer)
