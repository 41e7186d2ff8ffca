"""ClipRandAugment by the meaning of its operations, levels and draws; no other implementation."""

import numpy as np
import pytest
from mmaction.registry import TRANSFORMS
from PIL import Image

from mmgsf.datasets.transforms.clip_operations import BICUBIC, BILINEAR, OPERATIONS
from mmgsf.datasets.transforms.rand_augment import ClipRandAugment, Step

FILL = (124, 116, 104)
LEVELS_AT_9 = {
    'AutoContrast': None,
    'Equalize': None,
    'Invert': None,
    'Rotate': 27,
    'Posterize': 3,
    'Solarize': 230,
    'SolarizeAdd': 99,
    'Color': 1.72,
    'Contrast': 1.72,
    'Brightness': 1.72,
    'Sharpness': 1.72,
    'ShearX': 0.27,
    'ShearY': 0.27,
    'TranslateX': 0.405,
    'TranslateY': 0.405,
}
GEOMETRIC = ('Rotate', 'ShearX', 'ShearY', 'TranslateX', 'TranslateY')
# One value of each in every channel, so that a table of values can be read off the result.
RAMP = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)


@pytest.fixture(autouse=True)
def _seed():
    np.random.seed(0)


def noise(*shape):
    return np.random.randint(0, 256, shape).astype(np.uint8)


def run(name, img, level, resample=BILINEAR):
    """One operation on one frame (H, W, 3), through the transform."""
    resample = resample if name in GEOMETRIC else None
    return ClipRandAugment().apply([img], [Step(name, level, (resample,))])[0]


def always(name, monkeypatch, **kwargs):
    """A transform that has one operation and always applies it."""
    monkeypatch.setattr(
        'mmgsf.datasets.transforms.rand_augment.OPERATIONS', {name: OPERATIONS[name]}
    )
    return ClipRandAugment(num_layers=1, prob=1.0, **kwargs)


def test_the_operations_and_their_levels_are_those_of_the_table():
    assert list(OPERATIONS) == list(LEVELS_AT_9)
    for name, expected in LEVELS_AT_9.items():
        level = OPERATIONS[name].level(9.0)
        assert level == (None if expected is None else pytest.approx(expected)), name
        assert OPERATIONS[name].geometric == (name in GEOMETRIC)
    for name in ('Posterize', 'Solarize', 'SolarizeAdd'):
        assert isinstance(OPERATIONS[name].level(8.7), int)


@pytest.mark.parametrize('name', [*GEOMETRIC, 'SolarizeAdd'])
def test_magnitude_0_is_the_identity_where_the_level_is_a_distance(name, monkeypatch):
    clip = [noise(12, 17, 3) for _ in range(4)]
    transform = always(name, monkeypatch, magnitude=0.0, magnitude_std=0.0)
    out = transform({'imgs': clip})['imgs']
    np.testing.assert_array_equal(out, clip)


def test_prob_0_never_and_prob_1_always_applies():
    clip = [noise(8, 9, 3) for _ in range(3)]
    for _ in range(20):
        np.testing.assert_array_equal(ClipRandAugment(prob=0.0)({'imgs': clip})['imgs'], clip)
        assert len(ClipRandAugment(prob=1.0, num_layers=3).draw(2)) == 3


@pytest.mark.parametrize('name', OPERATIONS)
def test_all_frames_share_operation_level_and_sign(name, monkeypatch):
    clip = [noise(24, 32, 3)] * 16
    transform = always(name, monkeypatch)
    (step,) = steps = transform.draw(len(clip))
    out = transform.apply(clip, steps)
    if name not in GEOMETRIC:
        assert step.resamples == (None,) * 16
        np.testing.assert_array_equal(out, [out[0]] * 16)
        return
    # The interpolation alone may differ: frames of the same one are equal, the two are not.
    assert set(step.resamples) == {BILINEAR, BICUBIC}
    for resample in (BILINEAR, BICUBIC):
        same = [img for img, drawn in zip(out, step.resamples, strict=True) if drawn == resample]
        np.testing.assert_array_equal(same, [same[0]] * len(same))
    bilinear, bicubic = step.resamples.index(BILINEAR), step.resamples.index(BICUBIC)
    assert (out[bilinear] != out[bicubic]).any()


