"""Scores of a stream of frames: of its last T frames, `stride` apart, every few frames."""

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter

import numpy as np
from torch import nn

from .clips import score_clips
from .models import model_classes
from .result import Top
from .window_buffer import Window, WindowBuffer

# Window and computing times that a latency is the median of.
REMEMBERED = 1000


@dataclass(frozen=True)
class WindowResult:
    """The scores of one window.

    Attributes:
        first_frame: number of the window's first frame, from 0.
        last_frame: of its last one.
        start: time of its first frame in seconds; None if no times were given.
        end: time of its last frame.
        scores: probability of each class, (classes,) float32.
        classes: names of all classes, in label order.
        compute_seconds: for the model's preprocessing and the model itself.
    """

    first_frame: int
    last_frame: int
    start: float | None
    end: float | None
    scores: np.ndarray
    classes: Sequence[str]
    compute_seconds: float

    def top(self, k: int = 5) -> list[Top]:
        """The k most probable classes, the best first; of equal ones the smaller label."""
        order = np.argsort(-self.scores, kind='stable')[:k].tolist()
        return [Top(label, self.classes[label], float(self.scores[label])) for label in order]

    def to_dict(self, topk: int = 5) -> dict:
        """Frames, times in seconds (None if not known) and the `topk` classes, as plain values."""
        return {
            'first_frame': self.first_frame,
            'last_frame': self.last_frame,
            'start': None if self.start is None else round(self.start, 4),
            'end': None if self.end is None else round(self.end, 4),
            'compute_seconds': round(self.compute_seconds, 5),
            'top': [
                {'label': one.label, 'class': one.name, 'probability': one.probability}
                for one in self.top(topk)
            ],
        }


@dataclass(frozen=True)
class Latency:
    """How far a result lies behind what it tells of; medians over the last windows, in seconds.

    Attributes:
        window: from a window's first frame to its last one; None if no times were given.
        compute: from the last frame to the scores, without waiting for a camera or a decoder.
        windows: how many were scored.
    """

    window: float | None
    compute: float | None
    windows: int

    @property
    def total(self) -> float | None:
        """From a window's first frame to its scores."""
        return None if self.window is None else self.window + self.compute

    def to_dict(self) -> dict:
        """As plain values, in seconds."""
        return {**asdict(self), 'total': self.total}

    def __str__(self) -> str:
        if self.compute is None:
            return 'no window was scored'
        compute = f'{1000 * self.compute:.0f} ms to score one (median of {self.windows} windows)'
        if self.window is None:
            return compute
        return (
            f'latency {self.total:.2f} s from the first frame of a window to its scores: '
            f'{self.window:.2f} s of frames, {compute}'
        )


class Scorer:
    """Scores windows and keeps account of the time."""

    def __init__(self, model: nn.Module) -> None:
        self.model, self.classes = model, model_classes(model)
        self.computing: deque[float] = deque(maxlen=REMEMBERED)
        self.spanning: deque[float] = deque(maxlen=REMEMBERED)
        self.count = 0

    def __call__(self, window: Window) -> WindowResult:
        begin = perf_counter()
        # Onto the CPU, so a GPU is waited for.
        scores = score_clips(self.model, [window.clip])[0]
        seconds = perf_counter() - begin
        self.count += 1
        self.computing.append(seconds)
        if window.start is not None:
            self.spanning.append(window.end - window.start)
        frames = window.clip.frame_indices
        return WindowResult(
            first_frame=int(frames[0]),
            last_frame=int(frames[-1]),
            start=window.start,
            end=window.end,
            scores=scores.numpy(),
            classes=self.classes,
            compute_seconds=seconds,
        )

    def latency(self) -> Latency:
        """Of the last windows."""
        return Latency(
            median(self.spanning) if self.spanning else None,
            median(self.computing) if self.computing else None,
            self.count,
        )


class Stream:
    """Takes frames one by one and scores the last T of them, `stride` apart.

    The scores equal those of the same frames read from a file (`windows`), bit by bit.

    Args:
        model: of `load_model` or `get_model`.
        stride: frames from one of a window's T frames to the next. T * stride frames should last
            about as long as a training clip did.
        every: frames from one result to the next.

    Raises:
        ValueError: a number is below 1, or the model does not take T single frames, names no
            classes, or scores verbs and nouns.
    """

    def __init__(self, model: nn.Module, stride: int = 2, every: int = 8) -> None:
        self.buffer = WindowBuffer(model, stride, every)
        self.scorer = Scorer(model)

    def push(self, frame: np.ndarray | None, seconds: float | None = None) -> WindowResult | None:
        """Takes the next frame; gives the scores of the window that it completes, if one is due.

        Args:
            frame: (H, W, 3) uint8 RGB; None may stand for one that no window needs.
            seconds: its time in the stream, for the results' times and the latency.

        Raises:
            ValueError: see `WindowBuffer.push`.
        """
        window = self.buffer.push(frame, seconds)
        return None if window is None else self.scorer(window)

    def restart(self) -> None:
        """Forgets all frames, as after a gap: no window spans it. The numbers of frames go on."""
        self.buffer.restart()

    @property
    def latency(self) -> Latency:
        """Measured so far."""
        return self.scorer.latency()
