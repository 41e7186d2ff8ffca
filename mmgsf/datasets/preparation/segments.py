"""Cuts a segment out of a long video into a clip of its own. Runs inside workers."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from .encoder import Encoding, encode, make_video
from .media import Outcome

if TYPE_CHECKING:
    import av

ENCODING = Encoding()


def cut_segment(source: str, target: str, start: str, stop: str) -> Outcome:
    """Encodes the frames that are shown from `start` to before `stop` at the video's own rate.

    It is written beside the target, read again, and takes its place only if it holds every frame.

    Args:
        source: the long video.
        target: mp4 to write; its folder is made.
        start: seconds, as `Fraction` reads them.
        stop: the same.
    """
    return make_video(
        source, target, lambda part: _encode(source, part, Fraction(start), Fraction(stop))
    )


def _encode(source: str, part: Path, start: Fraction, stop: Fraction) -> int:
    """Number of frames written."""
    import av

    with av.open(source) as reader:
        stream = reader.streams.video[0]
        return encode(_frames(reader, stream, start, stop), stream, part, ENCODING)


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
