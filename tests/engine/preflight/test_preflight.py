"""A run that cannot go well ends before it starts, and says why."""

import pytest

from mmgsf.engine import PreflightError, check_config
from mmgsf.engine.preflight import inspect_config


@pytest.fixture
def config(tmp_path):
    """A sound config of two videos."""
    videos = tmp_path / 'videos'
    videos.mkdir()
    for name in ('a.mp4', 'b.mp4'):
        (videos / name).touch()
    (tmp_path / 'train.txt').write_text('a.mp4 0\nb.mp4 4\n')
    pipeline = [{'type': 'DecordInit'}, {'type': 'SegmentSampleFrames', 'num_clips': 4}]
    dataset = {
        'type': 'VideoDataset',
        'ann_file': str(tmp_path / 'train.txt'),
        'data_prefix': {'video': str(videos)},
        'pipeline': pipeline,
    }
    return {
        'num_segments': 4,
        'model': {'num_segments': 4, 'cls_head': {'num_classes': 5}},
        'train_dataloader': {'dataset': dataset},
        'prepare_command': 'python tools/prepare_data.py ssv2 data/sthv2',
    }


def assert_refused(config, match):
    with pytest.raises(PreflightError, match=match):
        check_config(config, ('train',))


def test_sound_config_passes(config):
    assert check_config(config, ('train',)) is None


def test_data_of_other_splits_is_not_asked_for(config):
    config['train_dataloader']['dataset']['ann_file'] = 'nowhere.txt'
    assert check_config(config, ('val', 'test')) is None


def test_missing_list_names_the_command_that_makes_it(config):
    config['train_dataloader']['dataset']['ann_file'] = 'data/nowhere.txt'
    assert_refused(
        config, r'train annotation list data/nowhere\.txt is not there.*prepare_data\.py ssv2'
    )


def test_folder_as_a_list(config, tmp_path):
    config['train_dataloader']['dataset']['ann_file'] = str(tmp_path)
    assert_refused(config, 'is a folder')


def test_missing_videos_folder(config, tmp_path):
    config['train_dataloader']['dataset']['data_prefix'] = {'video': str(tmp_path / 'none')}
    assert_refused(config, 'none, which is no folder.*prepare_data')


def test_folder_that_is_not_the_dataset(config, tmp_path):
    other = tmp_path / 'other'
    other.mkdir()
    config['train_dataloader']['dataset']['data_prefix'] = {'video': str(other)}
    assert_refused(
        config, r'2 of 2 files sampled from .*train\.txt are not in .*other, first a\.mp4'
    )


def test_label_beyond_the_classes(config, tmp_path):
    (tmp_path / 'train.txt').write_text('a.mp4 0\nb.mp4 5\n')
    assert_refused(config, r'train\.txt line 2: label 5 is outside 0\.\.4.*num_classes=5')


@pytest.mark.parametrize('row', ['a.mp4', 'a.mp4 dog', 'a.mp4 -1'])
def test_row_without_a_label(config, tmp_path, row):
    (tmp_path / 'train.txt').write_text(f'{row}\n')
    assert_refused(config, 'line 1: .* is not a file and a label')


def test_empty_list(config, tmp_path):
    (tmp_path / 'train.txt').write_text('\n')
    assert_refused(config, 'is empty')


def test_other_num_segments_in_the_sampler(config):
    config['train_dataloader']['dataset']['pipeline'][1]['num_clips'] = 8
    assert_refused(config, 'train_dataloader samples num_clips=8.*model.num_segments=4')


def test_other_num_segments_of_the_config(config):
    config['num_segments'] = 16
    assert_refused(config, 'num_segments=16 differs from model.num_segments=4')


def test_sampled_rows_suffice_on_long_lists(config, tmp_path):
    (tmp_path / 'train.txt').write_text('a.mp4 0\n' * 200_000)
    assert check_config(config, ('train',)) is None


def test_every_fault_is_found_and_the_first_ends_a_run(config, tmp_path):
    config['num_segments'] = 16
    (tmp_path / 'train.txt').write_text('a.mp4 9\n')
    errors = [f.text for f in inspect_config(config, ('train',)) if f.level == 'error']
    assert [text.startswith('num_segments=16') for text in errors] == [True, False]
    assert 'label 9 is outside' in errors[1]
    assert_refused(config, 'num_segments=16')


def test_warnings_are_reported_and_do_not_end_a_run(config):
    config['train_dataloader']['batch_size'] = 4
    config['auto_scale_lr'] = {'base_batch_size': 32}
    found = []
    check_config(config, ('train',), processes=2, report=found.append)
    warnings = [finding.text for finding in found if finding.level == 'warning']
    assert 'effective batch 8' in warnings[0]


def test_data_of_two_splits_is_looked_at_once(config):
    config['val_dataloader'] = config['test_dataloader'] = config['train_dataloader']
    found = [finding.text for finding in inspect_config(config, ('train', 'val', 'test'))]
    assert found[-2:] == ['val: the data of train', 'test: the data of train']


def test_dataset_built_by_hand_is_its_owners(config):
    config['train_dataloader']['dataset'] = {'type': 'Own'}
    assert check_config(config, ('train',)) is None


def test_list_that_may_not_be_read_is_an_error(config, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError('Permission denied: train.txt')

    monkeypatch.setattr(type(tmp_path), 'read_text', refuse)
    assert_refused(config, 'Permission denied')
