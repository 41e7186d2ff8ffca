"""Runs an exported file, whatever its form, on uint8 frames."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .description import BGR, EXTRA_FILE, OUTSIDE, SECTION, Description
from .optional import require


@dataclass(frozen=True)
class ExportedModel:
    """An exported file, ready to run.

    Attributes:
        path: of the file.
        description: that lies in it.
        program: the file's own program, from the array that it takes to its outputs.
    """

    path: Path
    description: Description
    program: Callable[[np.ndarray], list[np.ndarray]]

    @property
    def bytes(self) -> int:
        """Size of the file, with that of the weights beside an .xml."""
        return sum(path.stat().st_size for path in files_of(self.path))

    def __call__(self, clips: np.ndarray) -> dict[str, np.ndarray]:
        """Probabilities (N, classes) by output name.

        Args:
            clips: uint8 RGB (N, T, H, W, 3); what the file leaves outside is done here.

        Raises:
            ValueError: clips of another shape or type.
        """
        wanted = self.description.clip_shape
        if clips.dtype != np.uint8 or clips.ndim != 5 or clips.shape[1:] != wanted:
            raise ValueError(
                f'clips of shape {clips.shape} and type {clips.dtype}: {self.path.name} takes uint8 '
                f'RGB (N, {", ".join(map(str, wanted))})'
            )
        outputs = self.program(prepared(clips, self.description))
        return dict(zip(self.description.classes, outputs, strict=True))


def files_of(path: Path) -> list[Path]:
    """The files that an export consists of."""
    return [path, path.with_suffix('.bin')] if path.suffix == '.xml' else [path]


def prepared(clips: np.ndarray, description: Description) -> np.ndarray:
    """What a file of that description takes for uint8 RGB clips (N, T, H, W, 3)."""
    if description.preprocessing != OUTSIDE:
        return clips
    if description.channel_order == BGR:
        clips = clips[..., ::-1]
    mean, std = np.float32(description.mean), np.float32(description.std)
    return np.ascontiguousarray(((clips - mean) / std).transpose(0, 1, 4, 2, 3))


def open_exported(path: str | Path) -> ExportedModel:
    """Opens a file of tools/export.py: .onnx with onnxruntime, .xml with OpenVINO, .pt2 with torch.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: its suffix is unknown, or it does not describe itself.
        ImportError: its runtime is not installed.
    """
    path = Path(path)
    openers = {'.onnx': _open_onnx, '.xml': _open_openvino, '.pt2': _open_torch_export}
    if path.suffix not in openers:
        raise ValueError(f'{path} ends in none of {", ".join(openers)}; give an exported file')
    if not path.is_file():
        raise FileNotFoundError(f'{path} is not there; check the path')
    strings, program = openers[path.suffix](path)
    return ExportedModel(path, Description.from_strings(strings, str(path)), program)


def _open_onnx(path: Path) -> tuple[dict[str, str], Callable]:
    runtime = require('onnxruntime')
    session = runtime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    (name,) = [part.name for part in session.get_inputs()]
    metadata = session.get_modelmeta().custom_metadata_map
    return metadata, lambda array: session.run(None, {name: array})


def _open_openvino(path: Path) -> tuple[dict[str, str], Callable]:
    openvino = require('openvino')
    core = openvino.Core()
    model = core.read_model(path)
    section = dict(model.rt_info.items()).get(SECTION, {})
    strings = {key: str(value.value) for key, value in section.items()}
    # On machines with bf16 instructions OpenVINO would compute in bf16.
    compiled = core.compile_model(model, 'CPU', {'INFERENCE_PRECISION_HINT': 'f32'})
    return strings, lambda array: [value.copy() for value in compiled([array]).values()]


def _open_torch_export(path: Path) -> tuple[dict[str, str], Callable]:
    import torch

    extra = {EXTRA_FILE: ''}
    program = torch.export.load(path, extra_files=extra).module()

    @torch.no_grad()
    def run(array: np.ndarray) -> list[np.ndarray]:
        return [part.numpy() for part in program(torch.from_numpy(array))]

    return json.loads(extra[EXTRA_FILE] or '{}'), run
