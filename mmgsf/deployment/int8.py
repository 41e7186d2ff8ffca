"""Post-training quantisation to int8 by NNCF, of ONNX and of OpenVINO models alike."""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .description import Description
from .exported import prepared
from .optional import require
from .program import INPUT

# The gate convolution of GateShiftFuse. OpenVINO 2026.4 cannot compile it in int8: the reshape of its
# output splits the batch.
GATE_GROUPS, GATE_TAPS = 2, 3

if TYPE_CHECKING:
    import onnx
    import openvino


def quantize_onnx(
    model: 'onnx.ModelProto', clips: Sequence[np.ndarray], description: Description
) -> 'onnx.ModelProto':
    """The same ONNX model with convolutions and products in int8 (QDQ form), but for the gates."""
    shapes = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    gates = [
        node.name
        for node in model.graph.node
        if node.op_type == 'Conv'
        and shapes.get(node.input[1], [])[:1] == [GATE_GROUPS * GATE_TAPS]
        and any(part.name == 'group' and part.i == GATE_GROUPS for part in node.attribute)
    ]
    return _quantized(model, gates, clips, lambda clip: {INPUT: prepared(clip[None], description)})


def quantize_openvino(
    model: 'openvino.Model', clips: Sequence[np.ndarray], description: Description
) -> 'openvino.Model':
    """The same OpenVINO model with convolutions and products in int8, but for the gates."""
    gates = [
        node.get_friendly_name()
        for node in model.get_ops()
        if node.get_type_name() == 'GroupConvolution'
        and list(node.input(1).get_partial_shape().to_shape())[:2] == [GATE_GROUPS, GATE_TAPS]
    ]
    return _quantized(model, gates, clips, lambda clip: prepared(clip[None], description))


def _quantized(
    model: object, gates: list[str], clips: Sequence[np.ndarray], feed: Callable
) -> object:
    nncf = require('nncf')
    nncf.set_log_level(logging.WARNING)
    return nncf.quantize(
        model,
        nncf.Dataset(clips, feed),
        subset_size=len(clips),
        ignored_scope=nncf.IgnoredScope(names=gates),
    )
