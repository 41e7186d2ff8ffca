"""T, the classes and the learning rate's batch are checked without a look at any file."""

import pytest

from mmgsf.engine.preflight import PreflightError
from mmgsf.engine.preflight.config import (
    check_batch,
    check_classes,
    check_frozen_stages,
    check_num_segments,
    dataset_of,
    type_name,
)


def test_types_are_known_as_names_and_as_classes():
    assert type_name({'type': 'mmaction.SampleFrames'}) == 'SampleFrames'
    assert type_name({'type': PreflightError}) == 'PreflightError'
    assert type_name({}) == 'None'


def dataloader(num_clips: int = 8, **metainfo) -> dict:
    pipeline = [{'type': 'SampleFrames', 'clip_len': 1, 'num_clips': num_clips}]
    return {'dataset': {'ann_file': 'a.txt', 'pipeline': pipeline, 'metainfo': metainfo}}


@pytest.mark.parametrize('place', ['backbone', 'cls_head'])
def test_num_segments_of_mmaction2s_own_models(place):
    parts = {'backbone': {'num_segments': 8}, 'cls_head': {'num_segments': 8}}
    config = {'model': parts, 'train_dataloader': dataloader(8)}
    (finding,) = check_num_segments(config, ('train',))
    assert (finding.level, finding.text[:8]) == ('ok', '8 frames')
    parts[place]['num_segments'] = 16
    with pytest.raises(
        PreflightError, match=r'cls_head\.num_segments=\d+ differs from model\.back'
    ):
        list(check_num_segments(config, ('train',)))


@pytest.mark.parametrize('split', ['train', 'val', 'test'])
def test_two_clips_are_not_twice_the_segments(split):
    config = {'model': {'backbone': {'num_segments': 8}}, f'{split}_dataloader': dataloader(16)}
    with pytest.raises(PreflightError, match=rf'{split}_dataloader samples num_clips=16'):
        list(check_num_segments(config, (split,)))


def test_clips_of_networks_without_segments_are_their_own():
    pipeline = [{'type': 'SampleFrames', 'clip_len': 32, 'num_clips': 10}]
    config = {'model': {}, 'test_dataloader': {'dataset': {'ann_file': 'a', 'pipeline': pipeline}}}
    assert [finding.level for finding in check_num_segments(config, ('test',))] == ['info']


def test_as_many_names_as_classes():
    config = {
        'model': {'cls_head': {'num_classes': 3}},
        'train_dataloader': dataloader(classes=['a', 'b', 'c']),
        'val_dataloader': dataloader(classes=['a', 'b', 'c']),
    }
    assert [finding.level for finding in check_classes(config, ('train', 'val'))] == ['ok']
    config['model']['cls_head']['num_classes'] = 4
    warning, ok = check_classes(config, ('train', 'val'))
    assert (warning.level, ok.level) == ('warning', 'ok')
    assert 'train data names 3 classes, model.cls_head.num_classes is 4' in warning.text
    assert 'set metainfo=dict(classes=[...])' in warning.text


@pytest.mark.parametrize(
    ('key', 'argument'), [('verb_classes', 'verbs'), ('noun_classes', 'nouns')]
)
def test_as_many_names_as_verbs_and_nouns(key, argument):
    config = {
        'model': {'cls_head': {f'num_{argument}': 3}},
        'train_dataloader': dataloader(**{key: ['a', 'b']}),
    }
    warning = next(check_classes(config, ('train',)))
    assert warning.level == 'warning'
    assert f'2 {key}, model.cls_head.num_{argument} is 3' in warning.text


def test_classes_in_another_order_in_another_split():
    config = {
        'train_dataloader': dataloader(classes=['a', 'b']),
        'val_dataloader': dataloader(classes=['b', 'a']),
    }
    with pytest.raises(PreflightError, match='classes of the val data differ .* the train data'):
        list(check_classes(config, ('train', 'val')))
    assert [finding.level for finding in check_classes(config, ('val',))] == ['ok']


def test_dataset_in_a_repeat_dataset():
    inner = dataloader()['dataset']
    outer = {'type': 'RepeatDataset', 'times': 2, 'dataset': inner}
    assert dataset_of({'train_dataloader': {'dataset': outer}}, 'train') is inner
    assert dataset_of({'train_dataloader': {'dataset': {'type': 'Own'}}}, 'train') is None
    assert dataset_of({'train_dataloader': None}, 'train') is None


def batch(processes: int, steps: int = 1, size: int = 4, **scale) -> tuple[str, str]:
    config = {
        'train_dataloader': {'batch_size': size},
        'optim_wrapper': {'accumulative_counts': steps, 'optimizer': {'lr': 0.01}},
        'auto_scale_lr': {'base_batch_size': 32, **scale},
    }
    (finding,) = check_batch(config, processes)
    return finding.level, finding.text


@pytest.mark.parametrize(('processes', 'steps'), [(8, 1), (1, 8), (2, 4)])
def test_batch_that_the_learning_rate_is_for(processes, steps):
    level, text = batch(processes, steps)
    assert level == 'ok'
    assert text.startswith(f'effective batch 32 (4 clips x {processes} processes x {steps} steps)')


def test_other_batch_names_the_cures():
    level, text = batch(2)
    assert level == 'warning'
    assert 'effective batch 8' in text
    assert 'differs from 32' in text
    assert 'pass --auto-scale-lr, or set accumulative_counts' in text
    assert text.endswith('optim_wrapper.optimizer.lr=0.0025')


def test_scaling_counts_no_accumulation():
    assert batch(2, enable=True)[0] == 'ok'
    level, text = batch(2, steps=2, enable=True)
    assert level == 'warning'
    # 8 of 32 clips by MMEngine, which overlooks that 16 are summed.
    assert 'becomes 0.0025 where 0.005 would fit' in text
    assert '--auto-scale-lr' not in batch(2, steps=2)[1]


def test_batch_without_a_base_is_told():
    (finding,) = check_batch({'train_dataloader': {'batch_size': 4}}, 8)
    assert finding.level == 'info'
    assert 'effective batch 32' in finding.text


FROZEN = {'model': {'backbone': {'type': 'ResNetGSF', 'depth': 18, 'frozen_stages': 1}}}


def frozen(**backbone) -> dict:
    return {'model': {'backbone': {**FROZEN['model']['backbone'], **backbone}}}


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        (frozen(), 'frozen_stages=1 would freeze random weights; set load_from'),
        (frozen(pretrained='resnet.pth'), 'would freeze temporal layers, which weights of images'),
    ],
)
def test_nothing_untrained_is_frozen(config, message):
    with pytest.raises(PreflightError, match=message):
        list(check_frozen_stages(config))


@pytest.mark.parametrize(
    'config',
    [
        {**FROZEN, 'load_from': 'gsf.pth'},
        {**FROZEN, 'resume': True},
        frozen(frozen_stages=0, pretrained='resnet.pth'),
        frozen(gsf_stages=[2, 3, 4], pretrained='resnet.pth'),
        frozen(layer=None, pretrained='resnet.pth'),
        frozen(frozen_stages=-1),
    ],
)
def test_what_is_frozen_comes_from_somewhere(config):
    assert all(finding.level == 'ok' for finding in check_frozen_stages(config))
