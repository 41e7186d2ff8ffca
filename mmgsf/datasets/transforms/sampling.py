"""Frame sampling of TSN (Wang et al., ECCV 2016, arXiv 1608.00859), as GSF was trained with."""

import numpy as np
from mmaction.datasets.transforms.loading import SampleFrames
from mmaction.registry import TRANSFORMS


@TRANSFORMS.register_module()
class SegmentSampleFrames(SampleFrames):
    """One frame from each of T equal segments: a random one in training, the centre one in test.

    MMAction2's SampleFrames but for videos shorter than T frames, where training takes the frames
    at the segment centres; upstream rounds, and its last index can wrap round to frame 0.

    Args:
        num_clips: T, the segments.
        **kwargs: as for SampleFrames; `clip_len` is 1.

    Raises:
        ValueError: `clip_len` is not 1.
    """

    def __init__(self, num_clips: int, clip_len: int = 1, **kwargs) -> None:
        if clip_len != 1:
            raise ValueError(f'clip_len={clip_len}: a segment gives one frame; set clip_len=1')
        super().__init__(clip_len=clip_len, num_clips=num_clips, **kwargs)

    def _get_train_clips(self, num_frames: int, ori_clip_len: float) -> np.ndarray:
        if num_frames >= self.num_clips:
            return super()._get_train_clips(num_frames, ori_clip_len)
        segment = num_frames / self.num_clips
        return ((np.arange(self.num_clips) + 0.5) * segment).astype(np.int64)
