"""What the ranks of a training hold of their own: buffers of norms, and gradients not yet used.

DistributedDataParallel keeps the parameters alike; buffers it does not, as MMEngine sets it up.
"""

from collections.abc import Iterator

import torch
from mmengine.dist import gather_object
from mmengine.hooks import EMAHook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn

State = dict[str, dict[str, Tensor]]


def gather_rank_states(runner: Runner) -> list[State] | None:
    """What each rank has that the rest of a checkpoint lacks, on rank 0; None on the others.

    Every rank must call it.
    """
    states = gather_object(_rank_state(runner))
    if states is None:
        return None
    first = {part: dict(values) for part, values in states[0].items()}
    for state in states:
        for part in state:
            if part != 'gradients':
                state[part] = _difference(state[part], first[part])
    return states


def restore_rank_state(runner: Runner, state: State) -> None:
    """Gives this rank its own again, after it has loaded what rank 0 had."""
    for part, module in _modules(runner):
        buffers = dict(module.named_buffers())
        for name, value in state.get(part, {}).items():
            buffers[name].copy_(value)
    parameters = dict(_network(runner).named_parameters())
    for name, value in state.get('gradients', {}).items():
        parameters[name].grad = value.to(parameters[name].device)


def _rank_state(runner: Runner) -> State:
    """On the CPU: `gradients`, of an accumulation under way, and buffers by module."""
    gradients = {
        name: parameter.grad
        for name, parameter in _network(runner).named_parameters()
        if parameter.grad is not None
    }
    state = {'gradients': gradients}
    for part, module in _modules(runner):
        state[part] = dict(module.named_buffers())
    return {
        part: {name: value.detach().cpu().clone() for name, value in values.items()}
        for part, values in state.items()
    }


def _modules(runner: Runner) -> Iterator[tuple[str, nn.Module]]:
    yield 'model', _network(runner)
    for hook in runner.hooks:
        if isinstance(hook, EMAHook):
            yield 'average', hook.ema_model


def _network(runner: Runner) -> nn.Module:
    return runner.model.module if is_model_wrapper(runner.model) else runner.model


def _difference(values: dict[str, Tensor], other: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in values.items() if not _same(value, other[name])}


def _same(value: Tensor, other: Tensor) -> bool:
    """Bit by bit, so that not even a NaN differs from itself."""
    if value.shape != other.shape:
        return False
    flat, other_flat = value.contiguous().flatten(), other.contiguous().flatten()
    return torch.equal(flat.view(torch.uint8), other_flat.view(torch.uint8))
