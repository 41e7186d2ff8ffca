"""The zoo index is read whole or refused by model, field and rule."""

from pathlib import Path

import pytest
import yaml

from mmgsf.apis import list_models
from mmgsf.apis.configs import config_folder, config_names
from mmgsf.apis.index import find_entry, read_index

from ..zoo import NAME, entry, result, write_index

DIGEST = '0123456789abcdef' * 4
FILE = f'gsf-{DIGEST[:8]}.pth'
SEVERAL = {'Seeds': [0, 1], 'Spread': {'Top 1 Accuracy': 0.4}}
PUBLISHED = {
    'Dataset': 'CameraMotion',
    'Metrics': {'Top 1 Accuracy': 50.63},
    'By': 'others',
    'Source': 'table 1 of https://example.org/paper',
}
RECIPE = {
    'Source': 'https://example.org/zoo',
    'Commands': ['python tools/test.py'],
    'Status': 'never run',
}


def test_every_config_has_one_entry():
    assert sorted(read_index()) == config_names()
    for name, found in read_index().items():
        assert (config_folder().parent / found.config).stem == name


def test_what_is_stated_is_read(tmp_path):
    path = write_index(
        tmp_path / 'a.yml',
        entry(
            'a',
            Weights=FILE,
            SHA256=DIGEST,
            Results=[result()],
            Published=[PUBLISHED],
            Recipe=RECIPE,
        ),
    )
    found = read_index(path)['a']
    assert (found.num_segments, found.parameters, found.macs) == (8, 720000, 90000000)
    assert (found.weights, found.sha256, found.results) == (FILE, DIGEST, (result(),))
    assert (found.published, found.recipe) == ((PUBLISHED,), RECIPE)
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
    ],
)
def test_other_entries_are_refused(tmp_path, change, words):
    path = write_index(tmp_path / 'a.yml', {**entry('a'), **change})
    with pytest.raises(ValueError, match=words):
        read_index(path)


@pytest.mark.parametrize('field', list(result()))
def test_a_result_has_every_field(tmp_path, field):
    short = {key: value for key, value in result().items() if key != field}
    path = write_index(tmp_path / 'a.yml', entry('a', Results=[result(), short]))
    with pytest.raises(ValueError, match=f'model a: Results: {field}: .* needed'):
        read_index(path)


