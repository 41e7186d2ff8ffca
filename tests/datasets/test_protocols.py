"""A protocol changes the sampler and the crop of a test pipeline; its clips are the segments'."""

import mmgsf.register  # noqa: F401, I001

import pytest
from mmaction.registry import TRANSFORMS

from mmgsf.datasets import with_protocol
from mmgsf.datasets.protocols import describe_views

SAMPLER = {'type': 'SegmentSampleFrames', 'num_clips': 8, 'test_mode': True}
PIPELINE = [
    {'type': 'DecordInit'},
    SAMPLER,
    {'type': 'Resize', 'scale': (-1, 261)},
    {'type': 'CenterCrop', 'crop_size': 229},
    {'type': 'FormatShape', 'input_format': 'NCHW'},
]


@pytest.mark.parametrize(
    ('protocol', 'twice', 'crop'),
    [
        ('1x1', False, 'CenterCrop'),
        ('2x1', True, 'CenterCrop'),
        ('2x3', True, 'UniformThreeCrop'),
    ],
)
def test_only_sampler_and_crop_change(protocol, twice, crop):
    changed = with_protocol(PIPELINE, protocol)
    assert changed == [
        PIPELINE[0],
        {**SAMPLER, 'twice_sample': twice},
        PIPELINE[2],
        {'type': crop, 'crop_size': 229},
        PIPELINE[4],
    ]
    assert 'twice_sample' not in PIPELINE[1]
    # From one protocol to another.
    for other in ('2x3', '1x1'):
        assert with_protocol(with_protocol(PIPELINE, other), protocol) == changed


def sample(protocol: str, total_frames: int, **changes) -> list[int]:
    config = with_protocol([{**SAMPLER, **changes}, PIPELINE[3]], protocol)[0]
    results = TRANSFORMS.build(config)({'total_frames': total_frames, 'start_index': 0})
    return results['frame_inds'].tolist()


@pytest.mark.parametrize('total_frames', [3, 5, 8, 37, 80])
def test_clips_take_the_middle_and_the_start_of_each_segment(total_frames):
    length = total_frames / 8
    middles = [int((i + 0.5) * length) for i in range(8)]
    starts = [int(i * length) for i in range(8)]
    assert sample('1x1', total_frames) == middles
    assert sample('2x1', total_frames) == sample('2x3', total_frames) == middles + starts
    # MMAction2's own sampler gives the same.
    upstream = {'type': 'SampleFrames', 'clip_len': 1}
    assert sample('2x1', total_frames, **upstream) == middles + starts


def test_two_clips_of_80_frames():
    assert sample('2x1', 80) == [*range(5, 80, 10), *range(0, 80, 10)]


def replaced(number: int, *steps: dict) -> list[dict]:
    return [*PIPELINE[:number], *steps, *PIPELINE[number + 1 :]]


@pytest.mark.parametrize(
    ('pipeline', 'match'),
    [
        (replaced(3), r"has 0 of \('CenterCrop', 'UniformThreeCrop'\)"),
        (replaced(3, {'type': 'ThreeCrop', 'crop_size': 256}), "'ThreeCrop'.* has 0 of"),
        (replaced(3, PIPELINE[3], PIPELINE[3]), 'has 2 of'),
        (replaced(1), "has 0 of .*'SampleFrames'"),
        (replaced(1, {**SAMPLER, 'type': 'DenseSampleFrames'}), "'DenseSampleFrames'.* has 0 of"),
        (replaced(1, {**SAMPLER, 'test_mode': False}), 'draws frames at random'),
        (
            replaced(1, {**SAMPLER, 'type': 'SampleFrames', 'clip_len': 32}),
            'clip_len=32; the protocols are those of T single frames',
        ),
        (replaced(3, {**PIPELINE[3], 'crop_size': (229, 200)}), 'not square'),
        (replaced(3, {**PIPELINE[3], 'lazy': True}), 'lazy'),
    ],
)
def test_other_pipelines_are_refused(pipeline, match):
    with pytest.raises(ValueError, match=match):
        with_protocol(pipeline, '2x3')


@pytest.mark.parametrize('name', ['3x2', '2x10', '', '2X3'])
def test_unknown_protocols_are_refused(name):
    with pytest.raises(
        ValueError, match=f"protocol '{name}' is unknown; choose one of 1x1, 2x1, 2x3"
    ):
        with_protocol(PIPELINE, name)


@pytest.mark.parametrize('protocol', ['1x1', '2x1', '2x3'])
def test_views_of_a_protocol_are_its_own(protocol):
    assert describe_views(with_protocol(PIPELINE, protocol)) == protocol


def test_views_of_other_samplers_and_crops():
    stretches = {'type': 'StretchSampleFrames', 'stretches': ((16, 3), (None, 1))}
    dense = {'type': 'DenseSampleFrames', 'num_sample_positions': 10}
    assert describe_views([stretches]) == '4x1'
    assert describe_views([dense, {'type': 'ThreeCrop'}]) == '10x3'
    assert describe_views([SAMPLER, {'type': 'TenCrop'}]) == '1x10'
    with pytest.raises(ValueError, match='has 0 of'):
        describe_views(PIPELINE[2:])
