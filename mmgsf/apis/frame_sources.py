"""What a stream is read from: a video file, a camera, or an address on the network."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import numpy as np
from torch import nn

from .clips import DECODING, OPENING, pipeline_steps, read_details
from .window_buffer import Window, WindowBuffer

CHUNK_BYTES = 32 << 20
FILE, CAMERA, ADDRESS = 'file', 'camera', 'address'
SCHEMES = ('rtsp', 'rtsps', 'http', 'https', 'tcp', 'udp')
_CAMERA = re.compile(r'(?:/dev/video)?(\d{1,3})')


class Source(NamedTuple):
    """What the user named.

    Attributes:
        kind: FILE, CAMERA or ADDRESS.
        place: path of the file, device of the camera, or the address.
    """

    kind: str
    place: str

    @property
    def name(self) -> str:
        """For messages: of an address neither user and password nor what follows the path."""
        if self.kind != ADDRESS:
            return self.place
        parts = urlsplit(self.place)
        return urlunsplit((parts.scheme, parts.netloc.rpartition('@')[2], parts.path, '', ''))


def find_source(text: str) -> Source:
    """Tells files, cameras and addresses apart.

    Args:
        text: path of a file, number or device of a camera ('0', '/dev/video0'), or an address of
            one of `SCHEMES`. A file of that name comes first.

    Raises:
        ValueError: an address of another scheme.
        FileNotFoundError: none of them.
    """
    if Path(text).is_file():
        return Source(FILE, text)
    camera = _CAMERA.fullmatch(text)
    if camera:
        return Source(CAMERA, f'/dev/video{int(camera[1])}')
    scheme, separator, _ = text.partition('://')
    if separator:
        if scheme.lower() not in SCHEMES:
            raise ValueError(
                f'{scheme}:// addresses are not read; give one of {", ".join(SCHEMES)}, or a file'
            )
        return Source(ADDRESS, text)
    raise FileNotFoundError(
        f'{text} is no file, no camera (a number, or /dev/videoN) and no address '
        f'({"://, ".join(SCHEMES)}://); check the name'
    )


class FileFrames:
    """The frames of a video file in order, by the decoder of the model's own test pipeline.

    At most `CHUNK_BYTES` of decoded frames are held at a time, or one frame. decord holds the
    file's own bytes as well.

    Args:
        model: of `load_model` or `get_model`.
        path: video file.
        timeout: seconds for opening it, and for each chunk; None takes the usual ones.

    Attributes:
        total_frames: of the file.
        fps: frames a second; None if the decoder does not say.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be decoded.
    """

    def __init__(self, model: nn.Module, path: str | Path, timeout: float | None = None) -> None:
        if not Path(path).is_file():
            raise FileNotFoundError(f'{path} is no file; check the path of the video')
        steps = pipeline_steps(model, is_file=True, timeout=timeout)
        opening = next(step for step in steps if type(step).__name__ in OPENING)
        self.decoder = next(step for step in steps if type(step).__name__ in DECODING)
        self.sample = opening({**read_details(), 'filename': str(path)})
        self.path = str(path)
        self.total_frames = int(self.sample['total_frames'])
        self.fps = float(self.sample['avg_fps']) if self.sample.get('avg_fps') else None

    def read(
        self, needs: Callable[[int], bool]
    ) -> Iterator[tuple[np.ndarray | None, float | None]]:
        """Every frame with its time in seconds; None for those that `needs` says are not needed.

        Args:
            needs: takes a frame's number from 0.

        Raises:
            ValueError: a frame cannot be decoded.
        """
        needed = (index for index in range(self.total_frames) if needs(index))
        position, size = 0, 1
        while indices := list(islice(needed, size)):
            images = self._decode(indices)
            size = max(1, CHUNK_BYTES // images[0].nbytes)
            for index, image in zip(indices, images, strict=True):
                for passed in range(position, index):
                    yield None, self.seconds(passed)
                yield image, self.seconds(index)
                position = index + 1
        for passed in range(position, self.total_frames):
            yield None, self.seconds(passed)

    def seconds(self, index: int) -> float | None:
        """Time of a frame at the file's mean rate."""
        return index / self.fps if self.fps else None

    def _decode(self, indices: list[int]) -> list[np.ndarray]:
        chosen = {'frame_inds': np.asarray(indices, dtype=np.int64), 'clip_len': 1}
        # A copy: the step takes the reader out of its sample when it is done.
        return self.decoder({**self.sample, **chosen, 'num_clips': len(indices)})['imgs']


class FileWindows:
    """The windows of a video file, each frame decoded once, in order.

    Args:
        buffer: makes the windows.
        file: the frames.
        max_frames: end after so many frames; None for all.

    Attributes:
        frames: taken so far.
        total: how many there will be.
        fps: frames a second; None if the decoder does not say.

    Raises:
        ValueError: the file, or what `max_frames` leaves of it, is shorter than one window.
    """

    # Of live sources; here a fault is an error, and nothing is dropped.
    dropped = damaged = reconnected = 0

    def __init__(
        self, buffer: WindowBuffer, file: FileFrames, max_frames: int | None = None
    ) -> None:
        self.buffer, self.file, self.fps = buffer, file, file.fps
        self.total = min(file.total_frames, max_frames or file.total_frames)
        plan = buffer.plan
        if self.total < plan.span:
            raise ValueError(
                f'{file.path} gives {self.total} frames, and a window takes {plan.span}: '
                f'{plan.num_segments} of them, {plan.stride} apart; give a smaller stride'
            )
        self.frames = 0

    def __iter__(self) -> Iterator[Window]:
        needs = self.buffer.plan.needs
        for frame, seconds in islice(self.file.read(needs), self.total):
            self.frames += 1
            window = self.buffer.push(frame, seconds)
            if window is not None:
                yield window