@pytest.mark.parametrize(
    'change', [{}, SEVERAL, {'Data': {'Rendered': '240 clips, seed 1'}}, {'Remark': 'kept'}]
)
def test_whole_results_are_read(tmp_path, change):
    path = write_index(tmp_path / 'a.yml', entry('a', Results=[result(**change)]))
    assert read_index(path)['a'].results == (result(**change),)


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'Metrics': {'Top 1': 101}}, 'Metrics: Top 1 is a percentage, .* and 101 is none'),
        ({'Metrics': {'Top 1': True}}, 'Metrics: Top 1 is a percentage'),
        ({'Metrics': {'Top 1': float('nan')}}, 'Metrics: Top 1 is a percentage'),
        ({'Metrics': {}}, 'Metrics: names with numbers'),
        ({'Dataset': ''}, 'Dataset: a text'),
        ({'Clips': 0}, 'Clips: a whole number above 0'),
        ({'Epochs': 1.5}, 'Epochs: a whole number above 0'),
        ({'Batch': '32'}, 'Batch: a whole number above 0'),
        ({'Protocol': '2 x 3'}, "Protocol: clips x crops, .* not '2 x 3'"),
        ({'Log': 'work_dirs/a.json'}, 'Log: a file docs/logs/NAME.json'),
        ({'Log': 'docs/logs/../a.json'}, 'Log: a file docs/logs/NAME.json'),
        ({'Training': 'python tools/train.py'}, 'Training: a list of commands'),
        ({'Training': ['']}, 'Training: a list of commands'),
        ({'Seeds': 0}, 'Seeds: a list of whole numbers from 0'),
        ({'Seeds': []}, 'Seeds: a list of whole numbers from 0'),
        ({'Seeds': [-1]}, 'Seeds: a list of whole numbers from 0'),
        ({**SEVERAL, 'Seeds': [1, 1]}, 'Seeds: each stands once'),
        ({'Seeds': [0, 1]}, 'Spread: with several seeds'),
        ({**SEVERAL, 'Spread': {'Top 5 Accuracy': 0.4}}, 'Spread: with several seeds'),
        ({**SEVERAL, 'Spread': {'Top 1 Accuracy': -1}}, 'Spread: Top 1 Accuracy is a number from'),
        ({**SEVERAL, 'Spread': {'Top 1 Accuracy': float('inf')}}, 'Spread: Top 1 Accuracy is a'),
        ({'Spread': {'Top 1 Accuracy': 0.4}}, 'Spread: one seed has none'),
        ({'Data': {**result()['Data'], 'Rendered': 'a'}}, 'Data: List, SHA256 and Prepared By'),
        ({'Data': {'Rendered': ''}}, 'Rendered: a text'),
        ({'Data': {**result()['Data'], 'List': 'data/a.txt'}}, 'List: the name of the file alone'),
        ({'Data': {**result()['Data'], 'SHA256': DIGEST[:8]}}, 'Data: SHA256: 64'),
        ({'Data': {**result()['Data'], 'Prepared By': None}}, 'Prepared By: a text'),
    ],
)
def test_other_results_are_refused(tmp_path, change, words):
    path = write_index(tmp_path / 'a.yml', entry('a', Results=[result(**change)]))
    with pytest.raises(ValueError, match=f'model a: Results: {words}'):
        read_index(path)


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'Results': result()}, 'Results: a list of mappings'),
        ({'Results': ['90 %']}, 'Results: a list of mappings'),
        ({'Published': PUBLISHED}, 'Published: a list of mappings'),
        ({'Published': [{**PUBLISHED, 'By': None}]}, 'Published: By: a text'),
        ({'Published': [{**PUBLISHED, 'Source': None}]}, 'Published: Source: a text'),
        (
            {'Published': [{**PUBLISHED, 'Source': 'table 1'}]},
            'Published: Source: it holds an address',
        ),
        ({'Published': [{**PUBLISHED, 'Dataset': None}]}, 'Published: Dataset: a text'),
        ({'Published': [{**PUBLISHED, 'Metrics': {'Top 1': 101}}]}, 'Published: Metrics: Top 1'),
        ({'Published': [{**PUBLISHED, 'Protocol': ''}]}, 'Published: Protocol: a text'),
        ({'Published': [{**PUBLISHED, 'Log': 'a.json'}]}, 'Published: Log: only what was measured'),
        ({'Recipe': [RECIPE]}, 'Recipe: it is a mapping'),
        ({'Recipe': {**RECIPE, 'Source': 'a file'}}, 'Recipe: Source: it holds an address'),
        ({'Recipe': {**RECIPE, 'Commands': []}}, 'Recipe: Commands: a list of commands'),
        ({'Recipe': {**RECIPE, 'Status': None}}, 'Recipe: Status: a text'),
        ({'Recipe': {**RECIPE, 'Remark': 7}}, 'Recipe: Remark: a text'),
    ],
)
def test_other_figures_and_recipes_are_refused(tmp_path, change, words):
    path = write_index(tmp_path / 'a.yml', {**entry('a'), **change})
    with pytest.raises(ValueError, match=f'model a: {words}'):
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


def test_mim_shows_what_was_measured_and_no_figure_of_others(tmp_path):
    from mim.commands.search import convert2df
    from modelindex.load_model_index import load

    made = entry('a', Results=[result(**SEVERAL)], Published=[PUBLISHED], Recipe=RECIPE)
    (tmp_path / 'model-index.yml').write_text('Import: [a.yml]')
    content = {'Collections': [{'Name': 'GSF'}], 'Models': [made]}
    (tmp_path / 'a.yml').write_text(yaml.safe_dump(content))
    shown = convert2df(load(str(tmp_path / 'model-index.yml'))).loc['a']
    assert shown['cameramotion (validation)/top_1_accuracy'] == 95.4
    assert 50.63 not in list(shown)
