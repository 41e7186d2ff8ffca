"""What happens when in a long video: the scores of its windows over time, and stretches of one class."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmgsf.files import replacing

from .streaming import Latency, WindowResult
from .window_buffer import WindowPlan


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
        classes: names of all classes, in label order.
        plan: frames of the windows.
        fps: frames a second of the video; None if not known.
        results: of the windows, one or more, with times, in their order.
        latency: as measured.

    Raises:
        ValueError: there are no results, or they have no times.
    """

    source: str
    model: str
    classes: Sequence[str]
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
            described['latency'] = latency_dict(self.latency)
        if probabilities:
            described['classes'] = list(self.classes)
        return described

    def write_json(self, path: str | Path, topk: int = 5, probabilities: bool = False) -> None:
        """Writes `to_dict`, whole or not at all."""
        text = json.dumps(self.to_dict(topk, probabilities), indent=1, ensure_ascii=False)
        with replacing(path) as beside:
            beside.write_text(f'{text}\n', encoding='utf-8')

    def _row(self, result: WindowResult, topk: int, probabilities: bool) -> dict:
        row = window_dict(result, self.classes, topk)
        if probabilities:
            row['probabilities'] = _rounded(result.scores)
        return row

    def _segment(self, segment: Segment) -> dict:
        values = segment._asdict()
        return {
            'label': values.pop('label'),
            'class': self.classes[segment.label],
            'start': round(values.pop('start'), 4),
            'end': round(values.pop('end'), 4),
            **values,
        }


def window_dict(result: WindowResult, classes: Sequence[str], topk: int) -> dict:
    """One window as plain values; times in seconds, null if not known."""
    return {
        'first_frame': result.first_frame,
        'last_frame': result.last_frame,
        'start': None if result.start is None else round(result.start, 4),
        'end': None if result.end is None else round(result.end, 4),
        'compute_seconds': round(result.compute_seconds, 5),
        'top': [
            {'label': label, 'class': classes[label], 'probability': probability}
            for label, probability in result.top(topk)
        ],
    }


def latency_dict(latency: Latency) -> dict:
    """A latency as plain values, in seconds."""
    return {
        'window': latency.window,
        'compute': latency.compute,
        'total': latency.total,
        'windows': latency.windows,
    }


def _rounded(scores: Iterable[float]) -> list[float]:
    return [float(f'{score:.6g}') for score in scores]
