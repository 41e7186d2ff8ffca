"""The planes that a frame shows: a background, and subjects before it."""

from dataclasses import dataclass

import cv2
import numpy as np

from .motion import draw_own_path, similarities
from .textures import draw_background, draw_cut_out

MOST_SUBJECTS = 4
COVER = 0.45  # of the frame, that subjects hide at most
MIN_CONTRAST = 4.0  # grey levels, of the background in the frame
TRIES = 6


@dataclass(frozen=True)
class Layer:
    """A texture, and where the plane that the camera moves over lies on it.

    Its path in the world is `own`; the camera moves it by `follow` times what a standing background
    moves by: 1 stands in the world, 0 in the frame, above 1 is nearer.
    """

    images: tuple[np.ndarray, ...]
    placement: np.ndarray  # (3, 3), from the plane to the texture's pixels
    follow: float = 1.0
    own: np.ndarray | None = None  # (K, 4)

    def matrices(self, base: np.ndarray, path: np.ndarray) -> np.ndarray:
        """From the frame's points to the texture's pixels, (K, 3, 3)."""
        camera = similarities(self.follow * path)
        if self.follow:
            camera = similarities(base[None]) @ camera
        if self.own is not None:
            camera = np.linalg.inv(similarities(self.own)) @ camera
        return self.placement @ camera

    def frames(self, matrices: np.ndarray, height: int, width: int) -> np.ndarray:
        """A background as the camera sees it, uint8 (K, height, width, 3); mirrored at its borders."""
        image, matrices = self._sampled(matrices, height, width)
        frames = np.empty((len(matrices), height, width, 3), np.uint8)
        for frame, matrix in zip(frames, matrices, strict=True):
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            border = cv2.BORDER_REFLECT_101
            cv2.warpAffine(image, matrix[:2], (width, height), frame, flags, border)
        return frames

    def put_on(self, frames: np.ndarray, matrices: np.ndarray) -> None:
        """Lays a subject over frames, uint8 (K, height, width, 3), where it shows."""
        height, width = frames.shape[1:3]
        image, matrices = self._sampled(matrices, height, width)
        middle = (np.array(image.shape[1::-1]) - 1) / 2
        inverses = np.linalg.inv(matrices)
        for frame, matrix, inverse in zip(frames, matrices, inverses, strict=True):
            centre = inverse[:2, :2] @ middle + inverse[:2, 2]
            reach = np.sqrt(np.abs(np.linalg.det(inverse[:2, :2]))) * (middle.max() + 1)
            low = np.clip(np.floor(centre - reach), 0, (width, height)).astype(int)
            high = np.clip(np.ceil(centre + reach) + 1, 0, (width, height)).astype(int)
            if (high <= low).any():
                continue
            shift = np.array([[1, 0, low[0]], [0, 1, low[1]], [0, 0, 1]])
            seen = cv2.warpAffine(
                image,
                (matrix @ shift)[:2],
                (high - low).tolist(),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            )
            part = frame[low[1] : high[1], low[0] : high[0]]
            through = part * (1 - seen[..., 3:].astype(np.float32) / 255)
            part[:] = np.minimum(through + seen[..., :3], 255)

    def _sampled(self, matrices: np.ndarray, height: int, width: int):
        """The image whose pixels are about a frame's, and the ways from frame pixels to its own."""
        short = min(height, width)
        normalise = np.array(
            [[1, 0, (1 - width) / 2], [0, 1, (1 - height) / 2], [0, 0, short]], float
        )
        matrices = matrices @ (normalise / short)
        step = np.sqrt(np.abs(np.linalg.det(matrices[:, :2, :2])))
        level = int(np.clip(np.log2(max(float(np.median(step)), 1.0)), 0, len(self.images) - 1))
        shrink = np.diag([0.5**level, 0.5**level, 1.0])
        shrink[:2, 2] = 0.5 * (0.5**level - 1)
        return self.images[level], shrink @ matrices


def draw_background_layer(split: str, rng: np.random.Generator) -> Layer:
    """A background whose frame shows something, if a few tries find such a place."""
    best, best_contrast = None, -1.0
    images = draw_background(split, rng)
    height, width = images[0].shape[:2]
    for _ in range(TRIES):
        side = np.exp(rng.uniform(np.log(0.2), np.log(0.9))) * min(height, width)
        turn = rng.normal(0, 0.15) + np.pi / 2 * rng.integers(4)
        placement = similarities([(0, 0, np.log(side), turn)])[0]
        placement[:, 0] *= rng.choice((-1, 1))
        placement[:2, 2] = rng.uniform(0.2, 0.8, 2) * (width, height)
        layer = Layer(images, placement)
        small = layer.frames(placement[None], 24, 24)[0]
        contrast = float(small.mean(axis=2).std())
        if contrast > best_contrast:
            best, best_contrast = layer, contrast
        if contrast >= MIN_CONTRAST:
            break
    return best


def draw_subjects(split: str, rng: np.random.Generator, times: np.ndarray, aspect: float) -> list:
    """Subjects, the farthest first. They hide at most COVER of a frame of that aspect ratio."""
    number = rng.integers(MOST_SUBJECTS + 1)
    room = COVER * max(aspect, 1 / aspect)
    layers = []
    for _ in range(number):
        radius = np.exp(rng.uniform(np.log(0.06), np.log(0.42)))
        if np.pi * radius**2 > room:
            continue
        room -= np.pi * radius**2
        layers.append(_subject(split, rng, times, aspect, radius))
    return layers


def _subject(split: str, rng: np.random.Generator, times: np.ndarray, aspect: float, radius: float):
    images = draw_cut_out(split, rng)
    side = images[0].shape[0]
    half = np.array([max(aspect, 1.0), max(1 / aspect, 1.0)]) / 2
    centre = rng.uniform(-1, 1, 2) * half * (0.9 if radius < 0.2 else 0.4)
    own = draw_own_path(rng, times, limit=0.8)
    kind = rng.random()
    if kind < 0.25:  # the camera keeps it where it is
        follow, own = 0.0, own * rng.uniform(0, 0.3)
    elif kind < 0.5:  # it stands, nearer than the background
        follow, own = rng.uniform(1.0, 1.6), own * 0.0
    else:
        follow = rng.uniform(0.0, 1.3)
    own = _around(own, centre)
    placement = np.diag([side / 2 / radius, side / 2 / radius, 1.0])
    placement[:2, 2] = (side - 1) / 2
    return Layer(images, placement, float(follow), own)


def _around(own: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """The same path, of a subject that starts from `centre`."""
    return own + np.array([*centre, 0.0, 0.0])
