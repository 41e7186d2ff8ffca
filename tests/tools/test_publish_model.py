"""tools/publish_model.py: from a training's checkpoint to files that others can use."""

import fcntl
import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest
import torch
import yaml

from mmgsf.apis import index, load_model
from mmgsf.checkpoints import load_from_local
from mmgsf.checkpoints.whole import sha256
from mmgsf.publishing import release
from tests.trained import CHECKPOINT, LIST, NAME, copy_run
from tests.videos import noise_clip, write_video

from .publishing import PARAMETERS, TRAINING, make_checkout, publish
from .running import ROOT

DATASET = 'CameraMotion (validation)'


@pytest.fixture(scope='module')
def released(trained, tmp_path_factory):
    """A folder with the files of a release that was tested."""
    out = tmp_path_factory.mktemp('released')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(trained)
        assert publish('--out', out, '--test', '--dataset', DATASET, patch=patch) == 0
    return out


@pytest.fixture(autouse=True)
def in_the_folder_of_the_training(trained, monkeypatch):
    monkeypatch.chdir(trained)


def only(folder, pattern):
    (found,) = folder.glob(pattern)
    return found


def test_weights_are_the_trainings_without_the_rest(released):
    trained = load_from_local(CHECKPOINT)
    for pattern in ('*.pth', '*.safetensors'):
        file = only(released, pattern)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert file.name.startswith(f'{NAME}-{digest[:8]}.')
        found = load_from_local(str(file))
        assert found.keys() == {'state_dict', 'meta'}
        assert found['state_dict'].keys() == trained['state_dict'].keys()
        for key, value in trained['state_dict'].items():
            assert torch.equal(found['state_dict'][key], value)
        assert found['meta']['num_segments'] == 8
        assert found['meta']['protocol'] == '1x1'
        assert found['meta']['dataset_meta']['classes'][0] == 'Approaching with the camera'
        assert found['meta']['preprocessing']['channel_order'] == 'RGB'
        assert found['meta']['commands'] == [TRAINING]
    assert torch.load(only(released, '*.pth'), weights_only=True)['meta'] == found['meta']


def test_config_and_weights_give_the_model(released):
    model = load_model(released / f'{NAME}.py', only(released, '*.safetensors'))
    assert model.backbone.conv1.conv.weight.shape[0] == 4
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS


def test_log_and_entry_say_what_was_measured(released):
    log = json.loads((released / f'{NAME}.json').read_text())
    (model,) = yaml.safe_load((released / 'metafile.yml').read_text())['Models']
    weights = only(released, '*.safetensors')
    assert (model['Weights'], log['weights']) == (weights.name, weights.name)
    assert model['SHA256'] == hashlib.sha256(weights.read_bytes()).hexdigest() == log['sha256']
    assert model['Metadata']['Parameters'] == PARAMETERS
    (result,) = model['Results']
    assert [result] == log['results']
    # Of a batch norm's model after one epoch: what counts is that it is the test's own number.
    assert result['Metrics'].keys() == {'Top 1 Accuracy', 'Top 5 Accuracy'}
    assert result['Data']['List'] == LIST.rpartition('/')[2]
    assert result['Data']['SHA256'] == sha256(Path(LIST))
    assert result['Data']['Prepared By'].startswith('python tools/prepare_data.py camera_motion')
    expected = {'Clips': 24, 'Protocol': '1x1', 'Seeds': [3], 'Epochs': 1, 'Batch': 8}
    assert {key: result[key] for key in expected} == expected
    assert result['Test'] == f'python tools/test.py configs/{NAME}.py CHECKPOINT'
    assert [row['epoch'] for row in log['epochs']] == [1]
    assert {'loss', 'lr', 'accuracy'} <= log['epochs'][0].keys()
    assert log['environment']['torch'] == torch.__version__


def test_card_has_the_facts_and_its_program_runs(released, tmp_path, monkeypatch, capsys):
    card = (released / 'README.md').read_text()
    assert card.startswith(f'# {NAME}\n')
    for words in (
        'Turning the camera upwards',
        'clips x crops): 1x1',
        '123.675',
        '24 clips',
        TRAINING,
    ):
        assert words in card
    assert sha256(Path(LIST)) in card
    monkeypatch.chdir(released)
    video = write_video(tmp_path / 'a.mp4', noise_clip(0))
    (block,) = re.findall(r'```python\n(.*?)```', card, re.S)
    exec(block.replace('video.mp4', str(video)), {})
    assert 'camera' in capsys.readouterr().out


