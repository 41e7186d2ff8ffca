"""tools/verify_zoo.py: a published file is what the index says, or the program says in what it is not."""

import hashlib
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from mmgsf.checkpoints import load_from_local, save_weights
from mmgsf.evaluation import judge_footage
from mmgsf.evaluation.judge_footage import Verdict
from tests import zoo
from tests.trained import LIST, NAME

from .publishing import call, make_checkout, publish


def judge_by_counting(patch: pytest.MonkeyPatch) -> None:
    """Fixed answers in the place of CameraMotion's judges, whose own tests are in tests/evaluation."""
    counts = {'clips': 24, 'correct': 18, 'correct_backwards': 12}
    verdict = Verdict(np.arange(8), np.eye(8)[::-1], np.zeros(8, int), np.ones(8))
    unmoved = {'videos': 1}
    patch.setattr(judge_footage, 'judge_rendered', lambda *args, **kwargs: dict(counts))
    patch.setattr(judge_footage, 'judge', lambda *args: verdict)
    patch.setattr(judge_footage, 'judge_unmoved', lambda *args: unmoved)


@pytest.fixture(scope='module')
def entered(trained, tmp_path_factory):
    """A checkout with NAME published, tested, judged and entered, and its files in `out`."""
    root = tmp_path_factory.mktemp('entered')
    video = root / 'a.mp4'
    video.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(trained)
        judge_by_counting(patch)
        make_checkout(trained, root / 'checkout', patch)
        options = ('--test', '--dataset', 'CameraMotion (validation)', '--judge', 24)
        options += ('--videos', video, '--clips-per-video', 8)
        assert publish('--out', root / 'out', '--enter', *options, patch=patch) == 0
    return root


@pytest.fixture
def checkout(entered, trained, tmp_path, monkeypatch) -> Path:
    """A copy of it, to change; the working folder has the data of the training."""
    from mmgsf.apis import index

    root = Path(shutil.copytree(entered, tmp_path / 'copy'))
    monkeypatch.setattr(index, 'index_path', lambda: root / 'checkout' / 'configs' / 'metafile.yml')
    monkeypatch.setenv('MMGSF_ZOO', str(root / 'out'))
    monkeypatch.chdir(trained)
    judge_by_counting(monkeypatch)
    return root


def change(checkout: Path, **fields) -> None:
    """Changes fields of NAME's entry; `Results` by a function of its list."""
    path = checkout / 'checkout' / 'configs' / 'metafile.yml'
    content = yaml.safe_load(path.read_text())
    (model,) = [model for model in content['Models'] if model['Name'] == NAME]
    for key, value in fields.items():
        model[key] = value(model[key]) if callable(value) else value
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def verify(*arguments, patch) -> int:
    return call('verify_zoo', *arguments, patch=patch)


def keep(*numbers: int):
    return lambda results: [results[number] for number in numbers]


