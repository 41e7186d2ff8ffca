"""Videos are read through MMEngine's file clients, from wherever these bring them."""

import mmgsf.register  # noqa: F401, I001

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mmgsf.datasets.transforms.decoding import DecordDecode, DecordInit

from ...videos import noise_clip, write_video


class Site(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and writes down what it was asked for."""

    asked: list[str] = []

    def log_message(self, *args: object) -> None:
        self.asked.append(self.path)


@pytest.fixture
def address(tmp_path, monkeypatch) -> Iterator[str]:
    """At which `tmp_path` is served."""
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    monkeypatch.setattr(Site, 'asked', [])
    handler = functools.partial(Site, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.shutdown()


def frames(place: Path | str, **storage: str) -> np.ndarray:
    results = DecordInit(**storage).transform({'filename': str(place)})
    assert results['total_frames'] == 12
    results['frame_inds'] = np.array([0, 7, 11])
    return np.stack(DecordDecode().transform(results)['imgs'])


def test_frames_over_http_are_those_of_the_disk(tmp_path, address):
    for name, seed in (('a', 0), ('b', 1)):
        write_video(tmp_path / f'{name}.mp4', noise_clip(seed))
    over_http = {name: frames(f'{address}/{name}.mp4', io_backend='http') for name in 'ab'}
    assert Site.asked == ['/a.mp4', '/b.mp4']
    for name, found in over_http.items():
        np.testing.assert_array_equal(found, frames(tmp_path / f'{name}.mp4'))
    assert (over_http['a'] != over_http['b']).any()
