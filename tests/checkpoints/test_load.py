"""Loading never runs code: plain files load, mmengine's own as well, all else is refused."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer

from mmgsf.checkpoints.load import load_from_local


class TouchesAFile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_plain_file(tmp_path):
    torch.save({'state_dict': {'a': torch.ones(2)}, 'meta': {'epoch': 3}}, tmp_path / 'a.pth')
    checkpoint = load_from_local(str(tmp_path / 'a.pth'), map_location='cpu')
    assert checkpoint['meta'] == {'epoch': 3}
    assert torch.equal(checkpoint['state_dict']['a'], torch.ones(2))


def test_checkpoint_of_mmengines_runner(tmp_path):
    history = HistoryBuffer([1.0, 2.0], [1, 1])
    hub = {'log_scalars': {'loss': history}, 'runtime_info': {'best': np.float64(0.5)}}
    file = tmp_path / 'epoch_1.pth'
    torch.save({'state_dict': {'a': torch.ones(2)}, 'message_hub': hub}, file)
    assert torch.equal(load_from_local(str(file))['state_dict']['a'], torch.ones(2))


def test_code_is_refused_by_name_and_does_not_run(tmp_path):
    touched = tmp_path / 'touched'
    torch.save({'state_dict': TouchesAFile(touched)}, tmp_path / 'bad.pth')
    with pytest.raises(ValueError, match='refused: it holds posix.mkdir'):
        load_from_local(str(tmp_path / 'bad.pth'))
    assert not touched.exists()


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.pth is not there'):
        load_from_local(str(tmp_path / 'nowhere.pth'))


@pytest.mark.parametrize('content', [b'', b'text, no weights'])
def test_file_that_is_no_checkpoint(tmp_path, content):
    file = tmp_path / 'odd.pth'
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r'odd\.pth is refused: it is no file of torch\.save'):
        load_from_local(str(file))


def test_file_cut_short(tmp_path):
    file = tmp_path / 'short.pth'
    torch.save({'a': torch.ones(1000)}, file)
    file.write_bytes(file.read_bytes()[:-500])
    with pytest.raises(ValueError, match='cut short'):
        load_from_local(str(file))
