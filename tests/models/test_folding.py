"""Folded norms: the output stays, and what must not be folded is left."""

import mmgsf.register  # noqa: F401, I001

import pytest
import torch
from mmaction.registry import MODELS
from mmcv.cnn import ConvModule
from torch import nn

from mmgsf.layers import GateShiftFuse, TemporalConv
from mmgsf.models import Folding, fold_batch_norm

from .any2d import randomize

# Norms in the convolutions' way, and those behind or in a temporal layer.
NETWORKS = [
    ({'type': 'ResNetGSF', 'depth': 18, 'base_channels': 8, 'channel_ratio': 1.0}, 32, (12, 16)),
    ({'type': 'ResNetGSF', 'depth': 50, 'base_channels': 8, 'channel_ratio': 0.5}, 32, (37, 32)),
    ({'type': 'ResNetGSF', 'depth': 18, 'base_channels': 8, 'layer': None}, 32, (20, 0)),
    ({'type': 'BNInceptionGSF'}, 32, (59, 20)),
    ({'type': 'InceptionV3GSF'}, 75, (83, 22)),
    ({'type': 'Any2DGSF', 'model': 'MobileNetV2'}, 32, (35, 34)),
]


@torch.no_grad()
@pytest.mark.parametrize(('config', 'size', 'counts'), NETWORKS)
def test_output_stays(config, size, counts):
    torch.manual_seed(0)
    model = randomize(MODELS.build({**config, 'num_segments': 2})).double().eval()
    x = torch.randn(4, 3, size, size, dtype=torch.double)
    expected = model(x)
    assert fold_batch_norm(model) == Folding(*counts)
    torch.testing.assert_close(model(x), expected, rtol=1e-5, atol=1e-9)
    behind = [m.bn for m in model.modules() if isinstance(getattr(m, 'conv', None), TemporalConv)]
    assert all(isinstance(norm, nn.BatchNorm2d) for norm in behind)
    layers = [m for m in model.modules() if isinstance(m, GateShiftFuse)]
    assert all(isinstance(layer.norm, nn.BatchNorm2d) for layer in layers)
    assert fold_batch_norm(model).folded == 0


class NormWithActivation(nn.BatchNorm2d):
    """As timm has it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).relu()


def shared() -> nn.Module:
    conv = nn.Conv2d(4, 4, 1)
    return nn.ModuleList([nn.Sequential(conv, nn.BatchNorm2d(4)), nn.Sequential(conv)])


@pytest.mark.parametrize(
    'make',
    [
        lambda: nn.Sequential(nn.Conv2d(4, 4, 1), NormWithActivation(4)),
        lambda: nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU(), nn.BatchNorm2d(4)),
        lambda: nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4, track_running_stats=False)),
        lambda: ConvModule(4, 4, 1, norm_cfg={'type': 'BN'}, order=('norm', 'conv', 'act')),
        shared,
    ],
)
def test_other_norms_are_left(make):
    assert fold_batch_norm(make().eval()) == Folding(0, 1)


def test_model_in_training_mode_is_refused():
    with pytest.raises(ValueError, match=r'call model\.eval\(\)'):
        fold_batch_norm(nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4)))
