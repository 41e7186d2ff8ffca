"""Diving48's lists have V2's labels; V1's are refused."""

import json

import pytest

from mmgsf.datasets import class_names
from mmgsf.datasets.preparation import scan_dataset

from ...trees import make_diving48


@pytest.fixture
def tree(tmp_path):
    return make_diving48(tmp_path / 'diving48')


def test_lists_have_the_labels_and_names_of_mmaction2(tree):
    scan_dataset('diving48', tree, workers=1).write()
    train = (tree / 'diving48_train_list_videos.txt').read_text()
    assert train == 'A_00000.mp4 40\nA_00001.mp4 41\nB_00000.mp4 42\n'
    assert (tree / 'diving48_val_list_videos.txt').read_text() == 'C_00000.mp4 40\n'
    assert (tree / 'videos' / 'C_00000.mp4').is_file()


def test_mmaction2s_layout_is_read(tree):
    (tree / 'annotations').mkdir()
    for path in tree.glob('*.json'):
        path.rename(tree / 'annotations' / path.name)
    (tree / 'rgb').rename(tree / 'videos')
    assert scan_dataset('diving48', tree, workers=1).report.splits['train'].written == 3


def test_first_version_is_refused_with_the_reason(tree):
    for split in ('train', 'test'):
        (tree / f'Diving48_V2_{split}.json').rename(tree / f'Diving48_{split}.json')
    with pytest.raises(ValueError, match=r'Diving48_train\.json: these are the V1 labels, many'):
        scan_dataset('diving48', tree)


def test_vocabulary_of_another_order_is_refused(tree):
    words = [name.split('+') for name in class_names('diving48')]
    (tree / 'Diving48_vocab.json').write_text(json.dumps(words[::-1]))
    with pytest.raises(ValueError, match=r"vocab\.json: class 0 is 'Reverse\+Dive"):
        scan_dataset('diving48', tree)
    (tree / 'Diving48_vocab.json').write_text(json.dumps(words[:47]))
    with pytest.raises(ValueError, match=r'class 47 is None'):
        scan_dataset('diving48', tree)


def test_label_outside_the_classes_is_refused_with_its_line(tree):
    rows = '[\n{"vid_name": "A_00000", "label": 47},\n{"vid_name": "A_00001", "label": 48}]'
    (tree / 'Diving48_V2_train.json').write_text(rows)
    with pytest.raises(ValueError, match=r'V2_train\.json line 3: label=48 is no .* 0 to 47'):
        scan_dataset('diving48', tree)
