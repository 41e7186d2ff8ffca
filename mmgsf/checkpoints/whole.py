"""Is a checkpoint file what was written, and what its publisher named it after?"""

import hashlib
import re
import struct
import zipfile
import zlib
from pathlib import Path

# OpenMMLab's and PyTorch's way: the first eight or more digits of the file's SHA-256.
_PUBLISHED = re.compile(r'-([0-9a-f]{8,64})\.(?:pth\.tar|pth|pt|tar|ckpt|bin|safetensors)$')
_DATE = re.compile(r'(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])')


def damage(path: Path) -> str:
    """In what a file of torch.save is not whole, '' if nothing is found.

    torch.load reads the format's checksums (CRC-32) and does not compare them, so a flipped bit
    would go into the weights. Files of torch before 1.6 have none.
    """
    if path.stat().st_size == 0:
        return 'it is empty'
    with path.open('rb') as file:
        if file.read(2) != b'PK':
            return ''
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    # A flipped bit may name another compression, an odd size or a password.
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
    ) as error:
        return f'it is damaged or cut short ({error})'
    return f'{broken} in it is damaged' if broken else ''


def stated_checksum(name: str) -> str | None:
    """The digits of SHA-256 that a published file's name ends in; None without any.

    Eight digits that are a date, as in `name-20240131.pth`, are taken for one.
    """
    found = _PUBLISHED.search(name)
    return None if found is None or _DATE.fullmatch(found[1]) else found[1]


def verify_checksum(path: Path, name: str | None = None) -> None:
    """Compares a file with the checksum in its name, if it has one.

    Args:
        path: the file.
        name: under which it was published, if not that of `path`.

    Raises:
        ValueError: the file is another one.
    """
    name = path.name if name is None else name
    stated = stated_checksum(name)
    if stated is None:
        return
    found = sha256(path)
    if not found.startswith(stated):
        raise ValueError(
            f'checkpoint {path} is refused: by its name its SHA-256 begins with {stated}, and it '
            f'begins with {found[: len(stated)]}; get the file again, or, if it is meant to be '
            'another, rename it'
        )


def verify_sha256(path: Path, digest: str, publisher: str) -> None:
    """Compares a file with its whole SHA-256.

    Args:
        path: the file.
        digest: 64 hexadecimal digits.
        publisher: who states them, for the message.

    Raises:
        ValueError: the file is another one.
    """
    found = sha256(path)
    if found != digest:
        raise ValueError(
            f'checkpoint {path} is refused: {publisher} states the SHA-256 {digest}, and it has '
            f'{found}; delete it and get it again'
        )


def sha256(path: Path) -> str:
    """The SHA-256 of a file, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open('rb') as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
