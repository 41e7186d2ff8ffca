"""Frame sampling of TSN (Wang et al., ECCV 2016, arXiv 1608.00859), as GSF was trained with."""

from collections.abc import Sequence

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


@TRANSFORMS.register_module()
class StretchSampleFrames(SegmentSampleFrames):
    """T frames from each of several stretches of a video: short ones, longer ones, and all of it.

    A fast motion shows in a short stretch only, a slow one in a long stretch only. Stretches of one
    length lie spread over the video; one that is longer than the video is the video. For test.

    Args:
        num_clips: T, the frames of a stretch, at the middle of each of its T segments.
        stretches: length in frames, or None for the whole video, and number of each kind.
        **kwargs: as for SegmentSampleFrames; `test_mode` is True.

    Raises:
        ValueError: a stretch is shorter than T frames, a number below 1, or `test_mode` is off.
    """

    def __init__(
        self, num_clips: int, stretches: Sequence[tuple[int | None, int]], **kwargs
    ) -> None:
        super().__init__(num_clips=num_clips, **kwargs)
        for length, number in stretches:
            if number < 1 or (length is not None and length < num_clips):
                raise ValueError(
                    f'stretches={stretches}: ({length}, {number}) is no number of stretches of '
                    f'num_clips={num_clips} frames and more; give a longer one, and 1 or more'
                )
        if not self.test_mode or self.twice_sample:
            raise ValueError(
                f'test_mode={self.test_mode}, twice_sample={self.twice_sample}: several stretches '
                'are a way to test; set test_mode=True and leave twice_sample out'
            )
        self.stretches = [(length, number) for length, number in stretches]

    def _get_test_clips(self, num_frames: int, ori_clip_len: float) -> np.ndarray:
        middles = (np.arange(self.num_clips) + 0.5) / self.num_clips
        indices = []
        for length, number in self.stretches:
            span = min(length or num_frames, num_frames)
            places = np.linspace(0, 1, number) if number > 1 else [0.5]
            indices += [place * (num_frames - span) + middles * span for place in places]
        return np.concatenate(indices).astype(np.int64)
