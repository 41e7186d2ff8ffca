"""Grad-CAM finds what the score depends on, in every backbone."""

import pytest
import torch
from torch import nn

from mmgsf.visualization import draw_saliency, saliency, saliency_figure, saliency_table
from mmgsf.visualization.clips import prepared_clips
from mmgsf.visualization.saliency import Saliency

from .networks import NETWORKS, SEGMENTS, build, video
from .pictures import frames_of, read_picture

NO_CHANGE = {
    'type': 'ActionDataPreprocessor',
    'mean': [0] * 3,
    'std': [1] * 3,
    'format_shape': 'NCHW',
}


@pytest.fixture
def pointer() -> nn.Module:
    """Its first class is the brightness of the red channel, its second the lack of it."""
    from tests.models.building import build_recognizer

    backbone = dict(NETWORKS['resnet-gsf'][0])
    model = build_recognizer(backbone, SEGMENTS, 2, 3, data_preprocessor=NO_CHANGE)
    model.backbone = nn.Sequential(nn.Conv2d(3, 3, 1, bias=False), nn.AvgPool2d(4))
    nn.init.dirac_(model.backbone[0].weight)
    model.cls_head.fc_cls.weight.data = torch.tensor([[1.0, 0, 0], [-1.0, 0, 0]])
    return model.eval()


def bright_corner() -> torch.Tensor:
    """Black, but red in the upper right corner of frame 3, and green everywhere in frame 1."""
    frames = torch.zeros(SEGMENTS, 3, 16, 16, dtype=torch.uint8)
    frames[2, 0, :4, 12:] = 200
    frames[0, 1] = 255
    return frames


def test_the_corner_and_frame_that_the_score_depends_on(pointer):
    found = saliency(pointer, bright_corner())
    assert found.target.tolist() == [0]
    assert found.maps.shape == (1, SEGMENTS, 4, 4)
    assert found.maps[0].nonzero().tolist() == [[2, 0, 3]]
    assert found.maps[0, 2, 0, 3] > 0
    assert found.frame_shares.tolist() == [[0, 0, 1, 0]]


def test_what_speaks_against_a_class_is_below_zero(pointer):
    found = saliency(pointer, bright_corner(), target=1)
    assert found.maps[0].nonzero().tolist() == [[2, 0, 3]]
    assert found.maps.min() < 0
    assert found.frame_shares.tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize('name', NETWORKS)
def test_maps_of_the_last_stage_add_up_to_the_score(name):
    """A linear classifier on the mean: the maps' sum is the score but for its bias."""
    model = build(name).train()
    inputs = video(name, views=2)
    found = saliency(model, inputs, target=3)
    assert all(module.training for module in model.cls_head.modules())
    assert found.layer == 'backbone'
    with torch.no_grad():
        clips = prepared_clips(model.eval(), inputs)
        scores, _ = model.extract_feat(clips, stage='head')
    wanted = scores[:, 3] - model.cls_head.fc_cls.bias[3].detach()
    torch.testing.assert_close(found.maps.sum((1, 2, 3)), wanted, rtol=1e-4, atol=1e-4)


def test_the_best_class_of_each_clip_is_the_default():
    model = build()
    inputs = [video(), video(seed=1), video(seed=2)]
    with torch.no_grad():
        scores, _ = model.extract_feat(prepared_clips(model, inputs), stage='head')
    assert saliency(model, inputs).target.tolist() == scores.argmax(1).tolist()


@pytest.mark.parametrize(
    ('layer', 'size'), [('backbone.layer2', 8), ('backbone.layer1.0.conv2.conv.temporal', 16)]
)
def test_other_layers(layer, size):
    found = saliency(build(), video(), layer=layer)
    assert found.maps.shape == (1, SEGMENTS, size, size)
    assert found.maps.std() > 0


def test_frozen_weights_do_not_matter():
    model = build()
    expected = saliency(model, video(), target=0).maps
    model.requires_grad_(False)
    torch.testing.assert_close(saliency(model, video(), target=0).maps, expected)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'target': 5}, r'target=5 is no label of 5 classes; give 0\.\.4'),
        (
            {'layer': 'backbone.layer9'},
            r"'backbone.layer9' is not in the network; near it: backbone",
        ),
        ({'layer': 'cls_head.fc_cls'}, r"'cls_head.fc_cls' gives no one feature map a frame"),
    ],
)
def test_what_is_not_there_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        saliency(build(), video(), **options)


def test_picture(tmp_path):
    maps = torch.zeros(1, 4, 2, 2)
    maps[0, 1, 0, 0] = 3
    maps[0, 3, 1, 1] = 1
    maps[0, 0] = -5
    found = Saliency(maps, torch.tensor([1]), 'backbone')
    frames = frames_of(4)
    figure = saliency_figure(frames, found, 'a class', 'a title')
    (bars,) = [bars for axes in figure.axes for bars in axes.containers]
    assert [bar.get_height() for bar in bars] == pytest.approx([0, 75, 0, 25])
    assert 'evidence for: a class' in figure.get_suptitle()
    draw_saliency(frames, found, 'a class', tmp_path / 'a.png')
    other = Saliency(maps.flip(1), found.target, found.layer)
    draw_saliency(frames, other, 'a class', tmp_path / 'b.png')
    assert (read_picture(tmp_path / 'a.png') != read_picture(tmp_path / 'b.png')).any()
    assert [row['share'] for row in saliency_table(found)] == [0, 0.75, 0, 0.25]
    with pytest.raises(ValueError, match='3 frames for a clip of 4'):
        saliency_figure(frames[:3], found, 'a class')
