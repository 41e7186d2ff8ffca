"""Renders a clip of footage: shutter, lens, sensor and codec included."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from .clip import FootageClip
from .codec import compress, draw_codec
from .layers import Layer, draw_background_layer, draw_subjects
from .motion import Camera, draw_camera

# Width by height; the short side is 1 to 1.75 times the size asked for.
ASPECTS = ((1, 1), (4, 3), (3, 2), (16, 9), (2, 1), (3, 4), (9, 16))
ASPECT_SHARES = (0.15, 0.25, 0.1, 0.25, 0.05, 0.1, 0.1)
EXPOSURES = 3  # of a frame whose motion blurs
CLEAN = 0.3  # share of clips without subjects, blur, noise and codec


@dataclass(frozen=True)
class Shot:
    """All that a clip's seed decides; nothing in it depends on the class."""

    height: int
    width: int
    camera: Camera
    times: np.ndarray  # (T * exposures,), ascending within (-1, 1)
    exposures: int
    is_clean: bool
    background: Layer
    subjects: list[Layer]


def render_footage(clip: FootageClip, size: int, num_frames: int) -> np.ndarray:
    """The clip's frames, RGB, (num_frames, H, W, 3) uint8, H and W even and `size` at least.

    Args:
        clip: what to render.
        size: pixels of the short side, at least; at most 1.75 times as many.
        num_frames: frames of the clip, from 2 up.
    """
    rng = np.random.default_rng(clip.seed)
    shot = _draw_shot(clip.split, rng, size, num_frames)
    if clip.standing:
        shot = replace(shot, camera=replace(shot.camera, displacement=0.0))
    axis, sign = clip.motion
    frames = _expose(shot, axis, -sign if clip.backwards else sign)
    frames = frames.astype(np.uint8) if shot.is_clean else _develop(frames, rng)
    codec, quality = draw_codec(rng)
    is_raw = shot.is_clean or rng.random() < 0.2
    frames = np.ascontiguousarray(frames[::-1] if clip.backwards else frames)
    return frames if is_raw else compress(frames, codec, quality)


def _draw_shot(split: str, rng: np.random.Generator, size: int, num_frames: int) -> Shot:
    short = size * rng.uniform(1.0, 1.75)
    width, height = ASPECTS[rng.choice(len(ASPECTS), p=ASPECT_SHARES)]
    width, height = (2 * round(short * side / min(width, height) / 2) for side in (width, height))
    camera = draw_camera(rng)
    is_clean = rng.random() < CLEAN
    steps = np.arange(num_frames) + 0.5 + rng.uniform(-0.3, 0.3, num_frames) * (rng.random() < 0.5)
    blurs = camera.displacement > 0.15 and rng.random() < 0.35 and not is_clean
    exposures = EXPOSURES if blurs else 1
    shutter = rng.uniform(0.2, 0.7)
    open_ = shutter * ((np.arange(exposures) + 0.5) / exposures - 0.5)
    times = 2 * (steps[:, None] + open_).flatten() / num_frames - 1
    if rng.random() < 0.08:  # a frame that was lost, and the one before it shown again
        lost = int(rng.integers(1, num_frames)) * exposures
        times[lost : lost + exposures] = times[lost - exposures : lost]
    background = draw_background_layer(split, rng)
    subjects = [] if is_clean else draw_subjects(split, rng, times, width / height)
    return Shot(height, width, camera, times, exposures, is_clean, background, subjects)


def _expose(shot: Shot, axis: int, sign: int) -> np.ndarray:
    """What falls on the sensor, float32 (T, H, W, 3)."""
    base, path = shot.camera.base(axis), shot.camera.path(axis, sign, shot.times)
    frames = shot.background.frames(shot.background.matrices(base, path), shot.height, shot.width)
    for subject in shot.subjects:
        subject.put_on(frames, subject.matrices(base, path))
    if shot.exposures == 1:
        return frames.astype(np.float32)
    frames = frames.reshape(-1, shot.exposures, *frames.shape[1:])
    return frames.mean(axis=1, dtype=np.float32)


def _develop(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lens, light, sensor and bars; uint8. What changes from frame to frame has no direction."""
    number, height, width = frames.shape[:3]
    if rng.random() < 0.15:
        frames = np.repeat(frames.mean(axis=-1, keepdims=True), 3, axis=-1)
    if rng.random() < 0.35:
        sigma = rng.uniform(0.3, 2.2) * min(height, width) / 96
        frames = np.stack([cv2.GaussianBlur(frame, (0, 0), sigma) for frame in frames])
    contrast = np.exp(rng.normal(0, 0.35)) * np.exp(rng.normal(0, 0.1, 3))
    brightness = rng.normal(0, 20) + rng.normal(0, 8, 3)
    times = np.linspace(-1, 1, number)
    flicker = rng.normal(0, 0.06) * np.sin(rng.uniform(0.5, 9) * times + rng.uniform(0, 2 * np.pi))
    flicker = (1 + flicker * (rng.random() < 0.4)) * contrast.reshape(3, 1)
    mean = frames.mean()
    gain = flicker.T[:, None, None].astype(np.float32)
    frames = (frames - mean) * gain + np.float32(mean * gain / contrast) + np.float32(brightness)
    frames += _noise(rng, frames.shape)
    frames = np.clip(frames, 0, 255).astype(np.uint8)
    if rng.random() < 0.1:
        bar = int(rng.uniform(0.03, 0.14) * height)
        side = int(rng.uniform(0.03, 0.14) * width)
        rows, columns = ((bar, 0), (0, side))[rng.integers(2)]
        shown = frames[:, rows : height - rows, columns : width - columns].copy()
        frames = np.zeros_like(frames)
        frames[:, rows : height - rows, columns : width - columns] = shown
    return frames


def _noise(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Grain of the sensor, one tile in other places in each frame; some of it stays in place."""
    number, height, width, channels = shape
    margin = 24
    tile = rng.standard_normal((height + margin, width + margin, channels), dtype=np.float32)
    if rng.random() < 0.5:
        tile = cv2.GaussianBlur(tile, (0, 0), 0.8) * 2.5
    sigma = np.float32(np.exp(rng.uniform(np.log(0.5), np.log(10))))
    places = rng.integers(margin, size=(number, 2))
    noise = np.stack([tile[y : y + height, x : x + width] for y, x in places])
    if rng.random() < 0.2:
        noise += tile[None, :height, :width] * np.float32(rng.uniform(0.2, 0.7))
    return sigma * noise
