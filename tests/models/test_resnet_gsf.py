"""ResNetGSF is MMAction2's ResNet, options and weights included, with a layer in its blocks."""

import pytest
import torch
from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn
from mmengine.model import revert_sync_batchnorm
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from mmgsf.layers import GateShift, GateShiftFuse

from .building import build_recognizer

IN_CHANNELS = {18: 512, 34: 512, 50: 2048, 101: 2048, 152: 2048}
LAYERS = {18: 8, 34: 16, 50: 16, 101: 33, 152: 50}


def build(depth: int = 18, num_segments: int = 4, **options):
    options.setdefault('channel_ratio', 0.5)
    backbone = {'type': 'ResNetGSF', 'depth': depth, **options}
    return build_recognizer(backbone, num_segments, in_channels=IN_CHANNELS[depth])


def gsf_layers(model: nn.Module) -> dict[str, GateShiftFuse]:
    return {n: m for n, m in model.named_modules() if isinstance(m, GateShiftFuse)}


def randomize(model: nn.Module) -> nn.Module:
    """Gives norms and layers values under which no error hides."""
    torch.manual_seed(1)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(module.weight, 0.5, 1.0)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return model


def plain_weights(depth: int) -> dict[str, torch.Tensor]:
    """A state dict as torchvision names it, by random values."""
    from mmaction.models import ResNet

    torch.manual_seed(2)
    weights = {}
    for key, value in ResNet(depth).state_dict().items():
        name = key.replace('downsample.conv', 'downsample.0').replace(
            'downsample.bn', 'downsample.1'
        )
        if 'downsample' not in name:
            parts = name.split('.')
            at = parts.index('bn') if 'bn' in parts else parts.index('conv')
            parts[at - 1] = parts[at - 1].replace('conv', parts[at])
            name = '.'.join(parts[:at] + parts[at + 1 :])
        weights[name] = torch.rand_like(value) if value.is_floating_point() else value
    return {**weights, 'fc.weight': torch.rand(1000, 512), 'fc.bias': torch.rand(1000)}


@pytest.mark.parametrize('depth', sorted(LAYERS))
def test_a_layer_follows_the_last_convolution_of_each_block(depth):
    layers = gsf_layers(build(depth))
    last = 'conv2' if depth < 50 else 'conv3'
    assert len(layers) == LAYERS[depth]
    assert all(name.endswith(f'{last}.conv.temporal') for name in layers)
    assert {layer.num_segments for layer in layers.values()} == {4}


def test_size_and_cost_are_the_papers():
    backbone = {'type': 'ResNetGSF', 'depth': 50, 'channel_ratio': 0.25}
    model = build_recognizer(backbone, num_segments=8, num_classes=174, in_channels=2048).eval()
    assert round(sum(p.numel() for p in model.parameters()) / 1e6, 2) == 23.97
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.randn(1, 8, 3, 224, 224), stage='head')
    assert round(counter.get_total_flops() / 2e9, 1) == 33.0


def test_output_is_the_last_feature_map():
    assert build().backbone(torch.randn(4, 3, 64, 96)).shape == (4, 512, 2, 3)


def test_stages_and_blocks_can_be_chosen():
    layers = gsf_layers(build(gsf_stages=[2, 4], gsf_blocks=[1]).backbone)
    assert list(layers) == ['layer2.1.conv2.conv.temporal', 'layer4.1.conv2.conv.temporal']
    assert not gsf_layers(build(gsf_stages=[]))
    assert not gsf_layers(build(layer=None))


@pytest.mark.parametrize('conv', ['conv1', 'conv2', 'conv3'])
def test_place_in_the_block_can_be_chosen(conv):
    layers = gsf_layers(build(50, gsf_conv=conv).backbone)
    assert len(layers) == 16
    assert all(name.endswith(f'.{conv}.conv.temporal') for name in layers)


def test_place_that_a_block_has_not_is_refused():
    with pytest.raises(ValueError, match="gsf_conv='conv3': the blocks of depth 18"):
        build(18, gsf_conv='conv3')


