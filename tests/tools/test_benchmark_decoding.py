"""tools/benchmark_decoding.py compares like with like, and its PSNR is the one worked out by hand."""

import importlib.util
import json
import math

import numpy as np
import pytest

from mmgsf.datasets.preparation.encoder import Encoding
from mmgsf.datasets.preparation.reencode import reencode_video

from ..videos import noise_clip, write_video
from .running import ROOT, run

CLIPS = ROOT.parent / 'shared' / 'clips' / 'asl'


@pytest.fixture
def program():
    spec = importlib.util.spec_from_file_location(
        'benchmark_decoding', ROOT / 'tools/benchmark_decoding.py'
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def benchmark(tmp_path, *options, code=0):
    clips = [write_video(tmp_path / f'{i}.mp4', noise_clip(i)) for i in range(2)]
    command = ('python', 'tools/benchmark_decoding.py', *clips, '--rounds', '2', *options)
    return run(*command, cwd=ROOT, code=code, PYTHONPATH=str(ROOT))


def test_figures_are_of_the_files_that_the_reencoder_makes(tmp_path):
    file = tmp_path / 'results.json'
    output = benchmark(tmp_path, '--gop', '1', '4', '--crf', '22', '--json', file)
    results = json.loads(file.read_text())
    originals = [(tmp_path / f'{i}.mp4').stat().st_size for i in range(2)]
    assert results['original']['bytes'] == originals
    assert [(row['gop'], row['crf']) for row in results['encodings']] == [(1, 22), (4, 22)]
    for row in results['encodings']:
        sizes = []
        for i in range(2):
            target = tmp_path / 'copy.mp4'
            encoding = Encoding(gop=row['gop'], crf=row['crf'])
            assert not reencode_video(str(tmp_path / f'{i}.mp4'), str(target), encoding).error
            sizes.append(target.stat().st_size)
        assert row['bytes'] == sizes
        assert row['bytes_ratio'] == pytest.approx(sum(sizes) / sum(originals))
        assert row['least_ratio'] == sum(row['least']) / sum(results['original']['least'])
        assert all(30 < decibels < 60 for decibels in row['psnr'])
    assert [line.split('|')[1].strip() for line in output.splitlines()[3:]] == [
        'as it is',
        '1',
        '4',
    ]


def test_originals_of_something_somethings_kind_are_made_first(tmp_path):
    file = tmp_path / 'results.json'
    benchmark(tmp_path, '--vp9', '9', '--gop', '1', '--crf', '22', '--json', file)
    results = json.loads(file.read_text())
    assert results['vp9'] == 9
    mp4 = [(tmp_path / f'{i}.mp4').stat().st_size for i in range(2)]
    assert results['original']['bytes'] != mp4
    assert all(decibels > 30 for decibels in results['encodings'][0]['psnr'])


@pytest.mark.slow
@pytest.mark.skipif(not CLIPS.is_dir(), reason='needs the real clips of ../shared/clips')
def test_defaults_keep_to_bytes_and_quality_on_a_real_clip(tmp_path):
    clip, usual = sorted(CLIPS.glob('*.mkv'))[0], Encoding()
    file = tmp_path / 'results.json'
    run(
        *('python', 'tools/benchmark_decoding.py', clip, '--gop', usual.gop, '--crf', usual.crf),
        *('--rounds', 1, '--json', file),
        cwd=ROOT,
        PYTHONPATH=str(ROOT),
    )
    (row,) = json.loads(file.read_text())['encodings']
    assert min(row['psnr']) >= 38
    assert row['bytes_ratio'] <= 3.5


def test_psnr_is_the_one_worked_out_by_hand(program, tmp_path):
    one, other = (
        write_video(tmp_path / f'{level}.mp4', np.full((4, 48, 64, 3), level, np.uint8), qp='0')
        for level in (100, 151)
    )
    assert program.luma_psnr(str(one), str(one)) == 100
    # 51 levels of grey are 51 * 219 / 255 of luma.
    expected = 20 * math.log10(255 / (51 * 219 / 255))
    assert program.luma_psnr(str(one), str(other)) == pytest.approx(expected, abs=0.2)


def test_wrong_input_ends_it_with_one_line(tmp_path):
    command = ('python', 'tools/benchmark_decoding.py', tmp_path / 'none.mp4')
    output = run(*command, cwd=ROOT, code=1, PYTHONPATH=str(ROOT))
    assert output.startswith(f'error: {tmp_path}/none.mp4 is not there')
    (tmp_path / 'bad.mp4').write_bytes(b'no video')
    command = ('python', 'tools/benchmark_decoding.py', tmp_path / 'bad.mp4', '--crf', '22')
    output = run(*command, cwd=ROOT, code=1, PYTHONPATH=str(ROOT))
    assert output.startswith('error: bad.mp4: InvalidDataError')
