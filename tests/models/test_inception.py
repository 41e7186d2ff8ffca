"""BNInceptionGSF and InceptionV3GSF: the authors' places, Caffe's weights and preprocessing."""

import mmgsf.register  # noqa: F401, I001

import warnings

import pytest
import torch
from mmaction.registry import MODELS
from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn
from torch import nn

from mmgsf.datasets import CAFFE_BGR, IMAGENET_RGB
from mmgsf.layers import GateShift, GateShiftFuse
from mmgsf.models.inception import ConvNormReLU
from mmgsf.models.inceptionv3_gsf import _fits

from .building import build_recognizer
from .reference_network import load_case

SIZE = {'BNInceptionGSF': 64, 'InceptionV3GSF': 75}
NETWORKS = sorted(SIZE)
PLACES = {
    'BNInceptionGSF': [
        'inception_3a.branch_1x1',
        'inception_3b.branch_1x1',
        'inception_3c.branch_3x3.reduce',
        'inception_4a.branch_1x1',
        'inception_4b.branch_1x1',
        'inception_4c.branch_1x1',
        'inception_4d.branch_1x1',
        'inception_4e.branch_3x3.reduce',
        'inception_5a.branch_1x1',
        'inception_5b.branch_1x1',
    ],
    'InceptionV3GSF': [
        'mixed_0.branch_1x1',
        'mixed_1.branch_1x1',
        'mixed_2.branch_1x1',
        'mixed_3.branch_3x3',
        'mixed_4.branch_1x1',
        'mixed_5.branch_1x1',
        'mixed_6.branch_1x1',
        'mixed_7.branch_1x1',
        'mixed_8.branch_3x3.reduce',
        'mixed_9.branch_1x1',
        'mixed_10.branch_1x1',
    ],
}


def build(network: str, num_segments: int = 2, **options) -> nn.Module:
    torch.manual_seed(0)
    return MODELS.build({'type': network, 'num_segments': num_segments, **options})


def frames(network: str, count: int = 4) -> torch.Tensor:
    return torch.rand(count, 3, SIZE[network], SIZE[network]) * 255 - 110


def places(model: nn.Module, kind: type) -> list[str]:
    found = (name for name, module in model.named_modules() if type(module) is kind)
    return [name.removesuffix('.conv.temporal') for name in found]


def plain_weights(network: str) -> dict[str, torch.Tensor]:
    """The Caffe conversion's names and shapes, filled by the reference's rule."""
    case = 'bninception_t8_r100' if network == 'BNInceptionGSF' else 'inceptionv3_t4_r100'
    return {key: value for key, value in load_case(case)[1].items() if not key.startswith('gsf_')}


@pytest.mark.parametrize('network', NETWORKS)
def test_gsf_stands_at_the_authors_places(network):
    assert places(build(network), GateShiftFuse) == PLACES[network]
    assert places(build(network, layer=None), GateShiftFuse) == []


def test_gsm_stands_at_its_authors_places():
    assert places(build('BNInceptionGSF', layer='gsm'), GateShift) == PLACES['BNInceptionGSF']
    expected = [name for name in PLACES['InceptionV3GSF'] if not name.startswith('mixed_6')]
    expected[expected.index('mixed_3.branch_3x3')] = 'mixed_3.branch_double_3x3.reduce'
    assert places(build('InceptionV3GSF', layer='gsm'), GateShift) == expected


@pytest.mark.parametrize('network', NETWORKS)
def test_plain_network_keeps_frames_apart_and_gsf_lets_them_meet(network):
    x = frames(network)
    changed = x.clone()
    changed[1] = 0
    for layer, meets in ((None, False), ('gsf', True)):
        model = build(network, layer=layer)
        model.init_weights()
        model.eval()
        with torch.no_grad():
            same = (model(x) == model(changed)).flatten(1).all(1).tolist()
        assert same == [not meets, False, True, True]


@pytest.mark.parametrize('network', NETWORKS)
def test_every_parameter_gets_a_gradient(network):
    model = build(network).train()
    output = model(frames(network))
    assert output.shape[:2] == (4, model.out_channels)
    (output * torch.randn_like(output)).sum().backward()
    silent = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    # What a norm takes off again gets a gradient of rounding size only, or none.
    assert all(name.endswith(('conv.bias', 'conv.net.bias')) for name in silent)
    assert all(p.grad is not None for p in model.parameters())


@pytest.mark.parametrize('layer', ['gsf', 'gsm', None])
@pytest.mark.parametrize('network', NETWORKS)
def test_caffe_weights_load_for_imagenet_initialisation(network, layer, tmp_path):
    weights = plain_weights(network)
    torch.save(weights, tmp_path / 'weights.pth')
    model = build(network, layer=layer, pretrained=str(tmp_path / 'weights.pth'))
    before = {key: value.clone() for key, value in model.state_dict().items()}
    model.init_weights()
    loaded = model.state_dict()
    own = [key for key in loaded if '.temporal.' in key]
    assert bool(own) == (layer is not None)
    assert all(torch.equal(loaded[key], before[key]) for key in own)
    reference = build(network, layer=None, pretrained=str(tmp_path / 'weights.pth'))
    reference.init_weights()
    for key, value in reference.state_dict().items():
        ours = loaded.get(key, loaded.get(key.replace('.conv.', '.conv.net.')))
        assert torch.equal(ours, value), key
    name = 'inception_3a_1x1' if network == 'BNInceptionGSF' else 'mixed_conv_Conv2D'
    assert any(torch.equal(value, weights[f'{name}.weight']) for value in loaded.values())


