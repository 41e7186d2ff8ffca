"""tools/benchmark.py measures, writes and reports; what is wrong ends it with one line."""

import importlib.util
import json

import pytest

from mmgsf.benchmark.results import read_results, write_results

from ..benchmark import made
from ..videos import noise_clip, write_video
from .running import ROOT, run


@pytest.fixture
def program(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location('benchmark', ROOT / 'tools/benchmark.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    readme = tmp_path / 'README.md'
    readme.write_text('above\n<!-- benchmark -->\n<!-- end of benchmark -->\nbelow\n')
    monkeypatch.setattr(module, 'README', readme)
    speed = tmp_path / 'speed.md'
    marks = ('goals', 'bf16', 'places')
    speed.write_text(''.join(f'<!-- {mark} -->\n<!-- end of {mark} -->\n' for mark in marks))
    monkeypatch.setattr(module, 'SPEED', speed)
    monkeypatch.setattr(module, 'PICTURE', tmp_path / 'benchmark.png')
    return module


def benchmark(*options, code=0):
    return run('python', 'tools/benchmark.py', *options, cwd=ROOT, code=code, PYTHONPATH=str(ROOT))


@pytest.mark.slow
def test_train_measures_networks_and_their_memory(tmp_path):
    file = tmp_path / 'results.json'
    output = benchmark(
        'train', '--size', 64, '--frames', 2, '--repeats', 1, '--threads', 1,
        '--contestants', 'r50/gsf25/eager', '--json', file,
    )  # fmt: skip
    results = read_results(file)
    assert results['machine']['threads'] == 1
    assert results['command'].startswith('tools/benchmark.py train --size 64')
    rows = results['train']['rows']
    assert [row['name'] for row in rows] == ['r50/plain/eager', 'r50/gsf25/eager']
    for row in rows:
        assert len(row['seconds']) == 1
        # Gradients and momentum alone are more than the parameters.
        assert row['peak_bytes'] is None or row['peak_bytes'] > 4 * row['parameters']
        assert row['saved_bytes'] > 0
    assert rows[1]['parameters'] > rows[0]['parameters']
    assert rows[1]['macs'] > rows[0]['macs']
    assert 'r50/gsf25/eager' in output
    assert 'ResNet-50, GSF 25 %: bytes kept for backward' in output


@pytest.mark.slow
def test_quick_measures_all_eager_networks(tmp_path):
    file = tmp_path / 'results.json'
    benchmark('model', '--quick', '--frames', 2, '--repeats', 1, '--json', file)
    results = read_results(file)
    assert {row['mode'] for row in results['model']['rows']} == {'eager'}
    assert {row['network'] for row in results['model']['rows']} == {
        'r50', 'bninception', 'inceptionv3'
    }  # fmt: skip
    assert any('--compile' in line for line in results['left_out'])


@pytest.mark.slow
def test_data_measures_given_videos(tmp_path):
    write_video(tmp_path / 'given' / 'a.mp4', noise_clip(0))
    (tmp_path / 'given' / 'note.txt').touch()
    file = tmp_path / 'results.json'
    output = benchmark('data', '--videos', tmp_path / 'given', '--repeats', 1, '--json', file)
    found = read_results(file)['data']
    assert (found['videos'], found['made']) == (1, False)
    assert 'making' not in output


def test_report_is_written_once_and_found_stale(program, tmp_path):
    file = tmp_path / 'results.json'
    write_results(file, made.results())
    stale = r'stale: README.md, speed.md, benchmark.png; run: python tools/benchmark.py report'
    with pytest.raises(ValueError, match=stale):
        program.write_report(file, True)
    program.write_report(file, False)
    assert program.PICTURE.stat().st_size > 0
    text = program.README.read_text()
    assert text.startswith('above\n')
    assert text.endswith('below\n')
    assert '| ResNet-50 | GSF 25 % |' in text
    speed = program.SPEED.read_text()
    assert '| ResNet-50, GSF 25 %: inference | 1.05 | 1.040' in speed
    assert '| stage1, each of 3 |' in speed
    program.write_report(file, True)
    program.SPEED.write_text(speed.replace('| 1.05 |', '| 1.15 |', 1))
    with pytest.raises(ValueError, match=r'stale: speed.md; run'):
        program.write_report(file, True)
    program.SPEED.write_text(speed)
    changed = made.results()
    for row in changed['model']['rows']:
        row['seconds'] = [2 * seconds for seconds in row['seconds']]
    write_results(file, changed)
    with pytest.raises(ValueError, match='stale: README.md; run'):
        program.write_report(file, True)
    changed = made.results()
    for row in changed['layer']['ratios']:
        row['seconds'] = [2 * seconds for seconds in row['seconds']]
    write_results(file, changed)
    with pytest.raises(ValueError, match='stale: benchmark.png; run'):
        program.write_report(file, True)


def test_report_wants_all_that_the_readme_shows(program, tmp_path):
    results = made.results()
    del results['layer']
    write_results(tmp_path / 'results.json', results)
    with pytest.raises(ValueError, match='lacks layer; measure with: tools/benchmark.py all'):
        program.write_report(tmp_path / 'results.json', False)


def test_pages_and_picture_show_the_committed_results():
    benchmark('report', 'docs/benchmark.json', '--check')
    assert json.loads((ROOT / 'docs/benchmark.json').read_text())['machine']['processor']


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['model', '--repeats', '0'], '--repeats 0: take 1 or more'),
        (['model', '--size', '100'], '--size 100: take a multiple of 32 from 64'),
        (['data', '--max-videos', '0'], '--max-videos 0: take 1 or more'),
        (['model', '--json', '.'], '--json . is a folder'),
    ],
)
def test_wrong_options_are_refused(program, monkeypatch, options, message):
    monkeypatch.setattr('sys.argv', ['benchmark.py', *options])
    with pytest.raises((ValueError, OSError), match=message):
        program.main(program.parse_args())


def test_error_is_one_line():
    output = benchmark('report', 'none.json', code=1)
    assert output.splitlines()[-1].startswith('error: none.json is not there; write it with')
    assert 'Traceback' not in output
