"""Known camera motions over real footage: a window glides while the footage plays."""

from dataclasses import dataclass

import cv2
import numpy as np

from mmgsf.datasets.camera_motion_video import UNREADABLE_WIDTHS
from mmgsf.datasets.motions import ANGLE, DOWN, MOTIONS, RIGHT, SCALE

from .motion import TO_COORDINATES, similarities

NUM_FRAMES = (16, 64)
DISPLACEMENT = (0.1, 0.8)  # mean, from the first to the last frame, in sides of the window
LONGEST = np.array([0.8, 0.8, 0.8, 1.4])  # of each coordinate
SIDE = (0.35, 0.6)  # of the footage's short side, at the middle of a glide
MIN_CONTRAST = 8.0  # grey levels, in each quarter of the window
TRIES = 20


@dataclass(frozen=True)
class Glide:
    """One judged clip.

    Attributes:
        frames: what the window shows, RGB (T, S, S, 3) uint8, S even.
        label: of its motion.
        displacement: mean, from one frame to the next, in sides of the window.
    """

    frames: np.ndarray
    label: int
    displacement: float


def glide(footage: np.ndarray, label: int, rng: np.random.Generator) -> Glide:
    """Moves a window over consecutive frames of a standing camera.

    A window that shows nothing in one of its quarters is drawn anew, up to 20 times.

    Args:
        footage: RGB (frames, H, W, 3) uint8, at least 16 frames.
        label: the motion.
        rng: draws the stretch of the footage, window and speed.

    Raises:
        ValueError: the footage is too short.
    """
    if len(footage) < NUM_FRAMES[0]:
        raise ValueError(f'{len(footage)} frames of footage; give {NUM_FRAMES[0]} or more')
    height, width = footage.shape[1:3]
    short = min(height, width)
    best, best_contrast = None, -1.0
    for _ in range(TRIES):
        number = int(rng.integers(NUM_FRAMES[0], min(NUM_FRAMES[1], len(footage)) + 1))
        start = int(rng.integers(len(footage) - number + 1))
        side = float(short * rng.uniform(*SIDE))
        displacement = float(np.exp(rng.uniform(*np.log(DISPLACEMENT))))
        place = rng.uniform(-1, 1, 2)
        path = _path(label, number, displacement)
        reach = side * _extent(path)
        centre = np.array([width - 1, height - 1]) / 2
        centre = centre + place * np.maximum(np.array([width, height]) / 2 - reach, 0)
        matrices = _matrices(path, centre, side)
        contrast = min(_contrast(_window(footage[start + i], matrices[i], 32)) for i in (0, -1))
        if contrast > best_contrast:
            best, best_contrast = (start, number, side, matrices, displacement), contrast
        if contrast >= MIN_CONTRAST:
            break
    start, number, side, matrices, displacement = best
    pixels = 2 * round(side / 2)
    pixels += 2 * (pixels in UNREADABLE_WIDTHS)
    frames = [
        _window(frame, matrix, pixels)
        for frame, matrix in zip(footage[start : start + number], matrices, strict=True)
    ]
    moved = min(displacement, (LONGEST / TO_COORDINATES)[MOTIONS[label][0]])
    return Glide(np.stack(frames), label, moved / (number - 1))


def _path(label: int, number: int, displacement: float) -> np.ndarray:
    axis, sign = MOTIONS[label]
    path = np.zeros((number, 4))
    reach = min(displacement * TO_COORDINATES[axis], LONGEST[axis])
    path[:, axis] = sign * reach * np.linspace(-0.5, 0.5, number)
    return path


def _extent(path: np.ndarray) -> np.ndarray:
    """How far the window reaches from the middle of the glide, right and down, in its sides."""
    largest = np.exp(np.abs(path[:, SCALE]).max()) * 0.5
    turned = np.minimum(np.abs(path[:, ANGLE]).max(), np.pi / 4)
    corner = largest * (np.cos(turned) + np.sin(turned))
    return corner + np.abs(path[:, [RIGHT, DOWN]]).max(axis=0)


def _matrices(path: np.ndarray, centre: np.ndarray, side: float) -> np.ndarray:
    """From points of the window, in its sides, to pixels of the footage, (T, 3, 3)."""
    place = np.diag([side, side, 1.0])
    place[:2, 2] = centre
    return place @ similarities(path)


def _window(frame: np.ndarray, matrix: np.ndarray, pixels: int) -> np.ndarray:
    normalise = np.diag([1 / pixels, 1 / pixels, 1.0])
    normalise[:2, 2] = (1 - pixels) / 2 / pixels
    return cv2.warpAffine(
        frame,
        (matrix @ normalise)[:2],
        (pixels, pixels),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _contrast(window: np.ndarray) -> float:
    grey = window.mean(axis=2)
    half = len(grey) // 2
    quarters = (grey[:half, :half], grey[:half, half:], grey[half:, :half], grey[half:, half:])
    return min(float(quarter.std()) for quarter in quarters)
