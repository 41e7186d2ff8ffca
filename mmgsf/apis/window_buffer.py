"""Windows of T frames, `stride` apart, out of frames that come one after another.

GSF looks one frame ahead and back in each layer and pads with zeros at a window's ends, so a
frame's features depend on its place in the window: none can be kept for the next one. What is kept
is the frame itself, behind the transforms that look at single frames.

Shapes: T segments, C channels, H, W; V views (crops) of a window.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import nn

from .clips import (
    Clip,
    chosen_frames,
    num_frames,
    pipeline_steps,
    read_clip,
    read_details,
    refuse_two_labels,
    views_of,
)


@dataclass(frozen=True)
class WindowPlan:
    """Which frames make a window, and when one is due.

    Args:
        num_segments: T.
        stride: frames from one of a window's frames to the next, 1 or more.
        every: frames from one window's end to the next one's, 1 or more.

    Raises:
        ValueError: a number is below 1.
    """

    num_segments: int
    stride: int
    every: int

    def __post_init__(self) -> None:
        for name in ('stride', 'every'):
            if getattr(self, name) < 1:
                raise ValueError(f'{name}={getattr(self, name)}: give 1 or more frames')

    @property
    def span(self) -> int:
        """Frames from a window's first to its last, both counted."""
        return (self.num_segments - 1) * self.stride + 1

    def is_due(self, index: int) -> bool:
        """Whether a window ends with frame `index`, counted from 0."""
        return index >= self.span - 1 and (index - self.span + 1) % self.every == 0

    def needs(self, index: int) -> bool:
        """Whether any window takes frame `index`."""
        return any(self.is_due(index + place * self.stride) for place in range(self.num_segments))

    def frames(self, last: int) -> list[int]:
        """The T frames of the window that ends with frame `last`."""
        return list(range(last - self.span + 1, last + 1, self.stride))


class Window(NamedTuple):
    """A window that is ready to be scored.

    Attributes:
        clip: what the model takes.
        start: time of its first frame, in seconds; None if no times were given.
        end: time of its last frame.
    """

    clip: Clip
    start: float | None
    end: float | None


class KeptFrame(NamedTuple):
    index: int
    seconds: float | None
    sample: dict


