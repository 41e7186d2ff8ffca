"""GSFRunner compiles backbones and folds norms; what comes out stays the same."""

import mmgsf.register  # noqa: F401, I001

import copy
from types import SimpleNamespace

import pytest
import torch
from mmaction.structures import ActionDataSample
from mmengine.optim import build_optim_wrapper
from mmgsf.engine import GSFRunner
from torch import nn

from ..models.building import build_recognizer

BACKBONE = {'type': 'ResNetGSF', 'depth': 18, 'base_channels': 8, 'channel_ratio': 1.0}
ONE_STAGE = {'num_stages': 1, 'strides': (1,), 'dilations': (1,), 'out_indices': (0,)}
FAST = {'backend': 'eager', 'fullgraph': True}


@pytest.fixture(autouse=True)
def fresh_compiler():
    torch.compiler.reset()


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    head = {'dropout_ratio': 0.0, 'init_std': 1.0}
    model = build_recognizer({**BACKBONE, **ONE_STAGE}, in_channels=8, cls_head=head)
    model.cls_head.init_weights()
    return model.double()


def runner(model: nn.Module, **config) -> SimpleNamespace:
    notes = []
    log = SimpleNamespace(info=notes.append)
    return SimpleNamespace(_bare_model=model, cfg=config, logger=log, notes=notes)


def batch() -> dict:
    torch.manual_seed(1)
    inputs = [torch.rand(4, 3, 32, 32, dtype=torch.double) * 255 for _ in range(2)]
    return {'inputs': inputs, 'data_samples': [ActionDataSample().set_gt_label(i) for i in (0, 3)]}


def scores(model: nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return torch.stack([sample.pred_score for sample in model.eval().test_step(batch())])


@pytest.mark.parametrize('constructor', ['DefaultOptimWrapperConstructor', 'TSNPolicyConstructor'])
def test_compiled_training_takes_the_same_steps(model, constructor):
    twin = copy.deepcopy(model)
    GSFRunner._maybe_compile(runner(twin, compile=FAST), 'train_step')
    assert twin.state_dict().keys() == model.state_dict().keys()
    for network in (model, twin):
        optimizer = {'type': 'SGD', 'lr': 0.01, 'momentum': 0.9, 'weight_decay': 5e-4}
        wrapper = build_optim_wrapper(network, {'constructor': constructor, 'optimizer': optimizer})
        for _ in range(2):
            network.train().train_step(batch(), wrapper)
    state, other = model.state_dict(), twin.state_dict()
    for key, value in state.items():
        torch.testing.assert_close(other[key], value, msg=lambda text, key=key: key + text)


def test_compiled_test_gives_the_same_scores(model):
    expected = scores(model)
    GSFRunner._maybe_compile(runner(model, compile=FAST), 'test_step')
    assert model.backbone._compiled_call_impl is not None
    torch.testing.assert_close(scores(model), expected)


@pytest.mark.parametrize('value', [None, False])
def test_nothing_is_compiled_unless_asked_for(model, value):
    GSFRunner._maybe_compile(runner(model, compile=value), 'test_step')
    assert model.backbone._compiled_call_impl is None


def test_what_is_no_argument_of_the_compiler_is_refused(model):
    with pytest.raises(TypeError, match="compile='inductor'; give True or a dict"):
        GSFRunner._maybe_compile(runner(model, compile='inductor'), 'test_step')


def test_folding_keeps_the_scores_and_counts(model):
    expected = scores(model)
    asked = runner(model.train())
    GSFRunner._fuse_conv_bn(asked)
    assert asked.notes == ['3 batch norms are folded into their convolutions, 4 stay']
    torch.testing.assert_close(scores(model), expected)
