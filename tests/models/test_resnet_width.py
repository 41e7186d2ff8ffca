"""ResNetTSMWidth is MMAction2's ResNetTSM, narrower."""

import torch
from mmaction.registry import MODELS

from .building import build_recognizer  # noqa: F401


def build(**options):
    config = {'depth': 18, 'num_segments': 4, 'pretrained2d': False, **options}
    return MODELS.build({'type': 'ResNetTSMWidth', **config})


def test_standard_width_is_upstreams_network():
    config = {'type': 'ResNetTSM', 'depth': 18, 'num_segments': 4, 'pretrained2d': False}
    upstream, ours = MODELS.build(config), build()
    for network in (upstream, ours):
        network.eval()
    ours.load_state_dict(upstream.state_dict(), strict=True)
    x = torch.randn(4, 3, 64, 64)
    assert torch.equal(ours(x), upstream(x))


def test_narrow_one_shifts_in_every_block():
    narrow = build(base_channels=16)
    assert narrow(torch.randn(4, 3, 64, 64)).shape == (4, 128, 2, 2)
    shifts = [name for name, m in narrow.named_modules() if type(m).__name__ == 'TemporalShift']
    assert len(shifts) == 8
