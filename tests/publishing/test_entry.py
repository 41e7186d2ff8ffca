"""An index with an entry changed keeps all else."""

import pytest
import yaml

from mmgsf.apis.index import index_path
from mmgsf.publishing.entry import merged

TEXT = index_path().read_text(encoding='utf-8')
NAME = 'gsf_r18_camera_motion'
FIELDS = {'Weights': 'a-00000000.pth', 'SHA256': '0' * 64}


def result(
    dataset: str, value: float, protocol: str = '1x1', seeds: tuple[int, ...] = (0,)
) -> dict:
    return {
        'Dataset': dataset,
        'Metrics': {'Top 1 Accuracy': value},
        'Protocol': protocol,
        'Seeds': list(seeds),
    }


def models(text: str) -> dict[str, dict]:
    return {model['Name']: model for model in yaml.safe_load(text)['Models']}


def test_all_else_of_the_file_stays():
    text = merged(TEXT, NAME, FIELDS | {'Results': [result('a', 1.0)]})
    before, after = TEXT.splitlines(), text.splitlines()
    assert text.startswith('# The zoo index.')
    assert [line for line in before if line not in after] == []
    old, new = models(TEXT), models(text)
    assert list(old) == list(new)
    changed = [name for name in old if old[name] != new[name]]
    assert changed == [NAME]
    assert list(new[NAME])[-3:] == ['Results', 'Weights', 'SHA256']


def test_entered_twice_is_entered_once():
    once = merged(TEXT, NAME, FIELDS | {'Results': [result('a', 1.0)]})
    assert merged(once, NAME, FIELDS | {'Results': [result('a', 1.0)]}) == once


def test_a_result_replaces_the_one_of_its_data_and_protocol():
    text = merged(TEXT, NAME, FIELDS | {'Results': [result('a', 1.0), result('b', 2.0)]})
    text = merged(text, NAME, FIELDS | {'Results': [result('a', 3.0), result('b', 4.0, '2x1')]})
    found = {(r['Dataset'], r['Protocol']): r['Metrics'] for r in models(text)[NAME]['Results']}
    assert found == {
        ('a', '1x1'): {'Top 1 Accuracy': 3.0},
        ('b', '1x1'): {'Top 1 Accuracy': 2.0},
        ('b', '2x1'): {'Top 1 Accuracy': 4.0},
    }


def test_results_of_other_weights_go():
    text = merged(TEXT, NAME, FIELDS | {'Results': [result('a', 1.0), result('b', 2.0)]})
    other = {'Weights': 'a-11111111.pth', 'SHA256': '1' * 64}
    assert 'Results' not in models(merged(text, NAME, other))[NAME]
    text = merged(text, NAME, other | {'Results': [result('b', 3.0)]})
    assert models(text)[NAME]['Results'] == [result('b', 3.0)]
    # A mean over several seeds is of no file of weights.
    mean = result('several', 5.0, seeds=(0, 1, 2))
    text = merged(text, NAME, other | {'Results': [mean]})
    assert models(merged(text, NAME, FIELDS))[NAME]['Results'] == [mean]


def test_a_model_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r'0 models of the name mine; .* tools/metafile\.py'):
        merged(TEXT, 'mine', FIELDS)