@pytest.mark.parametrize('name', OPERATIONS)
@pytest.mark.parametrize('layout', ['whole', 'cropped', 'mirrored', 'transposed'])
def test_shape_and_type_stay_and_frames_can_be_written_to(name, layout):
    view = {
        'whole': lambda img: img,
        'cropped': lambda img: img[2:-3, 1:-4],
        'mirrored': lambda img: img[:, ::-1],
        'transposed': lambda img: img.transpose(1, 0, 2),
    }[layout]
    img = view(noise(21, 30, 3))
    before = img.copy()
    level = OPERATIONS[name].level(9.0)
    out = run(name, img, level)
    assert out.shape == img.shape
    assert out.dtype == np.uint8
    assert out.flags.writeable
    assert out.flags.c_contiguous
    np.testing.assert_array_equal(img, before)
    np.testing.assert_array_equal(out, run(name, np.ascontiguousarray(img), level))


def test_invert_and_solarize_read_off_a_ramp():
    np.testing.assert_array_equal(run('Invert', RAMP, None), 255 - RAMP)
    expected = np.where(RAMP >= 230, 255 - RAMP, RAMP)
    np.testing.assert_array_equal(run('Solarize', RAMP, 230), expected)
    np.testing.assert_array_equal(run('Solarize', RAMP, OPERATIONS['Solarize'].level(10.0)), RAMP)


def test_solarize_add_lifts_dark_values_only_and_stops_at_255():
    out = run('SolarizeAdd', RAMP, 99)
    np.testing.assert_array_equal(out[RAMP < 128], RAMP[RAMP < 128] + 99)
    np.testing.assert_array_equal(out[RAMP >= 128], RAMP[RAMP >= 128])
    capped = run('SolarizeAdd', RAMP, 200)[RAMP < 128]
    np.testing.assert_array_equal(capped, np.minimum(255, RAMP[RAMP < 128].astype(int) + 200))


@pytest.mark.parametrize('bits', [0, 1, 3, 4])
def test_posterize_keeps_the_highest_bits(bits):
    expected = RAMP >> (8 - bits) << (8 - bits) if bits else np.zeros_like(RAMP)
    np.testing.assert_array_equal(run('Posterize', RAMP, bits), expected)
    assert len(np.unique(expected)) == 2**bits


def test_autocontrast_and_equalize_stretch_every_channel():
    img = noise(20, 20, 3) // 4 + np.array([10, 60, 120], dtype=np.uint8)
    for name in ('AutoContrast', 'Equalize'):
        out = run(name, img, None)
        np.testing.assert_array_equal(out.min((0, 1)), 0)
        np.testing.assert_array_equal(out.max((0, 1)), 255)


@pytest.mark.parametrize('name', ['Color', 'Contrast', 'Brightness', 'Sharpness'])
def test_factor_1_changes_nothing_and_more_or_less_part_ways(name):
    img = noise(20, 20, 3) // 2 + 64
    np.testing.assert_array_equal(run(name, img, 1.0), img)

    def strength(out):
        return {
            'Color': np.ptp(out, axis=2).mean(),
            'Contrast': out.std(),
            'Brightness': out.mean(),
            'Sharpness': np.abs(np.diff(out.astype(int), axis=0)).mean(),
        }[name]

    assert strength(run(name, img, 0.1)) < strength(img) < strength(run(name, img, 1.72))


@pytest.mark.parametrize('level', [0.1, 1.72])
def test_color_leaves_a_grey_frame_alone(level):
    np.testing.assert_array_equal(run('Color', RAMP, level), RAMP)


@pytest.mark.parametrize('name', [n for n in OPERATIONS if n not in GEOMETRIC])
def test_a_grey_frame_stays_grey(name):
    grey = np.repeat(noise(16, 16, 1), 3, axis=2)
    out = run(name, grey, OPERATIONS[name].level(9.0))
    assert not np.ptp(out, axis=2).any()


def marked(size, row, column):
    """A black square frame with one white block of 3x3."""
    img = np.zeros((size, size, 3), dtype=np.uint8)
    img[row - 1 : row + 2, column - 1 : column + 2] = 255
    return img


def centre(img):
    """Row and column of the mark, as its centre of mass; the fill is no part of it."""
    bright = np.where(img == FILL, 0.0, img).mean(2)
    rows, columns = np.indices(bright.shape)
    return (rows * bright).sum() / bright.sum(), (columns * bright).sum() / bright.sum()


@pytest.mark.parametrize('resample', [BILINEAR, BICUBIC])
def test_rotate_turns_about_the_centre(resample):
    img = marked(41, 20, 35)  # to the right of the centre
    assert centre(run('Rotate', img, 90.0, resample)) == (5, 20)  # positive: anticlockwise
    assert centre(run('Rotate', img, -90.0, resample)) == (35, 20)
    still = marked(41, 20, 20)
    assert centre(run('Rotate', still, 27.0, resample)) == pytest.approx((20, 20), abs=0.01)
    row, column = centre(run('Rotate', img, 27.0, resample))
    angle = np.degrees(np.arctan2(20 - row, column - 20))
    assert angle == pytest.approx(27, abs=2)


