"""Clips that are made in memory, counts and percentages; tests/tools run tests on lists."""

from copy import deepcopy
from pathlib import Path

import pytest
import torch

from mmgsf.checkpoints import load_from_local, save_weights
from mmgsf.evaluation import judge_footage
from mmgsf.publishing.measuring import (
    correct_of,
    measure_on_list,
    measure_rendered,
    parse_rendered,
    percent,
    require_list,
)
from mmgsf.publishing.training import read_training
from tests.small_model import small_model, with_config
from tests.trained import CHECKPOINT, LIST, leave_unformatted


@pytest.mark.parametrize('clips', [3, 240, 24_777])
def test_counts_survive_percentages(clips):
    for correct in {0, 1, 2, clips // 3, clips - 1, clips}:
        assert correct_of(percent(correct, clips), clips) == correct


def test_rendered_clips_by_their_text():
    assert parse_rendered("CameraMotion(seed=1, num_val=24, setting='footage')") == (
        'CameraMotion',
        {'seed': 1, 'num_val': 24, 'setting': 'footage'},
    )
    assert parse_rendered('GlidingWindows(seed=0, clips_per_video=8, videos=2)')[1]['videos'] == 2


@pytest.mark.parametrize(
    'text',
    [
        '240 clips',
        'CameraMotion(seed=1)',
        'CameraMotion(1, num_val=24, setting="footage")',
        'Other(seed=1, num_val=24, setting="footage")',
        "CameraMotion(seed=__import__('os'), num_val=24, setting='footage')",
    ],
)
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match='Rendered is CameraMotion'):
        parse_rendered(text)


def test_the_judge_gets_what_the_text_says(monkeypatch):
    asked = []

    def judge_rendered(model, setting, num_clips, seed):
        asked.append((setting, num_clips, seed))
        return {'clips': 24, 'correct': 18, 'correct_backwards': 12}

    monkeypatch.setattr(judge_footage, 'judge_rendered', judge_rendered)
    rendered = "CameraMotion(seed=4, num_val=24, setting='footage')"
    found = measure_rendered(small_model(), rendered)
    assert asked == [('footage', 24, 4)]
    assert found.metrics == {'Top 1 Accuracy': 75.0, 'Top 1 Accuracy Backwards': 50.0}
    assert found.clips == 24


def test_videos_must_be_as_many():
    rendered = 'GlidingWindows(seed=0, clips_per_video=8, videos=2)'
    with pytest.raises(ValueError, match='is of 2 videos, not 0; give those by --videos'):
        measure_rendered(small_model(), rendered)


def test_a_model_of_other_classes_is_refused():
    config = deepcopy(small_model().cfg)
    config.test_dataloader.dataset.metainfo.classes = [str(n) for n in range(8)]
    rendered = "CameraMotion(seed=4, num_val=24, setting='footage')"
    with pytest.raises(ValueError, match='does not have the classes of CameraMotion'):
        measure_rendered(with_config(small_model(), config), rendered)


def test_a_list_is_tested_with_the_weights_of_the_file(trained, tmp_path, monkeypatch):
    """All clips are of one class, and a file of weights says this class of anything, another never."""
    monkeypatch.chdir(trained)
    leave_unformatted(monkeypatch)
    config = read_training(Path(CHECKPOINT), {'seed': 3}, None, None).config
    rows = [row for row in Path(LIST).read_text().splitlines() if row.endswith(' 2')]
    (tmp_path / 'list.txt').write_text('\n'.join(rows))
    config.test_dataloader.dataset.ann_file = str(tmp_path / 'list.txt')
    weights = load_from_local(CHECKPOINT)['state_dict']
    weights['cls_head.fc_cls.weight'].zero_()
    for label, top_1 in ((2, 100.0), (3, 0.0)):
        bias = torch.zeros(8)
        bias[label] = 1.0
        file = tmp_path / f'{label}.pth'
        save_weights(file, {**weights, 'cls_head.fc_cls.bias': bias}, {})
        found = measure_on_list(config, file)
        assert (found.metrics['Top 1 Accuracy'], found.clips) == (top_1, len(rows))


def test_missing_data_names_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r'not there; prepare the data: python tools/prep'):
        require_list(small_model().cfg)
