"""The comparison's programs: runs in order, an end in time, and tables that are not stale."""

import importlib.util
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.study.made import row, run_row

ROOT = Path(__file__).parents[2]


def load_program():
    path = ROOT / 'tools' / 'zoo' / 'train_all.py'
    spec = importlib.util.spec_from_file_location('train_all', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FakeRun:
    """A run that takes no time."""

    def __init__(self, name: str, is_done: bool = False) -> None:
        self.name, self.is_done = name, is_done

    def carry_out(self, started: list) -> None:
        self.is_done = True

    def seconds(self) -> float:
        return 1.0


def test_what_is_not_done_is_carried_out(capsys):
    runs = [FakeRun('a', is_done=True), FakeRun('b'), FakeRun('c')]
    load_program().carry_out(runs, 2, time.monotonic() + 60)
    assert all(run.is_done for run in runs)
    assert sorted(capsys.readouterr().out.splitlines()) == ['b: done in 1 s', 'c: done in 1 s']


def test_no_run_starts_after_the_time():
    runs = [FakeRun('a'), FakeRun('b')]
    load_program().carry_out(runs, 1, time.monotonic() - 1)
    assert not any(run.is_done for run in runs)


def test_a_failure_ends_all_and_stops_what_runs():
    class Endless(FakeRun):
        def carry_out(self, started: list) -> None:
            process = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
            started.append(process)
            ready.set()
            process.wait()

    class Failing(FakeRun):
        def carry_out(self, started: list) -> None:
            ready.wait(30)
            raise RuntimeError(f'{self.name} failed')

    ready = threading.Event()
    begin = time.monotonic()
    with pytest.raises(RuntimeError, match='b failed'):
        load_program().carry_out([Endless('a'), Failing('b')], 2, begin + 60)
    assert time.monotonic() - begin < 30


@pytest.fixture
def folder(tmp_path):
    """A folder with a record and a page, in which the report can be run."""
    (tmp_path / 'docs' / 'logs').mkdir(parents=True)
    record = {'rows': [row('gsf', 'layers', run_row(0, 40, 20))]}
    (tmp_path / 'docs/logs/camera_motion_study.json').write_text(json.dumps(record))
    (tmp_path / 'docs/comparison.md').write_text(
        '<!-- comparison -->\n<!-- end of comparison -->\n'
    )
    return tmp_path


def report(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    program = ROOT / 'tools' / 'zoo' / 'study_report.py'
    command = [sys.executable, str(program), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_stale_tables_are_told_and_written(folder):
    stale = report(folder, '--check')
    assert stale.returncode != 0
    assert 'docs/comparison.md is stale' in stale.stderr
    assert report(folder).returncode == 0
    assert '| GSF | 8 | 0.72 M | 91.9 | 5.2 | 100.0 | 50.0 | 0 |' in (
        folder / 'docs/comparison.md'
    ).read_text(encoding='utf-8')
    assert report(folder, '--check').returncode == 0
