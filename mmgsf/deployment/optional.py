"""Packages that only the export and exported files need."""

import importlib
from types import ModuleType

from mmgsf import compat

_EXTRAS = {'nncf': 'int8'}


def require(package: str) -> ModuleType:
    """Imports an optional package.

    Raises:
        ImportError: it is not installed; the pip line is named.
    """
    if package in ('openvino', 'nncf'):
        compat.keep_openvino_silent()
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        extra = _EXTRAS.get(package, 'export')
        raise ImportError(f'{package} is not installed; pip install "mmgsf[{extra}]"') from error