def test_a_published_model_passes(checkout, monkeypatch, capsys):
    assert verify(NAME, '--videos', checkout / 'a.mp4', patch=monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()
    lines = [line for line in lines if line.startswith('  ')]
    assert len(lines) > 12
    assert {line.split()[0] for line in lines} == {'equal'}
    assert any('0 clips may differ' in line for line in lines)
    assert any('list_videos.txt: sha256' in line for line in lines)


def test_videos_that_are_not_given_are_left_out_and_named(checkout, monkeypatch, capsys):
    change(checkout, Results=keep(3))
    assert verify(NAME, patch=monkeypatch) == 0
    assert 'not tested: needs --videos' in capsys.readouterr().out


def test_a_difference_beyond_the_tolerance_fails(checkout, monkeypatch, capsys):
    def one_clip_more(results):
        result = results[0]
        result['Metrics'] = {
            name: value + (100 / 24 if value < 50 else -100 / 24)
            for name, value in result['Metrics'].items()
        }
        return [result]

    change(checkout, Results=one_clip_more)
    assert verify(NAME, patch=monkeypatch) == 1
    out = capsys.readouterr().out
    assert out.count('DIFFERS') == 2
    # Where the log is of another environment, one clip is the default.
    (checkout / 'checkout' / 'docs' / 'logs' / f'{NAME}.json').write_text('{}')
    assert verify(NAME, patch=monkeypatch) == 0
    assert '1 clips may differ' in capsys.readouterr().out


def test_another_file_differs(checkout, monkeypatch, capsys):
    change(checkout, Results=keep(0))
    loaded = load_from_local(str(next((checkout / 'out').glob('*.pth'))))
    weights = {key: value.clone() for key, value in loaded['state_dict'].items()}
    torch.manual_seed(0)
    weights['cls_head.fc_cls.weight'].normal_()
    save_weights(checkout / 'other.pth', weights, {**loaded['meta'], 'num_segments': None})
    assert (
        verify(NAME, '--weights', checkout / 'other.pth', '--tolerance', 24, patch=monkeypatch) == 1
    )
    differing = [line for line in capsys.readouterr().out.splitlines() if 'DIFFERS' in line]
    names = [line.split('DIFFERS ')[1].split('  ')[0].strip() for line in differing]
    assert names == ['sha256', 'T of the file']  # not the figures: all of them may differ


def fails(capsys, words, *arguments, patch) -> None:
    capsys.readouterr()
    assert verify(*arguments, patch=patch) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith('error: ')
    assert words in line


def test_data_and_files_that_are_not_there_are_named(checkout, tmp_path, monkeypatch, capsys):
    change(checkout, Results=keep(0))
    data = Path(LIST)
    (tmp_path / 'elsewhere').mkdir()
    monkeypatch.chdir(tmp_path / 'elsewhere')
    remedy = 'prepare the data: python tools/prepare_data.py camera_motion data/camera_motion'
    fails(capsys, remedy, NAME, patch=monkeypatch)
    data.parent.mkdir(parents=True)
    data.write_text('other.mp4 0\n')
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    fails(capsys, f'its SHA-256 is {digest}, not', NAME, patch=monkeypatch)
    fails(capsys, 'no model', 'nonsense', patch=monkeypatch)
    fails(capsys, 'none are published', zoo.UNPUBLISHED, patch=monkeypatch)
    monkeypatch.setenv('MMGSF_ZOO', str(tmp_path))
    fails(capsys, 'is not there', NAME, patch=monkeypatch)


def test_a_damaged_file_is_refused(checkout, monkeypatch, capsys):
    (file,) = (checkout / 'out').glob('*.safetensors')
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    fails(capsys, 'the zoo index states the SHA-256', NAME, patch=monkeypatch)


@pytest.mark.parametrize(
    ('field', 'value', 'words'),
    [
        ('Test', 'python tools/other.py', 'runs none of tools/test.py'),
        (
            'Test',
            f'python tools/test.py configs/{NAME}.py CHECKPOINT --amp',
            'cannot be repeated here: it has --amp',
        ),
        ('Test', 'python tools/test.py configs/tsn.py CHECKPOINT', 'it has configs/tsn.py'),
        ('Protocol', '2x1', 'gives 1x1, Protocol is 2x1'),
    ],
)
def test_a_test_of_another_form_is_refused(checkout, monkeypatch, capsys, field, value, words):
    change(checkout, Results=lambda results: [{**results[0], field: value}])
    fails(capsys, words, NAME, patch=monkeypatch)


def test_a_mean_over_seeds_is_not_compared(checkout, monkeypatch, capsys):
    spread = {'Spread': {'Top 1 Accuracy': 1.0, 'Top 5 Accuracy': 1.0}, 'Seeds': [3, 4]}
    change(checkout, Results=lambda results: [{**results[0], **spread}])
    assert verify(NAME, patch=monkeypatch) == 0
    assert capsys.readouterr().out.count('a mean over seeds') == 2


def test_parts_of_a_mean_are_not_measured_and_do_not_differ(checkout, monkeypatch, capsys):
    parts = {'Metrics': {'Top 1 Accuracy Footage': 50.0}, 'Spread': {'Top 1 Accuracy Footage': 1.0}}
    changed = {
        **parts,
        'Seeds': [3, 4],
        'Test': f'python tools/test.py configs/{NAME}.py C --dump a',
    }
    change(checkout, Results=lambda results: [{**results[0], **changed}])
    assert verify(NAME, patch=monkeypatch) == 0
    assert re.search(r'50\.00 \+- 1\.00 +not measured +a mean over seeds', capsys.readouterr().out)
    change(checkout, Results=lambda results: [{**results[0], 'Seeds': [3], 'Spread': None}])
    assert verify(NAME, patch=monkeypatch) == 1
    assert re.search(r'DIFFERS .*Footage +50\.00 +not measured', capsys.readouterr().out)


def test_all_goes_on_after_a_fault(checkout, monkeypatch, capsys):
    path = checkout / 'checkout' / 'configs' / 'metafile.yml'
    content = yaml.safe_load(path.read_text())
    content['Models'][0] |= {'Weights': 'gone-00000000.pth', 'SHA256': '0' * 64}
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    change(checkout, Results=[])
    assert verify('--all', patch=monkeypatch) == 1
    captured = capsys.readouterr()
    assert f'error: {zoo.UNPUBLISHED}: ' in captured.err
    assert 'the entry has none: nothing to test again' in captured.out
