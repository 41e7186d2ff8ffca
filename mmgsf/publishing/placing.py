"""Where the files of a release go: a folder, and those of a checkout that the zoo index needs."""

import tempfile
from pathlib import Path
from typing import Any

from mmgsf.apis import index as zoo_index
from mmgsf.apis.configs import read_config
from mmgsf.apis.index import IN_PACKAGE, read_index

from .entry import log_place, merged
from .facts import frame_size
from .release import Release, as_json

WEIGHTS = 'mmgsf/apis/weights'
MOST_BYTES = 8_000_000  # of a file in the package


def entry_text(release: Release, place: str) -> str:
    """The model's entry alone, as `mim` reads it: the index's but for what only a checkout knows.

    Args:
        release: what is published.
        place: as of `weights_place`.
    """
    import yaml

    from mmgsf.models.complexity import measure_complexity

    config = release.training.config
    pipeline, record = config.test_dataloader.dataset.pipeline, release.record
    size = frame_size(pipeline)
    metadata = {'Frames': record['num_segments'], 'Parameters': record['network']['parameters']}
    if size is not None:
        found = measure_complexity(config.model.to_dict(), record['num_segments'], size)
        metadata |= {'Resolution': size, 'MACs': found.macs}
    entry = {'Name': release.name, 'Config': f'{release.name}.py', 'Metadata': metadata}
    content = {'Models': [{**entry, **_fields(release, place)}]}
    return yaml.safe_dump(content, sort_keys=False, width=100)


def weights_place(release: Release, address: str = '', in_package: bool = False) -> str:
    """`Weights` of the entry: the safetensors file in the package, below an address or by its name.

    Args:
        release: what is published.
        address: of the folder that will have the file, or nothing.
        in_package: the file goes into the package.

    Raises:
        ValueError: it is too large for the package.
    """
    name = release.record['weights']
    if not in_package:
        return f'{address.rstrip("/")}/{name}' if address else name
    size = release.record['bytes']
    if size > MOST_BYTES:
        raise ValueError(
            f'{name} has {size} bytes, the package takes {MOST_BYTES}; publish it without --package, '
            'or in half precision by --half'
        )
    return f'{IN_PACKAGE}{WEIGHTS}/{name}'


def files_of_checkout(release: Release, place: str) -> dict[Path, bytes]:
    """Index, log and, if `place` is in the package, weights of a checkout with the release entered.

    Raises:
        FileNotFoundError: this installation is no checkout.
        ValueError: the index lacks the model, or has another one under its name.
    """
    index, name = zoo_index.index_path(), release.name
    root = index.parents[1]
    if not (root / 'docs' / 'logs').is_dir():
        raise FileNotFoundError(
            f'{root} has no docs/logs; results are entered in a checkout of the project'
        )
    text = merged(index.read_text(encoding='utf-8'), name, _fields(release, place))
    with tempfile.TemporaryDirectory() as folder:
        checked = Path(folder, index.name)
        checked.write_text(text, encoding='utf-8')
        entry = read_index(checked)[name]
    # Results of the same weights by other tests stay, in the log too, but for those of another log.
    results = [result for result in entry.results if result['Log'] == log_place(name)]
    log = as_json({**release.record, 'results': results})
    known = read_config(root / entry.config)
    if known.model.to_dict() != release.training.config.model.to_dict():
        raise ValueError(
            f'the network of the checkpoint is not that of {entry.config}, so it cannot be entered as '
            f'{name}; publish it without --enter and --package'
        )
    contents = {index: text.encode(), root / log_place(name): log}
    if place.startswith(IN_PACKAGE):
        contents[root / place.removeprefix(IN_PACKAGE)] = release.files[release.record['weights']]
    return contents


def outdated(release: Release, place: str) -> list[Path]:
    """Earlier files of the model in the package, which has one of each."""
    if not place.startswith(IN_PACKAGE):
        return []
    folder = zoo_index.index_path().parents[1] / WEIGHTS
    files = sorted(folder.glob(f'{release.name}-*.safetensors'))
    return [path for path in files if path.name != release.record['weights']]


def _fields(release: Release, place: str) -> dict[str, Any]:
    results = release.record['results']
    return {
        **({'Results': results} if results else {}),
        'Weights': place,
        'SHA256': release.record['sha256'],
    }
