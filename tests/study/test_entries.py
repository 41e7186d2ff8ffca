"""What the zoo index gets of the comparison's record, and how it gets there."""

import mmgsf.register  # noqa: F401, I001

import json

import pytest
import yaml

from mmgsf.apis.index import read_index
from mmgsf.apis.index_fields import check_result
from mmgsf.benchmark.machine import describe_machine
from mmgsf.evaluation.training_record import environment
from mmgsf.publishing.entry import with_results_of
from mmgsf.study import RECORD
from mmgsf.study.entries import by_model, index_results
from mmgsf.study.plan import ROWS
from mmgsf.study.record import threads_of_runs
from mmgsf.study.runs import ROOT, SETTINGS, Run
from tests import zoo

from .made import row, run_row

MODEL = 'gsf_r18_mixed_camera_motion'
RUNS = [run_row(0, 40, 20) | {'commands': ['a']}, run_row(1, 36, 28) | {'commands': ['b']}]
FACTS = {'config': f'configs/{MODEL}.py', 'options': [], 'epochs': 16, 'batch': 16}


def record(*rows: dict) -> dict:
    return {'lists': {'test': {'name': 'list.txt', 'sha256': 'a' * 64}}, 'rows': list(rows)}


def test_rows_of_a_config_as_it_stands_have_mean_and_spread():
    changed = FACTS | {'options': ['model.backbone.gate=1.0']}
    (found,) = index_results(
        record(
            row('gsf', 'layers', *RUNS) | FACTS,
            row('once', 'layers', RUNS[0]) | FACTS,
            row('gate_plus', 'ablations', *RUNS) | changed,
        )
    )
    assert found['Model'] == MODEL
    assert found['Metrics'] == {
        'Top 1 Accuracy': 77.5,
        'Top 1 Accuracy Photograph': 95.0,
        'Top 1 Accuracy Footage': 60.0,
    }
    assert list(found['Spread'].values()) == [3.5355, 7.0711, 14.1421]
    assert (found['Clips'], found['Seeds'], found['Training']) == (80, [0, 1], ['a', 'b'])
    assert found['Data']['Prepared By'].endswith('--setting mixed')
    check_result(by_model([found])[MODEL][0])


def test_results_of_a_log_take_the_place_of_its_earlier_ones(tmp_path):
    other, old, new = (
        zoo.result(Dataset=name, Log=log)
        for name, log in (('other', zoo.result()['Log']), ('old', RECORD), ('new', RECORD))
    )
    weights = {'Weights': 'package://mmgsf/a.safetensors', 'SHA256': '0' * 64}
    path = zoo.write_index(
        tmp_path / 'a.yml',
        zoo.entry(zoo.NAME, Results=[other, old], **weights),
        zoo.entry(zoo.UNPUBLISHED, Results=[old]),
    )
    before = path.read_text()
    path.write_text(with_results_of(f'# head\n{before}', RECORD, {zoo.NAME: [new]}))
    entries = read_index(path)
    assert [result['Dataset'] for result in entries[zoo.NAME].results] == ['other', 'new']
    assert entries[zoo.UNPUBLISHED].results == ()
    text = path.read_text()
    assert text.startswith('# head\n')
    # tools/metafile.py has them last.
    assert list(yaml.safe_load(text)['Models'][0])[-2:] == ['Weights', 'SHA256']
    assert with_results_of(text, RECORD, {zoo.NAME: [new]}) == text
    with pytest.raises(ValueError, match='lacks gone'):
        with_results_of(text, RECORD, {'gone': [new]})


def test_record_in_the_repository_has_the_results_of_its_rows():
    found = json.loads((ROOT / RECORD).read_text(encoding='utf-8'))
    assert found['results'] == index_results(found)
    assert len(found['results']) == len([one for one in ROWS if not one.options])


def test_threads_of_the_runs_are_recorded_and_shown(tmp_path):
    with threads_of_runs():
        assert environment()['threads'] == describe_machine()['threads'] == 1
    assert SETTINGS == {'OMP_NUM_THREADS': '1'}
    train, test = Run(ROWS[0], 2, tmp_path).shown_commands()
    program = f'tools/train.py configs/{MODEL}.py --seed 2 --work-dir WORK_DIR'
    assert train == f'OMP_NUM_THREADS=1 python {program}'
    assert test.startswith(f'OMP_NUM_THREADS=1 python tools/test.py configs/{MODEL}.py WORK_DIR/')
