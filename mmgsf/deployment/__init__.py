"""Models as files for ONNX Runtime, OpenVINO and torch.export."""

from .describe import describe_model
from .description import Description
from .export import export_model
from .exported import ExportedModel, open_exported

__all__ = ['Description', 'ExportedModel', 'describe_model', 'export_model', 'open_exported']
