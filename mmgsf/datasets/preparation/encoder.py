"""The one encoder of all videos that a preparation writes: fast to read at random frames.

docs/decoding.md has the measurements behind the settings.
"""

import glob
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from mmgsf.files import replacing

from .media import Outcome, plain_error, scan_video

if TYPE_CHECKING:
    import av

# Some rates are ratios of large numbers; 30000/1001 and its kind stay exact.
LARGEST_DENOMINATOR = 1001


@dataclass(frozen=True)
class Encoding:
    """How a video is written as H.264.

    Args:
        short_side: pixels, at least 16; smaller videos keep their size.
        gop: frames from one key frame to the next, at least 1; with 1 every frame is one.
        crf: x264's constant quality, 0 (best) to 51.
    """

    short_side: int = 256
    gop: int = 1
    crf: int = 22

    def __post_init__(self) -> None:
        for name, low, high in (('short_side', 16, 4096), ('gop', 1, 1000), ('crf', 0, 51)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f'{name}={value}: take a number from {low} to {high}')

    @property
    def options(self) -> dict[str, str]:
        """Of libx264."""
        return {
            'preset': 'veryfast',
            # Neither CABAC nor a deblocking filter, which take most of the decoder's time.
            'tune': 'fastdecode',
            'crf': str(self.crf),
            'g': str(self.gop),
            'bf': '0',
            # Fewer bytes at equal PSNR.
            'aq-mode': '0',
            # The pool keeps all cores busy.
            'threads': '1',
        }

    @property
    def settings(self) -> tuple[str, ...]:
        """What a video that lies there was made with, for the journal."""
        return (str(self.short_side), *(f'{k}={v}' for k, v in self.options.items()))

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height in the video, both even, for frames of this size; never larger."""
        scale = min(Fraction(1), Fraction(self.short_side, min(width, height)))
        return tuple(
            max(2, min(2 * round(side * scale / 2), side - side % 2)) for side in (width, height)
        )


def encode(
    frames: Iterable['av.VideoFrame'], stream: 'av.VideoStream', path: Path, encoding: Encoding
) -> int:
    """Writes frames as H.264 (mp4, yuv420p, no sound), one after another at the stream's mean rate.

    A rotation that the source states is carried out.

    Args:
        frames: at least one, in order of display.
        stream: where they come from.
        path: mp4 file.

    Returns:
        Number of frames written.

    Raises:
        ValueError: there is no frame, or one is damaged.
    """
    import av

    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    rate = Fraction(rate).limit_denominator(LARGEST_DENOMINATOR)
    number, output = 0, None
    with av.open(str(path), 'w') as writer:
        for frame in frames:
            if frame.is_corrupt:
                raise ValueError(f'frame {number} is damaged')
            turned = upright(frame)
            if output is None:
                output = writer.add_stream('libx264', rate=rate, options=encoding.options)
                output.width, output.height = encoding.size(turned.width, turned.height)
                output.pix_fmt = 'yuv420p'
                # Without it a reader would take other coefficients from YUV to RGB.
                output.codec_context.colorspace = frame.colorspace
                output.codec_context.color_range = av.video.reformatter.ColorRange.MPEG
            small = resized(turned, output.width, output.height, frame.colorspace)
            small.pts, small.time_base = number, 1 / rate
            # x264 would make it what it was in the source, and the key frames with it.
            small.pict_type = av.video.frame.PictureType.NONE
            writer.mux(output.encode(small))
            number += 1
        if output is None:
            raise ValueError('no frame can be decoded')
        writer.mux(output.encode())
    return number


def resized(
    frame: 'av.VideoFrame', width: int, height: int, colorspace: int | None = None
) -> 'av.VideoFrame':
    """The frame as the encoder takes it: yuv420p of limited range and this size.

    Args:
        colorspace: coefficients from RGB to YUV, by default the frame's own.
    """
    return frame.reformat(
        width,
        height,
        'yuv420p',
        dst_colorspace=frame.colorspace if colorspace is None else colorspace,
        interpolation='BICUBIC',
        dst_color_range='MPEG',
    )


def make_video(source: str, target: str, write: Callable[[Path], int]) -> Outcome:
    """Has a video written beside `target` and read again; it goes there if it is whole.

    Args:
        source: the original, for messages.
        target: mp4 to write; its folder is made.
        write: writes a file and returns its number of frames.
    """
    folder, name = Path(target).parent, Path(target).name
    # A killed run leaves its part, or a worker that still writes it.
    for old in folder.glob(f'part-*-{glob.escape(name)}'):
        old.unlink(missing_ok=True)
    try:
        with replacing(target) as part:
            frames = write(part)
            outcome = scan_video(str(part))
            if outcome.error or outcome.frames != frames:
                problem = outcome.error or f'{outcome.frames} of {frames} frames were written'
                raise ValueError(f'the clip made of it: {problem}')
        return outcome
    # As in `scan_video`: the report names the clip and the reason.
    except Exception as error:
        return Outcome(error=f'{type(error).__name__}: {plain_error(error, source)}')


def upright(frame: 'av.VideoFrame') -> 'av.VideoFrame':
    """The frame, turned as the video states.

    Raises:
        ValueError: by no right angle.
    """
    import av
    import numpy as np

    if frame.rotation % 360 == 0:
        return frame
    if frame.rotation % 90:
        raise ValueError(f'it is turned by {frame.rotation} degrees, which is no right angle')
    array = np.rot90(frame.to_ndarray(format='rgb24'), frame.rotation // 90)
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(array), format='rgb24')
