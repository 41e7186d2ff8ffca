"""EpicMetric in the test loop, and the whole way from videos to the organisers' figures."""

import mmgsf.register  # noqa: F401, I001

import json

import numpy as np
import pytest
import torch
from mmaction.registry import METRICS, RUNNERS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmgsf.datasets import class_names, with_frame_folders
from mmgsf.evaluation.epic_scores import read_epic_scores

from ..epic_tree import SEGMENTS, make_clips, make_frames, write_annotations
from ..tools.running import ROOT, run

T = 4


@pytest.fixture
def annotations(tmp_path):
    return write_annotations(tmp_path / 'annotations')


def build(**options):
    init_default_scope('mmaction')
    return METRICS.build({'type': 'EpicMetric', **options})


def predictions(split: str = 'validation') -> list[dict]:
    """Samples as the test loop gives them; the second one's noun is wrong."""
    samples = []
    for segment in SEGMENTS[split]:
        wrong = segment.narration_id == 'P02_03_0'
        verb = torch.eye(97)[segment.verb_class]
        noun = torch.eye(300)[segment.noun_class + wrong]
        sample = ActionDataSample().set_gt_label([segment.verb_class, segment.noun_class])
        sample.set_pred_score({'verb': verb, 'noun': noun})
        ids = {'narration_id': segment.narration_id, 'participant_id': segment.participant_id}
        sample.set_metainfo(ids)
        samples.append(sample.to_dict())
    return samples


def evaluate(metric, samples: list[dict]) -> dict[str, float]:
    metric.process({}, samples)
    return metric.evaluate(len(samples))


def test_groups_come_from_the_organisers_lists(annotations):
    metrics = evaluate(build(annotation_dir=str(annotations)), predictions())
    # P02 is unseen; verb 10 of the second and noun 56 of the third segment are tail classes.
    assert metrics['epic/all_action_accuracy_at_1'] == pytest.approx(200 / 3)
    assert metrics['epic/unseen_noun_accuracy_at_1'] == 50
    assert metrics['epic/tail_action_accuracy_at_1'] == 50
    assert metrics['epic/tail_verb_accuracy_at_1'] == 100


def test_without_lists_only_the_whole_is_measured():
    metrics = evaluate(build(), predictions())
    assert metrics['epic/all_verb_accuracy_at_1'] == 100
    assert {key.removeprefix('epic/').split('_')[0] for key in metrics} == {'all'}
    # What CheckpointHook's save_best='auto' looks at.
    assert next(iter(metrics)) == 'epic/all_action_accuracy_at_1'


def test_seen_pairs(annotations):
    metrics = evaluate(build(annotation_dir=str(annotations), seen_pairs=True), predictions())
    assert metrics['epic/all_action_accuracy_at_5'] == pytest.approx(100 / 3)


def test_padding_of_the_last_batch_is_dropped():
    metric = build()
    metric.process({}, predictions())
    metric.process({}, predictions()[:1])
    assert metric.evaluate(3)['epic/all_noun_accuracy_at_1'] == pytest.approx(200 / 3)


def test_segments_without_labels_give_scores_only(tmp_path):
    file = tmp_path / 'scores.npz'
    assert evaluate(build(scores_file=str(file)), predictions('test')) == {}
    assert read_epic_scores(file).narration_ids == ['P03_01_0', 'P03_01_1']


@pytest.mark.parametrize(
    ('options', 'match'),
    [
        ({'seen_pairs': True}, 'give annotation_dir'),
        ({'scores_file': 'scores.pkl'}, 'name the file .npz'),
    ],
)
def test_options_that_cannot_be_kept_are_refused_at_the_start(options, match):
    with pytest.raises(ValueError, match=match):
        build(**options)


def test_samples_without_ids_or_with_views_apart_are_refused():
    sample = predictions()[0]
    without = {key: value for key, value in sample.items() if key != 'participant_id'}
    with pytest.raises(ValueError, match='has no participant_id; give PackActionInputs meta_keys'):
        build().process({}, [without])
    views = {kind: torch.stack([scores] * 2) for kind, scores in sample['pred_score'].items()}
    with pytest.raises(ValueError, match='P01_102_0 has scores of 2 views; set average_clips'):
        build().process({}, [{**sample, 'pred_score': views}])


