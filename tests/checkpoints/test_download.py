"""A download is whole and the right file, or nothing is kept; no server can hang it."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from mmgsf.checkpoints import download


class Server(http.server.BaseHTTPRequestHandler):
    """Serves /whole.pth, and ends early or never at other addresses."""

    content = b''

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header('Content-Length', str(len(self.content)))
        self.end_headers()
        if 'stalled' in self.path:
            self.server.waiting.wait(10)
        self.wfile.write(self.content[: -9 if 'short' in self.path else None])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path) -> Iterator[str]:
    # Of the old format, which has no checksums of its own.
    torch.save({'a': torch.ones(9)}, tmp_path / 'a', _use_new_zipfile_serialization=False)
    Server.content = (tmp_path / 'a').read_bytes()
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Server) as server:
        server.waiting = threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.waiting.set()
        server.shutdown()


def kept(folder: Path) -> list[Path]:
    return [path for path in (folder / 'cache').rglob('*') if path.is_file()]


def test_what_is_there_is_not_fetched_again(site, tmp_path):
    path = download.fetch(f'{site}/whole.pth', str(tmp_path / 'cache'))
    assert path.read_bytes() == Server.content
    path.write_bytes(b'other')
    assert download.fetch(f'{site}/whole.pth', str(tmp_path / 'cache')).read_bytes() == b'other'


def test_a_download_cut_short_is_not_kept(site, tmp_path):
    size = len(Server.content)
    with pytest.raises(OSError, match=f'cut short: {size - 9} of {size} bytes came'):
        download.fetch(f'{site}/short.pth', str(tmp_path / 'cache'))
    assert kept(tmp_path) == []


def test_a_server_that_goes_silent_is_given_up(site, tmp_path, monkeypatch):
    monkeypatch.setattr(download, 'TIMEOUT', 0.2)
    with pytest.raises(OSError, match=r'stalled\.pth cannot be downloaded \(.*timed out'):
        download.fetch(f'{site}/stalled.pth', str(tmp_path / 'cache'))
    assert kept(tmp_path) == []


def test_the_whole_checksum_decides(site, tmp_path):
    digest = hashlib.sha256(Server.content).hexdigest()
    with pytest.raises(ValueError, match=f'states the SHA-256 {"0" * 64}, and it has {digest}'):
        download.fetch(f'{site}/whole.pth', str(tmp_path / 'cache'), sha256='0' * 64)
    assert kept(tmp_path) == []
    assert download.fetch(f'{site}/whole.pth', str(tmp_path / 'cache'), sha256=digest).is_file()


def test_the_bar_is_on_stderr(site, tmp_path, capsys):
    download.fetch(f'{site}/whole.pth', str(tmp_path / 'cache'), progress=True)
    out, err = capsys.readouterr()
    assert out == ''
    assert 'whole.pth' in err
