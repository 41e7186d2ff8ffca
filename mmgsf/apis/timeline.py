"""What happens when in a long video: the scores of its windows over time, and stretches of one class."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import nn

from mmgsf.files import replacing

from .frame_sources import FileFrames, FileWindows
from .streaming import Latency, Scorer, WindowResult
from .window_buffer import WindowBuffer, WindowPlan


class Segment(NamedTuple):
    """Consecutive windows of one likeliest class.

    Attributes:
        label: of the class.
        start: seconds, half-way between the middles of this segment's first window and of the one
            before it; the start of the first window of all.
        end: seconds, likewise.
        first: number of its first window, from 0.
        windows: how many.
        probability: mean probability of the class over them.
    """

    label: int
    start: float
    end: float
    first: int
    windows: int
    probability: float


@dataclass(frozen=True)
class Timeline:
    """The windows of a video.

    Attributes:
        source: name of the video.
        model: name of the model.
        plan: frames of the windows.
        fps: frames a second of the video; None if not known.
        results: of the windows, one or more, with times, in their order.
        latency: as measured.

    Raises:
        ValueError: there are no results, or they have no times.
    """

    source: str
    model: str
    plan: WindowPlan
    fps: float | None
    results: Sequence[WindowResult]
    latency: Latency | None = None

    def __post_init__(self) -> None:
        if not self.results:
            raise ValueError('a timeline of no windows; score one or more')
        if any(result.start is None for result in self.results):
            raise ValueError(
                'windows without times make no timeline; push frames with their seconds'
            )

    @property
    def classes(self) -> Sequence[str]:
        """Names of all classes, in label order."""
        return self.results[0].classes

    @property
    def scores(self) -> np.ndarray:
        """Probabilities (windows, classes), float32."""
        return np.stack([result.scores for result in self.results])

    @property
    def middles(self) -> np.ndarray:
        """Times of the middles of the windows in seconds, (windows,)."""
        return np.array([(result.start + result.end) / 2 for result in self.results])

    def segments(self) -> list[Segment]:
        """Windows of one likeliest class, merged; together they cover the video without a gap."""
        scores, middles = self.scores, self.middles
        best = scores.argmax(axis=1)
        starts = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
        borders = [
            self.results[0].start,
            *((middles[place - 1] + middles[place]) / 2 for place in starts[1:-1]),
            self.results[-1].end,
        ]
        return [
            Segment(
                label=int(best[first]),
                start=float(borders[number]),
                end=float(borders[number + 1]),
                first=first,
                windows=end - first,
                probability=float(scores[first:end, best[first]].mean()),
            )
            for number, (first, end) in enumerate(zip(starts, starts[1:], strict=False))
        ]

    def to_dict(self, topk: int = 5, probabilities: bool = False) -> dict:
        """All of it as plain values.

        Args:
            topk: classes of each window, the likeliest first.
            probabilities: give all classes' names, and their probabilities in each window.
        """
        described = {
            'source': self.source,
            'model': self.model,
            'num_segments': self.plan.num_segments,
            'stride': self.plan.stride,
            'every': self.plan.every,
            'fps': self.fps,
            'windows': [self._row(result, topk, probabilities) for result in self.results],
            'segments': [self._segment(segment) for segment in self.segments()],
        }
        if self.latency is not None:
            described['latency'] = self.latency.to_dict()
        if probabilities:
            described['classes'] = list(self.classes)
        return described

    def write_json(self, path: str | Path, topk: int = 5, probabilities: bool = False) -> None:
        """Writes `to_dict`, whole or not at all."""
        text = json.dumps(self.to_dict(topk, probabilities), indent=1, ensure_ascii=False)
        with replacing(path) as beside:
            beside.write_text(f'{text}\n', encoding='utf-8')

    def _row(self, result: WindowResult, topk: int, probabilities: bool) -> dict:
        row = result.to_dict(topk)
        if probabilities:
            row['probabilities'] = _rounded(result.scores)
        return row

    def _segment(self, segment: Segment) -> dict:
        return {
            'label': segment.label,
            'class': self.classes[segment.label],
            'start': round(segment.start, 4),
            'end': round(segment.end, 4),
            'first_window': segment.first,
            'windows': segment.windows,
            'probability': segment.probability,
        }


def read_timeline(
    model: nn.Module,
    path: str | Path,
    stride: int = 2,
    every: int = 8,
    timeout: float | None = None,
) -> Timeline:
    """Scores a whole video file.

    Args:
        model: of `load_model` or `get_model`.
        path: video file.
        stride: frames from one of a window's T frames to the next.
        every: frames from one window's end to the next one's.
        timeout: seconds for opening it, and for each chunk; None takes the usual ones.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be decoded or is shorter than one window, or as for `Stream`.
    """
    scorer, buffer = Scorer(model), WindowBuffer(model, stride, every)
    windows = FileWindows(buffer, FileFrames(model, path, timeout))
    results = [scorer(window) for window in windows]
    return Timeline(str(path), model.name, buffer.plan, windows.fps, results, scorer.latency())


def _rounded(scores: Iterable[float]) -> list[float]:
    return [float(f'{score:.6g}') for score in scores]