def test_the_same_checkpoint_gives_the_same_bytes(tmp_path, monkeypatch):
    for name in ('a', 'b'):
        assert publish('--out', tmp_path / name, '--half', patch=monkeypatch) == 0
    a, b = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in 'ab')
    assert len(a) == 6
    assert a == b
    halved = load_from_local(str(only(tmp_path / 'a', '*.pth')))['state_dict']
    assert {value.dtype for value in halved.values()} == {torch.float16, torch.int64}
    assert 'None: the published file was not tested.' in (tmp_path / 'a' / 'README.md').read_text()
    assert 'Results' not in (tmp_path / 'a' / 'metafile.yml').read_text()


def fails(capsys, words: str, *options, patch, **checkpoint) -> None:
    capsys.readouterr()
    assert publish(*options, patch=patch, **checkpoint) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith('error: ')
    assert words in line


def test_faults_end_with_one_line_and_write_nothing(trained, tmp_path, monkeypatch, capsys):
    checkpoint = copy_run(trained, tmp_path)
    out = tmp_path / 'out'
    small = {'patch': monkeypatch, 'checkpoint': checkpoint}
    config = ROOT / 'configs' / 'tsn_r18_camera_motion.py'
    fails(capsys, 'give the config that it was trained', '--out', out, '--config', config, **small)
    fails(capsys, 'give it by --dataset', '--out', out, '--test', **small)
    fails(capsys, 'checkpoint gone.pth', '--out', out, patch=monkeypatch, checkpoint='gone.pth')
    (checkpoint.parent / f'{NAME}.py').unlink()
    fails(capsys, 'no config beside the checkpoint', '--out', out, **small)
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[: len(content) // 2])
    fails(capsys, 'damaged or cut short', '--out', out, **small)
    assert not out.exists()


def test_another_file_is_not_overwritten(tmp_path, monkeypatch, capsys):
    out = tmp_path / 'out'
    out.mkdir()
    (out / 'README.md').write_text('mine')
    fails(capsys, 'README.md is there already', '--out', out, patch=monkeypatch)
    assert [path.name for path in out.iterdir()] == ['README.md']
    assert publish('--out', out, '--replace', patch=monkeypatch) == 0
    assert (out / 'README.md').read_text().startswith(f'# {NAME}')


def test_entering_keeps_the_rest_of_the_index(trained, tmp_path, monkeypatch, capsys):
    root = make_checkout(trained, tmp_path / 'root', monkeypatch)
    before = yaml.safe_load((root / 'configs' / 'metafile.yml').read_text())['Models']
    out, address = tmp_path / 'out', 'https://models.invalid/gsf'
    assert publish('--out', out, '--enter', '--address', address, patch=monkeypatch) == 0
    entry = index.read_index()[NAME]
    assert entry.weights == f'{address}/{only(out, "*.safetensors").name}'
    log = root / 'docs' / 'logs' / f'{NAME}.json'
    assert log.read_bytes() == (out / f'{NAME}.json').read_bytes()
    after = yaml.safe_load((root / 'configs' / 'metafile.yml').read_text())['Models']
    assert after[0] == before[0]
    del after[1]['Weights'], after[1]['SHA256']
    assert after == before
    log.write_text('another')
    fails(capsys, 'is there already', '--out', out, '--enter', patch=monkeypatch)


def test_another_entering_waits_until_the_index_is_written(trained, tmp_path, monkeypatch):
    root = make_checkout(trained, tmp_path / 'root', monkeypatch)
    metafile = root / 'configs' / 'metafile.yml'
    before, put, seen = metafile.read_text(), release.put, []

    def put_and_look(*args) -> None:
        other = os.open(metafile.parent, os.O_RDONLY)
        try:
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            put(*args)
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            seen.append(metafile.read_text())
        finally:
            os.close(other)

    monkeypatch.setattr(release, 'put', put_and_look)
    assert publish('--out', tmp_path / 'out', '--enter', patch=monkeypatch) == 0
    assert seen == [metafile.read_text()] != [before]


def test_results_by_other_protocols_stay_in_index_and_log(trained, tmp_path, monkeypatch):
    root = make_checkout(trained, tmp_path / 'root', monkeypatch)
    options = ('--enter', '--test', '--dataset', DATASET)
    assert publish('--out', tmp_path / 'a', *options, patch=monkeypatch) == 0
    options += ('--protocol', '2x1', '--replace')
    assert publish('--out', tmp_path / 'b', *options, patch=monkeypatch) == 0
    results = index.read_index()[NAME].results
    assert [result['Protocol'] for result in results] == ['1x1', '2x1']
    log = json.loads((root / 'docs' / 'logs' / f'{NAME}.json').read_text())
    assert log['results'] == list(results)


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        (('--dataset', 'a'), '--dataset does nothing without --test'),
        (('--protocol', '2x1'), '--protocol does nothing without --test'),
        (('--videos', 'a.mp4'), '--videos does nothing without --judge'),
        (('--address', 'https://a.invalid'), '--address does nothing without --enter'),
        (('--enter', '--package', '--address', 'https://a.invalid'), 'leave it or --package out'),
    ],
)
def test_options_that_do_nothing_are_refused(tmp_path, monkeypatch, capsys, options, words):
    assert publish('--out', tmp_path / 'out', *options, patch=monkeypatch) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_another_network_is_not_entered(trained, tmp_path, monkeypatch, capsys):
    root = make_checkout(trained, tmp_path / 'root', monkeypatch)
    shutil.copy(ROOT / 'configs' / f'{NAME}.py', root / 'configs')
    shutil.copytree(ROOT / 'configs' / '_base_', root / 'configs' / '_base_')
    before = (root / 'configs' / 'metafile.yml').read_bytes()
    options = ('--out', tmp_path / 'out', '--enter')
    fails(capsys, 'is not that of configs/', *options, patch=monkeypatch)
    assert (root / 'configs' / 'metafile.yml').read_bytes() == before
    assert not (tmp_path / 'out').exists()