def test_gsm_takes_the_places_of_gsf():
    layers = gsf_layers(build(layer='gsm', channel_ratio=None))
    assert len(layers) == 8
    assert {type(layer) for layer in layers.values()} == {GateShift}
    with pytest.raises(ValueError, match='GSM touches all'):
        build(layer='gsm', channel_ratio=0.5)


@pytest.mark.parametrize('gate', ['learned', 1.0, -1.0])
@pytest.mark.parametrize('fuse', [True, False])
def test_switches_of_the_ablation_reach_the_layers(gate, fuse):
    layers = gsf_layers(build(gate=gate, fuse=fuse)).values()
    assert {(layer.gate, layer.fuse) for layer in layers} == {(gate, fuse)}


def test_channel_ratio_is_a_quarter_where_none_is_given():
    layers = gsf_layers(build(channel_ratio=None)).values()
    assert all(layer.touched == layer.channels // 4 for layer in layers)


def test_unknown_depth_is_refused():
    with pytest.raises(ValueError, match=r'depth=20 is no ResNet; choose one of \[18, 34, 50,'):
        build_recognizer({'type': 'ResNetGSF', 'depth': 20})


def test_unknown_layer_is_refused():
    with pytest.raises(ValueError, match="layer='tsm' is not known"):
        build(layer='tsm')


@pytest.mark.parametrize('options', [{'gsf_stages': [0]}, {'gsf_stages': [5]}, {'gsf_blocks': [7]}])
def test_stage_or_block_that_is_not_there_is_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        build(**options)


def test_channels_that_the_layer_cannot_take_are_refused():
    with pytest.raises(ValueError, match='multiple of 4'):
        build(channel_ratio=0.1)


def test_torchvision_weights_load_and_the_layers_keep_their_own(tmp_path):
    weights = plain_weights(18)
    torch.save(weights, tmp_path / 'resnet18.pth')
    backbone = build(pretrained=str(tmp_path / 'resnet18.pth')).backbone
    backbone.init_weights()
    assert torch.equal(backbone.layer1[0].conv2.conv.weight, weights['layer1.0.conv2.weight'])
    assert torch.equal(backbone.layer2[0].downsample.bn.bias, weights['layer2.0.downsample.1.bias'])
    fuse = [layer.fuse_conv1.weight for layer in gsf_layers(backbone).values()]
    spread = torch.stack(fuse).std().item()
    assert spread == pytest.approx((2 / 9) ** 0.5, rel=0.25)  # Kaiming, fan-out of 3x3


@pytest.mark.parametrize('upstream', ['ResNet', 'ResNetTSM'])
def test_checkpoints_of_tsn_and_tsm_load(upstream):
    from mmaction.registry import MODELS
    from mmengine.runner.checkpoint import _load_checkpoint_to_model

    options = {'pretrained2d': False, 'num_segments': 4} if upstream == 'ResNetTSM' else {}
    source = MODELS.build({'type': upstream, 'depth': 18, **options})
    weights = {f'backbone.{key}': value for key, value in source.state_dict().items()}
    model = build()
    before = {k: v.clone() for k, v in model.state_dict().items() if '.temporal.' in k}
    _load_checkpoint_to_model(model, {'state_dict': weights})
    for (name, parameter), expected in zip(
        (item for item in model.backbone.named_parameters() if '.temporal.' not in item[0]),
        source.parameters(),
        strict=True,
    ):
        assert torch.equal(parameter, expected), name
    assert all(torch.equal(model.state_dict()[key], value) for key, value in before.items())
    missing, unexpected = model.load_state_dict(dict(weights), strict=False)
    assert not unexpected
    assert all('.temporal.' in key or key.startswith('cls_head.') for key in missing)


def test_own_state_dict_loads_strictly():
    model = build()
    assert build().load_state_dict(model.state_dict(), strict=True)
    assert model.state_dict().keys() >= dict(model.named_parameters()).keys()


def test_without_layers_it_is_mmaction2s_resnet():
    from mmaction.models import ResNet

    plain, ours = randomize(ResNet(18)), build(gsf_stages=[]).backbone.eval()
    plain.eval()
    ours.load_state_dict(plain.state_dict(), strict=True)
    x = torch.randn(4, 3, 64, 64)
    assert torch.equal(ours(x), plain(x))


def test_every_parameter_gets_a_gradient():
    model = build().train()
    features = model.backbone(torch.randn(8, 3, 64, 64))
    model.cls_head(features, 4).square().sum().backward()
    assert [
        name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()
    ] == []


def test_checkpointing_gives_the_same_gradients():
    x = torch.randn(4, 3, 64, 64)
    gradients = []
    for with_cp in (False, True):
        torch.manual_seed(0)
        backbone = build(50, with_cp=with_cp).backbone.train()
        backbone(x).sum().backward()
        gradients.append([parameter.grad for parameter in backbone.parameters()])
    for plain, checkpointed in zip(*gradients, strict=True):
        torch.testing.assert_close(checkpointed, plain)


def test_norm_eval_holds_for_the_gates_norms():
    layers = gsf_layers(build(norm_eval=True).train())
    assert not any(layer.norm.training for layer in layers.values())
    assert all(layer.norm.training for layer in gsf_layers(build().train()).values())


def test_frozen_stages_freeze_their_layers():
    model = build(frozen_stages=2).train()
    for name, layer in gsf_layers(model.backbone).items():
        frozen = name.startswith(('layer1', 'layer2'))
        assert layer.norm.training is not frozen
        assert {p.requires_grad for p in layer.parameters()} == {not frozen}


def test_norm_cfg_makes_the_gates_norms():
    model = build(norm_cfg={'type': 'SyncBN', 'requires_grad': True, 'eps': 1e-3})
    layers = gsf_layers(model).values()
    assert all(isinstance(layer.norm, nn.SyncBatchNorm) for layer in layers)
    assert {layer.norm.eps for layer in layers} == {1e-3}
    frozen = build(norm_cfg={'type': 'BN', 'requires_grad': False})
    assert not any(layer.norm.weight.requires_grad for layer in gsf_layers(frozen).values())


def test_conversion_to_sync_bn_and_back_keeps_the_output():
    model = randomize(build()).eval()
    x = torch.randn(4, 3, 64, 64)
    expected = model.backbone(x)
    converted = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    assert {type(layer.norm) for layer in gsf_layers(converted).values()} == {nn.SyncBatchNorm}
    torch.testing.assert_close(revert_sync_batchnorm(converted).eval().backbone(x), expected)


def test_folding_norms_into_convolutions_keeps_the_output():
    # A norm behind a layer must not be folded into the convolution before it.
    backbone = randomize(build()).eval().backbone
    x = torch.randn(4, 3, 64, 64)
    expected = backbone(x)
    torch.testing.assert_close(fuse_conv_bn(backbone)(x), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize('base_channels', [8, 16])
def test_base_channels_scale_the_width(base_channels):
    backbone = build(base_channels=base_channels).backbone
    assert backbone(torch.randn(4, 3, 64, 64)).shape == (4, 8 * base_channels, 2, 2)
    assert backbone.feat_dim == 8 * base_channels
    assert backbone.layer1[0].conv1.conv.out_channels == base_channels


def test_no_channels_are_refused():
    with pytest.raises(ValueError, match='base_channels=0'):
        build(base_channels=0)


@pytest.mark.parametrize('fuse_init', ['uniform', 'kaiming'])
def test_fusion_convolutions_start_by_the_chosen_rule(fuse_init):
    backbone = build(fuse_init=fuse_init).backbone
    backbone.init_weights()
    weights = torch.stack([layer.fuse_conv2.weight for layer in gsf_layers(backbone).values()])
    # Fan-in is 18; the uniform rule keeps to +-1/sqrt(18), Kaiming's normal one goes far beyond.
    assert (weights.abs().max() <= 18**-0.5) == (fuse_init == 'uniform')


def test_unknown_start_is_refused():
    with pytest.raises(ValueError, match="fuse_init='zero'"):
        build(fuse_init='zero')
