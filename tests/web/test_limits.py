"""Limits: what is at one is taken, what is above it is refused with number and remedy."""

import pytest

from mmgsf.web.limits import Limits, Refused

LIMITS = Limits(megabytes=1.5, seconds=10, frames=100, pixels=64 * 48)


@pytest.mark.parametrize(
    ('check', 'at', 'above', 'words'),
    [
        ('check_size', (1_500_000,), (1_500_001,), r'is larger than 1\.5 MB; cut it'),
        ('check_picture', (48, 64), (65, 48), 'has frames of 65 x 48 pixels, and 3,072'),
        ('check_length', (100, 25.0), (101, 25.0), 'has 101 frames, and 100 are the most'),
        ('check_length', (50, 5.0), (51, 5.0), 'lasts 10 s, and 10 s are the most'),
        ('check_length', (100, 0.0), (101, 0.0), 'frames'),
    ],
)
def test_each_limit(check, at, above, words):
    getattr(LIMITS, check)(*at)
    with pytest.raises(Refused, match=words) as refusal:
        getattr(LIMITS, check)(*above)
    assert refusal.value.status == 413


@pytest.mark.parametrize('value', [0, -1, float('nan')])
def test_a_limit_is_above_zero(value):
    with pytest.raises(ValueError, match='megabytes='):
        Limits(megabytes=value)
