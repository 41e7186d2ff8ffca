"""The rules choose the convolutions that they name, whatever a network calls its parts."""

import pytest
from torch import nn

from mmgsf.layers import GateShiftFuse, insert_temporal
from mmgsf.layers.places import choose


def conv(in_channels: int = 8, out_channels: int = 8, **options) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 1, **options)


def parts(cls: type[nn.Module], **children: nn.Module) -> nn.Module:
    """A module of a class, with children of these names; its forward is not asked for."""
    module = cls()
    for name, child in children.items():
        module.add_module(name, child)
    return module


def make(name: str, **children: nn.Module) -> nn.Module:
    return parts(type(name, (nn.Module,), {}), **children)


class SamePadding(nn.Conv2d):
    """As timm's Conv2dSame: a convolution by inheritance."""


def basic(**more: nn.Module) -> nn.Module:
    return make('BasicBlock', conv1=conv(), bn1=nn.BatchNorm2d(8), conv2=conv(), **more)


BLOCKS = {
    'a shortcut that is defined last': (
        basic(downsample=nn.Sequential(nn.AvgPool2d(2), conv())),
        'conv2',
    ),
    'squeeze-and-excite by name': (basic(se=make('Gate', fc=conv())), 'conv2'),
    'squeeze-and-excite by class': (basic(extra=make('SqueezeExcitation', fc2=conv())), 'conv2'),
    'attention by class': (basic(act=make('CbamModule', m=make('SpatialAttn', c=conv()))), 'conv2'),
    'convolutions nested in a body': (
        make(
            'ResBottleneckBlock',
            proj=nn.Sequential(conv()),
            f=make('BottleneckTransform', a=nn.Sequential(conv()), c=nn.Sequential(conv())),
        ),
        'f.c.0',
    ),
    'a grouped convolution': (make('CNBlock', block=nn.Sequential(conv(groups=8))), 'block.0'),
    'a perceptron of convolutions': (
        make('ConvNeXtBlock', conv_dw=conv(), mlp=make('Mlp', fc1=conv(), fc2=conv())),
        'mlp.fc2',
    ),
    'a perceptron of linear layers': (
        make('ConvNeXtBlock', conv_dw=conv(), mlp=make('Mlp', fc1=nn.Linear(8, 8))),
        'conv_dw',
    ),
    'a convolution by inheritance': (
        make('InvertedResidual', conv_pw=conv(), conv_pwl=SamePadding(8, 8, 1)),
        'conv_pwl',
    ),
}


@pytest.mark.parametrize(('block', 'last'), BLOCKS.values(), ids=BLOCKS)
def test_last_convolution_of_a_block(block, last):
    network = nn.Sequential(conv(3), nn.Sequential(block, nn.ReLU()), conv())
    assert choose('last_conv_of_blocks', network) == [f'1.0.{last}']
    assert choose('last_conv_of_blocks', block) == [last]


@pytest.mark.parametrize(
    'name',
    [
        'BasicBlock',
        'Bottleneck',
        'PreActBottleneck',
        'Bottle2neck',
        'InvertedResidual',
        'EdgeResidual',
        'FusedMBConv',
        'DepthwiseSeparableConv',
    ],
)
def test_blocks_are_known_by_the_name_of_their_class(name):
    network = nn.Sequential(conv(3), make(name, conv1=conv(), conv2=conv()))
    assert choose('last_conv_of_blocks', network) == ['1.conv2']


def test_blocks_are_known_by_the_name_of_a_base():
    base = type('Bottleneck', (nn.Module,), {})
    network = nn.Sequential(parts(type('Mine', (base,), {}), conv1=conv(), conv2=conv()))
    assert choose('last_conv_of_blocks', network) == ['0.conv2']


def test_what_holds_blocks_is_a_stage():
    stage = make('StageBlock', first=basic(), second=basic(), transition=conv())
    expected = ['first.conv2', 'second.conv2']
    assert choose('last_conv_of_blocks', stage) == expected
    assert choose('last_conv_of_blocks', nn.Sequential(stage)) == [f'0.{n}' for n in expected]


def test_downsampling_between_blocks_is_on_the_main_path():
    network = make('Net', stem=conv(3), downsample=conv(), block=basic(downsample=conv()))
    assert choose('every_1st_conv', network) == ['stem', 'downsample', 'block.conv1', 'block.conv2']


@pytest.mark.parametrize(
    ('rule', 'expected'),
    [
        ('every_2nd_conv', ['1.conv1', '2.conv1', '3']),
        ('every_3rd_conv', ['1.conv2', '3']),
        ('every_4th_conv', ['2.conv1']),
        ('every_6th_conv', ['3']),
    ],
)
def test_every_nth_counts_the_main_path(rule, expected):
    network = nn.Sequential(conv(3), basic(downsample=conv()), basic(se=conv()), conv())
    assert choose(rule, network) == expected


@pytest.mark.parametrize('rule', ['every_7th_conv', 'every_0th_conv'])
def test_steps_that_choose_nothing_are_refused(rule):
    network = nn.Sequential(conv(3), basic(), basic(), conv())
    with pytest.raises(ValueError, match=f'{rule!r} chooses nothing.* has 6 convolutions'):
        choose(rule, network)


def test_network_without_blocks_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="no residual block.*'every_2nd_conv'"):
        choose('last_conv_of_blocks', nn.Sequential(conv(3), conv()))


def test_misspelt_rule_names_the_rules():
    with pytest.raises(ValueError, match="'last_conv' matches no module.*'last_conv_of_blocks'"):
        choose('last_conv', nn.Sequential(conv(3)))


def test_rules_and_globs_go_together():
    network = nn.Sequential(conv(3), basic(), conv())
    insert_temporal(network, lambda channels: GateShiftFuse(channels), ['last_conv_of_blocks', '2'])
    assert isinstance(network[1].conv2.temporal, GateShiftFuse)
    assert isinstance(network[2].temporal, GateShiftFuse)


def test_rule_does_not_pass_over_a_convolution_that_has_its_layer():
    network = nn.Sequential(conv(3), basic(), conv())
    insert_temporal(network, lambda channels: GateShiftFuse(channels), 'last_conv_of_blocks')
    with pytest.raises(ValueError, match=r"'1.conv2' is or lies in a TemporalConv"):
        insert_temporal(network, lambda channels: GateShiftFuse(channels), 'last_conv_of_blocks')
