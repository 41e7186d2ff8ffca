"""All lists are written or none, the report tells what is in them, and an interrupt costs nothing."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mmgsf.datasets.preparation import scan_dataset

from ...trees import ROOT, make_diving48

TRAIN = 'diving48_train_list_videos.txt'


@pytest.fixture
def tree(tmp_path):
    return make_diving48(tmp_path / 'diving48')


def prepare(tree, **options):
    preparation = scan_dataset('diving48', tree, workers=1)
    preparation.write(**options)
    return preparation.report


def files(tree):
    """Contents of what a preparation wrote."""
    paths = [*tree.glob('*_list_*.txt'), *tree.glob('*_report.json')]
    return {path.name: path.read_bytes() for path in paths}


def test_report_tells_what_the_lists_hold(tree):
    (tree / 'rgb' / 'A_00001.mp4').unlink()
    (tree / 'rgb' / 'B_00000.mp4').write_bytes(b'no video')
    report = prepare(tree, max_missing=0.7)
    stored = json.loads((tree / 'diving48_report.json').read_text())
    assert stored == report.as_json()
    train = stored['splits']['train']
    assert train['sha256'] == hashlib.sha256((tree / TRAIN).read_bytes()).hexdigest()
    assert (train['annotated'], train['written']) == (3, 1)
    assert train['missing'] == ['A_00001']
    assert list(train['unreadable']) == ['B_00000']
    assert (train['frames'], train['sizes']) == ({'8-15': 1}, {'64x48': 1})
    text = report.text()
    assert f'train: 1 clips in {TRAIN}, 1 missing, 1 unreadable' in text
    assert train['sha256'] in text
    assert 'B_00000 (InvalidDataError' in text


def test_too_many_missing_are_refused_and_good_lists_stay(tree):
    prepare(tree)
    before = files(tree)
    (tree / 'rgb' / 'B_00000.mp4').unlink()
    with pytest.raises(ValueError, match=r'train: 1 clips are missing.*of 3, 0\.333.*B_00000'):
        prepare(tree, max_missing=0.33)
    assert files(tree) == before
    assert prepare(tree, max_missing=0.34).splits['train'].written == 2


def test_split_without_any_clip_is_refused_whatever_is_allowed(tree):
    (tree / 'rgb' / 'C_00000.mp4').unlink()
    with pytest.raises(ValueError, match='val: 1 clips are missing'):
        prepare(tree, max_missing=1.0)
    assert files(tree) == {}


def test_lists_that_cannot_be_written_leave_the_old_ones(tree):
    prepare(tree)
    before = files(tree)
    (tree / 'Diving48_V2_train.json').write_text(
        json.dumps([{'vid_name': 'A_00000', 'label': 1, 'start_frame': 0, 'end_frame': 12}])
    )
    blocked = tree / f'part-{os.getpid()}-diving48_val_list_videos.txt'
    blocked.mkdir()
    with pytest.raises(IsADirectoryError):
        prepare(tree)
    assert list(tree.glob('part-*')) == [blocked]
    blocked.rmdir()
    assert files(tree) == before


def rewrite(tree, split, *clips):
    rows = [{'vid_name': name, 'label': label} for name, label in clips]
    lines = ',\n'.join(map(json.dumps, rows))
    (tree / f'Diving48_V2_{split}.json').write_text(f'[\n{lines}\n]\n')


def test_clip_in_two_splits_is_refused_with_both_lines(tree):
    rewrite(tree, 'train', ('A_00000', 1), ('C_00000', 2))
    rewrite(tree, 'test', ('B_00000', 1), ('C_00000', 2))
    problem = r'V2_test\.json line 3: C_00000 stands at .*V2_train\.json line 3 too, in split train'
    with pytest.raises(ValueError, match=problem):
        prepare(tree)


def test_clip_with_two_labels_is_refused_and_a_repeated_row_left_out(tree):
    rewrite(tree, 'train', ('A_00000', 1), ('A_00000', 1), ('B_00000', 2))
    report = prepare(tree)
    assert report.notes == ['train: 1 repeated rows left out']
    assert (tree / TRAIN).read_text() == 'A_00000.mp4 1\nB_00000.mp4 2\n'
    rewrite(tree, 'train', ('A_00000', 1), ('A_00000', 3))
    with pytest.raises(ValueError, match=r'line 3: A_00000 stands at .* label 1'):
        prepare(tree)


@pytest.mark.parametrize(
    ('arguments', 'problem'),
    [
        ({'dataset': 'sthv2'}, "dataset='sthv2': known are ssv1, ssv2"),
        ({'workers': 0}, 'workers=0'),
    ],
)
def test_wrong_arguments_are_refused(tree, arguments, problem):
    with pytest.raises(ValueError, match=problem):
        scan_dataset(**{'dataset': 'diving48', 'root': tree, **arguments})


@pytest.mark.parametrize('share', [-0.1, 1.5])
def test_share_outside_its_range_is_refused(tree, share):
    with pytest.raises(ValueError, match='max_missing'):
        prepare(tree, max_missing=share)


def test_missing_pyav_is_said_before_anything_is_done(tree, monkeypatch):
    monkeypatch.setattr('mmgsf.datasets.preparation.media.find_spec', lambda name: None)
    with pytest.raises(ImportError, match='pip install av'):
        prepare(tree)


def tool(tree, *options):
    command = [sys.executable, 'tools/prepare_data.py', 'diving48', str(tree), *options]
    pipes = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'text': True}
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    # A group of its own, for Ctrl-C goes to the whole group of a terminal.
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **pipes)


def test_tool_prints_the_report_and_fails_in_one_line(tree):
    process = tool(tree, '--workers', '2')
    output, errors = process.communicate()
    assert (process.returncode, errors) == (0, '')
    assert f'train: 3 clips in {TRAIN}, 0 missing, 0 unreadable' in output
    (tree / 'rgb' / 'B_00000.mp4').unlink()
    process = tool(tree, '--max-missing', '0.1')
    output, errors = process.communicate()
    assert process.returncode == 1
    assert 'train: 2 clips in' in output
    assert errors.startswith('error: train: 1 clips are missing')
    assert errors.count('\n') == 1


def test_tool_refuses_a_wrong_share_before_the_scan(tree):
    process = tool(tree, '--max-missing', '5')
    _, errors = process.communicate()
    assert process.returncode == 2
    assert "--max-missing: invalid share value: '5'" in errors
    assert not list(tree.glob('*.jsonl'))


@pytest.mark.parametrize(
    ('stop', 'code'), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_interrupted_scan_goes_on_where_it_stopped(tree, stop, code):
    prepare(tree)
    wanted = files(tree)
    journal = tree / 'diving48_preparation.jsonl'
    journal.unlink()
    (tree / TRAIN).write_text('the good list\n')
    # Reading a pipe waits, so the scan stands still at the second clip.
    blocked = tree / 'rgb' / 'A_00001.mp4'
    video = blocked.read_bytes()
    blocked.unlink()
    os.mkfifo(blocked)
    process = tool(tree, '--workers', '1')
    while not (journal.exists() and journal.read_text().endswith('\n')):
        time.sleep(0.02)
        assert process.poll() is None, process.communicate()
    os.killpg(process.pid, stop)
    _, errors = process.communicate()
    assert process.returncode == code
    assert errors in ('', 'interrupted; the same command goes on where this one stopped\n')
    assert (tree / TRAIN).read_text() == 'the good list\n'
    first = journal.read_text()
    blocked.unlink()
    blocked.write_bytes(video)
    process = tool(tree, '--workers', '1')
    assert process.wait() == 0
    process.communicate()
    assert files(tree) == wanted
    keys = [json.loads(line)['key'] for line in journal.read_text().splitlines()]
    assert journal.read_text().startswith(first)
    assert sorted(keys) == [f'videos/{n}.mp4' for n in ('A_00000', 'A_00001', 'B_00000', 'C_00000')]
