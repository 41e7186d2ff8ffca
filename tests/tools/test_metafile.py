"""tools/metafile.py: what follows from the configs is so, what was entered by hand stays."""

import hashlib
import importlib.util
from types import ModuleType

import pytest
import yaml

from .running import ROOT, run

CONFIG = ROOT / 'configs' / 'gsf_r18_camera_motion.py'


@pytest.fixture
def metafile() -> ModuleType:
    spec = importlib.util.spec_from_file_location('metafile', ROOT / 'tools/metafile.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_index_is_what_the_program_writes():
    """All of it, half a minute; the next test has the small networks."""
    run('python', ROOT / 'tools/metafile.py', '--check', cwd=ROOT)


def test_the_index_has_what_is_counted(metafile):
    text = metafile.METAFILE.read_text(encoding='utf-8')
    models = {model['Name']: model for model in yaml.safe_load(text)['Models']}
    paths = sorted((ROOT / 'configs').glob('*_r18_*.py'))
    assert len(paths) >= 3
    found = yaml.safe_load(metafile.written(text, paths))['Models']
    assert found == [models[path.stem] for path in paths]


def test_what_was_entered_by_hand_stays(metafile):
    model = yaml.safe_load(metafile.written('', [CONFIG]))['Models'][0]
    assert (model['In Collection'], model['Metadata']['Frames']) == ('GSF', 8)
    assert 'Weights' not in model
    result = {'Dataset': 'CameraMotion', 'Metrics': {'Top 1 Accuracy': 90.0}}
    old = {
        **model,
        'Metadata': {**model['Metadata'], 'Parameters': 1, 'Epochs': 12},
        'Results': [result],
        'Published': [{**result, 'By': 'others'}],
        'Recipe': {'Status': 'never run'},
        'Weights': 'a.pth',
    }
    gone = {**model, 'Name': 'gone'}
    text = metafile.written(yaml.safe_dump({'Models': [gone, old]}), [CONFIG])
    (found,) = yaml.safe_load(text)['Models']
    assert found['Metadata'] == {**model['Metadata'], 'Epochs': 12}
    assert (found['Results'], found['Weights']) == ([result], 'a.pth')
    assert (found['Published'], found['Recipe']) == (old['Published'], old['Recipe'])


def test_weights_in_the_package_are_entered(metafile, tmp_path, monkeypatch):
    monkeypatch.setattr(metafile, 'ROOT', tmp_path)
    monkeypatch.setattr(metafile, 'WEIGHTS', tmp_path / 'mmgsf' / 'apis' / 'weights')
    metafile.WEIGHTS.mkdir(parents=True)
    (metafile.WEIGHTS / 'net-0.safetensors').write_bytes(b'weights')
    digest = hashlib.sha256(b'weights').hexdigest()
    assert metafile.packaged_weights('net') == {
        'Weights': 'package://mmgsf/apis/weights/net-0.safetensors',
        'SHA256': digest,
    }
    assert metafile.packaged_weights('other') == {}
    (metafile.WEIGHTS / 'net-1.safetensors').touch()
    with pytest.raises(SystemExit, match='2 files of weights of net'):
        metafile.packaged_weights('net')


def test_weights_that_have_gone_from_the_package_are_not_kept(metafile):
    old = {'Name': CONFIG.stem, 'Weights': 'package://mmgsf/apis/weights/a', 'SHA256': '0' * 64}
    found = yaml.safe_load(metafile.written(yaml.safe_dump({'Models': [old]}), [CONFIG]))
    assert found['Models'][0].keys() & {'Weights', 'SHA256'} == set()


def test_a_stale_index_is_refused(metafile, tmp_path, monkeypatch):
    monkeypatch.setattr(metafile, 'METAFILE', tmp_path / 'metafile.yml')
    monkeypatch.setattr(metafile, 'written', lambda old, paths: 'new')
    monkeypatch.setattr('sys.argv', ['metafile.py', '--check'])
    with pytest.raises(SystemExit, match=r'metafile\.yml is stale; run: python tools/metafile\.py'):
        metafile.main()
    monkeypatch.setattr('sys.argv', ['metafile.py'])
    metafile.main()
    assert metafile.METAFILE.read_text() == 'new'


def test_an_unknown_data_set_is_named(metafile):
    with pytest.raises(SystemExit, match='gsf_r50_mine ends in no known data set'):
        metafile.dataset_slug('gsf_r50_mine')
