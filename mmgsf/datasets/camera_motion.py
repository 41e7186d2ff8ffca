"""CameraMotion: eight camera motions that no single frame tells apart.

A window glides over a photograph. It has four coordinates, right, down, scale and angle, and a
class is one of them running forwards or backwards. The other three stand still at a random phase of
the same run, so a frame's window has one distribution in all classes, and a clip played backwards
is a clip of the opposite class. Order-free models learn the axis at best.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from os import PathLike

import cv2
import numpy as np

from .camera_motion_video import UNREADABLE_WIDTHS, write_camera_motion
from .footage import FootageClip, render_footage
from .motions import ANGLE, CLASSES, DOWN, MOTIONS, RIGHT, SCALE
from .photographs import PHOTOGRAPHS, SPLITS, read_photograph

# Clips of training and validation, where nothing else is asked for.
SETTINGS = {'photograph': (1120, 240), 'footage': (1120, 240), 'mixed': (2240, 960)}

# From the middle of a glide to its end: widths and heights of the window, log scale, radians.
REACH = (0.30, 0.30, 0.30, 0.45)
PACE = (0.7, 1.0)  # a clip's share of REACH
SCALES = (0.20, 0.32)  # window side in short sides of the photograph, before REACH
TILT = 0.5  # radians to either side
# The photograph's short side in frame sides: a window has one to two of its pixels for a frame's.
PHOTOGRAPH_SIZE = 5
MIN_CONTRAST = 8.0  # grey levels (standard deviation), wanted in each quarter of the window
TRIES = 20


@dataclass(frozen=True)
class Clip:
    """One clip: a base window, and where each coordinate stands or runs around it.

    Lengths are in short sides of the photograph, angles in radians clockwise.
    """

    photograph: str
    label: int
    x: float
    y: float
    scale: float
    angle: float
    pace: float
    phases: tuple[float, float, float, float]  # in (-1, 1); the moving coordinate's is not used

    def reversed(self) -> 'Clip':
        """The same frames in reversed order, which is a clip of the opposite class."""
        axis, sign = MOTIONS[self.label]
        return replace(self, label=MOTIONS.index((axis, -sign)))

    def poses(self, num_frames: int) -> np.ndarray:
        """Windows as x and y of the centre, side, angle: (num_frames, 4)."""
        axis, sign = MOTIONS[self.label]
        phases = np.tile(self.phases, (num_frames, 1))
        phases[:, axis] = sign * _run(num_frames)
        right, down, zoom, roll = (self.pace * np.array(REACH) * phases).T
        # A pan follows the window as it is turned; a roll leaves the centre where it is.
        heading = self.angle + (0.0 if axis == ANGLE else roll)
        cos, sin = np.cos(heading), np.sin(heading)
        poses = (
            self.x + self.scale * (cos * right - sin * down),
            self.y + self.scale * (sin * right + cos * down),
            self.scale * np.exp(zoom),
            self.angle + roll,
        )
        return np.stack(poses, axis=1)


def _run(num_frames: int) -> np.ndarray:
    """Phases of a run forwards, (num_frames,), symmetric in (-1, 1)."""
    return (2 * np.arange(num_frames) + 1 - num_frames) / num_frames


class CameraMotion:
    """The embedded benchmark: eight camera motions over photographs that scikit-image ships.

    Each scene (a window on a photograph) is filmed once per class. Training and validation
    photographs are disjoint, and the same arguments give the same clips and pixels.

    Args:
        seed: of the windows and their order.
        num_train: training clips, a multiple of 8 classes x 7 photographs; None for 1120.
        num_val: validation clips, a multiple of 8 classes x 3 photographs; None for 240. 'mixed' takes
            multiples of twice as many, and 2240 and 960 clips for None.
        size: side of the square frames in pixels, even.
        num_frames: frames of each clip, at 30 per second.
        setting: 'photograph', or the harder 'footage': glides of all speeds, with subjects that
            move on their own, shake, noise, blur and compression, in frames of several sizes (short
            sides of `size` to 1.75 x `size`); or 'mixed', the clips of both in turn.
    """

    CLASSES: tuple[str, ...] = CLASSES
    FPS = 30
    VERSION = 1  # of the clips that given arguments lead to

    def __init__(
        self,
        seed: int = 0,
        num_train: int | None = None,
        num_val: int | None = None,
        size: int = 64,
        num_frames: int = 16,
        setting: str = 'photograph',
    ) -> None:
        if setting not in SETTINGS:
            raise ValueError(
                f'setting={setting!r}: CameraMotion has {tuple(SETTINGS)}; take one of them'
            )
        self.num_clips = {}
        for split, asked, usual in zip(
            SPLITS, (num_train, num_val), SETTINGS[setting], strict=True
        ):
            self.num_clips[split] = number = usual if asked is None else asked
            unit = len(CLASSES) * len(PHOTOGRAPHS[split]) * (2 if setting == 'mixed' else 1)
            if number <= 0 or number % unit:
                raise ValueError(
                    f'num_{split}={number}: each of {len(CLASSES)} classes needs as many clips of '
                    f'each of {len(PHOTOGRAPHS[split])} photographs; take a multiple of {unit}'
                )
        if size < 16 or size % 2:
            raise ValueError(
                f'size={size}: H.264 wants an even side, and frames below 16 pixels show no motion; '
                'take an even size from 16'
            )
        if num_frames < 2:
            raise ValueError(f'num_frames={num_frames}: one frame has no motion; take 2 or more')
        self.seed = seed
        self.size = size
        self.num_frames = num_frames
        self.setting = setting

    def clips(self, split: str) -> Iterator[Clip | FootageClip]:
        """Clips of 'train' or 'val' in the order of their files; the classes come shuffled."""
        if split not in SPLITS:
            raise ValueError(f'split={split!r}: CameraMotion has {SPLITS}; take one of them')
        number = self.num_clips[split]
        if self.setting == 'footage':
            yield from self._footage(split, number)
        elif self.setting == 'photograph':
            yield from self._photograph(split, number)
        else:
            both = zip(
                self._photograph(split, number // 2), self._footage(split, number // 2), strict=True
            )
            yield from (clip for pair in both for clip in pair)

    def render(self, clip: Clip | FootageClip) -> np.ndarray:
        """The clip's frames, RGB, (num_frames, H, W, 3) uint8; H and W are `size` in photographs."""
        if isinstance(clip, FootageClip):
            frames = render_footage(clip, self.size, self.num_frames)
            rim = int(frames.shape[2] in UNREADABLE_WIDTHS)
            return frames[:, :, rim : frames.shape[2] - rim]
        photograph = load_photograph(clip.photograph, self.size)
        return np.stack(
            [_window(photograph, pose, self.size) for pose in clip.poses(self.num_frames)]
        )

    def describe(self) -> dict[str, int | list[str]]:
        """All that the clips follow from, as JSON takes it."""
        numbers = {f'num_{split}': number for split, number in self.num_clips.items()}
        setting = {} if self.setting == 'photograph' else {'setting': self.setting}
        return {
            'version': self.VERSION,
            **setting,
            'seed': self.seed,
            **numbers,
            'size': self.size,
            'num_frames': self.num_frames,
            'classes': list(self.CLASSES),
        }

    def write(self, root: str | PathLike, force: bool = False) -> None:
        """Writes videos and annotation lists below `root`; see `write_camera_motion`."""
        write_camera_motion(self, root, force=force)

    def _photograph(self, split: str, number: int) -> Iterator[Clip]:
        """Eight clips of each scene, one of each class."""
        photographs = PHOTOGRAPHS[split]
        for scene in range(number // len(CLASSES)):
            rng = np.random.default_rng((self.seed, SPLITS.index(split), scene))
            base = self._scene(photographs[scene % len(photographs)], rng)
            for label in rng.permutation(len(CLASSES)):
                phases = rng.uniform(-1, 1, size=4)
                yield replace(base, label=int(label), phases=tuple(phases.tolist()))

    def _footage(self, split: str, number: int) -> Iterator[FootageClip]:
        """Clips of scenes of their own, each class once in every eight."""
        place = SPLITS.index(split)
        for block in range(number // len(CLASSES)):
            rng = np.random.default_rng((self.seed, place, block))
            for number, label in enumerate(rng.permutation(len(CLASSES))):
                seed = (self.seed, place, block, number)
                yield FootageClip(split, seed, int(label))

    def _scene(self, photograph: str, rng: np.random.Generator) -> Clip:
        """A window that shows something and stays inside the photograph whatever the class."""
        image = load_photograph(photograph, self.size)
        height, width = np.array(image.shape[:2]) / min(image.shape[:2])
        best, best_contrast = None, -1.0
        for _ in range(TRIES):
            pace = rng.uniform(*PACE)
            scale = np.exp(rng.uniform(*np.log(SCALES)))
            angle = rng.uniform(-TILT, TILT)
            half_diagonal = np.sqrt(0.5) * np.exp(pace * REACH[SCALE])
            margin = scale * (half_diagonal + pace * np.hypot(REACH[RIGHT], REACH[DOWN]))
            x, y = rng.uniform(margin, width - margin), rng.uniform(margin, height - margin)
            window = _window(image, (x, y, scale, angle), self.size)
            contrast = _contrast(window)
            if contrast > best_contrast:
                best = Clip(photograph, 0, *map(float, (x, y, scale, angle, pace)), (0.0,) * 4)
                best_contrast = contrast
            if contrast >= MIN_CONTRAST:
                break
        return best


@lru_cache(maxsize=16)
def load_photograph(name: str, size: int) -> np.ndarray:
    """The photograph for frames of `size` pixels, RGB, (H, W, 3) uint8, short side 5 x `size`."""
    image = read_photograph(name)
    ratio = PHOTOGRAPH_SIZE * size / min(image.shape[:2])
    height, width = (round(side * ratio) for side in image.shape[:2])
    method = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    return cv2.resize(np.ascontiguousarray(image), (width, height), interpolation=method)


def _window(photograph: np.ndarray, pose: np.ndarray, size: int) -> np.ndarray:
    """One frame, (size, size, 3): 2x2 samples a pixel, so that no scale is sharper than it is."""
    samples = 2 * size
    x, y, side, angle = pose
    step = side * min(photograph.shape[:2]) / samples
    rows = step * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.array((x, y)) * min(photograph.shape[:2]) - 0.5
    matrix = np.column_stack((rows, centre - rows.sum(axis=1) * (samples - 1) / 2))
    # A border never shows: the windows stay inside.
    frame = cv2.warpAffine(
        photograph,
        matrix,
        (samples, samples),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
    )
    return cv2.resize(frame, (size, size), interpolation=cv2.INTER_AREA)


def _contrast(window: np.ndarray) -> float:
    """Grey-level deviation of the flattest quarter of a window."""
    grey = window.mean(axis=2)
    half = len(grey) // 2
    quarters = (grey[:half, :half], grey[:half, half:], grey[half:, :half], grey[half:, half:])
    return min(float(quarter.std()) for quarter in quarters)
