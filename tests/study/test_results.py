"""Accuracies, means and spreads of runs, and the table made of them."""

from types import SimpleNamespace

from mmgsf.study.results import accuracies, joined, mean_and_spread, parts
from mmgsf.study.table import accuracy_text, table_rows

from .made import row, run_row, write_run_dump


def test_parts_are_told_apart_by_the_videos_names(tmp_path):
    found = parts(write_run_dump(tmp_path / 'a.npz'))
    assert found['photograph'].tolist() == 8 * [True, False]
    assert found['footage'].tolist() == 8 * [False, True]


def test_mean_and_sample_deviation():
    values = accuracies([run_row(0, 20, 4), run_row(1, 30, 8), run_row(2, 40, 12)], 'photograph')
    assert values == [50.0, 75.0, 100.0]
    assert mean_and_spread(values) == (75.0, 25.0)
    assert mean_and_spread([40.0]) == (40.0, None)
    assert (accuracy_text(values), accuracy_text([40.0])) == ('75.0 ± 25.0', '40.0')


def test_seeds_are_joined(tmp_path):
    runs = []
    for seed, wrong in ((0, 0), (1, 4)):
        write_run_dump(tmp_path / f'{seed}.npz', wrong)
        runs.append(SimpleNamespace(seed=seed, dump=tmp_path / f'{seed}.npz'))
    dump = joined(runs, 'footage')
    assert len(dump.names) == len(set(dump.names)) == 16
    hits = dump.scores.argmax(1) == dump.labels
    assert (hits[:8].sum(), hits[8:].sum()) == (8, 6)
    assert len(joined(runs).names) == 32


def test_table_has_a_row_for_each_network():
    rows = [
        row('gsf', 'layers', run_row(0, 40, 20), run_row(1, 36, 24)),
        row('no_fusion', 'ablations', run_row(0, 20, 10)),
    ]
    lines = list(table_rows({'rows': rows}))
    assert '| GSF | 8 | 0.72 M | 91.9 | 5.2 | 95.0 ± 7.1 | 55.0 ± 7.1 | 0, 1 |' in lines
    assert '| NO_FUSION | 8 | 0.72 M | 91.9 | 5.2 | 50.0 | 25.0 | 0 |' in lines
    assert '**Temporal layers in ResNet-18**' in lines
    assert not any('another backbone' in line for line in lines)
    assert lines[-1] == '3 runs, trained and tested, took 4 minutes of one core.'
    assert not any('minutes' in line for line in table_rows({'rows': rows}, ('layers',)))
