"""Paths of the camera and of what moves before it.

A place is four coordinates: right, down, logarithm of the scale, and angle clockwise in radians.
Lengths are in short sides of the frame. `displacement` is how far a point of the frame moves on
average, so that motions of all four coordinates compare.
"""

from dataclasses import dataclass

import numpy as np

# A frame's points lie this far from its centre on average; turning and growing move them by it.
RADIUS = 0.38
TO_COORDINATES = np.array([1.0, 1.0, 1 / RADIUS, 1 / RADIUS])

# Mean displacement from the first to the last frame of a clip.
DISPLACEMENT = (0.04, 1.0)
LONGEST = np.array([1.0, 1.0, 1.4, 2.0])  # of each coordinate: short sides, log scale, radians
DRIFT = 0.2  # of the class's own displacement, at most, in the other coordinates together
SHAKE = (0.001, 0.02)  # displacement
MOST_SHAKE = 0.2  # of the class's own displacement


@dataclass(frozen=True)
class Camera:
    """How the camera moves, for every class: which coordinate runs is left open.

    `rest` holds where the coordinates stand that do not run, as phases; the shares of DRIFT that
    they move by are in `drift`.
    """

    displacement: float
    acceleration: float  # in (-1, 1): the run's speed is 1 -+ this at its ends
    rest: np.ndarray  # (4,), in (-1, 1)
    drift: np.ndarray  # (4,)
    shake: np.ndarray  # (waves, 4), amplitudes
    waves: np.ndarray  # (waves, 2), frequency and phase

    def reach(self) -> np.ndarray:
        """From the middle of a run to its end, for each coordinate, (4,)."""
        return np.minimum(self.displacement * TO_COORDINATES, LONGEST) / 2

    def run(self, times: np.ndarray) -> np.ndarray:
        """Phases at times in (-1, 1); both ends are reached whatever the acceleration."""
        return times + self.acceleration * (times**2 - 1) / 2

    def path(self, axis: int, sign: int, times: np.ndarray) -> np.ndarray:
        """Where the camera is, (K, 4), with coordinate `axis` running forwards or backwards."""
        reach = self.reach()
        drift = self.drift * reach[axis] / TO_COORDINATES[axis] * TO_COORDINATES
        drift[axis] = 0.0
        angles = 2 * np.pi * self.waves[:, :1] * times + self.waves[:, 1:]  # (waves, K)
        shake = np.sin(angles).T @ (self.shake * TO_COORDINATES)
        path = times[:, None] * drift + shake
        path[:, axis] += sign * reach[axis] * self.run(times)
        return path

    def base(self, axis: int) -> np.ndarray:
        """Where the other coordinates stand, (4,)."""
        base = self.reach() * self.run(self.rest)
        base[axis] = 0.0
        return base


def draw_camera(rng: np.random.Generator) -> Camera:
    """A camera's motion; mirrored in time or in space it is as likely."""
    displacement = float(np.exp(rng.uniform(*np.log(DISPLACEMENT))))
    drift = rng.normal(size=4)
    drift *= DRIFT * rng.uniform(0, 1) / np.linalg.norm(drift)
    strength = np.exp(rng.uniform(*np.log(SHAKE))) * (rng.random() < 0.6)
    waves = np.stack((rng.uniform(0.5, 4.0, size=3), rng.uniform(0, 2 * np.pi, size=3)), axis=1)
    return Camera(
        displacement=displacement,
        acceleration=float(rng.uniform(-0.8, 0.8) * (rng.random() < 0.5)),
        rest=rng.uniform(-1, 1, size=4),
        drift=drift,
        shake=rng.normal(size=(3, 4)) * min(strength, MOST_SHAKE * displacement) / 3,
        waves=waves,
    )


def draw_own_path(rng: np.random.Generator, times: np.ndarray, limit: float) -> np.ndarray:
    """How a subject moves by itself, (K, 4): on a line, turning, growing, and to and fro.

    `limit` bounds its displacement.
    """
    amount = np.exp(rng.uniform(np.log(0.02), np.log(limit)))
    line = rng.normal(size=4) * (0.5, 0.5, 0.25, 0.25)
    swing = rng.normal(size=4) * (0.15, 0.15, 0.05, 0.15) * (rng.random() < 0.5)
    wave = np.sin(np.pi * rng.uniform(0.5, 3.0) * times + rng.uniform(0, 2 * np.pi))
    path = (times[:, None] * line + wave[:, None] * swing) * amount * TO_COORDINATES
    path[:, 2] = np.clip(path[:, 2], -0.7, 0.7)
    return path


def similarities(places: np.ndarray) -> np.ndarray:
    """Matrices (K, 3, 3) that take a frame's points to where they lie in the plane."""
    right, down, log_scale, angle = np.asarray(places, float).T
    scale = np.exp(log_scale)
    matrices = np.zeros((len(right), 3, 3))
    matrices[:, 0, 0] = matrices[:, 1, 1] = scale * np.cos(angle)
    matrices[:, 0, 1], matrices[:, 1, 0] = -scale * np.sin(angle), scale * np.sin(angle)
    matrices[:, 0, 2], matrices[:, 1, 2], matrices[:, 2, 2] = right, down, 1.0
    return matrices