def test_the_package_takes_one_file_judged_in_memory(trained, tmp_path, monkeypatch, capsys):
    root = make_checkout(trained, tmp_path / 'root', monkeypatch)
    weights = root / 'mmgsf' / 'apis' / 'weights'
    weights.mkdir(parents=True)
    old = weights / f'{NAME}-00000000.safetensors'
    old.touch()
    video = write_video(tmp_path / 'a.mp4', noise_clip(0, num_frames=20, height=96, width=128))
    options = ('--out', tmp_path / 'out', '--half', '--package')
    fails(capsys, '00000000.safetensors is there already', *options, patch=monkeypatch)
    options += ('--replace', '--judge', 24, '--videos', video, '--clips-per-video', 8)
    assert publish(*options, '--begun-in', 'run', patch=monkeypatch) == 0
    file = only(weights, '*.safetensors')
    assert not old.exists()
    assert index.read_index()[NAME].weights == f'package://mmgsf/apis/weights/{file.name}'
    log = json.loads((root / 'docs' / 'logs' / f'{NAME}.json').read_text())
    clips = {result['Dataset']: result['Clips'] for result in log['results']}
    assert clips == {
        'CameraMotion (photograph)': 24,
        'CameraMotion (footage)': 24,
        'CameraMotion (gliding windows)': 8,
    }
    assert log['accuracy']['unmoved']['videos'] == 1
    assert log['accuracy']['gliding windows']['videos'] == ['a.mp4']
    assert log['begun']['epochs'] == log['epochs']


def test_the_entered_index_is_what_metafile_py_writes(tmp_path, monkeypatch):
    """Entries by hand come back from tools/metafile.py as they were entered."""
    from mmgsf.publishing.entry import merged

    from .publishing import program

    metafile = program('metafile')
    config = ROOT / 'configs' / f'{NAME}.py'
    text = metafile.written(metafile.METAFILE.read_text(), [config])
    fields = {'Weights': 'net-00000000.pth', 'SHA256': '0' * 64}
    text = merged(text, NAME, {**fields, 'Results': [{'Dataset': 'a', 'Metrics': {'b': 1.0}}]})
    assert metafile.written(text, [config]) == text


def test_protocol_and_seed_can_be_said(tmp_path, monkeypatch):
    options = ('--test', '--dataset', DATASET, '--protocol', '2x1', '--seed', 9)
    assert publish('--out', tmp_path / 'out', *options, patch=monkeypatch) == 0
    log = json.loads((tmp_path / 'out' / f'{NAME}.json').read_text())
    (result,) = log['results']
    assert (result['Protocol'], result['Seeds']) == ('2x1', [9])
    assert result['Test'].endswith(' CHECKPOINT --protocol 2x1')
