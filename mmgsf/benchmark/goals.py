"""The bars that the layer is measured against, and whether results reach them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .layer import PLACE_RATIOS, layer_name, per_frame
from .results import row_named
from .timing import Spread, ratio, spread


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
    """A goal and what was reached.

    Attributes:
        reached: None where it was not measured.
        quartiles: of the ratios of the rounds, where the goal is about these.
    """

    text: str
    bar: float
    reached: float | None
    quartiles: tuple[float, float] | None = None

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
            Goal(f'{who}: peak memory', 'train', eager, None, 'peak_bytes', memory),
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
    return [*(_outcome(goal, results) for goal in goals()), *_linear(results)]


def _outcome(goal: Goal, results: dict) -> Outcome:
    rows = results.get(goal.section, {}).get('rows', [])
    found = []
    for name in goal.names:
        row = row_named(rows, name)
        other = row and row_named(rows, goal.other or row['baseline'])
        # --quick leaves out the peak of memory.
        if other and row.get(goal.value) and other.get(goal.value):
            found.append(_ratios(row, other, goal.value))
    if not found:
        return Outcome(goal.text, goal.bar, None)
    best = min(found)
    return Outcome(goal.text, goal.bar, best.median, best[1:] if goal.value == 'seconds' else None)


def ratio_of(row: dict, other: dict, value: str) -> float:
    """Of one figure of two rows; of seconds, the median over the rounds."""
    return _ratios(row, other, value).median


def _ratios(row: dict, other: dict, value: str) -> Spread:
    if value == 'seconds':
        return ratio(row['seconds'], other['seconds'])
    return spread([row[value] / other[value]])


def _linear(results: dict) -> Iterator[Outcome]:
    """Cost a frame of the longest clip against the shortest, and of most clips against one."""
    section = results.get('layer', {})
    for share in PLACE_RATIOS:
        name = layer_name(share)
        rows = [row for row in section.get('growth', []) if row['contestant'] == name]
        lengths = [row for row in rows if row['clips'] == 1]
        numbers = [row for row in rows if row['frames'] == section['frames']]
        for axis, some in (('frames', lengths), ('clips', numbers)):
            some = sorted(some, key=lambda row: row[axis])
            text = f'GSF {100 * share:g} % alone: cost a frame, most {axis} against fewest'
            reached = per_frame(some[-1]) / per_frame(some[0]) if len(some) > 1 else None
            yield Outcome(text, LINEAR_BAR, reached)
