"""The zoo index: which models there are, what they cost, where their weights are.

`configs/metafile.yml` in OpenMMLab's form, so that mim and MMEngine read it too. `tools/metafile.py`
writes what follows from the configs; results and weights are entered by hand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .configs import config_folder, config_path
from .index_fields import (
    IN_PACKAGE,
    check_published,
    check_recipe,
    check_result,
    check_weights,
    count,
    items,
    require,
    text,
)

__all__ = ['DEFAULT_MODEL', 'IN_PACKAGE', 'Entry', 'find_entry', 'index_path', 'read_index']

# The model that nothing but the package is needed for.
DEFAULT_MODEL = 'gsf_r18_footage_camera_motion'


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
        results: measured here: Dataset, Task, Metrics in percent, and what it takes to repeat them.
        published: figures of others, which were not measured here: Dataset, Metrics, By, Source.
        recipe: how a file of others becomes this model: Source, Commands, Status.
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
    published: tuple[Mapping[str, Any], ...] = ()
    recipe: Mapping[str, Any] | None = None


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
            require(entry.name not in entries, 'Name', 'it stands there twice')
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
    require(isinstance(model, dict), 'Models', 'each is a mapping')
    metadata = model.get('Metadata')
    require(isinstance(metadata, dict), 'Metadata', 'it is a mapping')
    entry = Entry(
        name=text(model, 'Name'),
        config=text(model, 'Config'),
        collection=text(model, 'In Collection'),
        architecture=text(metadata, 'Architecture'),
        dataset=text(metadata, 'Training Data'),
        num_segments=count(metadata, 'Frames'),
        resolution=count(metadata, 'Resolution'),
        parameters=count(metadata, 'Parameters'),
        macs=count(metadata, 'MACs'),
        weights=model.get('Weights'),
        sha256=model.get('SHA256'),
        results=items(model, 'Results'),
        published=items(model, 'Published'),
        recipe=model.get('Recipe'),
    )
    require(Path(entry.config).stem == entry.name, 'Config', f'the file is {entry.name}.py')
    check_weights(entry.weights, entry.sha256)
    recipe = entry.recipe
    require(recipe is None or isinstance(recipe, dict), 'Recipe', 'it is a mapping')
    _check_each('Results', check_result, entry.results)
    _check_each('Published', check_published, entry.published)
    _check_each('Recipe', check_recipe, () if recipe is None else (recipe,))
    return entry


def _check_each(field: str, check: Callable[[Mapping], None], values: tuple[Mapping, ...]) -> None:
    for value in values:
        try:
            check(value)
        except ValueError as error:
            raise ValueError(f'{field}: {error}') from None