class WindowBuffer:
    """The last frames of a stream, and the windows that they complete.

    A window's inputs are, bit by bit, those that the test pipeline makes of the same frames of a
    file (`windows`). Memory: at most `plan.span` frames, behind the pipeline's resize and crop.

    Args:
        model: of `load_model` or `get_model`.
        stride: frames from one of a window's T frames to the next.
        every: frames from one window's end to the next one's.

    Raises:
        ValueError: a number is below 1, or the model does not take T single frames or scores
            verbs and nouns.
    """

    def __init__(self, model: nn.Module, stride: int = 2, every: int = 8) -> None:
        refuse_two_labels(model)
        self.model = model
        self.plan = WindowPlan(num_frames(model), stride, every)
        self.of_frame, self.of_window = _split(pipeline_steps(model, is_file=False))
        self.kept: deque[KeptFrame] = deque()
        self.origin = self.count = 0
        self.shape: tuple[int, ...] | None = None

    def restart(self) -> None:
        """Forgets all frames, as after a gap: no window spans it. The numbers of frames go on."""
        self.kept.clear()
        self.origin = self.count
        self.shape = None

    def needs_next(self) -> bool:
        """Whether any window takes the next frame; if not, `push` may get None for it."""
        return self.plan.needs(self.count - self.origin)

    def push(self, frame: np.ndarray | None, seconds: float | None = None) -> Window | None:
        """Takes the next frame; gives the window that it completes, if one is due.

        Args:
            frame: (H, W, 3) uint8 RGB; it is copied. None may stand for one that no window needs.
            seconds: its time in the stream.

        Raises:
            ValueError: the frame has another form, another size than those before, or is None and
                needed.
        """
        index = self.count
        if frame is not None:
            self._check(frame)
        if self.needs_next():
            if frame is None:
                raise ValueError(f'frame {index} is in a window; give it, not None')
            self.kept.append(KeptFrame(index, seconds, self._prepare(frame)))
        self.count += 1
        while self.kept and self.kept[0].index <= index - self.plan.span:
            self.kept.popleft()
        return self._window(index) if self.plan.is_due(index - self.origin) else None

    def _check(self, frame: np.ndarray) -> None:
        if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8:
            kind = getattr(frame, 'dtype', type(frame).__name__)
            raise ValueError(f'a frame of type {kind}; give a uint8 RGB array (H, W, 3)')
        if frame.ndim != 3 or frame.shape[2] != 3 or not frame.size:
            raise ValueError(f'a frame of shape {frame.shape}; give a uint8 RGB array (H, W, 3)')
        if self.shape is not None and frame.shape != self.shape:
            raise ValueError(
                f'frame {self.count} has shape {frame.shape}, those before have {self.shape}; '
                'a window takes frames of one size: restart() begins anew'
            )
        self.shape = frame.shape

    def _prepare(self, frame: np.ndarray) -> dict:
        size = frame.shape[:2]
        sample = {**read_details(), 'imgs': [frame], 'original_shape': size, 'img_shape': size}
        for step in self.of_frame:
            sample = step(sample)
        # A crop is a view of the whole frame, and a camera may write into the same memory again.
        sample['imgs'] = [image.copy() for image in sample['imgs']]
        return sample

    def _window(self, last: int) -> Window:
        indices = self.plan.frames(last)
        kept = {frame.index: frame for frame in self.kept}
        chosen = [kept[index] for index in indices]
        sample = dict(chosen[-1].sample)
        sample.update(chosen_frames(self.model, indices, last + 1), total_frames=last + 1)
        # Transforms may change a frame in place, and the next window has it too.
        sample['imgs'] = [image.copy() for frame in chosen for image in frame.sample['imgs']]
        for step in self.of_window:
            sample = step(sample)
        clip = Clip('frames', views_of(sample), np.asarray(indices), last + 1, None)
        return Window(clip, chosen[0].seconds, chosen[-1].seconds)


def windows(
    model: nn.Module, path: str | Path, stride: int = 2, every: int = 8
) -> Iterator[Window]:
    """The windows of a video file, each read by its own frames' numbers.

    It gives what `WindowBuffer` gives of the same video, and opens the file anew for every window:
    it is there to compare with, and to look at single windows. The times are frame / fps.

    Args:
        model: of `load_model` or `get_model`.
        path: video file.
        stride: frames from one of a window's T frames to the next.
        every: frames from one window's end to the next one's.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be decoded, or a number is below 1.
    """
    refuse_two_labels(model)
    plan = WindowPlan(num_frames(model), stride, every)
    last, total = plan.span - 1, read_clip(model, path).total_frames
    while last < total:
        clip = read_clip(model, path, frame_indices=plan.frames(last))
        first = last - plan.span + 1
        yield (
            Window(clip, first / clip.fps, last / clip.fps)
            if clip.fps
            else Window(clip, None, None)
        )
        last += every


def _split(steps: list) -> tuple[list, list]:
    """Behind the decoder: the transforms that see one frame at a time, and the rest.

    Resize and CenterCrop give one frame for each and draw nothing at random; from the first other
    transform on all are left to see the whole window, so any pipeline gives its own result.
    """
    from mmaction.datasets.transforms.loading import ArrayDecode
    from mmaction.datasets.transforms.processing import CenterCrop, Resize

    decoder = next(place for place, step in enumerate(steps) if type(step) is ArrayDecode)
    steps = steps[decoder + 1 :]
    single = 0
    while single < len(steps) and type(steps[single]) in (Resize, CenterCrop):
        if steps[single].lazy:
            break
        single += 1
    return steps[:single], steps[single:]
