"""Small videos that are decoded once and stay in memory: for many epochs over short clips."""

import cv2
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from mmgsf.compat import load_pyav_before_decord


@TRANSFORMS.register_module()
class CachedDecordInit(BaseTransform):
    """Gives a video's frames for a sampler and `ArrayDecode`, in the place of `DecordInit`.

    Each process decodes a video when it is first asked for, squeezes all its frames to a square and
    keeps them: 16 frames of 64x64 take 197 kB.

    Each call gives frames of its own, which later transforms may write into.

    Required: filename. Added: array, RGB uint8 (frames, size, size, 3); total_frames.

    Args:
        size: pixels of the square's side.

    Raises:
        ValueError: `size` is below 1; when it is asked for: a video cannot be decoded.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f'size={size}: frames have a pixel at least')
        self.size = size
        self._arrays: dict[str, np.ndarray] = {}

    def transform(self, results: dict) -> dict:
        """Adds the frames of `results['filename']`."""
        path = results['filename']
        if path not in self._arrays:
            self._arrays[path] = self._decode(path)
        # MMAction2's Flip writes into the frames that it is given.
        array = self._arrays[path].copy()
        return {**results, 'array': array, 'total_frames': len(array)}

    def _decode(self, path: str) -> np.ndarray:
        load_pyav_before_decord()
        import decord

        try:
            reader = decord.VideoReader(path, num_threads=1)
            frames = reader.get_batch(range(len(reader))).asnumpy()
        except (RuntimeError, IndexError) as error:
            raise ValueError(
                f'{path} cannot be decoded: {error}; prepare the data set again'
            ) from error
        shape = (self.size, self.size)
        if frames.shape[1:3] == shape:
            return frames
        return np.stack([cv2.resize(f, shape, interpolation=cv2.INTER_AREA) for f in frames])

    def __repr__(self) -> str:
        return f'{type(self).__name__}(size={self.size})'
