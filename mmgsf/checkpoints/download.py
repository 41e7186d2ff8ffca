"""Files of the net, fetched once: whole, of the right checksum, or not at all."""

import hashlib
import os.path as osp
import shutil
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlparse
from urllib.request import Request, urlopen

import torch
from mmengine.dist import barrier, get_dist_info

from mmgsf.files import replacing

from .whole import damage, stated_checksum, verify_checksum, verify_sha256

# Seconds without a byte. torch.hub's own downloads wait for ever where a firewall drops packets.
TIMEOUT = 30


def fetch(
    url: str, model_dir: str | None = None, progress: bool = False, sha256: str | None = None
) -> Path:
    """A checkpoint's file in the cache, downloaded if it is not there yet.

    With several processes the first one downloads.

    Args:
        url: address; a checksum in its name is compared with a download.
        model_dir: folder that keeps the file; None takes that of torch.hub.
        progress: draw a bar on stderr.
        sha256: the whole checksum that a download must have.

    Raises:
        OSError: it cannot be downloaded.
        ValueError: it is refused. Nothing is kept of it.
    """
    rank, processes = get_dist_info()
    path = cached_path(url, model_dir)
    if rank == 0:
        _fetch(url, path, progress, sha256)
    if processes > 1:
        barrier()
        # On another machine it is not there yet.
        _fetch(url, path, False, sha256)
    return path


def cached_path(url: str, model_dir: str | None = None) -> Path:
    """Where a download is kept: by its name if that holds a checksum, else by its address as well.

    Raises:
        ValueError: the address names no file.
    """
    name = osp.basename(urlparse(url).path)
    if name in ('', '.', '..'):
        raise ValueError(f'{url} names no file; give the address of a checkpoint')
    folder = Path(model_dir or osp.join(torch.hub.get_dir(), 'checkpoints'))
    if stated_checksum(name) is None:
        folder /= hashlib.sha256(url.encode()).hexdigest()[:16]
    return folder / name


def _fetch(url: str, path: Path, progress: bool, sha256: str | None) -> None:
    if path.is_file():
        return
    with replacing(path) as beside:
        try:
            _download(url, beside, path.name if progress else '')
        except (URLError, OSError) as error:
            raise OSError(
                f'{url} cannot be downloaded ({error}); check the address and the network, or '
                'fetch it by other means and give its path'
            ) from error
        verify_checksum(beside, path.name)
        if sha256 is not None:
            verify_sha256(beside, sha256, 'the zoo index')
        fault = damage(beside)
        if fault:
            raise ValueError(f'the download of {url} is refused: {fault}; try again')


def _download(url: str, path: Path, described: str) -> None:
    """Writes a file of the net; with a bar under that description, if there is one."""
    request = Request(url, headers={'User-Agent': 'mmgsf'})
    with urlopen(request, timeout=TIMEOUT) as response, path.open('wb') as file:
        stated = response.length
        if described:
            from rich.console import Console
            from rich.progress import wrap_file

            console = Console(stderr=True)
            with wrap_file(response, stated or 0, description=described, console=console) as read:
                shutil.copyfileobj(read, file)
        else:
            shutil.copyfileobj(response, file)
    if stated is not None and path.stat().st_size != stated:
        raise OSError(f'cut short: {path.stat().st_size} of {stated} bytes came')
