"""The layer gives the authors' tensors: every one within 1e-5 of its largest absolute value."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mmgsf.checkpoints.convert import convert_official
from mmgsf.layers import GateShift, GateShiftFuse

REFERENCE = Path(__file__).parents[1] / 'data' / 'reference'
CASES = sorted(path.stem for path in REFERENCE.glob('*layer_*.npz'))
TOLERANCE = 1e-5


def load_case(name: str) -> tuple[GateShiftFuse, dict[str, torch.Tensor]]:
    with np.load(REFERENCE / f'{name}.npz') as arrays:
        case = {key: torch.from_numpy(arrays[key]) for key in arrays.files}
    channels, frames = case['x'].shape[1], int(case['num_segments'])
    if name.startswith('gsm_'):
        layer = GateShift(channels, frames)
    else:
        layer = GateShiftFuse(channels, frames, int(case['channel_ratio']) / 100)
    layer.load_state_dict(convert_official(named(case, 'param')))
    return layer, case


def named(case: dict[str, torch.Tensor], kind: str) -> dict[str, torch.Tensor]:
    """The entries KIND.NAME of a case, by the authors' names."""
    names = (key for key in case if key.startswith(f'{kind}.'))
    return {key.split('.', 1)[1]: case[key] for key in names}


def assert_equal(actual: torch.Tensor, reference: torch.Tensor, what: str) -> None:
    error = (actual - reference).abs().max().item()
    assert error <= TOLERANCE * reference.abs().max().item(), f'{what}: largest error {error}'


def test_all_cases_are_there():
    expected = ['gsm_layer_c32_t8', 'layer_c48_t5_r50', 'layer_c64_t4_r25', 'layer_c64_t8_r100']
    assert expected == CASES


@pytest.mark.parametrize('name', CASES)
def test_eval_output(name):
    layer, case = load_case(name)
    assert_equal(layer.eval()(case['x']), case['eval_output'], 'output')


@pytest.mark.parametrize('name', CASES)
def test_training_step(name):
    layer, case = load_case(name)
    x = case['x'].requires_grad_()
    output = layer.train()(x)
    output.backward(case['grad_output'])
    assert_equal(output, case['train_output'], 'output')
    assert_equal(x.grad, case['grad_input'], 'gradient of the input')
    gradients = convert_official(named(case, 'grad'))
    assert gradients.keys() == dict(layer.named_parameters()).keys()
    for key, parameter in layer.named_parameters():
        assert_equal(parameter.grad, gradients[key], f'gradient of {key}')
    after = convert_official(named(case, 'after'))
    assert after.keys() == dict(layer.named_buffers()).keys()
    for key, buffer in layer.named_buffers():
        assert_equal(buffer, after[key], key)
