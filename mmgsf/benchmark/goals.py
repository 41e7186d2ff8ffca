"""The bars that the layer is measured against, and whether results reach them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .layer import PLACE_RATIOS, layer_name, per_frame
from .results import row_named
from .timing import ratio


class Goal(NamedTuple):
    """A bar on a ratio to another contestant.

    Attributes:
        text: what is compared.
        section: of the results.
        names: contestants of which the best counts.
        other: what it is compared with; None for its own baseline.
        value: 'seconds' or another figure of the rows.
        bar: the largest ratio that is good.
    """

    text: str
    section: str
    names: Sequence[str]
    other: str | None
    value: str
    bar: float


class Outcome(NamedTuple):
    """A goal and what was reached; `reached` is None where it was not measured."""

    text: str
    bar: float
    reached: float | None

    @property
    def met(self) -> bool | None:
        return None if self.reached is None else self.reached <= self.bar


# By percent of the channels: inference, compiled inference, training, memory.
BARS = {25: (1.05, 1.03, 1.08, 1.08), 100: (1.25, 1.12, 1.25, 1.25)}
TSM_BAR = 1.05
INCEPTION_BAR = 1.10
# A frame of the longest input may cost this much of one of the shortest.
LINEAR_BAR = 1.10
INCEPTIONS = {'bninception': 'BNInception', 'inceptionv3': 'InceptionV3'}


def goals() -> list[Goal]:
    """All goals about whole networks."""
    found = []
    for percent, (inference, compiled, training, memory) in BARS.items():
        one, who = f'r50/gsf{percent}', f'ResNet-50, GSF {percent} %'
        eager = [f'{one}/eager']
        either = [f'{one}/compiled', f'{one}/layer-compiled']
        found += [
            Goal(f'{who}: inference', 'model', eager, None, 'seconds', inference),
            Goal(f'{who}: inference, compiled', 'model', either, None, 'seconds', compiled),
            Goal(f'{who}: training step', 'train', eager, None, 'seconds', training),
            Goal(f'{who}: bytes kept for backward', 'train', eager, None, 'saved_bytes', memory),
        ]
    for section, task in (('model', 'inference'), ('train', 'training step')):
        text = f'ResNet-50, GSF 25 % against TSM: {task}'
        names = ['r50/gsf25/eager']
        found.append(Goal(text, section, names, 'r50/tsm/eager', 'seconds', TSM_BAR))
        for network, title in INCEPTIONS.items():
            names = [f'{network}/gsf100/eager']
            text = f'{title}, GSF 100 %: {task}'
            found.append(Goal(text, section, names, None, 'seconds', INCEPTION_BAR))
    return found


def outcomes(results: dict) -> list[Outcome]:
    """What results say to each goal."""
    found = [Outcome(goal.text, goal.bar, _reached(goal, results)) for goal in goals()]
    return [*found, *_linear(results)]


def _reached(goal: Goal, results: dict) -> float | None:
    rows = results.get(goal.section, {}).get('rows', [])
    ratios = []
    for name in goal.names:
        row = row_named(rows, name)
        other = row and row_named(rows, goal.other or row['baseline'])
        if other:
            ratios.append(ratio_of(row, other, goal.value))
    return min(ratios, default=None)


def ratio_of(row: dict, other: dict, value: str) -> float:
    """Of one figure of two rows; of seconds, the median over the rounds."""
    if value == 'seconds':
        return ratio(row['seconds'], other['seconds']).median
    return row[value] / other[value]


def _linear(results: dict) -> Iterator[Outcome]:
    """Cost a frame of the longest clip against the shortest, and of most clips against one."""
    section = results.get('layer', {})
    for percent in (layer_name(share) for share in PLACE_RATIOS):
        rows = [row for row in section.get('growth', []) if row['contestant'] == percent]
        lengths = [row for row in rows if row['clips'] == 1]
        numbers = [row for row in rows if row['frames'] == section['frames']]
        for axis, some in (('frames', lengths), ('clips', numbers)):
            some = sorted(some, key=lambda row: row[axis])
            text = f'{percent}: cost a frame, most {axis} against fewest'
            reached = per_frame(some[-1]) / per_frame(some[0]) if len(some) > 1 else None
            yield Outcome(text, LINEAR_BAR, reached)
