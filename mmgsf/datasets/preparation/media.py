"""What a clip holds: frames of a video, or files of a frame folder. Runs inside workers."""

import os
import re
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av

VIDEO_SUFFIXES = ('.webm', '.mp4', '.mkv', '.avi', '.mov')
DURATION_TOLERANCE = 0.5  # seconds


@dataclass(frozen=True)
class Outcome:
    """What was found in a clip: its frames and their size in pixels, or why it is unreadable."""

    frames: int = 0
    width: int = 0
    height: int = 0
    error: str = ''


def require_av() -> None:
    """Raises ImportError, with what to do, if PyAV is missing."""
    if find_spec('av') is None:
        raise ImportError('videos are read with PyAV: pip install av')


def scan_video(path: str) -> Outcome:
    """Counts the packets of a video's first video stream, and decodes the first frame.

    Containers such as webm state no number of frames. A file that was cut off is found; damage
    inside later frames is not, since that would take decoding all of them.
    """
    import av

    try:
        with av.open(path) as container:
            if not container.streams.video:
                return Outcome(error='no video stream')
            stream = container.streams.video[0]
            packets, frame, end = 0, None, 0
            for packet in container.demux(stream):
                if packet.size:
                    if packet.is_corrupt:
                        return Outcome(error=f'damaged after {packets} frames')
                    packets += not packet.is_discard
                    end = max(end, (packet.pts or 0) + (packet.duration or 0))
                if frame is None:
                    frame = next(iter(packet.decode()), None)
            if frame is None:
                return Outcome(error='no frame can be decoded')
            stated = _stated_duration(container, stream)
            if end * stream.time_base < stated - DURATION_TOLERANCE:
                seconds = float(end * stream.time_base)
                return Outcome(error=f'ends after {seconds:.1f} of {float(stated):.1f} s')
            return Outcome(packets, frame.width, frame.height)
    # PyAV raises many kinds; whatever it is, this file cannot be trained on, and the report says so.
    except Exception as error:
        return Outcome(error=f'{type(error).__name__}: {plain_error(error, path)}')


def _stated_duration(
    container: 'av.container.InputContainer', stream: 'av.VideoStream'
) -> Fraction:
    """Seconds by the header of a webm that holds this stream only, else 0.

    A cut mp4 shows by a damaged packet; a longer stream of sound would stretch the header's value.
    """
    import av

    if stream.duration is None and len(container.streams) == 1 and container.duration:
        return Fraction(container.duration, av.time_base)
    return Fraction(0)


def scan_frames(folder: str, prefix: str, digits: int) -> Outcome:
    """Counts the files PREFIX + number + .jpg of a folder, which must be numbered 1, 2, 3 and on.

    Args:
        folder: the frame folder; other files in it are passed over.
        prefix: what stands before the number.
        digits: of the number, with zeros before it.
    """
    from PIL import Image

    pattern = re.compile(rf'{re.escape(prefix)}(\d{{{digits}}})\.jpg')
    numbers = set()
    try:
        for entry in os.scandir(folder):
            match = pattern.fullmatch(entry.name)
            if match is None:
                continue
            if entry.stat().st_size == 0:
                return Outcome(error=f'{entry.name} is empty')
            numbers.add(int(match[1]))
        name = f'{prefix}{{:0{digits}}}.jpg'
        if not numbers:
            return Outcome(error=f'no file {name.format(1)} or the like')
        if 0 in numbers:
            return Outcome(error=f'numbering starts with {name.format(0)}, not with 1')
        gap = next((i for i in range(1, max(numbers)) if i not in numbers), None)
        if gap is not None:
            return Outcome(error=f'{name.format(gap)} is missing, of {max(numbers)}')
        with Image.open(Path(folder, name.format(1))) as image:
            return Outcome(len(numbers), *image.size)
    except OSError as error:
        return Outcome(error=plain_error(error, folder))


def plain_error(error: Exception, path: str) -> str:
    """The message without the machine's own paths, on one line."""
    message = getattr(error, 'strerror', None) or str(error)
    return ' '.join(message.replace(path, Path(path).name).split())
