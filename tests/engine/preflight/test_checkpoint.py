"""A checkpoint of another T or of other classes is refused before the model is built."""

import pytest
import torch

from mmgsf.checkpoints import save_weights
from mmgsf.engine.preflight import PreflightError, compare_weights
from mmgsf.engine.preflight.checkpoint import CLASSIFIER

from .building import only_error, texts

CONFIG = {
    'model': {'num_segments': 4, 'cls_head': {'num_classes': 3}},
    'test_dataloader': {'dataset': {'ann_file': 'a.txt', 'metainfo': {'classes': ['a', 'b', 'c']}}},
}


def checkpoint(tmp_path, num_segments=4, classes=('a', 'b', 'c'), rows=3) -> str:
    path = tmp_path / 'w.pth'
    meta = {'num_segments': num_segments, 'dataset_meta': {'classes': list(classes)}}
    save_weights(path, {CLASSIFIER: torch.zeros(rows, 2)}, meta)
    return str(path)


def test_fitting_checkpoint(tmp_path):
    path = checkpoint(tmp_path)
    assert texts(CONFIG, 'error', splits=(), checkpoint=path) == []
    assert f'{path}: T and classes of the config' in texts(CONFIG, 'ok', splits=(), checkpoint=path)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'num_segments': 8}, 'was trained with num_segments=8, the config has 4'),
        ({'classes': ['b', 'a', 'c']}, "class 0 is 'b' in"),
        ({'classes': ['a', 'b']}, 'knows 2 classes, the test data has 3'),
        ({'rows': 5}, 'has 5 classes, model.cls_head.num_classes is 3'),
    ],
)
def test_checkpoint_of_another_model(tmp_path, changes, message):
    path = checkpoint(tmp_path, **changes)
    assert message in only_error(CONFIG, splits=(), checkpoint=path)


def test_another_num_segments_may_be_allowed(tmp_path):
    path = checkpoint(tmp_path, num_segments=8)
    config = {**CONFIG, 'allow_num_segments': True}
    assert texts(config, 'error', splits=(), checkpoint=path) == []
    assert 'num_segments=8' in ' '.join(texts(config, 'info', splits=(), checkpoint=path))


def test_bare_weights_cannot_be_compared(tmp_path):
    torch.save({CLASSIFIER: torch.zeros(3, 2)}, tmp_path / 'w.pth')
    found = texts(CONFIG, 'info', splits=(), checkpoint=str(tmp_path / 'w.pth'))
    assert 'holds no class names' in found[-1]


def test_missing_and_damaged_checkpoint(tmp_path):
    path = tmp_path / 'w.pth'
    assert 'is not there' in only_error(CONFIG, splits=(), checkpoint=str(path))
    path.write_bytes(b'PK half')
    assert 'is refused' in only_error(CONFIG, splits=(), checkpoint=str(path))


OWN = {
    'backbone.conv1.conv.weight': torch.ones(4, 3, 3, 3),
    'backbone.layer1.conv.net.weight': torch.ones(4, 4, 3, 3),
    'backbone.layer1.bn.weight': torch.ones(4),
    CLASSIFIER: torch.ones(2, 4),
}


def test_weights_of_the_same_network_with_another_classifier():
    lent = {**OWN, CLASSIFIER: torch.ones(174, 4)}
    notes = compare_weights('a.pth', lent, OWN)
    assert notes == [
        'the classifier of 2 classes starts anew: a.pth has one of 174 classes',
    ]
    assert compare_weights('a.pth', OWN, OWN) == []


def test_weights_of_the_plain_network_and_of_data_parallel_are_known():
    plain = {f'module.{name}'.replace('.net.', '.'): value for name, value in OWN.items()}
    assert compare_weights('a.pth', plain, OWN) == []


def test_weights_that_fill_a_part_are_counted():
    part = {name: value for name, value in OWN.items() if 'layer1' not in name}
    assert compare_weights('a.pth', part, OWN) == ['a.pth fills 1 of 2 weights of the backbone']


def test_weights_of_another_network_are_refused():
    # A norm has the same shape in many networks, and says nothing.
    other = {'backbone.layer1.bn.weight': torch.ones(4), 'conv1.weight': torch.ones(4, 3, 3, 3)}
    with pytest.raises(PreflightError, match=r'a\.pth holds no weights of this backbone'):
        compare_weights('a.pth', other, OWN)
