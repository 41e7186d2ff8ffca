"""From a model to a file that runs without it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from torch import nn

from .describe import describe_model
from .description import Description
from .int8 import quantize_onnx, quantize_openvino
from .program import capture
from .targets import (
    SUFFIXES,
    to_onnx,
    to_openvino,
    write_onnx,
    write_openvino,
    write_torch_export,
)


def export_model(
    model: nn.Module,
    path: str | Path,
    to: str = 'onnx',
    preprocessing: bool = True,
    calibration: Sequence[np.ndarray] | None = None,
) -> Description:
    """Writes a model as a file for another runtime, whole or not at all.

    The program takes N clips of T frames of the size of the config's test pipeline, for any N, and
    gives each clip's probabilities. What its input is, and all that a user needs besides, stands in
    the file as its metadata.

    Args:
        model: a RecognizerGSF in evaluation mode with its config as `cfg`, as `mmgsf.get_model` and
            `mmgsf.apis.load_model` give it; it stays as it is.
        path: file to write: .onnx, .pt2, or .xml, beside which a .bin comes to lie.
        to: 'onnx', 'torch-export' or 'openvino'.
        preprocessing: the program takes uint8 RGB frames (N, T, H, W, 3) and does the rest itself
            (cast, channel order, mean and std, layout); False: it takes float32 (N, T, 3, H, W)
            with all that done. Sampling, resizing and cropping are outside in both.
        calibration: uint8 RGB clips (T, H, W, 3); with them the file computes in int8.

    Returns:
        What was written into the file as its metadata.

    Raises:
        ValueError: another target, suffix, or number of clips than there can be, or a model that
            cannot be described.
        ImportError: a package of the target is not installed.
    """
    path = check_target(to, path, int8=calibration is not None)
    description = describe_model(model, preprocessing)
    if calibration is not None:
        description = replace(description, precision='int8')
        _check_clips(calibration, description)
    program = capture(model, description)
    if to == 'torch-export':
        write_torch_export(program, description, path)
    elif to == 'onnx':
        exported = to_onnx(program, description)
        if calibration is not None:
            exported = quantize_onnx(exported, calibration, description)
        write_onnx(exported, description, path)
    else:
        exported = to_openvino(program, description)
        if calibration is not None:
            exported = quantize_openvino(exported, calibration, description)
        write_openvino(exported, description, path)
    return description


def check_target(to: str, path: str | Path, int8: bool = False) -> Path:
    """The path, if such a file can be written.

    Raises:
        ValueError: another target or suffix than there is, or int8 for torch-export.
    """
    if to not in SUFFIXES:
        raise ValueError(f'to={to!r} is unknown; choose one of {", ".join(SUFFIXES)}')
    if Path(path).suffix != SUFFIXES[to]:
        raise ValueError(f'{path}: a file of {to} ends in {SUFFIXES[to]}; name it so')
    if int8 and to == 'torch-export':
        raise ValueError('torch-export has no int8 here; choose onnx or openvino')
    return Path(path)


def _check_clips(clips: Sequence[np.ndarray], description: Description) -> None:
    if not len(clips):
        raise ValueError('no clips to calibrate int8 with; give some hundred')
    for clip in clips:
        if clip.shape != description.clip_shape or clip.dtype != np.uint8:
            raise ValueError(
                f'a calibration clip of shape {clip.shape} and type {clip.dtype}: give uint8 RGB '
                f'{description.clip_shape}'
            )
