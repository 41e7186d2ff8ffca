"""Loading never runs code: plain files load, mmengine's own as well, all else is refused."""

import io
import os
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer

from mmgsf.checkpoints.load import load_from_local


class TouchesAFile:
    """What a hostile pickle holds: a call that is made as it is read."""

    def __init__(self, path: Path, call: Callable = os.mkdir) -> None:
        self.path = path
        self.call = call

    def __reduce__(self):
        code = f'__import__("os").mkdir({str(self.path)!r})'
        argument = {os.mkdir: str(self.path), os.system: f'mkdir {self.path}'}.get(self.call, code)
        return self.call, (argument,)


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


CALLS = {os.mkdir: 'posix.mkdir', os.system: 'posix.system', exec: 'exec', eval: 'eval'}


@pytest.mark.parametrize(('call', 'name'), CALLS.items(), ids=CALLS.values())
@pytest.mark.parametrize('form', ['zip', 'old', 'protocol 4', 'pickle', 'pickle 5'])
def test_code_is_refused_by_name_and_does_not_run(tmp_path, call, name, form):
    touched, file = tmp_path / 'touched', tmp_path / 'bad.pth'
    content = {'state_dict': {'a': torch.ones(2)}, 'meta': TouchesAFile(touched, call)}
    if form == 'pickle':
        file.write_bytes(pickle.dumps(content['meta'], protocol=2))
    elif form == 'pickle 5':
        file.write_bytes(pickle.dumps(content['meta'], protocol=5))
    else:
        torch.save(
            content,
            file,
            pickle_protocol=4 if form == 'protocol 4' else 2,
            _use_new_zipfile_serialization=form != 'old',
        )
    with pytest.raises(ValueError, match=rf'refused: it holds [\w.]*{name}; only tensors'):
        load_from_local(str(file))
    assert not touched.exists()
    # The file is a real attack: without the loader it works.
    torch.load(file, weights_only=False) if not form.startswith('pickle') else pickle.loads(
        file.read_bytes()
    )
    assert touched.exists()


def test_a_program_in_the_config_of_a_checkpoint_is_dropped(tmp_path):
    # mmengine's Runner.resume carries it out.
    program = f'import os\nos.mkdir({str(tmp_path / "touched")!r})\n'
    torch.save({'meta': {'config': program, 'epoch': 1}}, tmp_path / 'a.pth')
    assert load_from_local(str(tmp_path / 'a.pth'))['meta'] == {'epoch': 1}


def test_programs_of_torchscript_are_refused(tmp_path):
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), tmp_path / 'a.pth')
    with pytest.raises(ValueError, match=r'a\.pth is refused: it is a program of TorchScript'):
        load_from_local(str(tmp_path / 'a.pth'))


def test_members_of_an_archive_stay_in_it(tmp_path):
    # Of the format before torch 0.1.10, whose members torch.load would unpack.
    folder = tmp_path / 'here'
    folder.mkdir()
    with tarfile.open(folder / 'a.pth', 'w') as archive:
        for name in ('../escaped', 'storages', 'tensors', 'pickle'):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    with zipfile.ZipFile(folder / 'b.pth', 'w') as archive:
        archive.writestr('../escaped', b'x')
        archive.writestr('b/data.pkl', pickle.dumps({}, protocol=2))
        archive.writestr('b/version', b'3')
    for name in ('a.pth', 'b.pth'):
        with pytest.raises(ValueError, match='is refused'):
            load_from_local(str(folder / name))
    assert sorted(path.name for path in tmp_path.rglob('*')) == ['a.pth', 'b.pth', 'here']


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.pth is not there'):
        load_from_local(str(tmp_path / 'nowhere.pth'))


@pytest.mark.parametrize('content', [b't', b'text, no weights', b'\x80\x02X'])
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
