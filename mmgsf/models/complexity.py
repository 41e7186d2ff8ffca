"""Parameters and multiply-adds of recognizers, counted without computing anything."""

import copy
from typing import NamedTuple

import torch
from mmaction.registry import MODELS
from torch.utils.flop_counter import FlopCounterMode


class Complexity(NamedTuple):
    """Size and cost of a network.

    Attributes:
        parameters: their number, the classifier's included.
        macs: multiply-adds of the convolutions and linear layers for one view: one clip, one crop.
    """

    parameters: int
    macs: int


def measure_complexity(model: dict, num_segments: int, size: int) -> Complexity:
    """Counts parameters and multiply-adds of a recognizer.

    Args:
        model: its config; weights that it names are not read.
        num_segments: T, frames a clip.
        size: height and width of a frame, in pixels.
    """
    config = copy.deepcopy(model)
    if 'pretrained' in config['backbone']:
        config['backbone']['pretrained'] = None
    network = MODELS.build({**config, '_scope_': 'mmaction'}).eval().to('meta')
    clip = torch.empty(1, num_segments, 3, size, size, device='meta')
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(clip, stage='head')
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Complexity(parameters, counter.get_total_flops() // 2)


_MEASURED: dict[str, Complexity] = {}


def measure_once(model: dict, num_segments: int, size: int) -> Complexity:
    """As `measure_complexity`; a network that was counted before is not counted again."""
    key = repr((model, num_segments, size))
    if key not in _MEASURED:
        _MEASURED[key] = measure_complexity(model, num_segments, size)
    return _MEASURED[key]
