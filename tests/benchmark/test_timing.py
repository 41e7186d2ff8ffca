"""Rounds really alternate, and medians and ratios are those of the same rounds."""

import pytest

from mmgsf.benchmark.timing import Contestant, interleave, ratio, spread


class Clock:
    """A clock that only moves when a contestant works."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def work(self, name, seconds, log):
        def run(*_):
            log.append(name)
            self.now += seconds

        return run


def test_contestants_alternate_and_the_first_place_goes_round():
    clock, log = Clock(), []
    contestants = {
        name: Contestant(clock.work(name, seconds, log))
        for name, seconds in (('a', 1.0), ('b', 2.0), ('c', 3.0))
    }
    times = interleave(contestants, repeats=3, warmup=0, clock=clock)
    assert log == ['a', 'b', 'c', 'b', 'c', 'a', 'c', 'a', 'b']
    assert times == {'a': [1.0] * 3, 'b': [2.0] * 3, 'c': [3.0] * 3}


def test_warm_up_is_run_and_not_counted():
    clock, log = Clock(), []
    times = interleave({'a': Contestant(clock.work('a', 1.0, log))}, 2, warmup=3, clock=clock)
    assert log == ['a'] * 5
    assert len(times['a']) == 2


def test_preparation_is_outside_of_the_time():
    clock, given = Clock(), []

    def prepare():
        clock.now += 100.0
        return 'input'

    def run(value):
        given.append(value)
        clock.now += 1.0

    assert interleave({'a': Contestant(run, prepare)}, 2, 0, clock) == {'a': [1.0, 1.0]}
    assert given == ['input'] * 2


@pytest.mark.parametrize(
    ('contestants', 'repeats', 'message'), [({}, 1, 'no contestant'), ({'a': None}, 0, 'repeats=0')]
)
def test_nothing_to_time_is_refused(contestants, repeats, message):
    with pytest.raises(ValueError, match=message):
        interleave(contestants, repeats)


def test_spread_is_median_and_quartiles():
    assert spread([5.0, 1.0, 2.0, 4.0, 3.0]) == (3.0, 2.0, 4.0)
    assert spread([7.0]) == (7.0, 7.0, 7.0)


def test_ratio_is_the_median_of_rounds_not_of_all():
    # A machine that slows down fourfold: every round says 1.5, the medians alone would not.
    baseline, values = [1.0, 4.0, 4.0], [1.5, 6.0, 6.0]
    assert ratio(values, baseline) == (1.5, 1.5, 1.5)
    assert ratio([2.0, 9.0, 4.0], [1.0, 3.0, 4.0]).median == 2.0
    with pytest.raises(ValueError, match='2 and 1 rounds'):
        ratio([1.0, 2.0], [1.0])
