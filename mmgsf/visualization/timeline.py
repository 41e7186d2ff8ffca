"""A picture of what happens when in a video, for eyes with and without colour vision."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmgsf.apis.timeline import Timeline
from mmgsf.files import replacing

LARGEST = 12  # classes that get a row
NAME_LENGTH = 48


def draw_timeline(timeline: Timeline, path: str | Path, top: int = LARGEST) -> None:
    """Draws segments as labelled bars above the probabilities of their classes over time.

    A row is a class, its name beside it; the rows come in the order in which the classes are first
    the likeliest. Colour (cividis) is the probability, dark 0 and bright 1; the number written into
    a segment is its class's mean probability.

    Args:
        timeline: of a video.
        path: picture to write, whole or not at all.
        top: classes that get a row, at most; the ones that lead longest.
    """
    labels = _rows(timeline, top)
    figure = Figure(figsize=(11, 2.6 + 0.36 * len(labels)), layout='constrained')
    bars, strip = figure.subplots(
        2, 1, sharex=True, sharey=True, height_ratios=(1, 1), squeeze=True
    )
    _draw_segments(bars, timeline, labels)
    image = _draw_scores(strip, timeline, labels)
    for axes in (bars, strip):
        axes.set_yticks(range(len(labels)), [_short(timeline.classes[one]) for one in labels])
    bars.set_ylim(len(labels) - 0.5, -0.5)
    bars.set_title(_title(timeline, len(labels)), fontsize=10, loc='left')
    strip.set_xlabel('seconds')
    figure.colorbar(image, ax=[bars, strip], label='probability', aspect=30)
    with replacing(path) as beside:
        figure.savefig(beside, dpi=110)


def _rows(timeline: Timeline, top: int) -> list[int]:
    """The classes that lead longest, in the order in which they first lead."""
    best = timeline.scores.argmax(axis=1)
    labels, first, counts = np.unique(best, return_index=True, return_counts=True)
    longest = np.argsort(-counts, kind='stable')[:top]
    return labels[longest][np.argsort(first[longest])].tolist()


def _draw_segments(axes: Axes, timeline: Timeline, labels: list[int]) -> None:
    begin, end = timeline.results[0].start, timeline.results[-1].end
    for segment in timeline.segments():
        if segment.label not in labels:
            continue
        row = labels.index(segment.label)
        length = segment.end - segment.start
        axes.barh(row, length, left=segment.start, height=0.8, color='#1f5a91')
        # Short bars have no room for a number.
        if length > 0.06 * (end - begin):
            axes.text(
                segment.start + length / 2,
                row,
                f'{100 * segment.probability:.0f} %',
                ha='center',
                va='center',
                color='white',
                fontsize=8,
            )
    axes.grid(axis='x', alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_ylabel('likeliest class')


def _draw_scores(axes: Axes, timeline: Timeline, labels: list[int]):
    middles = timeline.middles
    borders = np.concatenate(
        (
            [timeline.results[0].start],
            (middles[1:] + middles[:-1]) / 2,
            [timeline.results[-1].end],
        )
    )
    rows = np.arange(len(labels) + 1) - 0.5
    axes.set_ylabel('every window')
    return axes.pcolormesh(
        borders, rows, timeline.scores[:, labels].T, cmap='cividis', vmin=0, vmax=1
    )


def _title(timeline: Timeline, shown: int) -> str:
    plan = timeline.plan
    frames = f'{plan.num_segments} frames, {plan.stride} apart, every {plan.every}'
    hidden = len({segment.label for segment in timeline.segments()}) - shown
    which = 'class that leads' if hidden == 1 else 'classes that lead'
    rest = f'\n{hidden} {which} more briefly left out' if hidden else ''
    return f'{Path(timeline.source).name}: {timeline.model}, {frames}{rest}'


def _short(name: str) -> str:
    return name if len(name) <= NAME_LENGTH else f'{name[: NAME_LENGTH - 1]}…'
