"""The judge asks about every class alike, and counts what a model gets right."""

import numpy as np
import pytest
import torch

from mmgsf.datasets.motions import CLASSES
from mmgsf.evaluation import judge_footage
from mmgsf.evaluation.judge_footage import Verdict, find_videos, judge, read_footage
from tests.videos import noise_clip, write_video


def test_figures_of_a_verdict():
    labels = np.array([0, 0, 1, 7])
    scores = np.eye(8)[[0, 3, 1, 7]]
    verdict = Verdict(labels, scores, np.zeros(4, int), np.array([0.1, 0.2, 0.3, 0.4]))
    found = verdict.describe()
    assert found['accuracy']['all'] == {'correct': 3, 'clips': 4}
    assert found['accuracy'][CLASSES[0]] == {'correct': 1, 'clips': 2}
    assert found['accuracy']['slower half'] == {'correct': 1, 'clips': 2}
    assert found['confusion'][0][3] == 1
    assert sum(map(sum, found['confusion'])) == 4


def test_every_class_is_asked_of_every_video(tmp_path, monkeypatch):
    """A model that knows the answers: the scores come in the order of the clips."""
    videos = [
        write_video(tmp_path / f'{i}.mp4', noise_clip(i, num_frames=20, height=96, width=128))
        for i in range(2)
    ]
    asked = []

    def know(model, clips):
        asked.append([frames.shape for frames in clips])
        return list(torch.eye(8)[torch.arange(len(clips)) % 8].numpy())

    monkeypatch.setattr(judge_footage, '_scores', know)
    verdict = judge(None, videos, clips_per_video=8)
    assert verdict.hits.all()
    assert verdict.videos.tolist() == [0] * 8 + [1] * 8
    assert sorted(verdict.labels) == sorted(2 * list(range(8)))
    shapes = sum(asked, [])
    assert all(16 <= shape[0] <= 20 and 30 <= shape[1] <= 60 for shape in shapes)


def test_large_footage_is_read_small(tmp_path):
    path = write_video(tmp_path / 'large.mp4', np.zeros((16, 720, 960, 3), np.uint8))
    assert read_footage(path).shape == (16, 480, 640, 3)


def test_what_cannot_be_judged_is_refused(tmp_path):
    short = write_video(tmp_path / 'short.mp4', noise_clip(0, num_frames=8))
    (tmp_path / 'broken.mp4').write_bytes(b'no video')
    with pytest.raises(ValueError, match='has 8 frames'):
        judge(None, [short])
    with pytest.raises(ValueError, match='cannot be decoded'):
        judge(None, [tmp_path / 'broken.mp4'])
    with pytest.raises(ValueError, match='clips_per_video=12'):
        judge(None, [short], clips_per_video=12)
    with pytest.raises(ValueError, match='no videos'):
        judge(None, [])
    with pytest.raises(FileNotFoundError, match='none.mp4'):
        judge(None, [tmp_path / 'none.mp4'])


def test_folders_are_searched_for_videos(tmp_path):
    for name in ('b.mkv', 'a.mp4', 'notes.txt'):
        (tmp_path / name).touch()
    assert [path.name for path in find_videos([tmp_path])] == ['a.mp4', 'b.mkv']
    assert find_videos([tmp_path / 'notes.txt']) == [tmp_path / 'notes.txt']
    (tmp_path / 'empty').mkdir()
    with pytest.raises(ValueError, match='no videos'):
        find_videos([tmp_path / 'empty'])
