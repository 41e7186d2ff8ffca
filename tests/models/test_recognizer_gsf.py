"""RecognizerGSF and GSFHead: one T, clips apart, views in chunks."""

import pytest
import torch
from mmaction.structures import ActionDataSample

from .building import build_recognizer

BACKBONE = {'type': 'ResNetGSF', 'depth': 18, 'base_channels': 8, 'channel_ratio': 1.0}


def build(**options):
    torch.manual_seed(0)
    model = build_recognizer(BACKBONE, num_segments=4, in_channels=64, **options)
    # Logits of freshly made weights are all but equal.
    torch.nn.init.normal_(model.cls_head.fc_cls.weight)
    return model.eval()


def scores(model, videos: torch.Tensor) -> torch.Tensor:
    """Predicted scores of videos (N, views*T, C, H, W)."""
    samples = [ActionDataSample() for _ in videos]
    with torch.no_grad():
        return torch.stack([s.pred_score for s in model(videos, samples, mode='predict')])


def test_backbone_and_head_get_the_models_num_segments():
    model = build_recognizer(BACKBONE, num_segments=6, in_channels=64)
    assert (model.num_segments, model.backbone.num_segments, model.cls_head.num_segments) == (
        6,
        6,
        6,
    )


@pytest.mark.parametrize('part', ['backbone', 'cls_head'])
def test_another_num_segments_is_refused_by_name(part):
    options = {'backbone': BACKBONE}
    if part == 'backbone':
        options['backbone'] = {**BACKBONE, 'num_segments': 8}
    else:
        options['cls_head'] = {'num_segments': 8}
    with pytest.raises(ValueError, match=rf'model\.{part}\.num_segments=8 differs.*num_segments=4'):
        build_recognizer(num_segments=4, in_channels=64, **options)


def test_plain_2d_backbone_takes_part():
    model = build_recognizer({'type': 'ResNet', 'depth': 18}, num_segments=4)
    assert not hasattr(model.backbone, 'num_segments')
    assert scores(model.eval(), torch.randn(1, 4, 3, 64, 64)).shape == (1, 5)


def test_config_of_the_user_is_not_changed():
    config = dict(BACKBONE)
    build_recognizer(config, num_segments=4, in_channels=64)
    assert config == BACKBONE


def test_views_of_a_video_do_not_see_each_other():
    model = build()
    views = torch.randn(1, 3 * 4, 3, 64, 64)
    with torch.no_grad():
        apart = torch.cat([model(views[:, i : i + 4], stage='head') for i in (0, 4, 8)])
        together = model(views, stage='head')
    torch.testing.assert_close(together, apart)
    torch.testing.assert_close(scores(model, views)[0], apart.mean(0))


def test_order_of_frames_matters():
    model = build()
    clip = torch.randn(1, 4, 3, 64, 64)
    assert not torch.allclose(scores(model, clip), scores(model, clip.flip(1)), rtol=1e-3)


@pytest.mark.parametrize('max_testing_views', [4, 8, 20])
def test_chunked_test_equals_the_whole(max_testing_views):
    videos = torch.randn(2, 3 * 4, 3, 64, 64)
    expected = scores(build(), videos)
    chunked = build(test_cfg={'max_testing_views': max_testing_views})
    torch.testing.assert_close(scores(chunked, videos), expected)


def test_chunks_bound_what_goes_through_the_backbone():
    model = build(test_cfg={'max_testing_views': 8})
    seen = []
    model.backbone.register_forward_pre_hook(lambda module, args: seen.append(len(args[0])))
    scores(model, torch.randn(1, 5 * 4, 3, 64, 64))
    assert seen == [8, 8, 4]


@pytest.mark.parametrize('stage', ['backbone', 'neck', 'head'])
def test_chunks_give_every_stage(stage):
    # In double precision: other batches round otherwise, and the network amplifies it.
    videos = torch.randn(1, 8, 3, 64, 64, dtype=torch.double)
    plain, chunked = build().double(), build(test_cfg={'max_testing_views': 4}).double()
    with torch.no_grad():
        expected, _ = plain.extract_feat(videos, stage=stage, test_mode=True)
        actual, _ = chunked.extract_feat(videos, stage=stage, test_mode=True)
    torch.testing.assert_close(actual, expected)


def test_chunks_that_cut_a_clip_are_refused():
    with pytest.raises(ValueError, match=r'max_testing_views=6 .*nearest that works is 8'):
        build(test_cfg={'max_testing_views': 6})


def test_frames_that_are_no_whole_clips_are_refused():
    with pytest.raises(ValueError, match=r'6 frames a video.*num_segments=4.*num_clips'):
        scores(build(), torch.randn(1, 6, 3, 64, 64))


def test_head_refuses_another_number_of_frames():
    with pytest.raises(ValueError, match='6 feature maps.*num_segments=4'):
        build().cls_head(torch.randn(6, 64, 2, 2))


def test_scores_are_logits_or_probabilities():
    videos = torch.randn(2, 8, 3, 64, 64)
    logits = scores(build(cls_head={'average_clips': None}), videos)
    assert logits.shape == (2, 2, 5)
    torch.testing.assert_close(scores(build(), videos), logits.mean(1))
    probabilities = scores(build(cls_head={'average_clips': 'prob'}), videos)
    torch.testing.assert_close(probabilities, logits.softmax(-1).mean(1))
    torch.testing.assert_close(probabilities.sum(-1), torch.ones(2))


def test_head_averages_the_logits_of_the_frames():
    head = build().cls_head
    features = torch.randn(8, 64, 2, 3)
    expected = head.fc_cls(features.mean((2, 3))).view(2, 4, 5).mean(1)
    torch.testing.assert_close(head(features), expected)


def test_training_loss_is_cross_entropy_of_the_averaged_logits():
    model = build(cls_head={'dropout_ratio': 0.0})
    samples = [ActionDataSample().set_gt_label(label) for label in (1, 3)]
    videos = torch.randn(2, 4, 3, 64, 64)
    losses = model(videos, samples, mode='loss')
    expected = torch.nn.functional.cross_entropy(model(videos, stage='head'), torch.tensor([1, 3]))
    torch.testing.assert_close(losses['loss_cls'], expected)


def test_no_frames_are_refused():
    with pytest.raises(ValueError, match='num_segments=0'):
        build_recognizer(BACKBONE, num_segments=0)


@pytest.mark.parametrize('test_cfg', [None, {'max_testing_views': 4}])
def test_channels_last_gives_the_same_scores(test_cfg):
    model, plain = build(channels_last=True, test_cfg=test_cfg), build()
    plain.load_state_dict(model.state_dict(), strict=True)
    videos = torch.randn(2, 8, 3, 64, 64)
    torch.testing.assert_close(scores(model, videos), scores(plain, videos))
    weight = model.backbone.conv1.conv.weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert not weight.is_contiguous()


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_scores_under_autocast_are_near_and_in_full_precision(dtype):
    model = build()
    videos = torch.randn(2, 4, 3, 64, 64)
    expected = scores(model, videos)
    with torch.autocast('cpu', dtype=dtype):
        actual = scores(model, videos)
    assert actual.dtype == torch.float32
    assert not torch.equal(actual, expected)
    assert (actual - expected).norm() < 0.05 * expected.norm()