def small_config(root, kind: str) -> Config:
    """As configs/gsf_r50_epic100.py, small enough for a second."""
    init_default_scope('mmaction')
    sampler = {'type': 'SegmentSampleFrames', 'num_clips': T}
    pack = {'type': 'PackActionInputs', 'meta_keys': ('narration_id', 'participant_id')}
    metainfo = {f'{k}_classes': class_names(f'epic100_{k}s') for k in ('verb', 'noun')}
    loaders = {}
    for split in ('train', 'val', 'test'):
        step = {**sampler, 'test_mode': split != 'train'}
        pipeline = [{'type': 'DecordInit'}, step, {'type': 'DecordDecode'}]
        pipeline += [{'type': 'FormatShape', 'input_format': 'NCHW'}, pack]
        loaders[f'{split}_dataloader'] = {
            'batch_size': 2,
            'num_workers': 0,
            'sampler': {'type': 'DefaultSampler', 'shuffle': split == 'train'},
            'dataset': {
                'type': 'EpicKitchens100',
                'ann_file': str(root / f'epic100_{split.replace("test", "val")}_list.tsv'),
                'data_prefix': {kind: str(root)},
                'pipeline': with_frame_folders(pipeline) if kind == 'img' else pipeline,
                'metainfo': metainfo,
                'test_mode': split != 'train',
            },
        }
    metric = {'type': 'EpicMetric', 'annotation_dir': str(root / 'annotations')}
    return Config(
        {
            'default_scope': 'mmaction',
            'work_dir': str(root / 'work'),
            'num_segments': T,
            'model': {
                'type': 'RecognizerGSF',
                'num_segments': T,
                'backbone': {
                    'type': 'ResNetGSF',
                    'depth': 18,
                    'base_channels': 8,
                    'channel_ratio': 1.0,
                },
                'cls_head': {
                    'type': 'VerbNounHead',
                    'num_verbs': 97,
                    'num_nouns': 300,
                    'in_channels': 64,
                },
                'data_preprocessor': {
                    'type': 'ActionDataPreprocessor',
                    'mean': [123.675, 116.28, 103.53],
                    'std': [58.395, 57.12, 57.375],
                    'format_shape': 'NCHW',
                },
            },
            'train_cfg': {'type': 'EpochBasedTrainLoop', 'max_epochs': 1, 'val_begin': 2},
            'val_cfg': {'type': 'ValLoop'},
            'test_cfg': {'type': 'TestLoop'},
            'optim_wrapper': {'optimizer': {'type': 'SGD', 'lr': 0.01}},
            'val_evaluator': metric,
            'test_evaluator': {**metric, 'scores_file': str(root / 'scores.npz')},
            'experiment_name': f'epic_{kind}_{root.name}',
            **loaders,
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize(('kind', 'make'), [('video', make_clips), ('img', make_frames)])
def test_from_videos_to_the_organisers_figures(tmp_path, kind, make):
    root = make(tmp_path)
    write_annotations(root / 'annotations')
    runner = RUNNERS.get('GSFRunner').from_cfg(small_config(root, kind))
    before = runner.model.cls_head.fc_cls.noun.weight.clone()
    runner.train()
    assert not torch.equal(before, runner.model.cls_head.fc_cls.noun.weight)
    tested = runner.test()
    ids = [segment.narration_id for segment in SEGMENTS['validation']]
    scores = read_epic_scores(root / 'scores.npz')
    assert scores.narration_ids == ids
    assert np.ptp(scores.verb, axis=0).max() > 0
    printed = run(
        *('python', ROOT / 'tools/epic_eval.py', 'scores.npz', 'annotations', '--json'), cwd=root
    )
    figures = {f'epic/{key}': value for key, value in json.loads(printed).items()}
    assert figures == pytest.approx(tested)
    assert len(figures) == 21
    checkpoint = torch.load(root / 'work' / 'epoch_1.pth', weights_only=True)
    assert checkpoint['meta']['dataset_meta']['noun_classes'][:2] == ['tap', 'spoon']
