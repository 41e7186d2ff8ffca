"""The challenge's zip: what is written passes the check, what is wrong does not."""

import json
import zipfile

import numpy as np
import pytest

from mmgsf.evaluation import epic_submission
from mmgsf.evaluation.epic_scores import EpicScores
from mmgsf.evaluation.epic_submission import check_submission, write_submission

IDS = ['P03_01_0', 'P03_01_1']


@pytest.fixture
def scores() -> EpicScores:
    rng = np.random.default_rng(0)
    tables = (rng.normal(size=(2, count)).astype(np.float32) for count in (97, 300))
    return EpicScores(*tables, IDS[::-1])


def read(path) -> dict:
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ['test.json']
        return json.loads(archive.read('test.json'))


def write(path, content: dict | str) -> None:
    with zipfile.ZipFile(path, 'w') as archive:
        text = content if isinstance(content, str) else json.dumps(content)
        archive.writestr('test.json', text)


def test_form_and_values(tmp_path, scores):
    path = tmp_path / 'out.zip'
    write_submission(path, scores, IDS, sls_pt=1, sls_tl=3, sls_td=4)
    content = read(path)
    results = content.pop('results')
    assert content == {
        'version': '0.2',
        'challenge': 'action_recognition',
        'sls_pt': 1,
        'sls_tl': 3,
        'sls_td': 4,
    }
    assert list(results) == IDS
    for row, name in enumerate(scores.narration_ids):
        assert results[name].keys() == {'verb', 'noun'}
        verb, noun = results[name]['verb'], results[name]['noun']
        np.testing.assert_array_equal([verb[str(i)] for i in range(97)], scores.verb[row])
        np.testing.assert_array_equal([noun[str(i)] for i in range(300)], scores.noun[row])
    assert check_submission(path, IDS) == {'sls_pt': 1, 'sls_tl': 3, 'sls_td': 4}


@pytest.mark.parametrize(
    ('options', 'match'),
    [
        ({'narration_ids': IDS[:1]}, "no segments of this split, first 'P03_01_1'"),
        ({'narration_ids': [*IDS, 'P04_1_0']}, "are missing, first 'P04_1_0'"),
        ({'narration_ids': IDS, 'sls_td': 6}, 'sls_td is 6; it must be .* from 0 to 5'),
    ],
)
def test_nothing_wrong_is_written(tmp_path, scores, options, match):
    path = tmp_path / 'out.zip'
    with pytest.raises(ValueError, match=match):
        write_submission(path, scores, **options)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_the_old_file(tmp_path, scores, monkeypatch):
    path = tmp_path / 'out.zip'
    write_submission(path, scores, IDS)
    before = path.read_bytes()

    def interrupt(values: list[float]) -> dict:
        raise KeyboardInterrupt

    monkeypatch.setattr(epic_submission, '_named', interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_submission(path, scores, IDS, sls_pt=2)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def content(tmp_path, scores) -> dict:
    write_submission(tmp_path / 'good.zip', scores, IDS)
    return read(tmp_path / 'good.zip')


def broken(content: dict, change: str) -> dict | str:
    first = content['results'][IDS[0]]
    if change == 'version':
        content['version'] = '0.1'
    elif change == 'challenge':
        content['challenge'] = 'action_anticipation'
    elif change == 'no level':
        del content['sls_tl']
    elif change == 'level of truth':
        content['sls_tl'] = True
    elif change == 'segment missing':
        del content['results'][IDS[0]]
    elif change == 'segment unknown':
        content['results']['P99_1_0'] = first
    elif change == 'segment twice':
        text = json.dumps(content)
        return text.replace(f'"{IDS[1]}"', f'"{IDS[0]}"')
    elif change == 'no noun':
        del first['noun']
    elif change == 'score missing':
        del first['noun']['299']
    elif change == 'score surplus':
        first['verb']['97'] = 0.0
    elif change == 'not finite':
        first['verb']['5'] = float('nan')
    elif change == 'text':
        first['verb']['5'] = '0.5'
    elif change == 'no results':
        content['results'] = [first]
    elif change == 'list':
        return [content]
    elif change == 'no json':
        return '{'
    return content


@pytest.mark.parametrize(
    ('change', 'match'),
    [
        ('version', "version is '0.1'; it must be '0.2'"),
        ('challenge', "challenge is 'action_anticipation'"),
        ('no level', 'sls_tl is None'),
        ('level of truth', 'sls_tl is True'),
        ('segment missing', "are missing, first 'P03_01_0'"),
        ('segment unknown', "no segments of this split, first 'P99_1_0'"),
        ('segment twice', "'P03_01_0' stands there twice"),
        ('no noun', 'P03_01_0 noun: it must hold the keys "0" to "299"'),
        ('score missing', 'P03_01_0 noun: it must hold'),
        ('score surplus', 'P03_01_0 verb: it must hold the keys "0" to "96"'),
        ('not finite', 'P03_01_0 verb: score 5 is nan; it must be a finite number'),
        ('text', "P03_01_0 verb: score 5 is '0.5'"),
        ('no results', 'results is no object'),
        ('list', r'test\.json is no object'),
        ('no json', r'is no zip with a sound test\.json'),
    ],
)
def test_each_fault_is_found(tmp_path, content, change, match):
    path = tmp_path / 'bad.zip'
    write(path, broken(content, change))
    with pytest.raises(ValueError, match=match):
        check_submission(path, IDS)


def test_files_that_are_no_submission(tmp_path):
    path = tmp_path / 'bad.zip'
    with pytest.raises(FileNotFoundError, match='is not there'):
        check_submission(path, IDS)
    path.write_bytes(b'PK\x03\x04 cut')
    with pytest.raises(ValueError, match='is no zip'):
        check_submission(path, IDS)
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('results.json', '{}')
    with pytest.raises(ValueError, match=r"it holds \['results.json'\], not test.json alone"):
        check_submission(path, IDS)
