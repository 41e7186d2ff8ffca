"""DumpScores in the test loop, and how a config gets it."""

import mmgsf.register  # noqa: F401, I001

import numpy as np
import pytest
import torch
from mmaction.registry import METRICS
from mmaction.structures import ActionDataSample
from mmengine.config import Config

from mmgsf.evaluation.dump_scores import NAME_KEYS, DumpScores, add_dump
from mmgsf.evaluation.score_dump import read_dump


def sample(label: int | list[int], scores, **names: object) -> dict:
    data_sample = ActionDataSample().set_gt_label(label).set_pred_score(scores)
    data_sample.set_metainfo(names)
    return data_sample.to_dict()


@pytest.fixture
def metric(tmp_path) -> DumpScores:
    options = {'out_file_path': str(tmp_path / 'a.npz'), 'data_prefix': 'data/set'}
    return METRICS.build({'type': 'DumpScores', 'protocol': '2x3', **options})


def test_file_holds_names_labels_scores_and_classes(metric):
    metric.dataset_meta = {'classes': ['x', 'y']}
    scores = torch.tensor([[1.0, -2.0], [0.5, 3.0], [0.0, 0.1]])
    metric.process({}, [sample(1, scores[0], filename='./data/set/c/a b.mp4')])
    metric.process({}, [sample(0, scores[1], frame_dir='data/set/c/d')])
    metric.process({}, [sample(-1, scores[2], frame_dir='elsewhere/d', offset=7)])
    # The last one again, as padding of a distributed test.
    metric.process({}, [sample(-1, scores[2], frame_dir='elsewhere/d', offset=7)])
    assert metric.evaluate(3) == {}
    dump = read_dump(metric.out_file_path)
    assert dump.names == ['c/a b.mp4', 'c/d', 'elsewhere/d#7']
    assert dump.labels.tolist() == [1, 0, -1]
    assert (dump.classes, dump.protocol) == (['x', 'y'], '2x3')
    np.testing.assert_array_equal(dump.scores, scores)


@pytest.mark.parametrize(
    ('wrong', 'match'),
    [
        (sample(0, torch.randn(3)), r"no file name; give PackActionInputs meta_keys=\('filename'"),
        (sample([0, 1], torch.randn(3), filename='a'), r'a has label \[0, 1\]; a dump holds one'),
        (sample(0, torch.randn(2, 3), filename='a'), "scores of 2 views; .*average_clips='score'"),
        (sample(0, torch.randn(3).softmax(0), filename='a'), 'probabilities, not raw scores; set'),
        (
            sample(0, {'verb': torch.randn(3), 'noun': torch.randn(3)}, filename='a'),
            r"\['noun', 'verb'\].*scores_file of EpicMetric",
        ),
    ],
)
def test_what_is_no_raw_score_of_a_video_is_refused(metric, wrong, match):
    with pytest.raises(ValueError, match=match):
        metric.process({}, [wrong])


def config(**evaluator) -> Config:
    pipeline = [{'type': 'Resize'}, {'type': 'PackActionInputs', 'meta_keys': ('img_shape',)}]
    dataset = {'data_root': 'data', 'data_prefix': {'img': 'frames'}, 'pipeline': pipeline}
    return Config({'test_dataloader': {'dataset': dataset}, 'test_evaluator': evaluator})


def test_npz_comes_beside_the_evaluators():
    changed = config(type='AccMetric')
    changed.protocol = '2x1'
    add_dump(changed, 'a.npz')
    dump = {'type': 'DumpScores', 'out_file_path': 'a.npz', 'data_prefix': 'data/frames'}
    assert changed.test_evaluator == [{'type': 'AccMetric'}, {**dump, 'protocol': '2x1'}]
    pack = changed.test_dataloader.dataset.pipeline[-1]
    assert pack.meta_keys == ('img_shape', *NAME_KEYS)


def test_epic_metric_writes_its_own():
    changed = config(type='EpicMetric')
    add_dump(changed, 'a.npz')
    assert changed.test_evaluator == [{'type': 'EpicMetric', 'scores_file': 'a.npz'}]
    assert changed.test_dataloader == config().test_dataloader


def test_pkl_is_mmengines():
    changed = config(type='AccMetric')
    add_dump(changed, 'a.pkl')
    assert changed.test_evaluator[1] == {'type': 'DumpResults', 'out_file_path': 'a.pkl'}
    with pytest.raises(ValueError, match=r'a\.json: name it \.npz'):
        add_dump(changed, 'a.json')
