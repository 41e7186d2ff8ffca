"""Small real video files for tests."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def write_video(
    path: Path, frames: np.ndarray, codec: str = 'libx264', rate: int = 12, **options: str
) -> Path:
    """Writes uint8 RGB frames (T, H, W, 3) with `codec`; the container follows from the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), 'w') as container:
        stream = container.add_stream(codec, rate=Fraction(rate), options=options)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = 'yuv420p'
        for array in frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(array), format='rgb24')
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def noise_clip(seed: int, num_frames: int = 12, height: int = 48, width: int = 64) -> np.ndarray:
    """Smooth coloured noise that drifts to the right, uint8 RGB (T, H, W, 3)."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (height // 8, width // 8 + num_frames, 3), dtype=np.uint8)
    large = small.repeat(8, axis=0).repeat(8, axis=1)
    return np.stack([large[:, 2 * t : 2 * t + width] for t in range(num_frames)])
