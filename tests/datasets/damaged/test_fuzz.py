"""The fuzz program in small, and memory over some hundred decodes."""

import pytest

from mmgsf.datasets.damaged import fuzz
from mmgsf.datasets.decoding import decoding_process

from ...tools.running import ROOT, run


@pytest.mark.slow
def test_fuzz_program(tmp_path):
    program = ('python', ROOT / 'tools/fuzz_videos.py')
    log = run(*program, '--files', 77, '--seed', 1, '--memory', 20, cwd=tmp_path)
    total = next(line for line in log.splitlines() if line.startswith('| all'))
    assert total.split('|')[2].strip() == '77'
    assert 'another frame' not in log
    memory = [line.split('|') for line in log.splitlines()[-10:]]
    assert [int(decodes) for _, decodes, *_ in memory] == list(range(2, 21, 2))
    assert all(1 < float(size) < 2000 for _, _, *sizes, _ in memory for size in sizes)


def test_damage_follows_from_the_seed(tmp_path):
    (source, *_) = fuzz.make_sources(tmp_path)
    for kind in fuzz.DAMAGES:
        copies = []
        for name, seed in (('a', 5), ('b', 5), ('c', 6)):
            fuzz.damage(source, tmp_path / name, kind, seed)
            copies.append((tmp_path / name).read_bytes())
        assert copies[0] == copies[1]
        if kind not in (*fuzz.CERTAIN, 'frame count'):
            assert copies[0] != copies[2], kind


@pytest.mark.parametrize('outcome', ['another frame', 'shorter', 'altered', 'equal'])
def test_comparison_tells_outcomes_apart(outcome):
    import numpy as np

    rng = np.random.default_rng(0)
    original = rng.integers(0, 256, (6, 8, 8, 3), np.uint8)
    images = [original[2], original[4]]
    if outcome == 'another frame':
        images[1] = original[3]
    if outcome == 'altered':
        images[1] = images[1] // 2
    found = {
        'total_frames': 5 if outcome == 'shorter' else 6,
        'frame_inds': [2, 4],
        'imgs': images,
    }
    assert fuzz._compare(found, original) == outcome


@pytest.mark.slow
def test_memory_stays_flat(tmp_path):
    sources = [str(path) for path in fuzz.make_sources(tmp_path / 'sources')]
    files = [(path, path) for path in sources]
    table = fuzz.measure_memory(files, str(tmp_path), 400)
    # What caches and allocators take comes at the beginning.
    for before, after in zip(table[3], table[-1], strict=True):
        assert after - before < 8e6
    assert table[-1][1] < 300e6
    assert decoding_process().process is not None
