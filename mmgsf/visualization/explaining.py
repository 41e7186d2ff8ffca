"""What the Gate-Shift layers of a whole network decide about a video: gates, fusion, energy.

Each layer's own `explain` is asked about the very input that reaches the layer in a forward pass; a
hook in front of the layer hands it over. The layer itself knows nothing of this.
"""

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial

import torch
from torch import Tensor, nn

from mmgsf.layers import GateShiftFuse

from .clips import evaluating, prepared_clips


@dataclass(frozen=True)
class LayerExplanation:
    """What one layer (GSF or GSM) does with N clips of T frames. All tensors are on the CPU.

    The energy of a feature map is its sum of squares. With g_i the gate of half i and x_i its C'/2
    channels of the layer's input, the share that half i of a clip shifts in time is

        S_i = sum over t, c, h, w of (g_i x_i)^2  /  sum over t, c, h, w of x_i^2

    and the share that the layer shifts has both sums over both halves. A gate of 1 gives 1, a closed
    gate 0. What a shift carries beyond the first or last frame counts as shifted.

    Attributes:
        gate: (N, T, 2, H, W) in (-1, 1), or a fixed 1 or -1, as `GateShiftFuse.explain` gives it.
        fusion: (N, T, C') in (0, 1), the weight of what was shifted in; None if the layer sums.
        shifted_energy: (N, T, 2), that of g_i x_i.
        input_energy: (N, T, 2), that of x_i.
    """

    gate: Tensor
    fusion: Tensor | None
    shifted_energy: Tensor
    input_energy: Tensor

    @property
    def half_shares(self) -> Tensor:
        """S_i, (N, 2); 0 where the input is zero."""
        return _share(self.shifted_energy.sum(1), self.input_energy.sum(1))

    @property
    def share(self) -> Tensor:
        """The share of the layer, (N,); 0 where the input is zero."""
        return _share(self.shifted_energy.sum((1, 2)), self.input_energy.sum((1, 2)))


def explain_layers(
    model: nn.Module, inputs: Tensor | Sequence[Tensor]
) -> dict[str, LayerExplanation]:
    """What each temporal layer does with one or several videos.

    The model runs in eval mode, so its statistics stay; afterwards it is in the mode that it was.

    Args:
        model: a RecognizerGSF with layers.
        inputs: (views*T, 3, H, W) uint8 as a test pipeline packs a video, or several of one shape.

    Returns:
        For each layer of `temporal_layers`, in the order of the network.

    Raises:
        TypeError, ValueError: as `prepared_clips`, or the model has no temporal layer.
    """
    with torch.no_grad(), evaluating(model), recorded_layers(model) as parts:
        model.extract_feat(prepared_clips(model, inputs))
    return {name: _joined(name, calls) for name, calls in parts.items()}


def temporal_layers(model: nn.Module) -> dict[str, GateShiftFuse]:
    """The GSF and GSM layers of a model by the name of the convolution that they stand behind.

    The name is what a backbone's `where` takes: it counts from the backbone, or with Any2DGSF from
    the network inside it.

    Raises:
        ValueError: there is none.
    """
    layers = {
        name.removeprefix('backbone.').removeprefix('model.').removesuffix('.temporal'): module
        for name, module in model.named_modules()
        if isinstance(module, GateShiftFuse)
    }
    if not layers:
        raise ValueError(
            f'{type(model).__name__} has no Gate-Shift layer to explain (a TSN or TSM?); take a '
            'GSF or GSM config'
        )
    return layers


@contextmanager
def recorded_layers(model: nn.Module) -> Iterator[dict[str, list[LayerExplanation]]]:
    """While in it, each call of a layer in `model` adds its explanation to the layer's list."""
    parts: dict[str, list[LayerExplanation]] = {}
    handles = []
    try:
        for name, layer in temporal_layers(model).items():
            parts[name] = []
            handles.append(layer.register_forward_pre_hook(partial(_record, parts[name])))
        yield parts
    finally:
        for handle in handles:
            handle.remove()


def choose_layers(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The names that globs choose, in the order of the network.

    Raises:
        ValueError: a glob chooses none.
    """
    for glob in wanted:
        if not any(fnmatchcase(name, glob) for name in names):
            near = difflib.get_close_matches(glob, names, n=4, cutoff=0.0)
            raise ValueError(f'layer {glob!r} is not in the network; near it: {", ".join(near)}')
    return [name for name in names if any(fnmatchcase(name, glob) for glob in wanted)]


def last_of_each_size(found: dict[str, LayerExplanation]) -> list[str]:
    """Of the layers with feature maps of one size, the last: one for each stage of most networks."""
    return list({explanation.gate.shape[-2:]: name for name, explanation in found.items()}.values())


def _record(calls: list[LayerExplanation], layer: GateShiftFuse, args: tuple[Tensor]) -> None:
    """Before the forward pass, since a layer may overwrite its input."""
    x = args[0].detach()
    gate, fusion = layer.explain(x)
    halves = x[:, : layer.touched].float().unflatten(1, (2, -1))
    energy = halves.square().sum(2).unflatten(0, (-1, layer.num_segments))  # (N, T, 2, H, W)
    shifted = (gate.float().square() * energy).sum((-2, -1))
    fusion = None if fusion is None else fusion.float().cpu()
    total = energy.sum((-2, -1))
    calls.append(LayerExplanation(gate.float().cpu(), fusion, shifted.cpu(), total.cpu()))


def _joined(name: str, calls: list[LayerExplanation]) -> LayerExplanation:
    if not calls:
        raise ValueError(f'layer {name} was not reached; explain the model before it is compiled')
    fusion = None
    if calls[0].fusion is not None:
        fusion = torch.cat([call.fusion for call in calls])
    parts = zip(*((c.gate, c.shifted_energy, c.input_energy) for c in calls), strict=True)
    gate, shifted, energy = (torch.cat(part) for part in parts)
    return LayerExplanation(gate, fusion, shifted, energy)


def _share(part: Tensor, whole: Tensor) -> Tensor:
    return torch.where(whole > 0, part / whole, torch.zeros_like(whole))
