"""The comparison's programs: runs in order, an end in time, and tables that are not stale."""

import mmgsf.register  # noqa: F401, I001

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mmgsf.stopping import EXIT_CODE
from mmgsf.study import record as study_record
from mmgsf.study import runs as study_runs
from tests import zoo
from tests.study.made import row, run_row

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / 'tools' / 'zoo' / 'train_all.py'


def load_program():
    spec = importlib.util.spec_from_file_location('train_all', PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FakeRun:
    """A run that takes no time."""

    def __init__(self, name: str, is_done: bool = False) -> None:
        self.name, self.is_done = name, is_done

    def carry_out(self, processes) -> None:
        self.is_done = True

    def seconds(self) -> float:
        return 1.0


class SeedRun(FakeRun):
    """A run of the plan, of which seed 0 was trained before."""

    def __init__(self, row, seed, work_dir) -> None:
        super().__init__(f'{row.name}, seed {seed}', is_done=seed == 0)
        self.row, self.seed = row, seed


def test_what_is_not_done_is_carried_out(capsys):
    runs = [FakeRun('a', is_done=True), FakeRun('b'), FakeRun('c')]
    load_program().carry_out(runs, 2, time.monotonic() + 60)
    assert all(run.is_done for run in runs)
    assert sorted(capsys.readouterr().out.splitlines()) == ['b: done in 1 s', 'c: done in 1 s']


def test_no_run_starts_after_the_time():
    runs = [FakeRun('a'), FakeRun('b')]
    load_program().carry_out(runs, 1, time.monotonic() - 1)
    assert not any(run.is_done for run in runs)


@pytest.mark.parametrize(('minutes', 'is_whole'), [(60, True), (-1, False)])
def test_it_goes_from_the_data_to_the_pages(monkeypatch, tmp_path, minutes, is_whole):
    calls = []
    program = load_program()
    monkeypatch.setattr(study_runs, 'Run', SeedRun)
    monkeypatch.setattr(study_record, 'check_keeps', lambda out, runs: None)
    monkeypatch.setattr(study_record, 'lost', lambda out, runs: [])
    monkeypatch.setattr(
        study_record,
        'write_record',
        lambda out, rows, runs: calls.append((out.name, [one.name for one in runs])),
    )
    monkeypatch.setattr(
        program.subprocess, 'run', lambda command, check: calls.append(tuple(command[1:]))
    )
    monkeypatch.setattr(sys, 'argv', ['train_all.py', '--rows', 'tsm', '--minutes', str(minutes)])
    args = program.parse_args()
    if is_whole:
        program.main(args)
    else:
        with pytest.raises(TimeoutError, match='2 runs were not started in -1 minutes, first tsm'):
            program.main(args)
    data, (name, done), pages = calls
    assert data == program.PREPARE
    assert name == 'camera_motion_study.json'
    assert done == [f'tsm, seed {seed}' for seed in ((0, 1, 2) if is_whole else (0,))]
    pictures = ('--pictures', '--work-dir', 'work_dirs/study') if is_whole else ()
    assert pages == ('tools/zoo/study_report.py', *pictures)


SLEEP = [sys.executable, '-c', 'import time; time.sleep(60)']


def test_a_failure_ends_all_and_stops_what_runs():
    class Endless(FakeRun):
        def carry_out(self, processes) -> None:
            ready.set()
            codes.append(processes.call(SLEEP))
            # What comes next of the same run is not started any more.
            processes.call(SLEEP)

    class Failing(FakeRun):
        def carry_out(self, processes) -> None:
            ready.wait(30)
            raise ChildProcessError(f'{self.name} failed')

    ready, codes = threading.Event(), []
    begin = time.monotonic()
    with pytest.raises(ChildProcessError, match='b failed'):
        load_program().carry_out([Endless('a'), Failing('b')], 2, begin + 60)
    assert codes in ([-signal.SIGTERM], [])  # or it failed before this one had started
    assert time.monotonic() - begin < 30


def test_sigterm_leaves_no_training(tmp_path):
    """In a process of its own, whose run writes the number of the process that it waits for."""
    text = f"""
import importlib.util, sys, time
from mmgsf.stopping import leave_on_sigterm

leave_on_sigterm()
spec = importlib.util.spec_from_file_location('train_all', {str(PROGRAM)!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

class Endless:
    name, is_done = 'a', False

    def carry_out(self, processes):
        code = 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'
        processes.call([sys.executable, '-c', code])

module.carry_out([Endless()], 1, time.monotonic() + 60)
"""
    environment = os.environ | {'PYTHONPATH': str(ROOT)}
    command = [sys.executable, '-c', text]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as program:
        child = int(program.stdout.readline())
        program.terminate()
        assert program.wait(30) == EXIT_CODE
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@pytest.fixture
def folder(tmp_path):
    """A folder with a record and a page, in which the report can be run."""
    (tmp_path / 'docs' / 'logs').mkdir(parents=True)
    rows = [
        row('gsf', 'layers', run_row(0, 40, 20)),
        row('late', 'ablations', run_row(0, 20, 10), run_row(1, 24, 10)),
    ]
    record = {'rows': rows, 'results': []}
    (tmp_path / 'configs').mkdir()
    zoo.write_index(tmp_path / 'configs/metafile.yml', zoo.entry(zoo.NAME))
    (tmp_path / 'docs/logs/camera_motion_study.json').write_text(json.dumps(record))
    for page in ('docs/comparison.md', 'README.md'):
        (tmp_path / page).write_text('<!-- comparison -->\n<!-- end of comparison -->\n')
    return tmp_path


def report(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    program = ROOT / 'tools' / 'zoo' / 'study_report.py'
    command = [sys.executable, str(program), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.slow
def test_stale_tables_are_told_and_written(folder):
    stale = report(folder, '--check')
    assert stale.returncode != 0
    assert 'docs/comparison.md is stale' in stale.stderr
    assert report(folder).returncode == 0
    layers = '| GSF | 8 | 0.72 M | 91.9 | 5.2 | 100.0 | 50.0 | 0 |'
    changes = '| LATE | 8 | 0.72 M | 91.9 | 5.2 | 55.0 ± 7.1 | 25.0 ± 0.0 | 0, 1 |'
    page, readme = (
        (folder / name).read_text(encoding='utf-8') for name in ('docs/comparison.md', 'README.md')
    )
    assert layers in page
    assert changes in page
    assert layers in readme
    assert changes not in readme
    assert report(folder, '--check').returncode == 0


def test_the_pages_have_the_tables_of_the_record():
    assert report(ROOT, '--check').returncode == 0


@pytest.mark.slow
def test_pictures_want_the_runs(folder):
    done = report(folder, '--pictures', '--work-dir', 'none')
    assert done.returncode != 0
    assert 'gsf, seed 0 is not done in none; run: python tools/zoo/train_all.py' in done.stderr
    assert not list(folder.rglob('*.png'))


def test_a_longer_record_stays_where_the_time_was_too_short(folder, monkeypatch):
    out = folder / 'docs/logs/camera_motion_study.json'
    before = out.read_bytes()
    monkeypatch.setattr(study_runs, 'Run', SeedRun)
    program = load_program()
    monkeypatch.setattr(program.subprocess, 'run', lambda command, check: None)
    rows = ('--rows', 'gsf', 'late', '--minutes', '-1')
    monkeypatch.setattr(sys, 'argv', ['train_all.py', *rows, '--out', str(out)])
    with pytest.raises(TimeoutError, match=r'the same command goes on.*has more of them and stays'):
        program.main(program.parse_args())
    assert out.read_bytes() == before


def test_a_record_is_not_replaced_by_one_with_less(folder):
    out = folder / 'docs/logs/camera_motion_study.json'
    before = out.read_bytes()
    command = [sys.executable, str(PROGRAM), '--rows', 'tsm', '--out', str(out)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith('error')]
    assert 'has 3 runs that would be lost, first gsf, seed 0; give another file by --out' in line
    assert out.read_bytes() == before
