"""The zoo index agrees with the configs, and its results with their commands and logs."""

import dataclasses
import importlib.util
import json
from pathlib import Path

import pytest

from mmgsf.apis.index import Entry, read_index

from ..tools.running import ROOT
from ..zoo import NAME, entry, result, write_index
from .index_checks import config_problems, recipe_problems, result_problems

INDEX = read_index()
CONFIG = f'configs/{NAME}.py'
TRAIN = f'tools/dist_train.sh {CONFIG} 2 --seed'


@pytest.fixture(scope='module')
def frame_size():
    spec = importlib.util.spec_from_file_location('metafile', ROOT / 'tools/metafile.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.frame_size


def made(tmp_path: Path, **fields: object) -> Entry:
    """An entry of NAME with one result, whose log lies below tmp_path."""
    log = tmp_path / 'docs' / 'logs' / f'{NAME}.json'
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(json.dumps({'results': [result()]}))
    path = write_index(tmp_path / 'a.yml', entry(NAME, Results=[result(**fields)]))
    return read_index(path)[NAME]


@pytest.mark.parametrize('name', INDEX)
def test_a_model_is_as_its_config_says(name, frame_size):
    assert list(config_problems(INDEX[name], frame_size)) == []


@pytest.mark.parametrize(
    ('field', 'value', 'words'),
    [
        ('config', 'configs/gsf_r18_gone.py', 'configs/gsf_r18_gone.py is not there'),
        ('name', 'other', 'config is configs/other.py, not'),
        ('num_segments', 16, 'num_segments is 8, not 16'),
        ('resolution', 224, 'resolution is 64, not 224'),
        ('parameters', 717369, 'parameters is 717368, not 717369'),
    ],
)
def test_a_model_that_is_not_is_found(field, value, words, frame_size):
    changed = dataclasses.replace(INDEX[NAME], **{field: value})
    (problem,) = config_problems(changed, frame_size)
    assert problem.startswith(words)


@pytest.mark.parametrize('name', [name for name in INDEX if INDEX[name].results] or [None])
def test_results_are_as_configs_commands_and_logs_say(name):
    """None has a result while the index has none; the next tests have made ones."""
    for measured in INDEX[name].results if name else ():
        assert list(result_problems(INDEX[name], measured)) == []


def test_a_right_result_has_no_problem(tmp_path):
    right = made(tmp_path)
    assert list(result_problems(right, right.results[0], tmp_path)) == []
    changed = {
        'Epochs': 3,
        'Batch': 16,
        'Seeds': [0, 1],
        'Spread': {'Top 1 Accuracy': 0.4},
        'Training': [
            'python tools/train.py configs/tsn_r18_camera_motion.py --seed 7',
            f'python tools/train.py {CONFIG} --seed 0 --cfg-options train_cfg.max_epochs=3',
            f'python tools/train.py {CONFIG} --seed 1 --cfg-options train_cfg.max_epochs=3',
        ],
        'Protocol': '2x3',
        'Test': f'python tools/test.py {CONFIG} CHECKPOINT --protocol 2x3',
    }
    several = made(tmp_path, **changed)
    (problem,) = result_problems(several, several.results[0], tmp_path)
    assert "has no ['CameraMotion (validation)', {'Top 1 Accuracy': 95.4}, {'Top 1" in problem
    log = tmp_path / several.results[0]['Log']
    log.write_text(json.dumps({'results': [result(**changed)]}))
    assert list(result_problems(several, several.results[0], tmp_path)) == []


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'Epochs': 15}, 'Epochs is 14, not 15'),
        ({'Batch': 16}, 'Batch is 32, not 16'),
        ({'Training': [f'{TRAIN} 0 --cfg-options train_cfg.max_epochs=3']}, 'Epochs is 3, not 14'),
        (
            {'Training': [f'{TRAIN} 0 --cfg-options optim_wrapper.accumulative_counts=2']},
            'Batch is 64, not 32',
        ),
        ({'Training': [f'{TRAIN} 1']}, r'have the seeds \[1\], not \[0\]'),
        ({'Training': [TRAIN.removesuffix(' --seed')]}, r'have the seeds \[None\], not \[0\]'),
        ({'Training': [f'{TRAIN} 0', f'{TRAIN} 0']}, r'have the seeds \[0, 0\], not \[0\]'),
        (
            {'Training': ['tools/dist_train.sh configs/gone.py 2']},
            'configs/gone.py of .* not there',
        ),
        ({'Training': ['python tools/gone.py']}, 'runs none of tools/train.py'),
        ({'Training': [f'{TRAIN} zero']}, 'has options that tools/dist_train.sh does not take'),
        (
            {'Training': ['python tools/train.py configs/tsn_r18_camera_motion.py --seed 0']},
            f'no Training command trains {CONFIG}',
        ),
        ({'Test': 'python tools/gone.py'}, 'Test runs tools/gone.py, which is not there'),
        (
            {'Test': 'python tools/test.py configs/tsn_r18_camera_motion.py CHECKPOINT'},
            'Test takes configs/tsn_r18',
        ),
        (
            {'Test': 'python tools/test.py configs/gone.py CHECKPOINT'},
            'configs/gone.py of .* there',
        ),
        ({'Protocol': '2x1'}, 'Protocol is 1x1, not 2x1'),
        (
            {'Test': f'tools/dist_test.sh {CONFIG} CHECKPOINT 2 --protocol 2x3'},
            'Protocol is 2x3, not 1x1',
        ),
        ({'Data': {**result()['Data'], 'List': 'a.txt'}}, r'List is one of .*, not a\.txt'),
        ({'Data': {**result()['Data'], 'Prepared By': 'b'}}, 'Prepared By is python .*, not b'),
        ({'Log': 'docs/logs/gone.json'}, r'docs/logs/gone\.json is not there'),
        ({'Metrics': {'Top 1 Accuracy': 95.5}}, r'has no .*95\.5'),
        ({'Dataset': 'CameraMotion (other)'}, r'has no .*other'),
    ],
)
def test_a_wrong_result_is_found(tmp_path, change, words):
    wrong = made(tmp_path, **change)
    problems = list(result_problems(wrong, wrong.results[0], tmp_path))
    with pytest.raises(ValueError, match=words):
        raise ValueError('; '.join(problems))


@pytest.mark.parametrize('name', [name for name in INDEX if INDEX[name].recipe])
def test_recipes_name_what_is_there(name):
    assert list(recipe_problems(INDEX[name])) == []


def test_a_wrong_recipe_is_found():
    recipe = {'Commands': ['python tools/gone.py', f'python tools/test.py {CONFIG} a.pth']}
    wrong = dataclasses.replace(INDEX['gsf_r50_ssv1'], recipe=recipe)
    assert list(recipe_problems(wrong)) == [
        'tools/gone.py is not there',
        f'it tests {CONFIG}, not configs/gsf_r50_ssv1.py',
    ]


def test_figures_of_others_are_of_the_same_data():
    found = [(model, figure) for model in INDEX.values() for figure in model.published]
    assert len(found) > 10
    for model, figure in found:
        assert figure['Dataset'].startswith(model.dataset)
