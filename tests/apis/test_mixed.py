"""The four compared layers that ship: the files that index and log name, on the clips that they name."""

import json

import pytest

from mmgsf.apis import get_model
from mmgsf.apis.index import find_entry
from mmgsf.checkpoints.whole import sha256
from mmgsf.datasets import CameraMotion, camera_motion_video
from mmgsf.evaluation.judge_footage import judge_rendered
from mmgsf.study import RECORD

from ..tools.running import ROOT

NAMES = [f'{layer}_r18_mixed_camera_motion' for layer in ('gsf', 'tsm', 'gsm', 'tsn')]


def read(path: str) -> dict:
    return json.loads((ROOT / path).read_text(encoding='utf-8'))


@pytest.mark.parametrize('name', NAMES)
def test_index_log_and_package_have_one_file(name):
    entry, log = find_entry(name), read(f'docs/logs/{name}.json')
    file = ROOT / entry.weights.removeprefix('package://')
    assert sha256(file) == entry.sha256 == log['sha256']
    assert (file.name, file.stat().st_size) == (log['weights'], log['bytes'])


def test_lists_follow_from_the_clips(tmp_path, monkeypatch):
    monkeypatch.setattr(camera_motion_video, '_write_videos', lambda *args: None)
    CameraMotion(setting='mixed').write(tmp_path)
    found = {path.name: sha256(path) for path in tmp_path.glob('*_list_videos.txt')}
    results = [result for name in NAMES for result in find_entry(name).results]
    tested = [result['Data'] for result in results if 'List' in result['Data']]
    assert len(tested) == 2 * len(NAMES)
    assert {(data['List'], data['SHA256']) for data in tested} <= set(found.items())
    assert {item['name']: item['sha256'] for item in read(RECORD)['lists'].values()} == found


@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
def test_only_those_with_a_temporal_layer_know_photographs_clips(name):
    found = judge_rendered(get_model(name, device='cpu'), 'photograph', num_clips=24, seed=7)
    counts = found['correct'], found['correct_backwards']
    if name.startswith('tsn'):
        # Chance is 3, and it gives a clip and its reverse the same answer.
        assert max(counts) <= 9
    else:
        assert min(counts) >= 18
