"""The operations of ClipRandAugment, pixel for pixel against timm's `rand-m9-mstd0.5`.

Runs in an environment that has timm and needs no MMAction2:

    python -m pytest tests/second_env/test_rand_augment_timm.py
"""

import random

import numpy as np
import pytest
from PIL import Image
from timm.data import auto_augment

from mmgsf.datasets.transforms.clip_operations import BICUBIC, BILINEAR, OPERATIONS

FILL = (124, 116, 104)
# The translations in shares of the frame have another name in timm; the others go by the same one.
TIMM_NAMES = {name: name for name in OPERATIONS} | {
    'TranslateX': 'TranslateXRel',
    'TranslateY': 'TranslateYRel',
}
GEOMETRIC = [name for name, operation in OPERATIONS.items() if operation.geometric]
OTHERS = [name for name in OPERATIONS if name not in GEOMETRIC]
MAGNITUDES = [0.0, 1.3, 2.49, 2.5, 5.0, 7.49, 8.2, 8.75, 9.0, 9.37, 10.0]


def frames():
    """Noise, a smooth dull frame, a grey one and a black one, of odd and even sizes."""
    rng = np.random.default_rng(0)
    rows, columns = np.indices((45, 60))
    smooth = np.stack((rows + 40, columns * 2 + 30, 200 - rows - columns), axis=2)
    yield rng.integers(0, 256, (256, 340, 3)).astype(np.uint8)
    yield smooth.astype(np.uint8)
    yield np.repeat(rng.integers(60, 130, (33, 47, 1)), 3, axis=2).astype(np.uint8)
    yield np.zeros((16, 24, 3), dtype=np.uint8)


def timm_operation(name, magnitude, sign, resample, monkeypatch):
    """timm's operation with the hyperparameters of the policy and every draw fixed."""
    # timm draws one number and negates above 0.5.
    monkeypatch.setattr(random, 'random', lambda: 0.25 if sign > 0 else 0.75)
    return auto_augment.AugmentOp(
        TIMM_NAMES[name],
        prob=1.0,
        magnitude=magnitude,
        hparams={'img_mean': FILL, 'interpolation': resample, 'magnitude_std': 0},
    )


def compare(name, magnitude, sign, resample, monkeypatch):
    theirs = timm_operation(name, magnitude, sign, resample, monkeypatch)
    level = OPERATIONS[name].level(magnitude)
    level = level if level is None else sign * level
    if theirs.level_fn is None:
        assert level is None
    else:
        assert theirs.level_fn(magnitude, theirs.hparams) == (level,)
    for img in frames():
        expected = np.array(theirs(Image.fromarray(img)))
        ours = np.array(OPERATIONS[name](Image.fromarray(img), level, resample, FILL))
        np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize('magnitude', MAGNITUDES)
@pytest.mark.parametrize('name', OTHERS)
def test_operation_is_timms(name, magnitude, monkeypatch):
    if name == 'Posterize' and magnitude < 2.5:
        # timm calls Pillow's posterize with 0 bits here, which Pillow 13 refuses and older ones
        # answered with black.
        level = OPERATIONS[name].level(magnitude)
        assert level == auto_augment.LEVEL_TO_ARG[name](magnitude, {})[0] == 0
        for img in frames():
            out = OPERATIONS[name](Image.fromarray(img), level, None, FILL)
            assert not np.array(out).any()
        return
    compare(name, magnitude, 1, BICUBIC, monkeypatch)


@pytest.mark.parametrize('resample', [BILINEAR, BICUBIC])
@pytest.mark.parametrize('sign', [1, -1])
@pytest.mark.parametrize('magnitude', MAGNITUDES)
@pytest.mark.parametrize('name', GEOMETRIC)
def test_geometric_operation_is_timms(name, magnitude, sign, resample, monkeypatch):
    compare(name, magnitude, sign, resample, monkeypatch)


@pytest.mark.parametrize('name', OPERATIONS)
def test_level_is_timms_at_any_magnitude(name):
    """Bit for bit, as an integer level turns over between two neighbouring magnitudes."""
    level_of = auto_augment.LEVEL_TO_ARG[TIMM_NAMES[name]]
    for magnitude in np.linspace(0, 10, 2001).tolist():
        ours = OPERATIONS[name].level(magnitude)
        if level_of is None:
            assert ours is None
            continue
        (theirs,) = level_of(magnitude, {})
        assert ours == (abs(theirs) if name in GEOMETRIC else theirs)


def test_policy_names_these_operations_in_timm():
    policy = auto_augment.rand_augment_transform('rand-m9-mstd0.5', {'img_mean': FILL})
    assert [op.name for op in policy.ops] == list(TIMM_NAMES.values())
    assert policy.num_layers == 2
    assert policy.choice_weights is None  # timm then draws with replacement
    for op in policy.ops:
        assert (op.prob, op.magnitude, op.magnitude_std) == (0.5, 9, 0.5)
        assert op.magnitude_max is None  # clamped to 10
        assert set(op.kwargs['resample']) == {BILINEAR, BICUBIC}
        assert op.kwargs['fillcolor'] == FILL
