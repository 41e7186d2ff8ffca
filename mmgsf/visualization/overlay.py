"""A video with its classes drawn on it, frame by frame, without moviepy."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import av
    from PIL.ImageFont import FreeTypeFont

    from mmgsf.apis.result import Recognition

SUFFIXES = ('.mp4', '.mkv', '.mov')
# Text needs pixels: smaller videos are written larger.
SHORT_SIDE = 240
OPACITY = 0.65
# Yellow on dark, as cividis ends: readable without colour vision, and the numbers stand beside.
BAR, TEXT = (253, 231, 85), (255, 255, 255)


class ClassBox:
    """Class names with their probabilities as a box at the top left of frames.

    Drawn once, then blended with every frame.

    Args:
        rows: name and probability, from 0 to 1, one row each; those that fit are drawn.
        height: of the frames, in pixels.
        width: of the frames, in pixels.
    """

    def __init__(self, rows: Sequence[tuple[str, float]], height: int, width: int) -> None:
        from PIL import Image, ImageDraw

        size = max(11, min(height, width) // 24)
        font, margin, line = _font(size), size // 2, round(1.7 * size)
        # The upper half at most is covered.
        rows = rows[: max(1, (height // 2 - margin) // line)]
        percents = [f'{probability:.0%}' for _, probability in rows]
        of_percent = round(font.getlength('100%')) + size
        room = max(size, width - 4 * margin - of_percent)
        names = [shortened(name, font, room) for name, _ in rows]
        of_name = max(round(font.getlength(name)) for name in names)
        box = (
            min(width, 2 * margin + of_name + of_percent),
            min(height, margin + line * len(rows)),
        )
        image = Image.new('RGBA', box, (0, 0, 0, round(255 * OPACITY)))
        draw = ImageDraw.Draw(image)
        for number, (name, percent, (_, probability)) in enumerate(
            zip(names, percents, rows, strict=True)
        ):
            top, right = margin // 2 + number * line, box[0] - margin
            draw.text((margin, top), name, TEXT, font)
            draw.text((right - font.getlength(percent), top), percent, TEXT, font)
            below, long = top + round(1.3 * size), round((right - margin) * probability)
            if long > 0:
                draw.rectangle((margin, below, margin + long, below + max(1, size // 8)), BAR)
        array = np.asarray(image).astype(np.float32)
        self.alpha = array[..., 3:] / 255
        self.colour = array[..., :3] * self.alpha

    def draw(self, frame: np.ndarray) -> np.ndarray:
        """A copy of a frame (H, W, 3), uint8 RGB, with the box on it."""
        height, width = self.alpha.shape[:2]
        drawn = frame.copy()
        below = frame[:height, :width] * (1 - self.alpha)
        drawn[:height, :width] = np.rint(below + self.colour).astype(np.uint8)
        return drawn


def shortened(text: str, font: 'FreeTypeFont', room: float) -> str:
    """The text, cut and ended by three dots where it is longer than `room` pixels."""
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(f'{text}…') > room:
        text = text[:-1]
    return f'{text.rstrip()}…'


def save_overlay(result: 'Recognition', path: str | Path, source: str | Path | None = None) -> int:
    """Writes a video with the classes of `result.top` drawn on it, as H.264 without sound.

    One frame after another, so that a long video needs no more memory than a short one.

    Args:
        result: of `recognize`.
        path: file to write.
        source: the video; None takes that of the result.

    Returns:
        Number of frames written.

    Raises:
        ImportError: PyAV is missing.
        ValueError: the video cannot be decoded, or the path is unfit.
        FileNotFoundError: there is no such video.
    """
    require_av()
    import av

    from mmgsf.datasets.preparation.encoder import Encoding, encode
    from mmgsf.files import replacing

    source = result.source if source is None else source
    if not Path(source).is_file():
        raise FileNotFoundError(f'{source} is no file; frames have no video to draw on')
    check_target(source, path)
    rows = [(one.name, one.probability) for one in result.top]
    # Larger than any frame, so that the size stays.
    encoding = Encoding(short_side=4096, gop=24, crf=20)
    with replacing(path) as beside:
        try:
            with av.open(str(source)) as container:
                if not container.streams.video:
                    raise ValueError('no video stream')
                stream = container.streams.video[0]
                stream.thread_type = 'AUTO'
                return encode(_drawn(container.decode(stream), rows), stream, beside, encoding)
        except (av.error.FFmpegError, ValueError) as error:
            raise ValueError(f'{source} cannot be drawn on: {error}; check the file') from error


def _drawn(
    frames: Iterable['av.VideoFrame'], rows: Sequence[tuple[str, float]]
) -> Iterator['av.VideoFrame']:
    import av

    from mmgsf.datasets.preparation.encoder import upright

    box = None
    for number, frame in enumerate(frames):
        if frame.is_corrupt:
            raise ValueError(f'frame {number} is damaged')
        turned = upright(frame)
        if box is None:
            scale = max(1, -(-SHORT_SIDE // min(turned.width, turned.height)))
            width, height = scale * turned.width, scale * turned.height
            box = ClassBox(rows, height, width)
        array = turned.to_ndarray(format='rgb24', width=width, height=height)
        yield av.VideoFrame.from_ndarray(box.draw(array), format='rgb24')


def check_target(source: str | Path, path: str | Path) -> None:
    """Refuses a file that cannot be written, before any work is done.

    Raises:
        ValueError: another suffix, or the video itself.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f'{path}: the video is written as H.264; name it with one of {SUFFIXES}')
    if path.exists() and Path(source).exists() and path.samefile(source):
        raise ValueError(f'{path} is the video itself; give another file')


def require_av() -> None:
    """Raises ImportError, with what to do, if PyAV is missing."""
    from importlib.util import find_spec

    if find_spec('av') is None:
        raise ImportError('videos are written with PyAV: pip install "mmgsf[video]"')


def _font(size: int) -> 'FreeTypeFont':
    import matplotlib
    from PIL import ImageFont

    # Pillow's own font has few letters before Pillow 10, and no Greek or Cyrillic after.
    return ImageFont.truetype(f'{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf', size)
