"""Three crops across the long side of a frame, for tests of several views."""

import numpy as np
from mmaction.datasets.transforms.processing import ThreeCrop
from mmaction.registry import TRANSFORMS


@TRANSFORMS.register_module()
class UniformThreeCrop(ThreeCrop):
    """Left, centre and right of the middle band of every frame, in this order, none flipped.

    MMAction2's ThreeCrop for crops smaller than the short side, 224 of 256 as GSF is tested; the
    centre one is that of CenterCrop. Of portrait frames GSF's protocol says nothing: there the
    crops are top, centre and bottom, as in MMAction2 and in SlowFast's uniform crop.

    `imgs`, M frames, become 3*M: all frames of the first crop, then of the second, of the third.

    Args:
        crop_size: side of the crops or (width, height), in pixels.

    Raises:
        ValueError: a frame is smaller than the crop, or a lazy transform has not been fused.
    """

    def transform(self, results: dict) -> dict:
        """Crops `imgs`, of shape (H, W, C) each; sets `img_shape` and `crop_bbox` (3*M, 4)."""
        if 'lazy' in results:
            raise ValueError('UniformThreeCrop after a lazy transform; put Fuse between them')
        frames = results['imgs']
        height, width = frames[0].shape[:2]
        crop_width, crop_height = self.crop_size
        spare_x, spare_y = width - crop_width, height - crop_height
        if min(spare_x, spare_y) < 0:
            raise ValueError(
                f'frames of {width}x{height} are smaller than crop_size={self.crop_size}; let a '
                'Resize before the crop give a larger short side'
            )
        if width >= height:
            corners = [(x, spare_y // 2) for x in (0, spare_x // 2, spare_x)]
        else:
            corners = [(spare_x // 2, y) for y in (0, spare_y // 2, spare_y)]
        results['imgs'] = [
            frame[y : y + crop_height, x : x + crop_width] for x, y in corners for frame in frames
        ]
        boxes = [(x, y, x + crop_width, y + crop_height) for x, y in corners]
        results['crop_bbox'] = np.repeat(boxes, len(frames), axis=0)
        results['img_shape'] = (crop_height, crop_width)
        return results
