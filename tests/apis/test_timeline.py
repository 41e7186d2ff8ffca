"""Stretches of one class, and the file that holds them."""

import json

import numpy as np
import pytest

from mmgsf.apis import read_timeline, score_clips, windows
from mmgsf.apis.streaming import Latency, WindowResult
from mmgsf.apis.timeline import Timeline
from mmgsf.apis.window_buffer import WindowPlan

from ..small_model import small_model
from ..videos import noise_clip, write_video

CLASSES = ('standing', 'walking', 'running')


def result(number: int, best: int, probability: float = 0.8) -> WindowResult:
    """Window `number` of 8 frames, 2 apart, every 10, at 10 frames a second."""
    scores = np.full(3, (1 - probability) / 2, np.float32)
    scores[best] = probability
    first = 10 * number
    return WindowResult(first, first + 14, first / 10, (first + 14) / 10, scores, CLASSES, 0.01)


def timeline(*best: int) -> Timeline:
    results = [result(number, label) for number, label in enumerate(best)]
    plan = WindowPlan(8, 2, 10)
    return Timeline('a.mp4', 'a_model', plan, 10.0, results, Latency(1.4, 0.01, len(best)))


def test_windows_of_one_class_are_one_segment():
    segments = timeline(0, 0, 2, 1, 1, 1).segments()
    assert [(one.label, one.first, one.windows) for one in segments] == [
        (0, 0, 2),
        (2, 2, 1),
        (1, 3, 3),
    ]
    # Middles lie at 0.7, 1.7, 2.7 ... s; borders between them, and at the ends of the video.
    assert [one.start for one in segments] == pytest.approx([0.0, 2.2, 3.2])
    assert [one.end for one in segments] == pytest.approx([2.2, 3.2, 6.4])


def test_a_segment_has_the_mean_of_its_own_class():
    results = [result(0, 1, 0.5), result(1, 1, 0.7), result(2, 0, 0.9)]
    segments = Timeline('a', 'b', WindowPlan(8, 2, 10), 10.0, results).segments()
    assert [one.probability for one in segments] == pytest.approx([0.6, 0.9])


def test_one_class_throughout_is_one_segment():
    (segment,) = timeline(1, 1, 1).segments()
    assert (segment.start, segment.end, segment.windows) == (0.0, 3.4, 3)


def test_a_class_that_comes_again_is_another_segment():
    assert [one.label for one in timeline(0, 1, 0).segments()] == [0, 1, 0]


@pytest.mark.parametrize('probabilities', [False, True])
def test_json_has_all_of_it(tmp_path, probabilities):
    timeline(0, 2).write_json(tmp_path / 'new' / 'a.json', topk=2, probabilities=probabilities)
    assert [path.name for path in (tmp_path / 'new').iterdir()] == ['a.json']
    read = json.loads((tmp_path / 'new' / 'a.json').read_text())
    assert (read['num_segments'], read['stride'], read['every'], read['fps']) == (8, 2, 10, 10.0)
    assert read['latency'] == {'window': 1.4, 'compute': 0.01, 'windows': 2, 'total': 1.41}
    assert [one['class'] for one in read['segments']] == ['standing', 'running']
    row = read['windows'][1]
    assert (row['first_frame'], row['last_frame'], row['start'], row['end']) == (10, 24, 1.0, 2.4)
    assert [one['class'] for one in row['top']] == ['running', 'standing']
    assert row['top'][0]['probability'] == pytest.approx(0.8)
    assert ('classes' in read) == ('probabilities' in row) == probabilities
    if probabilities:
        assert read['classes'] == list(CLASSES)
        assert row['probabilities'] == pytest.approx([0.1, 0.1, 0.8])


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr('json.dumps', lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        timeline(0).write_json(tmp_path / 'a.json')
    assert not list(tmp_path.iterdir())


def test_a_video_file_gives_the_windows_of_the_file(tmp_path):
    model = small_model()
    video = write_video(tmp_path / 'a.mp4', noise_clip(0, 60), g='20')
    found = read_timeline(model, video, stride=2, every=9)
    offline = list(windows(model, video, 2, 9))
    assert np.array_equal(found.scores, score_each(model, offline))
    assert found.middles.tolist() == [(one.start + one.end) / 2 for one in offline]
    assert (found.fps, found.latency.windows) == (12.0, 6)
    assert found.classes[0] == 'Approaching with the camera'


def score_each(model, found) -> np.ndarray:
    return np.stack([score_clips(model, [one.clip])[0].numpy() for one in found])


def test_what_makes_no_timeline_is_refused():
    plan = WindowPlan(8, 2, 10)
    with pytest.raises(ValueError, match='no windows'):
        Timeline('a', 'b', plan, 10.0, [])
    timeless = WindowResult(0, 14, None, None, result(0, 0).scores, CLASSES, 0.01)
    with pytest.raises(ValueError, match='without times'):
        Timeline('a', 'b', plan, 10.0, [timeless])
