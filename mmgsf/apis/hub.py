"""Models of the zoo index by name, with their weights."""

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse
from urllib.request import url2pathname

from .index import DEFAULT_MODEL, IN_PACKAGE, Entry, find_entry, read_index

if TYPE_CHECKING:
    import torch
    from torch import nn

ZOO = 'MMGSF_ZOO'


def list_models(pattern: str = '*', pretrained: bool | None = None) -> list[str]:
    """Names of the models.

    Args:
        pattern: a glob that the names match, for example '*_ssv2'.
        pretrained: True for those with published weights alone, False for the others.
    """
    return [
        name
        for name, entry in read_index().items()
        if fnmatchcase(name, pattern) and pretrained in (None, entry.weights is not None)
    ]


def get_model(
    name: str = DEFAULT_MODEL,
    pretrained: bool = True,
    device: 'str | torch.device | None' = None,
    progress: bool = False,
) -> 'nn.Module':
    """A recognizer by name, in evaluation mode.

    Args:
        name: of `list_models`; the default one needs nothing but the package.
        pretrained: load its published weights; False leaves them as they are drawn for training.
        device: where it runs; None takes a GPU if there is one.
        progress: draw a bar of a download on stderr.

    Returns:
        As `load_model`.

    Raises:
        ValueError: there is no such model, it has no published weights, or its file is refused.
        OSError: its weights cannot be had.
    """
    from .configs import config_path
    from .models import load_model

    checkpoint = weights_file(name, progress) if pretrained else None
    return load_model(config_path(name), checkpoint, device)


def weights_file(name: str, progress: bool = False) -> Path:
    """File of a model's published weights, downloaded if need be, its checksum compared.

    Raises:
        ValueError: the index has none, or the file is refused.
        OSError: it cannot be had; the message says where to put it by hand.
    """
    from mmgsf.checkpoints.whole import verify_sha256

    entry = find_entry(name)
    if entry.weights is None:
        raise ValueError(
            f'the zoo index has no weights of {name}: none are published. Train it ('
            f'mim train mmgsf {name}.py) and load it with its config and your checkpoint, or take it '
            f'untrained with pretrained=False; {_published()}'
        )
    path = _locate(entry, progress)
    verify_sha256(path, entry.sha256, 'the zoo index')
    return path


def _published() -> str:
    names = list_models(pretrained=True)
    return f'with weights there are {", ".join(names)}' if names else 'no model has any'


def _locate(entry: Entry, progress: bool) -> Path:
    if entry.weights.startswith(IN_PACKAGE):
        path = Path(__file__).resolve().parents[2] / entry.weights.removeprefix(IN_PACKAGE)
        return _present(path, f'the weights of {entry.name} are missing: install mmgsf again')
    address, root = entry.weights, os.environ.get(ZOO, '')
    if not urlparse(address).scheme and root:
        address = f'{root.rstrip("/")}/{address}'
    if urlparse(address).scheme in ('http', 'https'):
        return _download(entry, address, progress)
    if address == entry.weights and not address.startswith('file:'):
        return _by_hand(entry)
    parts = urlparse(address)
    path = Path(url2pathname(parts.path)) if parts.scheme == 'file' else Path(address).expanduser()
    return _present(path, f'the weights of {entry.name} are missing; {ZOO} is {root or "not set"}')


def _present(path: Path, fault: str) -> Path:
    if not path.is_file():
        raise FileNotFoundError(f'{path} is not there: {fault}')
    return path


def _download(entry: Entry, address: str, progress: bool) -> Path:
    from mmgsf.checkpoints.download import cached_path, fetch

    try:
        return fetch(address, progress=progress, sha256=entry.sha256)
    except OSError as error:
        reason = error.__cause__ or error
        raise OSError(
            f'the weights of {entry.name} cannot be had: {address} cannot be downloaded ({reason}). '
            f'Without network, put the file at {cached_path(address)}, or its folder into {ZOO}'
        ) from error


def _by_hand(entry: Entry) -> Path:
    """A file named without a place: it may lie in the cache already."""
    from mmgsf.checkpoints.download import cached_path

    path = cached_path(entry.weights)
    return _present(
        path,
        f'the zoo index names the weights of {entry.name} without a place; set {ZOO} to the folder '
        f'or the address that has {entry.weights}, or put it there by hand',
    )
