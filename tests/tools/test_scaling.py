"""tools/scaling.py takes a user's own figures."""

import re

import pytest

from .running import ROOT, run


def scaling(*options, code=0):
    return run('python', 'tools/scaling.py', *options, cwd=ROOT, code=code, PYTHONPATH=str(ROOT))


@pytest.mark.slow
def test_own_figures_change_what_they_should():
    page = (ROOT / 'docs/scaling.md').read_text(encoding='utf-8')
    usual = float(re.search(r'`gsf_r50_ssv2` \| 60 \| ([\d.]+) ', page)[1])
    fast = scaling('configs/gsf_r50_ssv2.py', '--gpu-tflops', 624, '--gpus', 64)
    hours = float(re.search(r'([\d.]+) GPU-hours', fast)[1])
    assert abs(usual / hours - 2) < 0.05
    assert '256 clips a step' in fast
    assert 'on 64 GPUs, limited by storage' in fast


@pytest.mark.slow
def test_tables_are_what_the_program_writes():
    scaling('--check')


def test_wrong_figures_end_it_with_one_line():
    output = scaling('--write', '--gpus', 16, code=1)
    assert output.startswith('error: --write and --check are of all configs by the defaults')
