"""Cuts a segment out of a long video into a clip of its own. Runs inside workers."""

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from .media import Outcome, plain_error, scan_video

if TYPE_CHECKING:
    import av

# The height of the frame folders that EPIC-Kitchens releases (456x256).
SHORT_SIDE = 256


def cut_segment(source: str, target: str, start: str, stop: str) -> Outcome:
    """Encodes the frames that are shown from `start` to before `stop` at the video's own rate.

    The clip is H.264 with a short side of at most 256 pixels. It is written beside the target,
    read again, and takes its place only if it holds every frame.

    Args:
        source: the long video.
        target: mp4 to write; its folder is made.
        start: seconds, as `Fraction` reads them.
        stop: the same.
    """
    folder, name = Path(target).parent, Path(target).name
    folder.mkdir(parents=True, exist_ok=True)
    # A killed run leaves its part, or a worker that still writes it.
    for old in folder.glob(f'part-*-{name}'):
        old.unlink(missing_ok=True)
    part = folder / f'part-{os.getpid()}-{name}'
    try:
        frames = _encode(source, part, Fraction(start), Fraction(stop))
        outcome = scan_video(str(part))
        if outcome.error or outcome.frames != frames:
            problem = outcome.error or f'{outcome.frames} of {frames} frames were written'
            return Outcome(error=f'the clip cut from it: {problem}')
        os.replace(part, target)
        return outcome
    # As in `scan_video`: the report names the clip and the reason.
    except Exception as error:
        return Outcome(error=f'{type(error).__name__}: {plain_error(error, source)}')
    finally:
        part.unlink(missing_ok=True)


def _encode(source: str, part: Path, start: Fraction, stop: Fraction) -> int:
    """Number of frames written."""
    import av

    # Not on top: it brings in numpy, which a worker that only scans has no use for.
    from ..camera_motion_video import ENCODER

    with av.open(source) as reader, av.open(str(part), 'w') as writer:
        stream = reader.streams.video[0]
        rate = stream.average_rate
        output = writer.add_stream('libx264', rate=rate, options=ENCODER)
        output.pix_fmt = 'yuv420p'
        output.width, output.height = _size(stream.width, stream.height)
        number = 0
        for frame in _frames(reader, stream, start, stop):
            small = frame.reformat(output.width, output.height, 'yuv420p')
            small.pts, small.time_base = number, 1 / rate
            writer.mux(output.encode(small))
            number += 1
        writer.mux(output.encode())
    return number


def _frames(
    reader: 'av.container.InputContainer', stream: 'av.VideoStream', start: Fraction, stop: Fraction
) -> Iterator['av.VideoFrame']:
    """Frames with start <= time < stop, times counted from the first frame.

    Raises:
        ValueError: the video ends before it should, or before the segment begins.
    """
    origin = stream.start_time or 0
    reader.seek(origin + int(start / stream.time_base), stream=stream)
    number, time = 0, Fraction(0)
    for frame in reader.decode(stream):
        time = (frame.pts - origin) * stream.time_base
        if time >= stop:
            break
        if time >= start:
            number += 1
            yield frame
    stated = stop if stream.duration is None else stream.duration * stream.time_base
    end = time + 1 / stream.average_rate
    # The segment may reach past the end; the video may not end before its own.
    if number == 0 or end + 1 / stream.average_rate < min(stop, stated):
        raise ValueError(
            f'the video ends at {float(end):.2f} s; the segment is {float(start):.2f} to '
            f'{float(stop):.2f} s'
        )


def _size(width: int, height: int) -> tuple[int, int]:
    """Width and height, both even, with a short side of at most SHORT_SIDE."""
    scale = min(Fraction(1), Fraction(SHORT_SIDE, min(width, height)))
    return tuple(max(2, 2 * round(side * scale / 2)) for side in (width, height))
