"""The comparison sees a single bit, and lets times pass."""

import json
import shutil

import pytest
import torch

from mmgsf.engine.exact.compare import compare, differences, logged


def test_sees_one_bit_of_a_weight(tmp_path, alone):
    copy = shutil.copytree(alone, tmp_path / 'copy')
    assert differences(alone, copy) == []
    checkpoint = torch.load(copy / 'epoch_2.pth', weights_only=True)
    name, weight = next(iter(checkpoint['state_dict'].items()))
    weight.view(-1).view(torch.int32)[0] ^= 1
    torch.save(checkpoint, copy / 'epoch_2.pth')
    [found] = differences(alone, copy)
    assert found.startswith(f"epoch_2.pth['state_dict'][{name!r}]")


def test_sees_a_missing_checkpoint_and_a_logged_number(tmp_path, alone):
    copy = shutil.copytree(alone, tmp_path / 'copy')
    [log] = copy.glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    lines[2]['loss'] += 1e-12
    lines[3]['time'] += 1
    log.write_text(''.join(json.dumps(line) + '\n' for line in lines))
    [found] = differences(alone, copy)
    assert found.startswith("log['iteration 3']['loss']")
    (copy / 'epoch_1.pth').unlink()
    [found] = differences(alone, copy)
    assert found.startswith('checkpoints: ')


def test_two_starts_must_agree(tmp_path):
    for start, loss in (('a', 1.0), ('b', 1.5)):
        log = tmp_path / start / 'vis_data' / 'scalars.json'
        log.parent.mkdir(parents=True)
        log.write_text(json.dumps({'loss': loss, 'iter': 1, 'step': 1}) + '\n{"loss": 2')
    with pytest.raises(ValueError, match=r"iteration 1\['loss'\]: 1.0 and 1.5"):
        logged(tmp_path)


@pytest.mark.parametrize(
    ('first', 'second', 'number'),
    [
        ({'a': [1, 2]}, {'a': [1, 3]}, 1),
        ({'a': 1}, {'b': 1}, 2),
        ([1], [1, 2], 1),
        (1, 1.0, 1),
        (0.0, -0.0, 1),
        (float('nan'), float('nan'), 0),
        ('x/epoch_1.pth', 'y/epoch_1.pth', 0),
        (torch.zeros(2), torch.zeros(2, 1), 1),
        ({'train/time': 1, 'eta': 2}, {'train/time': 3}, 0),
    ],
)
def test_values(first, second, number):
    assert len(list(compare(first, second, 'it'))) == number
