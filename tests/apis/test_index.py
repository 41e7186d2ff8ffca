"""The zoo index is read whole or refused by model, field and rule."""

from pathlib import Path

import pytest
import yaml

from mmgsf.apis import list_models
from mmgsf.apis.configs import config_folder, config_names
from mmgsf.apis.index import find_entry, read_index

from ..zoo import NAME, entry, write_index

DIGEST = '0123456789abcdef' * 4
FILE = f'gsf-{DIGEST[:8]}.pth'
RESULT = {'Dataset': 'CameraMotion', 'Task': 'Action Recognition', 'Metrics': {'Top 1': 90.5}}


def test_every_config_has_one_entry():
    assert sorted(read_index()) == config_names()
    for name, found in read_index().items():
        assert (config_folder().parent / found.config).stem == name


def test_what_is_stated_is_read(tmp_path):
    path = write_index(
        tmp_path / 'a.yml', entry('a', Weights=FILE, SHA256=DIGEST, Results=[RESULT])
    )
    found = read_index(path)['a']
    assert (found.num_segments, found.parameters, found.macs) == (8, 720000, 90000000)
    assert (found.weights, found.sha256, found.results) == (FILE, DIGEST, (RESULT,))
    assert (found.collection, found.dataset) == ('GSF', 'CameraMotion')


@pytest.mark.parametrize(
    'weights',
    [
        f'package://mmgsf/apis/weights/{FILE}',
        'package://mmgsf/apis/weights/gsf.safetensors',
        f'https://example.org/zoo/{FILE}',
        f'file:///zoo/{FILE}',
        FILE,
    ],
)
def test_places_of_weights(tmp_path, weights):
    path = write_index(tmp_path / 'a.yml', entry('a', Weights=weights, SHA256=DIGEST))
    assert read_index(path)['a'].weights == weights


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'Config': 'configs/b.py'}, r'model a: Config: the file is a\.py'),
        ({'Config': None}, 'model a: Config: a text is needed'),
        ({'Metadata': 7}, 'model a: Metadata: it is a mapping'),
        ({'Metadata': {**entry('a')['Metadata'], 'Frames': 0}}, 'Frames: a whole number above 0'),
        ({'Metadata': {**entry('a')['Metadata'], 'MACs': '9 G'}}, "above 0 is needed, not '9 G'"),
        ({'SHA256': DIGEST}, 'no Weights that it could be of'),
        ({'Weights': FILE}, 'SHA256: Weights need it'),
        ({'Weights': FILE, 'SHA256': DIGEST[:8]}, 'SHA256: Weights need it'),
        ({'Weights': 7, 'SHA256': DIGEST}, 'Weights: a text'),
        ({'Weights': 'gsf.pth', 'SHA256': DIGEST}, 'ends in -01234567'),
        ({'Weights': f'zoo/{FILE}', 'SHA256': DIGEST}, 'the name of a file alone'),
        ({'Weights': f's3://zoo/{FILE}', 'SHA256': DIGEST}, 'the scheme is one of'),
        ({'Weights': f'package://mmgsf/../{FILE}', 'SHA256': DIGEST}, "holds no '..'"),
        ({'Weights': f'package://torch/{FILE}', 'SHA256': DIGEST}, 'followed by mmgsf/'),
        ({'Weights': 'https://example.org/a.zip', 'SHA256': DIGEST}, 'the file ends in one of'),
        ({'Results': [{**RESULT, 'Metrics': {'Top 1': 101}}]}, 'Top 1 is a percentage'),
        ({'Results': [{**RESULT, 'Metrics': {}}]}, 'Metrics: names with numbers'),
        ({'Results': [{**RESULT, 'Dataset': ''}]}, 'Dataset: a text'),
    ],
)
def test_other_entries_are_refused(tmp_path, change, words):
    path = write_index(tmp_path / 'a.yml', {**entry('a'), **change})
    with pytest.raises(ValueError, match=words):
        read_index(path)


def test_a_name_stands_once(tmp_path):
    path = write_index(tmp_path / 'a.yml', entry('a'), entry('a'))
    with pytest.raises(ValueError, match='model a: Name: it stands there twice'):
        read_index(path)


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('Models: [', 'is no YAML'),
        ('[]', 'no list of Models'),
        ('Models: [7]', 'model 1: Models: each is a mapping'),
        ('Models: [!!python/object/apply:os.getcwd []]', 'is no YAML'),
    ],
)
def test_other_files_are_refused(tmp_path, text, words):
    (tmp_path / 'a.yml').write_text(text)
    with pytest.raises(ValueError, match=words):
        read_index(tmp_path / 'a.yml')
    with pytest.raises(FileNotFoundError, match=r'b\.yml is not there'):
        read_index(tmp_path / 'b.yml')


def test_unknown_models_are_named_with_the_nearest():
    assert find_entry(NAME).name == NAME
    with pytest.raises(ValueError, match=f"no model '{NAME}s'; did you mean {NAME}"):
        find_entry(f'{NAME}s')


def test_names_by_pattern():
    assert 'gsf_r50_ssv2' in list_models('*_ssv2')
    assert all(name.endswith('_ssv2') for name in list_models('*_ssv2'))
    assert set(list_models(pretrained=True)) | set(list_models(pretrained=False)) == set(
        config_names()
    )
    assert list_models('nothing') == []


def test_mim_reads_the_index():
    root = Path(__file__).parents[2]
    imported = yaml.safe_load((root / 'model-index.yml').read_text())['Import']
    assert imported == ['configs/metafile.yml']
    content = yaml.safe_load((root / imported[0]).read_text())
    assert {model['In Collection'] for model in content['Models']} == {
        collection['Name'] for collection in content['Collections']
    }
