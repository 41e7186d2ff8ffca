"""A list that the dataset would read wrongly is refused with the argument that would fit."""

import re

import pytest
from mmaction.registry import DATASETS
from mmengine.registry import init_default_scope

from .building import frame_config, only_error, texts, video_config


def test_sound_lists_pass(tmp_path):
    for config in (video_config(tmp_path / 'v'), frame_config(tmp_path / 'f')):
        assert texts(config, 'error', 'warning') == []
        ok = ' '.join(texts(config, 'ok'))
        assert 'train: 3 rows of' in ok
        assert 'labels 0 to 2 of num_classes=3' in ok


@pytest.mark.parametrize('delimiter', [' ', '\t'])
@pytest.mark.parametrize('name', ['a.mp4', 'a b/é c.mp4'])
def test_other_delimiter_is_named(tmp_path, name, delimiter):
    rows = f'{name}{delimiter}0\n'
    other = {' ': '\t', '\t': ' '}[delimiter]
    error = only_error(video_config(tmp_path, rows, delimiter=other))
    assert 'line 1' in error
    assert f'set delimiter={delimiter!r} of the dataset' in error


def test_tabs_with_their_delimiter_pass(tmp_path):
    config = video_config(tmp_path, 'a.mp4\t0\nb.mp4\t1\nc.mp4\t2\n', delimiter='\t')
    assert texts(config, 'error', 'warning') == []


@pytest.mark.parametrize('split', ['train', 'val', 'test'])
def test_mmaction2_would_take_a_list_of_tabs_without_a_word(tmp_path, split):
    """Which is why it is refused, as a list without labels too."""
    config = video_config(tmp_path, 'a.mp4\t0\n')
    init_default_scope('mmaction')
    dataset = DATASETS.build({**config['train_dataloader']['dataset'], 'pipeline': []})
    assert dataset[0]['label'] == -1
    config[f'{split}_dataloader'] = config.pop('train_dataloader')
    assert "delimiter='\\t'" in only_error(config, splits=(split,))


@pytest.mark.parametrize(
    ('rows', 'match'),
    [
        ('my dog.mp4 0\n', r"names with spaces need .* and delimiter='\\t'"),
        ('a.mp4 0\na 10 0\n', 'line 2: .* read it by RawframeDataset'),
        ('a.mp4 0\n\nb.mp4 1\n', "line 2: '' is not a file and a label"),
        ('a.mp4 ٣\n', 'line 1: .* is not a file and a label from 0 up'),
        ('\ufeffa.mp4 0\n', 'line 1: a byte-order mark'),
        ('é.mp4 0\n'.encode('latin-1'), 'cannot be read as UTF-8'),
        ('a.mp4 1\nb.mp4 2\nc.mp4 3\n', r'line 3: label 3 is outside 0\.\.2.*count from 1$'),
        ('a.mp4 0\nb.mp4 7\n', r'line 2: label 7 is outside 0\.\.2.*set num_classes$'),
    ],
)
def test_wrong_rows_of_videos(tmp_path, rows, match):
    assert re.search(match, only_error(video_config(tmp_path, rows)))


@pytest.mark.parametrize('end', ['\n', '\r\n'])
def test_line_ends_do_not_matter(tmp_path, end):
    rows = end.join(['a.mp4 0', 'b.mp4 1', 'c.mp4 2', ''])
    assert texts(video_config(tmp_path, rows), 'error', 'warning') == []


@pytest.mark.parametrize(
    ('rows', 'dataset', 'match'),
    [
        ('a 0\n', {}, 'read it by VideoDataset'),
        ('a 0 10 0\n', {}, 'set with_offset=True'),
        ('a 10 0\n', {'with_offset': True}, 'set with_offset=False'),
        ('my dog 10 0\n', {}, 'names must hold no spaces'),
        ('a 0 0\n', {}, 'the folder has no frames'),
    ],
)
def test_wrong_rows_of_frame_folders(tmp_path, rows, dataset, match):
    error = only_error(frame_config(tmp_path, rows, **dataset))
    assert 'line 1' in error
    assert match in error


def test_only_a_test_may_be_without_labels(tmp_path):
    config = video_config(tmp_path, 'a.mp4\nb.mp4\n')
    assert 'is not a file and a label' in only_error(config)
    config['test_dataloader'] = config['train_dataloader']
    assert texts(config, 'error', splits=('test',)) == []
    assert 'no labels' in ' '.join(texts(config, 'info', splits=('test',)))


def test_several_labels_where_the_dataset_has_them(tmp_path):
    rows = 'a.mp4 0 1\nb.mp4 2\n'
    assert 'is not a file and a label' in only_error(video_config(tmp_path, rows))
    config = video_config(tmp_path, rows, multi_class=True, num_classes=3)
    assert texts(config, 'error', 'warning') == []


def test_classes_without_a_clip_are_a_warning(tmp_path):
    (warning,) = texts(video_config(tmp_path, 'a.mp4 0\nb.mp4 2\n'), 'warning')
    assert '1 of num_classes=3 have no clip, first label 1' in warning


def test_lists_of_another_form_are_left_alone(tmp_path):
    config = video_config(tmp_path, 'what,ever\n', type='MyDataset')
    assert texts(config, 'error', 'warning') == []
    assert 'lists of MyDataset are not known here' in ' '.join(texts(config, 'info'))
