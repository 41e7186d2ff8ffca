"""Networks loaded through the converter are the authors' ones."""

import copy

import pytest
import torch
from torch import Tensor, nn

from mmgsf.checkpoints import convert_official, describe_official

from .building import build_recognizer
from .reference_network import DEPTHS, gsf, load_case, resnet

TOLERANCE = 1e-5
INCEPTIONS = (
    'bninception_t8_r100',
    'inceptionv3_t4_r100',
    'gsm_bninception_t8',
    'gsm_inceptionv3_t4',
)


def outputs_of(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    pooled = model.backbone(x).mean((2, 3))
    return {'pooled_features': pooled, 'logits': model.cls_head.fc_cls(pooled)}


@pytest.mark.parametrize('name', INCEPTIONS)
@torch.no_grad()
def test_inceptions_equal_the_reference(name):
    case, weights, inputs, outputs = load_case(name)
    found = describe_official(weights)
    model = build_recognizer(
        found.backbone,
        num_segments=case['num_segments'],
        num_classes=found.num_classes,
        in_channels=found.in_channels,
    )
    model.load_state_dict(convert_official(weights), strict=True)
    assert sum(p.numel() for p in model.parameters()) == case['params']
    ours = outputs_of(model.eval(), inputs)
    assert ours.keys() == outputs.keys()
    for key, reference in outputs.items():
        error = (ours[key] - reference).abs().max()
        assert error <= TOLERANCE * reference.abs().max(), key


@pytest.fixture(scope='module', params=sorted(DEPTHS))
def case(request):
    """A reference case and our network with its weights."""
    description, weights, inputs, outputs = load_case(request.param)
    ratio = 1.0 if request.param.endswith('r100') else 0.25
    backbone = {'type': 'ResNetGSF', 'depth': DEPTHS[request.param], 'channel_ratio': ratio}
    frames = description['num_segments']
    model = build_recognizer(backbone, num_segments=frames, num_classes=1000, in_channels=2048)
    model.load_state_dict(convert_official(weights), strict=True)
    return DEPTHS[request.param], frames, model.eval(), weights, inputs, outputs


@torch.no_grad()
def test_equals_the_plain_network_in_double_precision(case):
    depth, frames, model, weights, inputs, _ = case
    double = {
        key: value.double() if value.is_floating_point() else value
        for key, value in weights.items()
    }
    expected = resnet(inputs.double(), double, depth, frames, gsf)
    features = copy.deepcopy(model).double().backbone(inputs.double())
    assert (features - expected).abs().max() <= TOLERANCE * expected.abs().max()


@torch.no_grad()
def test_is_as_near_to_the_reference_as_rounding_lets_it(case):
    """The yardstick is how far the reference itself lies from the same network in double precision."""
    _, _, model, _, inputs, outputs = case

    ours = outputs_of(model, inputs)
    exact = outputs_of(copy.deepcopy(model).double(), inputs.double())
    for key, reference in outputs.items():
        distance = (ours[key] - reference).abs().median()
        rounding = (exact[key] - reference).abs().median()
        assert distance <= 2 * rounding, key
        assert rounding <= 0.3 * reference.std(), key
