"""`mmgsf models` says what there is and whether its weights are to be had."""

import json

from mmgsf.apis.index import read_index

from ..zoo import NAME, UNPUBLISHED, use_index

DIGEST = '0123456789abcdef' * 4


def test_all_models_are_listed(run):
    code, out, err = run('models')
    assert (code, err) == (0, '')
    assert [line.split()[0] for line in out.splitlines()] == ['model', *read_index()]


def test_a_row_says_what_the_index_says(run, tmp_path, monkeypatch):
    place = 'package://mmgsf/apis/weights/a.safetensors'
    use_index(monkeypatch, tmp_path / 'a.yml', Weights=place, SHA256=DIGEST)
    _, out, _ = run('models')
    assert out.splitlines() == [
        'model                  data          frames  parameters  GMAC  weights',
        f'{NAME}  CameraMotion       8      0.72 M  0.09  in the package',
        f'{UNPUBLISHED}           CameraMotion       8      0.72 M  0.09  none published',
    ]
    code, out, _ = run('models', '--pretrained', '--json')
    (found,) = json.loads(out)
    assert code == 0
    assert (found['name'], found['weights'], found['sha256']) == (NAME, place, DIGEST)
    assert (found['parameters'], found['macs'], found['frames']) == (720000, 90000000, 8)


def test_figures_of_others_stand_apart(run, tmp_path, monkeypatch):
    figure = {
        'Dataset': 'CameraMotion',
        'Metrics': {'Top 1 Accuracy': 50.63},
        'By': 'others',
        'Source': 'https://example.org',
    }
    use_index(monkeypatch, tmp_path / 'a.yml', Published=[figure])
    (found,) = json.loads(run('models', NAME, '--json')[1])
    assert (found['results'], found['published_by_others']) == ([], [figure])
    assert found['recipe'] is None
    assert '50.63' not in run('models')[1]


def test_a_pattern_that_fits_none(run):
    code, out, err = run('models', 'nothing*')
    assert (code, out) == (1, '')
    assert err == "error: no model fits 'nothing*'\n"
    assert run('models', 'nothing*', '--json')[:2] == (1, '[]\n')
