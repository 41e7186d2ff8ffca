"""A video within limits: every look into an upload is the decoding process's."""

from pathlib import Path

from torch import nn

from mmgsf.apis import Clip, read_clip
from mmgsf.datasets.decoding import DamagedClip, decoding_process, is_available

from .limits import Limits, not_a_video


def limit_decoding(limits: Limits) -> None:
    """Bounds the memory of this process's decoding process, from its next start on.

    Raises:
        OSError: videos are not decoded in a process of their own here.
    """
    if not is_available():
        raise OSError(
            'uploads are decoded in a process of its own only, which takes Linux and decord; '
            'use mmgsf recognize for files that you trust'
        )
    process = decoding_process()
    process.stop()
    process.memory_limit = int(limits.decode_megabytes * 1e6)


def read_within(model: nn.Module, path: str | Path, limits: Limits) -> Clip:
    """What a model sees of a video, or why it cannot.

    Raises:
        Refused: it is too long, has too many pixels, takes too long, or cannot be decoded.
    """
    process, seconds = decoding_process(), limits.decode_seconds
    try:
        limits.check_picture(*process.picture_size(str(path), seconds))
        handle = process.open(str(path), timeout=seconds)
        limits.check_length(len(handle), handle.rate)
        return read_clip(model, path, timeout=seconds)
    except DamagedClip as error:
        raise not_a_video(error.reason) from error
