"""Post-training quantisation to int8 by NNCF, of ONNX and of OpenVINO models alike."""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .description import Description
from .exported import prepared
from .optional import require
from .program import INPUT

if TYPE_CHECKING:
    import onnx
    import openvino


def quantize_onnx(
    model: 'onnx.ModelProto', clips: Sequence[np.ndarray], description: Description
) -> 'onnx.ModelProto':
    """The same ONNX model with convolutions and products in int8 (QDQ form)."""
    return _quantized(model, clips, lambda clip: {INPUT: prepared(clip[None], description)})


def quantize_openvino(
    model: 'openvino.Model', clips: Sequence[np.ndarray], description: Description
) -> 'openvino.Model':
    """The same OpenVINO model with convolutions and products in int8."""
    return _quantized(model, clips, lambda clip: prepared(clip[None], description))


def _quantized(model: object, clips: Sequence[np.ndarray], feed: Callable) -> object:
    nncf = require('nncf')
    nncf.set_log_level(logging.WARNING)
    dataset = nncf.Dataset(clips, feed)
    return nncf.quantize(model, dataset, subset_size=len(clips))
