"""The bars of the program, and what made results say to them."""

import pytest

from mmgsf.benchmark.goals import goals, outcomes

from . import made


def reached(results):
    return {outcome.text: outcome for outcome in outcomes(results)}


def test_bars_are_stated_once_each():
    found = {goal.text: goal.bar for goal in goals()}
    assert len(found) == len(goals())
    assert found['ResNet-50, GSF 25 %: inference'] < found['ResNet-50, GSF 100 %: inference']
    assert all(bar > 1 for bar in found.values())


def test_met_and_missed_follow_the_ratios():
    found = reached(made.results())
    met = found['ResNet-50, GSF 25 %: inference']
    assert (met.reached, met.met) == (pytest.approx(1.04), True)
    missed = found['ResNet-50, GSF 100 %: training step']
    assert (missed.reached, missed.met) == (pytest.approx(1.3), False)
    memory = found['ResNet-50, GSF 25 %: bytes kept for backward']
    assert (memory.reached, memory.met) == (pytest.approx(1.04), True)
    assert memory.quartiles is None
    peak = found['ResNet-50, GSF 100 %: peak memory']
    assert (peak.bar, peak.reached, peak.met) == (1.25, pytest.approx(1.3), False)


def test_quartiles_are_those_of_the_ratios_of_the_rounds():
    results = made.results()
    row = next(row for row in results['model']['rows'] if row['name'] == 'r50/gsf25/eager')
    # Ratios 1.0, 1.1, 1.4 to rounds of 1, 2, 4 seconds.
    row['seconds'] = [1.0, 2.2, 5.6]
    found = reached(results)['ResNet-50, GSF 25 %: inference']
    assert found.reached == pytest.approx(1.1)
    assert found.quartiles == pytest.approx((1.05, 1.25))


def test_peak_of_memory_that_quick_leaves_out_is_not_measured():
    results = made.results()
    for row in results['train']['rows']:
        row['peak_bytes'] = None
    assert reached(results)['ResNet-50, GSF 25 %: peak memory'].met is None


def test_best_of_the_compiled_ways_counts_against_its_own_baseline():
    # The network compiled: 0.6 of 0.5; its layers alone: 1.01 of the eager 1.0.
    found = reached(made.results())['ResNet-50, GSF 25 %: inference, compiled']
    assert (found.reached, found.met) == (pytest.approx(1.01), True)


def test_against_tsm_is_against_tsm():
    found = reached(made.results())['ResNet-50, GSF 25 % against TSM: inference']
    assert found.reached == pytest.approx(1.04 / 1.02)


def test_what_was_not_measured_is_neither():
    found = reached(made.results())
    assert found['BNInception, GSF 100 %: inference'].met is None
    empty = {'machine': {}, 'command': ''}
    assert {outcome.met for outcome in outcomes(empty)} == {None}


def test_growth_beyond_linear_is_missed():
    results = made.results()
    text = 'GSF 25 % alone: cost a frame, most frames against fewest'
    assert reached(results)[text].reached == pytest.approx(1.0)
    for row in results['layer']['growth']:
        if row['frames'] == 16:
            row['seconds'] = [2 * seconds for seconds in row['seconds']]
    assert reached(results)[text].reached == pytest.approx(2.0)
    assert reached(results)[text].met is False
    assert reached(results)['GSF 25 % alone: cost a frame, most clips against fewest'].met is True
