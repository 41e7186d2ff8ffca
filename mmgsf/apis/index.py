"""The zoo index: which models there are, what they cost, where their weights are.

`configs/metafile.yml` in OpenMMLab's form, so that mim and MMEngine read it too. `tools/metafile.py`
writes what follows from the configs; results and weights are entered by hand.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from .configs import config_folder, config_path

# The model that nothing but the package is needed for.
DEFAULT_MODEL = 'gsf_r18_footage_camera_motion'
IN_PACKAGE = 'package://'
_SCHEMES = ('http', 'https', 'file')
_SUFFIXES = ('.pth', '.safetensors')
_SHA256 = re.compile(r'[0-9a-f]{64}')


@dataclass(frozen=True)
class Entry:
    """What the index says of a model.

    Attributes:
        name: that of its config.
        config: path of the config from the folder above `configs`.
        collection: its temporal layer: GSF, GSM, TSM or TSN.
        architecture: the backbone.
        dataset: what it is trained on, as a text.
        num_segments: T, frames a clip.
        resolution: height and width of a frame, in pixels.
        parameters: their number.
        macs: multiply-adds of one view.
        weights: 'package://PATH' of a file in the package, an address, or the name of a file below
            MMGSF_ZOO; None while there are none to be had.
        sha256: of that file, 64 digits.
        results: measured ones: Dataset, Task, Metrics in percent, and what else was noted.
    """

    name: str
    config: str
    collection: str
    architecture: str
    dataset: str
    num_segments: int
    resolution: int
    parameters: int
    macs: int
    weights: str | None = None
    sha256: str | None = None
    results: tuple[Mapping[str, Any], ...] = ()


def index_path() -> Path:
    """File of the index of this installation."""
    return config_folder() / 'metafile.yml'


def read_index(path: str | Path | None = None) -> dict[str, Entry]:
    """All entries by name, in the index's order.

    Args:
        path: another index.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not of the form; model, field and rule are named.
    """
    import yaml

    path = index_path() if path is None else Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'zoo index {path} is not there; install mmgsf again')
    try:
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
    except yaml.YAMLError as error:
        raise ValueError(f'zoo index {path} is no YAML: {" ".join(str(error).split())}') from error
    models = content.get('Models') if isinstance(content, dict) else None
    if not isinstance(models, list):
        raise ValueError(f'zoo index {path} has no list of Models')
    entries: dict[str, Entry] = {}
    for number, model in enumerate(models, 1):
        name = model.get('Name') if isinstance(model, dict) else None
        try:
            entry = _entry(model)
            _require(entry.name not in entries, 'Name', 'it stands there twice')
        except ValueError as error:
            raise ValueError(f'zoo index {path}: model {name or number}: {error}') from error
        entries[entry.name] = entry
    return entries


def find_entry(name: str) -> Entry:
    """The entry of a model.

    Raises:
        ValueError: there is no model of that name; the nearest are named.
    """
    entries = read_index()
    if name not in entries:
        config_path(name)
        raise ValueError(
            f'{name} has a config and no entry in the zoo index; load it with load_model'
        )
    return entries[name]


def _entry(model: Any) -> Entry:
    _require(isinstance(model, dict), 'Models', 'each is a mapping')
    metadata = model.get('Metadata')
    _require(isinstance(metadata, dict), 'Metadata', 'it is a mapping')
    entry = Entry(
        name=_text(model, 'Name'),
        config=_text(model, 'Config'),
        collection=_text(model, 'In Collection'),
        architecture=_text(metadata, 'Architecture'),
        dataset=_text(metadata, 'Training Data'),
        num_segments=_count(metadata, 'Frames'),
        resolution=_count(metadata, 'Resolution'),
        parameters=_count(metadata, 'Parameters'),
        macs=_count(metadata, 'MACs'),
        weights=model.get('Weights'),
        sha256=model.get('SHA256'),
        results=tuple(model.get('Results') or ()),
    )
    _require(Path(entry.config).stem == entry.name, 'Config', f'the file is {entry.name}.py')
    _check_weights(entry)
    for result in entry.results:
        _check_result(result)
    return entry


def _check_weights(entry: Entry) -> None:
    if entry.weights is None:
        _require(entry.sha256 is None, 'SHA256', 'there are no Weights that it could be of')
        return
    weights, digest = _text({'Weights': entry.weights}, 'Weights'), entry.sha256
    _require(
        isinstance(digest, str) and _SHA256.fullmatch(digest) is not None,
        'SHA256',
        'Weights need it, 64 hexadecimal digits in lower case',
    )
    place = weights.removeprefix(IN_PACKAGE)
    address = urlparse(place)
    _require(address.scheme in ('', *_SCHEMES), 'Weights', f'the scheme is one of {_SCHEMES}')
    parts = address.path.split('/')
    _require('..' not in parts, 'Weights', "the path holds no '..'")
    _require(parts[-1].endswith(_SUFFIXES), 'Weights', f'the file ends in one of {_SUFFIXES}')
    if weights.startswith(IN_PACKAGE):
        _require(parts[0] == 'mmgsf', 'Weights', f'{IN_PACKAGE} is followed by mmgsf/')
        return
    _require(
        address.scheme != '' or len(parts) == 1, 'Weights', 'an address or the name of a file alone'
    )
    from mmgsf.checkpoints.whole import stated_checksum

    stated = stated_checksum(parts[-1])
    _require(
        stated is not None and digest.startswith(stated),
        'Weights',
        f'the name of the file ends in -{digest[:8]}, the first digits of its SHA256',
    )


def _check_result(result: Any) -> None:
    _require(isinstance(result, dict), 'Results', 'each is a mapping')
    _text(result, 'Dataset')
    _text(result, 'Task')
    metrics = result.get('Metrics')
    _require(isinstance(metrics, dict) and metrics != {}, 'Metrics', 'names with numbers')
    for name, value in metrics.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        _require(
            number and math.isfinite(value) and 0 <= value <= 100,
            'Metrics',
            f'{name} is a percentage, from 0 to 100, and {value!r} is none',
        )


def _text(mapping: Mapping[str, Any], field: str) -> str:
    value = mapping.get(field)
    _require(isinstance(value, str) and value != '', field, 'a text is needed')
    return value


def _count(mapping: Mapping[str, Any], field: str) -> int:
    value = mapping.get(field)
    _require(
        isinstance(value, int) and not isinstance(value, bool) and value > 0,
        field,
        f'a whole number above 0 is needed, not {value!r}',
    )
    return value


def _require(condition: bool, field: str, rule: str) -> None:
    if not condition:
        raise ValueError(f'{field}: {rule}')
