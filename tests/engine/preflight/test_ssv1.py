"""Lists of Something-Something V1 in sorted label order are told by the provider's csv files."""

import pytest

from mmgsf.datasets import class_names

from .building import frame_config, only_error, texts

NAMES = class_names('ssv1')
MEANT = {'a': NAMES[2], 'b': NAMES[4], 'c': NAMES[30]}


def config_in_order(tmp_path, order: list[str], classes: list[str] = NAMES) -> dict:
    rows = ''.join(f'{clip} 10 {order.index(name)}\n' for clip, name in MEANT.items())
    config = frame_config(tmp_path, rows, metainfo={'classes': classes})
    config['model']['cls_head']['num_classes'] = len(NAMES)
    return config


def write_csv(folder) -> None:
    folder.mkdir(exist_ok=True)
    lines = [f'{clip};{name}\n' for clip, name in MEANT.items()]
    (folder / 'something-something-v1-train.csv').write_text(''.join(lines))


@pytest.mark.parametrize('folder', ['', 'annotations'])
def test_providers_order_passes(tmp_path, folder):
    write_csv(tmp_path / folder)
    config = config_in_order(tmp_path, NAMES)
    assert texts(config, 'error') == []
    assert "train: the labels mean the provider's texts" in texts(config, 'ok')


def test_sorted_order_is_refused(tmp_path):
    write_csv(tmp_path)
    error = only_error(config_in_order(tmp_path, sorted(NAMES)))
    assert 'train.txt line 1: label' in error
    assert f"the provider's csv says {MEANT['a']!r}" in error
    assert 'those of the sorted names' in error
    assert 'prepare_data.py ssv1' in error


def test_any_other_order_is_refused(tmp_path):
    write_csv(tmp_path)
    assert 'the labels are mixed' in only_error(config_in_order(tmp_path, NAMES[::-1]))


def test_without_the_csv_nothing_is_claimed(tmp_path):
    config = config_in_order(tmp_path, sorted(NAMES))
    assert texts(config, 'error') == []
    assert 'numbers do not tell in which order' in ' '.join(texts(config, 'info'))


def test_sorted_names_belong_to_sorted_labels(tmp_path):
    write_csv(tmp_path)
    assert texts(config_in_order(tmp_path, sorted(NAMES), sorted(NAMES)), 'error') == []
    write_csv(tmp_path / 'other')
    assert 'the labels are mixed' in only_error(
        config_in_order(tmp_path / 'other', NAMES, sorted(NAMES))
    )


def test_v2_is_not_taken_for_it(tmp_path):
    config = config_in_order(tmp_path, class_names('ssv2'), class_names('ssv2'))
    assert 'which order' not in ' '.join(texts(config, 'info', 'ok', 'error'))