@pytest.mark.parametrize('resample', [BILINEAR, BICUBIC])
@pytest.mark.parametrize(('name', 'axis'), [('Rotate', 1), ('TranslateX', 1), ('TranslateY', 0)])
def test_the_two_signs_mirror_each_other(name, axis, resample):
    img = noise(20, 20, 3)
    level = OPERATIONS[name].level(9.0)
    mirrored = np.flip(run(name, np.flip(img, axis), -level, resample), axis)
    difference = np.abs(run(name, img, level, resample).astype(int) - mirrored)
    assert difference.max() <= 1


@pytest.mark.parametrize('resample', [BILINEAR, BICUBIC])
def test_shears_are_anchored_at_the_top_left(resample):
    """Row r moves by r/4 along the row, or column c by c/4 along the column."""
    for place in (5, 20, 30):
        moved = (place + 0.5) / 4  # pixels count from their centres
        row_mark, column_mark = marked(41, place, 20), marked(41, 20, place)
        for sign in (1, -1):
            at = 20 - sign * moved
            expected = pytest.approx((place, at), abs=0.1)
            assert centre(run('ShearX', row_mark, sign * 0.25, resample)) == expected
            expected = pytest.approx((at, place), abs=0.1)
            assert centre(run('ShearY', column_mark, sign * 0.25, resample)) == expected
    img = noise(40, 40, 3)
    assert (run('ShearX', img, 0.25, resample)[-1, -8:] == FILL).all()
    assert (run('ShearY', img, -0.25, resample)[:8, -1] == FILL).all()


def test_translations_are_shares_of_width_and_height_and_leave_the_fill():
    img = noise(20, 40, 3)
    left = run('TranslateX', img, 0.25)
    np.testing.assert_array_equal(left[:, :30], img[:, 10:])
    assert (left[:, 30:] == FILL).all()
    np.testing.assert_array_equal(run('TranslateX', img, -0.25)[:, 10:], img[:, :30])
    up = run('TranslateY', img, 0.25)
    np.testing.assert_array_equal(up[:15], img[5:])
    assert (up[15:] == FILL).all()


@pytest.mark.parametrize('name', GEOMETRIC)
def test_the_fill_is_what_comes_in_from_beyond_the_frame(name):
    img = np.full((30, 40, 3), 255, dtype=np.uint8)
    transform = ClipRandAugment(fill=[1, 2, 3])
    for level in (OPERATIONS[name].level(9.0), -OPERATIONS[name].level(9.0)):
        (out,) = transform.apply([img], [Step(name, level, (BICUBIC,))])
        brought_in = (out == (1, 2, 3)).all(2)
        assert (out[~brought_in] == 255).all()
        assert 0.05 < brought_in.mean() < 0.5


def test_steps_are_applied_in_their_order():
    steps = [Step('Invert', None, (None,)), Step('Posterize', 3, (None,))]
    (out,) = ClipRandAugment().apply([RAMP], steps)
    np.testing.assert_array_equal(out, (255 - RAMP) >> 5 << 5)
    (reverse,) = ClipRandAugment().apply([RAMP], steps[::-1])
    np.testing.assert_array_equal(reverse, 255 - (RAMP >> 5 << 5))


def test_draws_have_the_stated_frequencies():
    transform = ClipRandAugment()
    plans = [transform.draw(2) for _ in range(6000)]
    counts = np.bincount([len(plan) for plan in plans]) / len(plans)
    assert counts == pytest.approx([0.25, 0.5, 0.25], abs=0.03)
    steps = [step for plan in plans for step in plan]
    for name in OPERATIONS:
        share = np.mean([step.name == name for step in steps])
        assert share == pytest.approx(1 / 15, abs=0.015), name
    repeats = np.mean([plan[0].name == plan[1].name for plan in plans if len(plan) == 2])
    assert repeats == pytest.approx(1 / 15, abs=0.03)  # drawn with replacement
    geometric = [step for step in steps if step.name in GEOMETRIC]
    assert np.mean([step.level > 0 for step in geometric]) == pytest.approx(0.5, abs=0.05)
    drawn = [resample for step in geometric for resample in step.resamples]
    assert np.mean([resample == BICUBIC for resample in drawn]) == pytest.approx(0.5, abs=0.04)
    both = np.mean([step.resamples[0] != step.resamples[1] for step in geometric])
    assert both == pytest.approx(0.5, abs=0.05)  # drawn for each frame


