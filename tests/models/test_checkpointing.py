"""Checkpointed blocks: output, gradients and running statistics are those without; memory is less."""

import mmgsf.register  # noqa: F401, I001

import copy

import pytest
import torch
from mmaction.registry import MODELS
from torch import nn

from mmgsf.models.checkpointing import HeldBuffers, checkpoint_blocks

from .any2d import build

NETWORKS = [
    ('ResNetGSF', {'depth': 18, 'base_channels': 8, 'channel_ratio': 0.5}, 32),
    ('ResNetGSF', {'depth': 50, 'base_channels': 8, 'channel_ratio': 0.5}, 32),
    ('ResNetGSF', {'depth': 18, 'base_channels': 8, 'channel_ratio': 1.0, 'frozen_stages': 1}, 32),
    ('BNInceptionGSF', {}, 32),
    ('InceptionV3GSF', {}, 75),
    ('Any2DGSF', {'model': 'MobileNetV2'}, 32),
]


def pair(network: str, options: dict) -> tuple[nn.Module, nn.Module]:
    """A backbone in double precision without checkpointing and one with, of the same weights."""
    models = []
    for with_cp in (False, True):
        torch.manual_seed(0)
        config = {'type': network, 'num_segments': 2, 'with_cp': with_cp, **options}
        models.append(MODELS.build(config).double().train())
    return tuple(models)


def step(model: nn.Module, x: torch.Tensor) -> tuple[dict[str, torch.Tensor], int]:
    """Output, gradients and buffers of a training step, and the bytes kept for its backward pass."""
    kept = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = model(x)
    torch.manual_seed(1)
    output.backward(torch.randn_like(output))
    gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    return {'output': output.detach(), **gradients, **dict(model.named_buffers())}, sum(
        kept.values()
    )


@pytest.mark.parametrize(('network', 'options', 'size'), NETWORKS)
def test_a_step_is_the_same(network, options, size):
    plain, checkpointed = pair(network, options)
    assert plain.state_dict().keys() == checkpointed.state_dict().keys()
    x = torch.randn(4, 3, size, size, dtype=torch.double)
    (expected, all_bytes), (actual, fewer_bytes) = step(plain, x), step(checkpointed, x)
    assert actual.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(actual[name], value, msg=lambda text, name=name: name + text)
    assert fewer_bytes < 0.7 * all_bytes


def test_copies_work_on_their_own_weights():
    _, model = pair(*NETWORKS[0][:2])
    twin = copy.deepcopy(model)
    nn.init.zeros_(twin.layer4[1].conv2.bn.weight)
    x = torch.randn(2, 3, 32, 32, dtype=torch.double)
    assert not torch.equal(model(x), twin(x))


def test_random_numbers_are_drawn_again():
    torch.manual_seed(0)
    block = nn.Sequential(nn.Linear(32, 32), nn.Dropout(), nn.Linear(32, 32))
    twin = copy.deepcopy(block)
    checkpoint_blocks([twin])
    x = torch.randn(8, 32)
    for model in (block, twin):
        torch.manual_seed(1)
        model(x).square().sum().backward()
    for actual, expected in zip(twin.parameters(), block.parameters(), strict=True):
        assert torch.equal(actual.grad, expected.grad)


def test_held_buffers_come_back_each_time():
    norm = nn.BatchNorm2d(4)
    before = dict(norm.named_buffers())
    held = HeldBuffers(norm)
    for _ in range(2):
        with held:
            norm(torch.randn(2, 4, 3, 3) + 1)
            assert norm.num_batches_tracked == 1
        assert all(value is before[name] for name, value in norm.named_buffers())
        assert norm.num_batches_tracked == 0


class TwoConvs(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3))


def test_network_without_known_blocks_is_refused():
    with pytest.raises(ValueError, match=r'with_cp=True: no residual block is known'):
        build({'type': TwoConvs}, where='2', with_cp=True)
