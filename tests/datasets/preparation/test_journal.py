"""What is known is not done again, and what changed is."""

import os

import pytest

from mmgsf.datasets.preparation.journal import Job, run_jobs
from mmgsf.datasets.preparation.media import Outcome

from .calls import hang, look, make


class Work:
    """Three files, and a log of those that were looked at."""

    def __init__(self, folder):
        self.folder = folder
        self.journal = folder / 'journal.jsonl'
        self.log = folder / 'log'
        for name in 'abc':
            (folder / name).write_text(name * 3)

    def jobs(self):
        paths = [self.folder / name for name in 'abc']
        return [Job(path.name, look, (str(path), str(self.log)), path) for path in paths]

    def run(self, jobs=None, timeout=60.0):
        self.log.write_text('')
        outcomes = run_jobs(jobs or self.jobs(), self.journal, 1, timeout, 'test')
        return outcomes, self.log.read_text().split()


@pytest.fixture
def work(tmp_path):
    return Work(tmp_path)


def test_second_run_looks_at_nothing(work):
    outcomes, looked = work.run()
    assert looked == ['a', 'b', 'c']
    assert outcomes['a'] == Outcome(3, 4, 3)
    assert work.run() == (outcomes, [])


def test_changed_file_is_looked_at_again(work):
    work.run()
    (work.folder / 'b').write_text('longer')
    os.utime(work.folder / 'c', ns=(0, 0))
    outcomes, looked = work.run()
    assert looked == ['b', 'c']
    assert outcomes['b'].frames == 6
    assert work.run()[1] == []


def test_half_a_line_is_done_again_and_spoils_no_other(work):
    outcomes, _ = work.run()
    work.journal.write_bytes(work.journal.read_bytes()[:-9])
    assert work.run() == (outcomes, ['c'])
    assert work.run() == (outcomes, [])


def test_lost_outcome_is_tried_again(work):
    path = work.folder / 'a'
    outcomes, _ = work.run([Job('a', hang, (), path)], timeout=0.2)
    assert outcomes['a'].error == 'took longer than 0.2 s'
    assert work.run()[0]['a'] == Outcome(3, 4, 3)


def test_product_is_made_again_if_it_is_gone_or_its_settings_change(work):
    source, target = work.folder / 'a', work.folder / 'product'

    def job(setting):
        return [Job('product', make, (str(source), str(target)), source, target, (setting,))]

    work.run(job('1'))
    first = target.stat().st_mtime_ns
    work.run(job('1'))
    assert target.stat().st_mtime_ns == first
    work.run(job('2'))
    assert target.stat().st_mtime_ns != first
    target.unlink()
    work.run(job('2'))
    assert target.read_text() == 'made'


def test_jobs_of_one_key_are_one(work):
    assert work.run([*work.jobs(), *work.jobs()])[1] == ['a', 'b', 'c']
