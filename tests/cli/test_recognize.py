"""`mmgsf recognize`: results on stdout, all else on stderr, failures in the exit code."""

import csv
import json

import av
import pytest

from mmgsf.apis import load_model, recognize
from mmgsf.apis.configs import config_path

from ..videos import noise_clip, write_video
from ..zoo import NAME, sha256, use_index, write_weights


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('videos')
    for seed in range(2):
        write_video(folder / f'{seed}.mp4', noise_clip(seed))
    return folder


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    return write_weights(tmp_path_factory.mktemp('zoo'))


@pytest.fixture(autouse=True)
def zoo(tmp_path, monkeypatch, weights):
    use_index(monkeypatch, tmp_path / 'index.yml', Weights=weights.name, SHA256=sha256(weights))
    monkeypatch.setenv('MMGSF_ZOO', str(weights.parent))


def test_a_video_by_the_name_of_a_model(run, folder, weights):
    code, out, err = run('recognize', folder / '0.mp4', '--model', NAME, '--topk', 2)
    result = recognize(folder / '0.mp4', load_model(config_path(NAME), weights), topk=2)
    assert (code, out) == (0, f'{result}\n')
    assert 'error' not in err


def tops(result: dict) -> dict[str, float]:
    return {top['class']: top['probability'] for top in result['top']}


def test_json_of_one_is_an_object_and_of_several_a_list(run, folder, weights):
    model = ('--model', config_path(NAME), weights)
    code, out, _ = run('recognize', folder / '0.mp4', '--json', *model)
    one = json.loads(out)
    assert (code, one['source'], one['model']) == (0, str(folder / '0.mp4'), NAME)
    # Videos may follow the model.
    code, out, _ = run('recognize', '--json', *model, folder)
    assert code == 0
    found = json.loads(out)
    assert len(found) == 2
    # Batches of one and of two are rounded in their own ways.
    assert tops(found[0]) == pytest.approx(tops(one), abs=1e-6)


def test_failures_are_told_and_the_others_go_on(run, folder, tmp_path):
    (tmp_path / 'text.mp4').write_text('this is no video\n' * 50)
    sources = (tmp_path / 'text.mp4', folder / '1.mp4', tmp_path / 'nowhere.mp4')
    code, out, err = run('recognize', *sources, '--json', '--model', NAME)
    assert code == 1
    assert [one['source'] for one in json.loads(out)] == [
        str(sources[1]),
        str(sources[0]),
        str(sources[2]),
    ]
    errors = [line for line in err.splitlines() if line.startswith('error: ')]
    assert len(errors) == 2
    assert all(str(path) in line for path, line in zip(sources[::2], errors, strict=True))
    code, out, _ = run('recognize', *sources, '--csv', '--model', NAME, '--topk', 1)
    rows = list(csv.DictReader(out.splitlines()))
    assert [bool(row['error']) for row in rows] == [False, True, True]
    assert run('recognize', tmp_path / 'nowhere.mp4', '--model', NAME)[:2] == (1, '')


def test_the_video_is_saved_with_its_classes(run, folder, tmp_path):
    out = tmp_path / 'out.mp4'
    assert run('recognize', folder / '0.mp4', '--model', NAME, '--save', out)[0] == 0
    with av.open(str(out)) as container:
        frames = list(container.decode(video=0))
    assert (len(frames), frames[0].height) == (12, 240)
    assert run('recognize', folder, '--model', NAME, '--save', tmp_path / 'all')[0] == 0
    assert sorted(path.name for path in (tmp_path / 'all').iterdir()) == ['0.mp4', '1.mp4']


@pytest.mark.parametrize(
    ('save', 'code', 'words'),
    [('all.mp4', 2, 'for several videos give a folder'), ('.', 1, 'is the video itself')],
)
def test_saving_elsewhere_is_refused(run, folder, monkeypatch, save, code, words):
    monkeypatch.chdir(folder)
    before = (folder / '0.mp4').read_bytes()
    found, out, err = run('recognize', folder, '--model', NAME, '--save', save)
    assert (found, out) == (code, '')
    assert words in err
    assert (folder / '0.mp4').read_bytes() == before


def test_videos_of_one_name_are_not_written_over_each_other(run, folder, tmp_path):
    write_video(tmp_path / '0.mkv', noise_clip(3))
    sources = (folder / '0.mp4', tmp_path / '0.mkv')
    code, _, err = run('recognize', *sources, '--model', NAME, '--save', tmp_path / 'out')
    assert code == 1
    assert 'would be written to one file' in err


@pytest.mark.parametrize(
    ('model', 'code', 'words'),
    [
        (['gsf_r50_ssv3'], 1, 'did you mean gsf_r50_ssv'),
        (['gsf_r50_ssv2'], 1, 'no weights of gsf_r50_ssv2'),
        (['nowhere.py'], 2, 'a config (.py) and a checkpoint'),
        (['nowhere.py', 'a.pth'], 1, 'config nowhere.py is not there'),
        ([config_path(NAME), 'nowhere.pth'], 1, 'nowhere.pth is not there'),
        (
            [config_path('gsf_r50_ssv2'), 'WEIGHTS'],
            1,
            '8 classes, model.cls_head.num_classes is 174',
        ),
    ],
)
def test_other_models_are_refused_in_one_line(run, folder, weights, model, code, words):
    model = [weights if value == 'WEIGHTS' else value for value in model]
    found, out, err = run('recognize', folder / '0.mp4', '--model', *model)
    assert (found, out) == (code, '')
    (line,) = (line for line in err.splitlines() if 'error: ' in line)
    assert words in line


def test_no_videos(run, folder, tmp_path):
    (tmp_path / 'empty').mkdir()
    code, _, err = run('recognize', tmp_path / 'empty', '--model', NAME)
    assert (code, 'holds no videos' in err) == (1, True)
    code, _, err = run('recognize', '--model', NAME)
    assert (code, 'no VIDEO' in err) == (2, True)
