"""Lists of EPIC-Kitchens-100, of clips and of frame folders."""

import mmgsf.register  # noqa: F401, I001

import pytest

from mmgsf.datasets import class_names

from ...epic_tree import make_clips, make_frames
from .building import FRAME_PIPELINE, VIDEO_PIPELINE, config_of, only_error, texts

MAKERS = {'video': (make_clips, VIDEO_PIPELINE), 'img': (make_frames, FRAME_PIPELINE)}


@pytest.fixture(params=['video', 'img'])
def kind(request) -> str:
    return request.param


def epic_config(root, kind: str, split: str = 'train', **dataset) -> dict:
    make, pipeline = MAKERS[kind]
    make(root)
    values = {
        'type': 'EpicKitchens100',
        'ann_file': str(root / f'epic100_{split}_list.tsv'),
        'data_prefix': {kind: str(root)},
        'pipeline': pipeline,
        'metainfo': {
            f'{name}_classes': class_names(f'epic100_{name}s') for name in ('verb', 'noun')
        },
    }
    config = config_of({**values, **dataset})
    config['model']['cls_head'] = {'num_verbs': 97, 'num_nouns': 300}
    return config


def test_sound_lists_pass(tmp_path, kind):
    config = epic_config(tmp_path, kind)
    assert texts(config, 'error', 'warning') == []
    ok = ' '.join(texts(config, 'ok'))
    assert '97 verb_classes, 300 noun_classes, the same in all splits' in ok
    assert 'train: 3 rows' in ok
    assert '3 sampled clips are decoded' in ok
    assert ('frame_{:010}.jpg from 1 fit the folders' in ok) == (kind == 'img')


def test_test_list_without_labels_passes(tmp_path, kind):
    config = epic_config(tmp_path, kind, 'test', test_mode=True)
    config['test_dataloader'] = config['train_dataloader']
    assert texts(config, 'error', splits=('test',)) == []


def test_errors_of_the_dataset_come_first_of_all(tmp_path, kind):
    config = epic_config(tmp_path, kind)
    path = tmp_path / 'epic100_train_list.tsv'
    path.write_text(path.read_text().replace('narration_id', 'id'))
    assert 'line 1: no column narration_id' in only_error(config)


@pytest.mark.parametrize(('argument', 'count', 'line'), [('num_verbs', 3, 4), ('num_nouns', 4, 4)])
def test_labels_beyond_the_head(tmp_path, argument, count, line):
    config = epic_config(tmp_path, 'video', metainfo={})
    config['model']['cls_head'][argument] = count
    error = only_error(config)
    assert f'line {line}: label {count} is outside 0..{count - 1}' in error
    assert f'model.cls_head.{argument}={count}' in error


def test_missing_clip(tmp_path):
    config = epic_config(tmp_path, 'video')
    (tmp_path / 'clips' / 'P01' / 'P01_01_1.mp4').unlink()
    assert '1 of 3 files sampled' in only_error(config)
    assert 'first clips/P01/P01_01_1.mp4' in only_error(config)


def test_template_of_the_folders_is_named_and_no_start_index(tmp_path):
    error = only_error(epic_config(tmp_path, 'img', filename_tmpl='img_{:05}.jpg'))
    assert "; set filename_tmpl='frame_{:010}.jpg' of the dataset" in error


def test_folders_numbered_from_0_are_a_warning(tmp_path):
    config = epic_config(tmp_path, 'img')
    folder = tmp_path / 'P01' / 'rgb_frames' / 'P01_01'
    (folder / 'frame_0000000000.jpg').write_bytes((folder / 'frame_0000000001.jpg').read_bytes())
    (warning,) = texts(config, 'warning')
    assert 'P01_01 numbers its frames from 0, the segments count from 1' in warning
    (folder / 'frame_0000000024.jpg').unlink()
    assert 'start_index' not in only_error(config)


def test_segment_beyond_the_end_of_its_folder(tmp_path):
    config = epic_config(tmp_path, 'img')
    (tmp_path / 'P01' / 'rgb_frames' / 'P01_01' / 'frame_0000000024.jpg').unlink()
    error = only_error(config)
    assert '1 of the 9 frames' in error
    assert 'first frame_0000000024.jpg' in error
