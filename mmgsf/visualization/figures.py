"""What the pictures share: colours, frames in a row, and files that are whole or not there.

The colour maps get lighter from their low to their high end, so that a grey copy, or an eye without
colour vision, reads the same; where a value has a sign, the middle is a neutral grey.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from mmgsf.files import replacing

# From dark blue over grey, its middle, to light yellow.
SIGNED = SHARES = 'cividis'
DARK, LIGHT = '#1f5a91', '#e6a817'
HALVES = ('half 1\nmoves to the\nframe before', 'half 2\nmoves to the\nframe after')
PICTURES = ('.png', '.pdf', '.svg', '.jpg', '.jpeg', '.webp')
DPI = 100
COMMENT = 'Comment'
LETTER = 0.065  # width of a small one, in inches
GREY_WEIGHTS = (0.299, 0.587, 0.114)


def save_figure(figure: Figure, path: str | Path, comment: str | None = None) -> None:
    """Writes a figure, whole or not at all.

    Args:
        figure: to write.
        path: picture.
        comment: kept in a PNG; other kinds of pictures go without.

    Raises:
        ValueError: the name ends in no known kind of picture.
    """
    path = Path(path)
    if path.suffix.lower() not in PICTURES:
        raise ValueError(f'{path}: a picture ends in one of {", ".join(PICTURES)}')
    with replacing(path) as beside:
        # Without the time or a version, so that equal pictures are equal files.
        metadata = {'Software': None} | ({COMMENT: comment} if comment else {})
        is_png = path.suffix.lower() == '.png'
        figure.savefig(beside, dpi=DPI, metadata=metadata if is_png else None)


def comment_of(path: str | Path) -> str | None:
    """What `save_figure` kept in a PNG, None where there is nothing."""
    with Image.open(path) as picture:
        return picture.info.get(COMMENT)


def write_table(rows: Sequence[dict], path: str | Path) -> None:
    """Writes rows with the keys of the first one as CSV, whole or not at all.

    Raises:
        ValueError: there is no row.
    """
    if not rows:
        raise ValueError(f'{path}: there are no numbers to write')
    with replacing(path) as beside, beside.open('w', newline='', encoding='utf-8') as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator='\n')
        writer.writeheader()
        writer.writerows(rows)


def show_frames(row: Sequence[Axes], frames: Sequence[np.ndarray]) -> None:
    """Draws T images into T axes, numbered from 1."""
    for number, (axes, frame) in enumerate(zip(row, frames, strict=True), start=1):
        axes.imshow(frame)
        axes.set_title(f'frame {number}', fontsize=8)


def in_line(text: str) -> str:
    """A label of `HALVES` in one line."""
    return text.replace('\n', ': ', 1).replace('\n', ' ')


def bare(grid: Sequence[Axes]) -> None:
    """Takes the ticks off."""
    for axes in grid:
        axes.set(xticks=[], yticks=[])


def grey_middle(frame: np.ndarray) -> np.ndarray:
    """A frame (H, W, 3) uint8 in middle greys, (H, W, 3) in [0, 1], for colours to lie on."""
    grey = frame.astype(np.float32) @ np.float32(GREY_WEIGHTS) / 255
    return np.repeat((0.3 + 0.4 * grey)[..., None], 3, axis=2)


def require_frames(frames: Sequence[np.ndarray], count: int) -> None:
    """Refuses another number of frames than the network saw.

    Raises:
        ValueError: it is another.
    """
    if len(frames) != count:
        raise ValueError(f'{len(frames)} frames for a clip of {count}; give those of one clip')
