"""Backgrounds and cut-outs: photographs, collages of them, and drawn textures."""

from functools import lru_cache

import cv2
import numpy as np

from mmgsf.datasets.photographs import PHOTOGRAPHS, read_photograph

SIDE = 320  # pixels of a drawn background
CUT_OUT = 96  # pixels of a cut-out
LEVELS = 5

# Beside CameraMotion's own, for training only; also inside scikit-image's wheel.
MORE_PHOTOGRAPHS: dict[str, str] = {
    'cell': 'CC0, Paul Mueller et al.',
    'clock': 'public domain, Stefan van der Walt',
    'microaneurysms': 'CC0, Andreas Maier',
    'text': 'public domain, Wikipedia',
}


def photographs(split: str) -> tuple[str, ...]:
    """Names of the photographs that a split's footage is made of."""
    return PHOTOGRAPHS[split] + (tuple(MORE_PHOTOGRAPHS) if split == 'train' else ())


@lru_cache(maxsize=32)
def photograph_pyramid(name: str) -> tuple[np.ndarray, ...]:
    """The photograph and its halves, RGB uint8; the short side of the first is 400 at least."""
    image = read_photograph(name)
    ratio = 400 / min(image.shape[:2])
    if ratio > 1:
        image = cv2.resize(image, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_CUBIC)
    return pyramid(image)


def pyramid(image: np.ndarray) -> tuple[np.ndarray, ...]:
    """The image and its halves, the coarser ones smoothed."""
    images = [np.ascontiguousarray(image)]
    while len(images) < LEVELS and min(images[-1].shape[:2]) >= 16:
        images.append(cv2.pyrDown(images[-1]))
    return tuple(images)


