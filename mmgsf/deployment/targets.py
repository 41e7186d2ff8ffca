"""Writes a captured program as a file of ONNX, of torch.export or of OpenVINO."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch.export import ExportedProgram

from mmgsf.files import replacing

from .description import EXTRA_FILE, SECTION, Description
from .optional import require
from .program import INPUT

if TYPE_CHECKING:
    import onnx
    import openvino

SUFFIXES = {'onnx': '.onnx', 'torch-export': '.pt2', 'openvino': '.xml'}
ONNX_OPSET = 18


def to_onnx(program: ExportedProgram, description: Description) -> 'onnx.ModelProto':
    """The program as an ONNX model, without the source positions that PyTorch adds to every node."""
    require('onnx')
    require('onnxscript')
    exported = torch.onnx.export(
        program,
        dynamo=True,
        input_names=[INPUT],
        output_names=list(description.classes),
        opset_version=ONNX_OPSET,
        verbose=False,
    )
    for node in exported.model.graph.all_nodes():
        node.metadata_props.clear()
    return exported.model_proto


def to_openvino(program: ExportedProgram, description: Description) -> 'openvino.Model':
    """The program as an OpenVINO model."""
    openvino = require('openvino')
    model = openvino.convert_model(program)
    model.inputs[0].get_tensor().set_names({INPUT})
    for output, name in zip(model.outputs, description.classes, strict=True):
        output.get_tensor().set_names({name})
    return model


def write_onnx(model: 'onnx.ModelProto', description: Description, path: Path) -> None:
    """Writes an ONNX model with the description as its metadata."""
    onnx = require('onnx')
    onnx.helper.set_model_props(model, description.to_strings())
    with replacing(path) as beside:
        onnx.save(model, beside)


def write_openvino(model: 'openvino.Model', description: Description, path: Path) -> None:
    """Writes an OpenVINO model as .xml with the .bin of its weights beside.

    The old .xml goes before the new .bin comes: at no moment do two lie there that do not belong
    together.
    """
    openvino = require('openvino')
    for key, value in description.to_strings().items():
        model.set_rt_info(value, [SECTION, key])
    with replacing(path) as beside, replacing(path.with_suffix('.bin')):
        openvino.save_model(model, beside, compress_to_fp16=False)
        path.unlink(missing_ok=True)


def write_torch_export(program: ExportedProgram, description: Description, path: Path) -> None:
    """Writes a .pt2 archive with the description as a JSON file in it."""
    text = json.dumps(description.to_strings(), ensure_ascii=False, indent=1)
    # Into memory first: the name of a file would become that of a folder inside.
    content = io.BytesIO()
    torch.export.save(program, content, extra_files={EXTRA_FILE: text})
    with replacing(path) as beside:
        beside.write_bytes(content.getvalue())
