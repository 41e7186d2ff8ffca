"""Counts the bytes that autograd keeps for a backward pass."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node


def saved_bytes(outputs: Tensor | Iterable[Tensor], network: nn.Module | None = None) -> int:
    """Bytes of all storages that the graph behind some tensors holds.

    A storage counts once and in full, however little of it a saved tensor uses. What counts is what
    is saved by PyTorch's operations and by `torch.autograd.Function`s, as saved tensors or as
    attributes of their context.

    Args:
        outputs: a loss, or any tensors with a graph.
        network: its parameters and buffers, which are there anyway, do not count.
    """
    outputs = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    own = set()
    if network is not None:
        own = {_key(tensor) for tensor in (*network.parameters(), *network.buffers())}
    storages: dict[int, int] = {}
    for node in _nodes([output.grad_fn for output in outputs]):
        for tensor in _held(node):
            key = _key(tensor)
            if key not in own:
                storages[key] = tensor.untyped_storage().nbytes()
    return sum(storages.values())


def _key(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _nodes(roots: Iterable[Node | None]) -> Iterator[Node]:
    """Every node of the graph once."""
    waiting, seen = [root for root in roots if root is not None], set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        yield node
        waiting.extend(following for following, _ in node.next_functions if following is not None)


def _held(node: Node) -> Iterator[Tensor]:
    """The tensors of one node; a parameter's own node holds the parameter, which is no saved one."""
    for name in dir(node):
        if name.startswith('_saved_') or name == 'saved_tensors':
            yield from _tensors(getattr(node, name))
    # A torch.autograd.Function's node is its context.
    yield from _tensors(getattr(node, '__dict__', {}))


def _tensors(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        if value.layout == torch.strided:
            yield value
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
    elif isinstance(value, list | tuple | set):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, nn.Module):
        yield from _tensors([*value.parameters(), *value.buffers()])