def draw_background(split: str, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """A background's pyramid; validation has photographs and collages only."""
    names = photographs(split)
    kind = rng.random() * (0.7 if split == 'val' else 1.0)
    if kind < 0.4:
        return photograph_pyramid(names[rng.integers(len(names))])
    if kind < 0.7:
        return pyramid(_collage(split, rng))
    if kind < 0.9:
        return pyramid(_leaves(rng))
    return pyramid(_clouds(rng))


def draw_cut_out(split: str, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """A subject's pyramid, RGBA uint8 with colours times opacity, its radius half of the side."""
    patch = _patch(split, rng, CUT_OUT)
    if rng.random() < 0.4:  # clothes, skin, walls: little texture under uneven light
        light = cv2.resize(rng.uniform(0.6, 1.2, (3, 3)).astype(np.float32), (CUT_OUT, CUT_OUT))
        flat = rng.uniform(20, 235, 3) * light[..., None]
        patch = np.clip(rng.uniform(0.6, 1.0) * (flat - patch) + patch, 0, 255).astype(np.uint8)
    mask = np.zeros((CUT_OUT, CUT_OUT), np.uint8)
    outline = _outline(rng) * 0.47 * CUT_OUT + CUT_OUT / 2
    cv2.fillPoly(mask, [outline.round().astype(np.int32)], 255, cv2.LINE_AA)
    opacity = mask[..., None].astype(np.float32) / 255
    return pyramid(np.dstack((patch * opacity, mask)).round().astype(np.uint8))


def _outline(rng: np.random.Generator) -> np.ndarray:
    """Points (P, 2) of a shape within the unit circle: a box, or a blob, round or long."""
    turn = rng.uniform(0, 2 * np.pi)
    width = rng.uniform(0.3, 1.0)
    if rng.random() < 0.3:
        points = np.array([(-1, -width), (1, -width), (1, width), (-1, width)]) / np.hypot(1, width)
    else:
        angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        radius = np.ones(40)
        for wave in range(2, 6):
            radius += rng.uniform(0, 0.5) / wave * np.cos(wave * angles + rng.uniform(0, 2 * np.pi))
        points = np.stack((np.cos(angles), width * np.sin(angles)), axis=1) * radius[:, None]
        points /= np.linalg.norm(points, axis=1).max()
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return points @ rotation.T


def _patch(split: str, rng: np.random.Generator, side: int) -> np.ndarray:
    """A square piece of a photograph, turned and mirrored at random, RGB (side, side, 3)."""
    names = photographs(split)
    images = photograph_pyramid(names[rng.integers(len(names))])
    image = images[rng.integers(3) if side < 200 else rng.integers(2)]
    height, width = image.shape[:2]
    span = min(rng.uniform(0.2, 0.9) * min(height, width), 2 * side)
    y, x = (int(rng.uniform(0, limit - span)) for limit in (height, width))
    piece = cv2.resize(image[y : y + int(span), x : x + int(span)], (side, side))
    piece = np.rot90(piece, rng.integers(4))
    return np.ascontiguousarray(piece[:, :: rng.choice((-1, 1))])


def _collage(split: str, rng: np.random.Generator) -> np.ndarray:
    """Pieces of photographs beside and over each other, like things in a room."""
    canvas = _patch(split, rng, SIDE)
    for _ in range(rng.integers(1, 9)):
        radius = SIDE * np.exp(rng.uniform(np.log(0.06), np.log(0.5)))
        centre = rng.uniform(0, SIDE, 2)
        mask = np.zeros((SIDE, SIDE), np.uint8)
        cv2.fillPoly(mask, [(_outline(rng) * radius + centre).round().astype(np.int32)], 1)
        piece = _patch(split, rng, SIDE) if rng.random() < 0.6 else None
        cv2.copyTo(_plain(rng) if piece is None else piece, mask, canvas)
    return canvas


def _plain(rng: np.random.Generator) -> np.ndarray:
    """One colour under uneven light."""
    corners = rng.uniform(20, 235, 3) * rng.uniform(0.7, 1.3, (2, 2, 1))
    corners = np.clip(corners, 0, 255).astype(np.uint8)
    return cv2.resize(corners, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)


def _leaves(rng: np.random.Generator) -> np.ndarray:
    """Shapes of all sizes that hide each other, as in pictures of the world, and a little grain."""
    canvas = _plain(rng)
    palette = rng.uniform(0, 255, (6, 3))
    smallest = np.exp(rng.uniform(np.log(0.01), np.log(0.08)))
    straight = rng.random() < 0.4
    for _ in range(int(np.exp(rng.uniform(np.log(15), np.log(250))))):
        radius = SIDE * (smallest**-1.5 - rng.random() * (smallest**-1.5 - 0.4**-1.5)) ** (-2 / 3)
        centre = rng.uniform(0, SIDE, 2)
        colour = np.clip(palette[rng.integers(6)] + rng.normal(0, 15, 3), 0, 255).tolist()
        sides = radius * np.array([rng.uniform(0.2, 1.0), 1.0])[:: rng.choice((-1, 1))]
        if straight:
            low, high = (centre - sides).astype(int), (centre + sides).astype(int)
            cv2.rectangle(canvas, low.tolist(), high.tolist(), colour, -1, cv2.LINE_AA)
        else:
            box = (centre.tolist(), (2 * sides).tolist(), float(rng.uniform(0, 180)))
            cv2.ellipse(canvas, box, colour, -1, cv2.LINE_AA)
    grain = rng.normal(0, rng.uniform(0, 12), (SIDE, SIDE, 1)).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 2.0))
    return np.clip(canvas + grain[..., None], 0, 255).astype(np.uint8)


def _clouds(rng: np.random.Generator) -> np.ndarray:
    """Noise whose spectrum falls as a power of the frequency, in two colours."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    frequency[0, 0] = 1.0
    spectrum = np.fft.rfft2(rng.standard_normal((SIDE, SIDE))) * frequency ** -rng.uniform(0.7, 1.6)
    spectrum[0, 0] = 0.0
    noise = np.fft.irfft2(spectrum, (SIDE, SIDE))
    share = 1 / (1 + np.exp(-noise / noise.std() * rng.uniform(0.7, 3.0)))[..., None]
    first, second = rng.uniform(0, 255, (2, 3))
    return (share * first + (1 - share) * second).astype(np.uint8)
