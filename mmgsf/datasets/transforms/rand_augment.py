"""RandAugment of a whole clip: every frame gets the same operations at the same levels.

Paper: Cubuk, Zoph, Shlens, Le, "RandAugment: Practical automated data augmentation with a reduced
search space", 2020, arXiv 1909.13719. The paper augments single images; the training of GSF draws
operations, levels and signs once a clip and only the interpolation anew for each frame.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform
from PIL import Image

from .clip_operations import BICUBIC, BILINEAR, MAX_MAGNITUDE, OPERATIONS


class Step(NamedTuple):
    """One operation that a clip gets.

    Attributes:
        name: key of `OPERATIONS`.
        level: the operation's argument, with its sign; None if it has none.
        resamples: the interpolation for each of the T frames; None where nothing is interpolated.
    """

    name: str
    level: float | None
    resamples: tuple[Image.Resampling | None, ...]


@TRANSFORMS.register_module()
class ClipRandAugment(BaseTransform):
    """Draws a few of 15 operations, with replacement, and applies them alike to all frames.

    The defaults are the policy `rand-m9-mstd0.5`. The place is after the decoder and before every
    crop. Boxes and keypoints stay where they are although geometric operations move the pixels.

    Required keys: imgs, a list of T uint8 RGB arrays (H, W, 3). Modified keys: imgs, the same form;
    the arrays of the input are left as they are.

    Args:
        magnitude: mean of the magnitude, in [0, 10]. It is drawn anew for each operation.
        magnitude_std: standard deviation of the magnitude; what is drawn is clamped to [0, 10].
        num_layers: number of operations drawn for a clip.
        prob: probability in [0, 1] that an operation, once drawn, is applied.
        fill: RGB colour, 0 to 255, of what a geometric operation brings in from beyond the frame.

    Raises:
        ValueError: an argument is outside its range.
    """

    def __init__(
        self,
        magnitude: float = 9.0,
        magnitude_std: float = 0.5,
        num_layers: int = 2,
        prob: float = 0.5,
        fill: tuple[int, int, int] = (124, 116, 104),
    ) -> None:
        if not 0 <= magnitude <= MAX_MAGNITUDE:
            raise ValueError(f'magnitude={magnitude} is outside [0, 10]; GSF is trained with 9')
        if not 0 <= magnitude_std < float('inf'):
            raise ValueError(
                f'magnitude_std={magnitude_std} is no finite number >= 0; 0 fixes the magnitude'
            )
        if num_layers < 1:
            raise ValueError(
                f'num_layers={num_layers}: at least 1 operation is drawn for a clip; give >= 1, or '
                'leave the transform out of the pipeline'
            )
        if not 0 <= prob <= 1:
            raise ValueError(f'prob={prob} is no probability; give a value in [0, 1]')
        if len(fill) != 3 or not all(value in range(256) for value in fill):
            raise ValueError(f'fill={fill} is no RGB colour; give three integers from 0 to 255')
        self.magnitude = magnitude
        self.magnitude_std = magnitude_std
        self.num_layers = num_layers
        self.prob = prob
        # A config read from JSON gives a list, which Pillow refuses as a colour.
        self.fill = tuple(int(value) for value in fill)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Replaces `results['imgs']` by the augmented frames.

        Raises:
            ValueError: there are no frames, or they are no uint8 RGB arrays (H, W, 3).
        """
        if not len(results.get('imgs', ())):
            raise ValueError(
                "no frames in results['imgs']; put ClipRandAugment after the transform that decodes"
            )
        modality = results.get('modality', 'RGB')
        if modality != 'RGB':
            raise ValueError(
                f'modality={modality!r}: ClipRandAugment changes colours and so takes RGB only; '
                'leave it out of this pipeline'
            )
        for img in results['imgs']:
            if img.dtype != np.uint8 or img.ndim != 3 or img.shape[2] != 3:
                raise ValueError(
                    f'a frame of shape {img.shape} and type {img.dtype}: ClipRandAugment takes '
                    'uint8 RGB frames (H, W, 3); put it before FormatShape and any normalisation'
                )
        results['imgs'] = self.apply(results['imgs'], self.draw(len(results['imgs'])))
        return results

    def draw(self, num_frames: int) -> list[Step]:
        """What happens to a clip of T frames, drawn from NumPy's global generator.

        Returns:
            The steps in their order, at most `num_layers`.
        """
        names = list(OPERATIONS)
        steps = []
        for choice in np.random.randint(len(names), size=self.num_layers):
            if np.random.random() >= self.prob:
                continue
            operation = OPERATIONS[names[choice]]
            magnitude = np.random.normal(self.magnitude, self.magnitude_std)
            level = operation.level(min(max(magnitude, 0.0), MAX_MAGNITUDE))
            resamples = (None,) * num_frames
            if operation.geometric:
                level = level if np.random.random() < 0.5 else -level
                bicubic = np.random.random(num_frames) < 0.5
                resamples = tuple(BICUBIC if cubic else BILINEAR for cubic in bicubic)
            steps.append(Step(names[choice], level, resamples))
        return steps

    def apply(self, imgs: Sequence[np.ndarray], steps: Sequence[Step]) -> list[np.ndarray]:
        """Applies drawn steps to T uint8 RGB frames (H, W, 3); no steps, no copies."""
        if not steps:
            return list(imgs)
        changed = []
        for t, img in enumerate(imgs):
            frame = Image.fromarray(img)
            for step in steps:
                frame = OPERATIONS[step.name](frame, step.level, step.resamples[t], self.fill)
            # A copy: MMAction2's Flip writes into the frames, and a view of an image is read-only.
            changed.append(np.array(frame))
        return changed

    def __repr__(self) -> str:
        return (
            f'{self.__class__.__name__}(magnitude={self.magnitude}, '
            f'magnitude_std={self.magnitude_std}, num_layers={self.num_layers}, '
            f'prob={self.prob}, fill={self.fill})'
        )
