"""mmengine's other schemes of checkpoints: each brings a file, which `load_from_local` then loads."""

import os.path as osp
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mmengine.fileio import get_file_backend
from mmengine.runner import checkpoint as upstream

from .download import fetch
from .load import load_from_local


def load_from_http(
    filename: str, map_location: Any = None, model_dir: str | None = None, progress: bool = False
) -> Any:
    """Downloads a checkpoint once and loads it from then on.

    Args:
        filename: address; a checksum in its name is compared at every load.
        map_location: as for torch.load.
        model_dir: folder that keeps the file; None takes that of torch.hub.
        progress: draw a bar.

    Raises:
        OSError: it cannot be downloaded.
        ValueError: it is refused, see `load_from_local`. Nothing is kept of a damaged download.
    """
    return load_from_local(str(fetch(filename, model_dir, progress)), map_location)


def load_from_torchvision(filename: str, map_location: Any = None) -> Any:
    """'torchvision://NAME', or 'modelzoo://NAME' as it was called."""
    return load_from_http(_address(filename, upstream.get_torchvision_models()), map_location)


def load_from_openmmlab(filename: str, map_location: Any = None) -> Any:
    """'openmmlab://NAME' or 'open-mmlab://NAME': an address, or a file below mmengine's folder."""
    scheme, _, name = filename.partition('://')
    name = upstream.get_deprecated_model_names().get(name, name)
    address = _address(f'{scheme}://{name}', upstream.get_external_models())
    if address.startswith(('http://', 'https://')):
        return load_from_http(address, map_location)
    return load_from_local(osp.join(upstream._get_mmengine_home(), address), map_location)


def load_from_mmcls(filename: str, map_location: Any = None) -> Any:
    """'mmcls://NAME': the backbone of a classifier."""
    checkpoint = load_from_http(_address(filename, upstream.get_mmcls_models()), map_location)
    return upstream._process_mmcls_checkpoint(checkpoint)


def load_from_ceph(filename: str, map_location: Any = None, backend: str = 'petrel') -> Any:
    """'s3://...' and 'petrel://...', also behind a cluster's name."""
    content = get_file_backend(filename, backend_args={'backend': backend}).get(filename)
    return _load_written(
        osp.basename(filename), lambda path: path.write_bytes(content), map_location
    )


def load_from_pavi(filename: str, map_location: Any = None) -> Any:
    """'pavi://...'."""
    try:
        from pavi import modelcloud
    except ImportError as error:
        raise ImportError(f'{filename} needs the package pavi, which is not installed') from error
    model = modelcloud.get(filename.removeprefix('pavi://'))
    return _load_written(
        osp.basename(model.name), lambda path: model.download(str(path)), map_location
    )


LOADERS: dict[tuple[str, ...], Callable] = {
    ('',): load_from_local,
    ('http://', 'https://'): load_from_http,
    ('modelzoo://', 'torchvision://'): load_from_torchvision,
    ('open-mmlab://', 'openmmlab://'): load_from_openmmlab,
    ('mmcls://',): load_from_mmcls,
    # Patterns, as mmengine has them.
    (r'(\S+\:)?s3://', r'(\S+\:)?petrel://'): load_from_ceph,
    ('pavi://',): load_from_pavi,
}


def _address(filename: str, known: Mapping[str, str]) -> str:
    name = filename.partition('://')[2]
    if name not in known:
        raise ValueError(f'{filename}: {name!r} is not known; give an address or a path')
    return known[name]


def _load_written(name: str, write: Callable[[Path], object], map_location: Any) -> Any:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return load_from_local(str(path), map_location)
