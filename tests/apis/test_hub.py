"""Weights by name: from the package, a folder, an address, the cache; compared, or refused."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from mmgsf.apis import get_model, list_models, load_model, recognize, weights_file
from mmgsf.apis.configs import config_path
from mmgsf.apis.index import DEFAULT_MODEL, read_index

from ..videos import noise_clip
from ..zoo import NAME, UNPUBLISHED, sha256, use_index, write_weights


class Quiet(http.server.SimpleHTTPRequestHandler):
    asked = 0

    def log_message(self, *args: object) -> None:
        Quiet.asked += 1


@pytest.fixture(scope='module')
def weights(tmp_path_factory) -> Path:
    return write_weights(tmp_path_factory.mktemp('zoo'))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'torch'))
    monkeypatch.delenv('MMGSF_ZOO', raising=False)
    return tmp_path / 'torch' / 'hub' / 'checkpoints'


@pytest.fixture
def site(weights) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(weights.parent))
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.shutdown()


@pytest.fixture
def published(weights, tmp_path, monkeypatch) -> Path:
    """An index that names the file alone."""
    use_index(monkeypatch, tmp_path / 'a.yml', Weights=weights.name, SHA256=sha256(weights))
    return weights


@pytest.mark.parametrize('form', ['folder', 'address of a folder', 'file://'])
def test_files_of_the_root(published, site, monkeypatch, form):
    root = {'folder': str(published.parent), 'file://': published.parent.as_uri()}.get(form, site)
    monkeypatch.setenv('MMGSF_ZOO', f'{root}/')
    assert weights_file(NAME).read_bytes() == published.read_bytes()
    assert list_models(pretrained=True) == [NAME]
    assert list_models(pretrained=False) == [UNPUBLISHED]


def test_the_model_has_the_published_weights(published, monkeypatch):
    monkeypatch.setenv('MMGSF_ZOO', str(published.parent))
    model = get_model(NAME, device='cpu')
    wanted = load_model(config_path(NAME), published).state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in model.state_dict().items())
    assert (model.name, model.training) == (NAME, False)


def test_a_whole_address_is_downloaded_once(weights, site, tmp_path, monkeypatch, cache):
    address = f'{site}/{weights.name}'
    use_index(monkeypatch, tmp_path / 'a.yml', Weights=address, SHA256=sha256(weights))
    monkeypatch.setenv('MMGSF_ZOO', '/nowhere')
    Quiet.asked = 0
    assert weights_file(NAME) == weights_file(NAME) == cache / weights.name
    assert Quiet.asked == 1


def test_another_file_is_refused(published, site, tmp_path, monkeypatch, cache):
    """Of the same first digits: only the index's whole digest tells."""
    digest = sha256(published)
    other = digest[:8] + ('1' if digest[8] == '0' else '0') + digest[9:]
    use_index(monkeypatch, tmp_path / 'a.yml', Weights=published.name, SHA256=other)
    monkeypatch.setenv('MMGSF_ZOO', str(published.parent))
    with pytest.raises(ValueError, match=f'the zoo index states the SHA-256 {other}'):
        weights_file(NAME)
    monkeypatch.setenv('MMGSF_ZOO', site)
    with pytest.raises(ValueError, match=f'the zoo index states the SHA-256 {other}'):
        weights_file(NAME)
    assert not cache.exists() or list(cache.iterdir()) == []


def test_offline_says_where_to_put_the_file(published, monkeypatch, cache):
    monkeypatch.setenv('MMGSF_ZOO', 'http://127.0.0.1:9/zoo')
    with pytest.raises(OSError, match='127.0.0.1:9/zoo/gsf-.*cannot be downloaded') as raised:
        weights_file(NAME)
    message = str(raised.value)
    assert str(cache / published.name) in message
    assert 'MMGSF_ZOO' in message
    assert '\n' not in message
    cache.mkdir(parents=True, exist_ok=True)
    (cache / published.name).write_bytes(published.read_bytes())
    assert weights_file(NAME) == cache / published.name
    monkeypatch.delenv('MMGSF_ZOO')
    assert weights_file(NAME) == cache / published.name


def test_a_file_without_a_place(published, cache, monkeypatch, tmp_path):
    with pytest.raises(
        FileNotFoundError, match='names the weights.*without a place; set MMGSF_ZOO'
    ):
        weights_file(NAME)
    monkeypatch.setenv('MMGSF_ZOO', str(tmp_path / 'empty'))
    with pytest.raises(
        FileNotFoundError, match=f'empty/{published.name} is not there.*MMGSF_ZOO is'
    ):
        weights_file(NAME)


def test_without_published_weights_it_says_what_to_do():
    name = 'gsf_r50_ssv2'
    with pytest.raises(
        ValueError, match=f'no weights of {name}: none are.*mim train mmgsf {name}.py'
    ):
        get_model(name)
    model = get_model('gsf_r18_camera_motion', pretrained=False, device='cpu')
    assert model.name == 'gsf_r18_camera_motion'


def test_weights_in_the_package(tmp_path, monkeypatch):
    place = 'package://mmgsf/apis/weights/none.safetensors'
    use_index(monkeypatch, tmp_path / 'a.yml', Weights=place, SHA256='0' * 64)
    with pytest.raises(FileNotFoundError, match='apis/weights/none.safetensors is not there'):
        weights_file(NAME)


def test_the_default_model_needs_nothing_but_the_package(monkeypatch):
    monkeypatch.setattr('socket.socket.connect', lambda *args: pytest.fail('it asks the network'))
    found = read_index()[DEFAULT_MODEL]
    assert found.weights.startswith('package://')
    assert get_model().name == DEFAULT_MODEL
    assert recognize(noise_clip(0)).model == DEFAULT_MODEL
