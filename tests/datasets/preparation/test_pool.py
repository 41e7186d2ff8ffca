"""A call that kills or blocks its worker costs only itself."""

import os

import pytest

from mmgsf.datasets.preparation.pool import Lost, run_calls

from .calls import crash, double, give_up, hang


@pytest.mark.parametrize('workers', [1, 2])
def test_all_calls_are_answered_though_one_crashes_and_one_hangs(workers):
    calls = {number: (double, (number,)) for number in range(5)}
    calls = {**calls, 'crash': (crash, ()), 'hang': (hang, ()), 7: (double, (7,))}
    results = dict(run_calls(calls, workers, timeout=2.0))
    assert results.pop('crash') == Lost('the process that read it ended with code -11')
    assert results.pop('hang') == Lost('took longer than 2 s')
    assert results == {number: 2 * number for number in (0, 1, 2, 3, 4, 7)}


def test_no_worker_is_left_when_the_caller_stops():
    calls = {0: (os.getpid, ()), 1: (hang, ()), 2: (hang, ())}
    results = run_calls(calls, workers=2, timeout=60)
    _, worker = next(results)
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_worker_that_cannot_start_is_an_error(monkeypatch):
    monkeypatch.setattr('mmgsf.datasets.preparation.pool._serve', give_up)
    with pytest.raises(OSError, match='cannot start'):
        list(run_calls({0: (double, (1,))}, workers=1, timeout=60))


def test_no_calls_start_no_worker():
    assert list(run_calls({}, workers=2, timeout=1)) == []
