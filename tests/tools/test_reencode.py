"""tools/reencode.py reports what it did, fails in one line, and goes on after an interrupt."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from ..videos import noise_clip, write_video
from .running import ROOT, run


@pytest.fixture
def videos(tmp_path):
    write_video(tmp_path / 'videos' / 'sub' / 'a.mp4', noise_clip(0))
    write_video(tmp_path / 'videos' / 'b.mkv', noise_clip(1))
    return tmp_path / 'videos'


def reencode(videos, *options, code=0):
    command = ('python', 'tools/reencode.py', videos, videos.parent / 'new', *options)
    return run(*command, cwd=ROOT, code=code, PYTHONPATH=str(ROOT))


def test_report_is_printed_and_written(videos):
    output = reencode(videos, '--workers', '2', '--gop', '4')
    assert '2 of 2 videos re-encoded' in output
    report = json.loads((videos.parent / 'new' / 'reencoding_report.json').read_text())
    assert (report['videos'], report['failed']) == (2, {})
    made = [videos.parent / 'new' / name for name in ('sub/a.mp4', 'b.mp4')]
    assert report['bytes_after'] == sum(path.stat().st_size for path in made)


def test_too_many_failures_end_it_with_one_line(videos):
    (videos / 'c.avi').write_bytes(b'no video')
    output = reencode(videos, '--max-failed', '0.3', code=1)
    assert '2 of 3 videos re-encoded' in output
    assert output.splitlines()[-1].startswith('error: 1 of 3 videos failed, more than --max-failed')
    assert 'failed: c.avi' in reencode(videos, '--max-failed', '0.34')


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        (('--crf', '60'), 'error: crf=60: take a number from 0 to 51'),
        (('--max-failed', '2'), 'error: --max-failed 2: it is a share'),
        (('--workers', '0'), 'error: workers=0'),
    ],
)
def test_wrong_values_are_refused(videos, options, problem):
    assert reencode(videos, *options, code=1).startswith(problem)
    assert not (videos.parent / 'new').exists()


def test_interrupted_run_goes_on_where_it_stopped(videos):
    for i in range(20):
        shutil.copy(videos / 'b.mkv', videos / f'c{i:02}.mkv')
    # Reading a pipe waits, so the run stands still at the last video.
    os.mkfifo(videos / 'd.mp4')
    command = [sys.executable, 'tools/reencode.py', videos, videos.parent / 'new', '--workers', '1']
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    pipes = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.PIPE, 'text': True}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **pipes)
    first = videos.parent / 'new' / 'b.mp4'
    while not first.exists():
        time.sleep(0.01)
        assert process.poll() is None, process.communicate()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert errors == 'interrupted; the same command goes on where this one stopped\n'
    # A part that the killed worker left behind is none of them.
    done = {path: path.stat().st_ino for path in first.parent.glob('[a-d]*.mp4')}
    assert not (first.parent / 'd.mp4').exists()
    (videos / 'd.mp4').unlink()
    write_video(videos / 'd.mp4', noise_clip(2))
    assert '23 of 23 videos re-encoded' in reencode(videos)
    # The one that was being written may have been whole and not yet in the journal.
    again = [path for path, number in done.items() if path.stat().st_ino != number]
    assert len(again) <= 1
    assert not list(first.parent.glob('part-*'))
