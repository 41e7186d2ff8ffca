"""Every scheme of mmengine brings a file that is loaded without running what lies in it."""

import mmgsf.register  # noqa: F401, I001

import functools
import hashlib
import http.server
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.runner import CheckpointLoader
from mmengine.runner import checkpoint as upstream

from mmgsf.checkpoints import remote
from mmgsf.checkpoints.download import cached_path

Load = Callable[[Path], dict]


class TouchesAFile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which it is served; downloads are kept beside it."""
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'torch'))
    monkeypatch.setenv('MMENGINE_HOME', str(tmp_path / 'mmengine'))
    folder = tmp_path / 'site'
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f'http://127.0.0.1:{server.server_port}'
        server.shutdown()


class Ceph:
    def get(self, filename: str) -> bytes:
        return Path(filename.partition('://')[2]).read_bytes()


def through(scheme: str, site: tuple[Path, str], monkeypatch) -> Load:
    """What loads a file of the site's folder by a scheme."""
    folder, address = site
    known = {'net': f'{address}/a.pth', 'local': str(folder / 'a.pth')}
    if scheme in ('modelzoo', 'torchvision'):
        monkeypatch.setattr(upstream, 'get_torchvision_models', lambda: known)
    elif scheme == 'mmcls':
        monkeypatch.setattr(upstream, 'get_mmcls_models', lambda: known)
    elif 'mmlab' in scheme:
        home = Path(os.environ['MMENGINE_HOME'])
        home.mkdir()
        (home / 'open_mmlab.json').write_text(json.dumps(known))
    elif scheme == 'pavi':
        model = SimpleNamespace(name='a.pth')
        model.download = lambda path: Path(path).write_bytes((folder / 'a.pth').read_bytes())
        modelcloud = SimpleNamespace(get=lambda name: model)
        monkeypatch.setitem(sys.modules, 'pavi', SimpleNamespace(modelcloud=modelcloud))
    elif 's3' in scheme or 'petrel' in scheme:
        monkeypatch.setattr(remote, 'get_file_backend', lambda *args, **kwargs: Ceph())
    name = {'http': f'{address.removeprefix("http://")}/a.pth', 'mmcls': 'net'}.get(scheme, 'net')
    if 's3' in scheme or 'petrel' in scheme:
        name = folder / 'a.pth'
    if scheme == 'openmmlab':
        name = 'local'
    location = str(folder / 'a.pth') if scheme == '' else f'{scheme}://{name}'
    return functools.partial(CheckpointLoader.load_checkpoint, location, map_location='cpu')


SCHEMES = ('', 'http', 'modelzoo', 'torchvision', 'open-mmlab', 'openmmlab', 'mmcls', 'pavi')
CLUSTERS = ('s3', 'petrel', 'cluster:s3')


@pytest.mark.parametrize('scheme', [*SCHEMES, *CLUSTERS])
def test_weights_load_and_code_does_not_run(site, tmp_path, monkeypatch, scheme):
    load = through(scheme, site, monkeypatch)
    torch.save({'state_dict': {'backbone.a': torch.ones(2)}}, site[0] / 'a.pth')
    key = 'a' if scheme == 'mmcls' else 'backbone.a'
    assert torch.equal(load()['state_dict'][key], torch.ones(2))
    for kept in (tmp_path / 'torch').rglob('*.pth'):
        kept.unlink()
    torch.save({'state_dict': TouchesAFile(tmp_path / 'touched')}, site[0] / 'a.pth')
    with pytest.raises(ValueError, match='refused: it holds posix.mkdir'):
        load()
    assert not (tmp_path / 'touched').exists()


def test_no_scheme_is_left_to_upstream():
    theirs = [
        scheme for scheme, f in CheckpointLoader._schemes.items() if 'mmgsf' not in f.__module__
    ]
    assert theirs == []


def test_published_file_is_compared_at_download_and_later(site):
    folder, address = site
    torch.save({'a': torch.ones(2)}, folder / 'a.pth')
    checksum = hashlib.sha256((folder / 'a.pth').read_bytes()).hexdigest()[:8]
    sound, wrong = f'{address}/net-{checksum}.pth', f'{address}/net-{"0" * 8}.pth'
    for url in (sound, wrong):
        (folder / url.rpartition('/')[2]).write_bytes((folder / 'a.pth').read_bytes())
    assert torch.equal(remote.load_from_http(sound)['a'], torch.ones(2))
    with pytest.raises(ValueError, match=f'begins with 00000000, and it begins with {checksum}'):
        remote.load_from_http(wrong)
    assert not cached_path(wrong).exists()
    kept = cached_path(sound)
    torch.save({'a': torch.zeros(2)}, kept)
    with pytest.raises(ValueError, match=f'begins with {checksum}, and it begins with'):
        remote.load_from_http(sound)


def test_files_of_one_name_from_two_places(site):
    folder, address = site
    for number in (1, 2):
        (folder / str(number)).mkdir()
        torch.save({'a': torch.tensor(number)}, folder / str(number) / 'epoch_1.pth')
    for number in (1, 2, 1):
        assert remote.load_from_http(f'{address}/{number}/epoch_1.pth')['a'] == number


def test_a_download_cut_short_is_not_kept(site, tmp_path):
    folder, address = site
    torch.save({'a': torch.ones(1000)}, folder / 'a.pth')
    whole = (folder / 'a.pth').read_bytes()
    (folder / 'a.pth').write_bytes(whole[:-100])
    with pytest.raises(ValueError, match='download of http.*a.pth is refused.*cut short'):
        remote.load_from_http(f'{address}/a.pth')
    assert list((tmp_path / 'torch').rglob('*.pth')) == []
    (folder / 'a.pth').write_bytes(whole)
    assert len(remote.load_from_http(f'{address}/a.pth')['a']) == 1000


def test_what_cannot_be_had_names_the_address(site):
    _, address = site
    with pytest.raises(OSError, match=f'{address}/none.pth cannot be downloaded .*404'):
        remote.load_from_http(f'{address}/none.pth')
    with pytest.raises(ValueError, match='names no file'):
        remote.load_from_http(f'{address}/folder/..')
    with pytest.raises(ValueError, match="mmcls://nothing: 'nothing' is not known"):
        remote.load_from_mmcls('mmcls://nothing')