def test_norms_of_the_first_conversions_are_rows(tmp_path):
    # As yjxiong/tsn-pytorch#104 shows them.
    rows = {
        key: value[None] if '_bn.' in key and value.dim() == 1 else value
        for key, value in plain_weights('BNInceptionGSF').items()
        if 'num_batches_tracked' not in key
    }
    torch.save(rows, tmp_path / 'rows.pth')
    model = build('BNInceptionGSF', pretrained=str(tmp_path / 'rows.pth'))
    model.init_weights()
    assert torch.equal(model.conv1.bn.weight, rows['conv1_7x7_s2_bn.weight'][0])


def test_half_a_file_of_weights_is_refused(tmp_path):
    weights = plain_weights('BNInceptionGSF')
    del weights['inception_4c_3x3.weight']
    torch.save(weights, tmp_path / 'half.pth')
    model = build('BNInceptionGSF', pretrained=str(tmp_path / 'half.pth'))
    before = {key: value.clone() for key, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=r'not the whole.*inception_4c\.branch_3x3.*missing'):
        model.init_weights()
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


def test_weights_of_the_other_network_are_refused(tmp_path):
    torch.save(plain_weights('BNInceptionGSF'), tmp_path / 'bninception.pth')
    with pytest.raises(ValueError, match='not the whole of InceptionV3GSF'):
        build('InceptionV3GSF', pretrained=str(tmp_path / 'bninception.pth')).init_weights()


def test_missing_file_of_weights_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'nothing\.pth'):
        build('BNInceptionGSF', pretrained=str(tmp_path / 'nothing.pth')).init_weights()


@pytest.mark.parametrize('network', NETWORKS)
def test_without_weights_activations_keep_their_scale(network):
    model = build(network)
    model.init_weights()
    with torch.no_grad():
        spread = model.train()(frames(network)).std().item()
    assert 0.1 < spread < 10


@pytest.mark.parametrize('network', NETWORKS)
def test_clips_do_not_see_each_other(network):
    model = build(network, num_segments=3).eval()
    x = frames(network, 6)
    with torch.no_grad():
        alone = torch.cat([model(x[:3]), model(x[3:])])
        torch.testing.assert_close(model(x), alone, rtol=1e-4, atol=1e-4)


def test_norm_eval_holds_the_norms():
    model = build('BNInceptionGSF', norm_eval=True).train()
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    assert not any(norm.training for norm in norms)
    assert all(m.training for m in model.modules() if isinstance(m, ConvNormReLU))


@pytest.mark.parametrize('network', NETWORKS)
def test_folding_norms_into_convolutions_keeps_the_output(network):
    model = build(network).eval()
    x = frames(network)
    with torch.no_grad():
        expected = model(x)
        folded = fuse_conv_bn(model)(x)
    torch.testing.assert_close(folded, expected, rtol=1e-3, atol=1e-3 * expected.abs().max().item())


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'layer': 'tsm'}, "layer='tsm' is not known"),
        ({'layer': 'gsm', 'channel_ratio': 0.5}, 'GSM touches all'),
        ({'layer': 'gsm', 'gate': 1.0}, 'GSM touches all'),
        ({'channel_ratio': 0.3}, 'multiple of 4'),
        ({'num_segments': 0}, 'num_segments=0'),
    ],
)
def test_what_it_cannot_build_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build('BNInceptionGSF', **options)


def test_frames_that_are_no_whole_clips_are_refused():
    with pytest.raises(ValueError, match=r'5 frames is not divisible by num_segments=2'):
        build('BNInceptionGSF')(frames('BNInceptionGSF', 5))


@pytest.mark.parametrize('network', NETWORKS)
def test_rgb_statistics_are_warned_about(network):
    options = {'in_channels': 1024, 'num_segments': 2}
    preprocessor = {'type': 'ActionDataPreprocessor', 'format_shape': 'NCHW'}
    with pytest.warns(UserWarning, match='data_preprocessor') as caught:
        build_recognizer(
            {'type': network}, **options, data_preprocessor={**preprocessor, **IMAGENET_RGB}
        )
    said = ' '.join(str(warning.message) for warning in caught)
    for name in CAFFE_BGR:
        assert f'model.data_preprocessor.{name}=' in said
    with warnings.catch_warnings():
        warnings.simplefilter('error', UserWarning)
        build_recognizer(
            {'type': network}, **options, data_preprocessor={**preprocessor, **CAFFE_BGR}
        )


@pytest.mark.parametrize('size', [69, 108, 229, 299])
def test_sizes_at_which_branches_agree(size):
    model = build('InceptionV3GSF', layer=None).to('meta')
    assert model(torch.empty(2, 3, size, 75, device='meta')).shape[0] == 2


@pytest.mark.parametrize(
    ('size', 'nearest'), [(224, '204 and 229'), (32, '69'), (256, '236 and 261')]
)
def test_sizes_at_which_branches_differ_are_refused(size, nearest):
    with pytest.raises(ValueError, match=f'no place for {size}; the nearest sizes are {nearest},'):
        build('InceptionV3GSF')(torch.zeros(2, 3, size, 229))


def test_every_size_is_judged_as_the_blocks_do():
    model = build('InceptionV3GSF', layer=None).to('meta').eval()
    for size in range(69, 142):
        x = torch.empty(1, 3, size, size, device='meta')
        try:
            x = model.mixed_2(model.mixed_1(model.mixed_0(model.stem(x))))
            x = model.mixed_7(model.mixed_6(model.mixed_5(model.mixed_4(model.mixed_3(x)))))
            model.mixed_8(x)
            agrees = True
        except RuntimeError:
            agrees = False
        assert agrees == _fits(size), size