def test_the_magnitude_is_normal_and_clamped(monkeypatch):
    transform = always('TranslateX', monkeypatch)
    drawn = np.abs([transform.draw(1)[0].level for _ in range(4000)]) / 0.045
    assert np.mean(drawn) == pytest.approx(9, abs=0.05)
    assert np.std(drawn) == pytest.approx(0.5, abs=0.05)
    assert drawn.max() == pytest.approx(10)  # two sigma away, so it is reached
    wide = always('TranslateX', monkeypatch, magnitude=1.0, magnitude_std=5.0)
    drawn = np.abs([wide.draw(1)[0].level for _ in range(200)]) / 0.045
    assert drawn.min() == 0
    assert drawn.max() == pytest.approx(10)


def test_each_applied_operation_draws_its_own_magnitude():
    transform = ClipRandAugment(prob=1.0, num_layers=40)
    levels = [step.level for step in transform.draw(1) if step.name == 'Brightness']
    assert len(set(levels)) == len(levels) > 1


def test_the_same_seed_gives_the_same_clip():
    clip = [noise(16, 20, 3) for _ in range(4)]
    transform = ClipRandAugment(prob=1.0)
    outs = []
    for seed in (5, 5, 6):
        np.random.seed(seed)
        outs.append(np.stack(transform({'imgs': clip})['imgs']))
    np.testing.assert_array_equal(outs[0], outs[1])
    assert (outs[0] != outs[2]).any()


def test_other_keys_stay_and_the_input_frames_are_left_as_they_are():
    clip = [noise(16, 20, 3) for _ in range(4)]
    before = np.stack(clip)
    results = {'imgs': clip, 'modality': 'RGB', 'label': 3}
    out = ClipRandAugment(prob=1.0)(results)
    np.testing.assert_array_equal(clip, before)
    assert out['label'] == 3
    assert isinstance(out['imgs'], list)
    assert len(out['imgs']) == 4


def test_registered_with_a_telling_repr():
    assert TRANSFORMS.module_dict['ClipRandAugment'] is ClipRandAugment
    assert repr(ClipRandAugment(fill=[124, 116, 104])) == (
        'ClipRandAugment(magnitude=9.0, magnitude_std=0.5, num_layers=2, prob=0.5, '
        'fill=(124, 116, 104))'
    )


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        ({'magnitude': 11}, r'magnitude=11 is outside \[0, 10\]'),
        ({'magnitude': -1}, 'magnitude=-1'),
        ({'magnitude': float('nan')}, 'magnitude=nan'),
        ({'magnitude_std': -0.5}, 'magnitude_std=-0.5'),
        ({'magnitude_std': float('inf')}, 'magnitude_std=inf'),
        ({'num_layers': 0}, 'num_layers=0.*give >= 1'),
        ({'prob': 1.1}, r'prob=1.1.*in \[0, 1\]'),
        ({'prob': -0.1}, 'prob=-0.1'),
        ({'fill': (1, 2)}, r'fill=\(1, 2\)'),
        ({'fill': (1, 2, 256)}, r'fill=\(1, 2, 256\)'),
        ({'fill': (0.5, 0.5, 0.5)}, 'three integers from 0 to 255'),
    ],
)
def test_arguments_out_of_range_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        ClipRandAugment(**kwargs)


@pytest.mark.parametrize(
    ('results', 'message'),
    [
        ({}, 'after the transform that decodes'),
        ({'imgs': []}, 'no frames'),
        ({'imgs': [np.zeros((4, 4), np.uint8)], 'modality': 'Flow'}, "modality='Flow'.*RGB only"),
        ({'imgs': [np.zeros((4, 4), np.uint8)]}, r'shape \(4, 4\)'),
        ({'imgs': [np.zeros((4, 4, 2), np.uint8)]}, r'shape \(4, 4, 2\)'),
        ({'imgs': [np.zeros((4, 4, 3), np.float32)]}, 'type float32.*uint8'),
    ],
)
def test_frames_that_are_no_rgb_are_refused(results, message):
    with pytest.raises(ValueError, match=message):
        ClipRandAugment(prob=0.0)(results)


def test_operations_take_pillow_images_of_any_aspect():
    for name, operation in OPERATIONS.items():
        image = Image.fromarray(noise(3, 50, 3))
        out = operation(image, operation.level(9.0), BICUBIC, FILL)
        assert (out.size, out.mode) == ((50, 3), 'RGB'), name
