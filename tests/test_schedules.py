"""The schedule refuses a warm-up that does not fit; its rates are tested with the configs."""

import pytest

from mmgsf.schedules import warmup_cosine


@pytest.mark.parametrize('warmup', [0, 20, 25])
def test_warm_up_leaves_room_for_the_cosine(warmup):
    with pytest.raises(ValueError, match=f'warmup_epochs={warmup} must be from 1 to .* = 19'):
        warmup_cosine(20, warmup)


def test_parts_meet():
    warmup, cosine = warmup_cosine(20, 3)
    assert (warmup['begin'], warmup['end'], cosine['begin'], cosine['end']) == (0, 4, 3, 20)
    assert cosine['T_max'] == 17
