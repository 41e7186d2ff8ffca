"""Times contestants in turn, so that what disturbs the machine disturbs all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Contestant:
    """What is timed.

    Attributes:
        run: the timed call; it gets what `prepare` returned, if there is one.
        prepare: called before each timed call, outside of the time.
    """

    run: Callable[..., object]
    prepare: Callable[[], object] | None = None

    def seconds(self, clock: Callable[[], float]) -> float:
        """Time of one call."""
        arguments = () if self.prepare is None else (self.prepare(),)
        begin = clock()
        self.run(*arguments)
        return clock() - begin


class Spread(NamedTuple):
    """Median and quartiles."""

    median: float
    low: float
    high: float


def interleave(
    contestants: Mapping[str, Contestant],
    repeats: int,
    warmup: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Times each contestant once a round; each round starts with the next one.

    Args:
        contestants: by name.
        repeats: rounds, 1 or more.
        warmup: rounds before them that do not count.
        clock: gives seconds.

    Returns:
        For each name the seconds of each round.

    Raises:
        ValueError: no contestant, or no round.
    """
    if repeats < 1:
        raise ValueError(f'repeats={repeats}: a measurement takes 1 round or more')
    if not contestants:
        raise ValueError('no contestant is left to measure; choose others')
    names = list(contestants)
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-warmup, repeats):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            seconds = contestants[name].seconds(clock)
            if number >= 0:
                times[name].append(seconds)
    return times


def spread(values: Sequence[float]) -> Spread:
    """Median and quartiles of one or more values."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method='inclusive')
    return Spread(median, low, high)


def ratio(values: Sequence[float], baseline: Sequence[float]) -> Spread:
    """Median and quartiles of the ratios of each round.

    Raises:
        ValueError: they are not of the same rounds.
    """
    if len(values) != len(baseline):
        raise ValueError(
            f'{len(values)} and {len(baseline)} rounds do not pair; ratios are of the same rounds'
        )
    return spread([value / base for value, base in zip(values, baseline, strict=True)])
