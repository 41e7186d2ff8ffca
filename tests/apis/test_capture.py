"""Captures over real protocols on the loopback, and a camera that FFmpeg plays itself."""

import http.server
import io
import socket
import threading
import time
from contextlib import contextmanager
from functools import partial

import av
import numpy as np
import pytest

from mmgsf.apis import capture as module
from mmgsf.apis.capture import BrokenSource, Capture
from mmgsf.apis.frame_sources import ADDRESS, CAMERA, Source

from ..videos import noise_clip, write_video
from .rtsp_server import RtspServer

SECONDS = 5.0


def steps(count: int) -> np.ndarray:
    """Grey frames, each a little lighter, (count, 48, 64, 3)."""
    levels = np.linspace(20, 230, count).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (count, 48, 64, 3)).copy()


def levels(frames) -> np.ndarray:
    return np.array([frame.mean() for frame in frames])


def read(capture: Capture, needs_next=lambda: True) -> tuple[list, BrokenSource | None]:
    """The frames until the end, and what the end was."""
    frames = []
    try:
        for frame, _ in capture.read(needs_next):
            frames.append(frame)
    except BrokenSource as error:
        return frames, error
    finally:
        capture.close()
    return frames, None


@contextmanager
def web(folder):
    """A web server of a folder; its address and the paths that were asked for."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.path.startswith('/moved'):
                self.send_response(302)
                self.send_header('Location', '/a.mp4')
                self.end_headers()
                return
            super().do_GET()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(
        ('127.0.0.1', 0), partial(Handler, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f'http://127.0.0.1:{server.server_address[1]}', asked
    finally:
        server.shutdown()
        server.server_close()


def test_rtsp_gives_the_frames_that_were_sent():
    sent = steps(40)
    with RtspServer(sent, rate=100) as server:
        capture = Capture(Source(ADDRESS, server.address), SECONDS)
        assert not capture.is_recording
        frames, _ = read(capture)
        assert server.requests == ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY']
    # The last frame may still be inside the decoder when the server hangs up.
    assert len(frames) >= 38
    assert np.abs(levels(frames) - levels(sent[: len(frames)])).max() < 3


def test_rtsp_that_falls_silent_is_broken_in_time():
    with RtspServer(steps(20), rate=100, hang_up=False) as server:
        capture = Capture(Source(ADDRESS, server.address), 1.0)
        begin = time.monotonic()
        frames, error = read(capture)
        assert 'nothing came for 1 s' in str(error)
        assert time.monotonic() - begin < 10
    assert len(frames) >= 18


def test_what_came_damaged_is_counted():
    with RtspServer(noise_clip(0, 40, 96, 128), rate=100) as server:
        # A frame between key frames loses its second half.
        *whole, last = server.packets[13]
        server.packets[13] = [*whole, last[: len(last) // 2]]
        capture = Capture(Source(ADDRESS, server.address), SECONDS)
        read(capture)
    assert 1 <= capture.damaged <= 4


def test_frames_that_are_not_needed_are_counted_and_not_converted(tmp_path):
    write_video(tmp_path / 'a.mp4', steps(20))
    with web(tmp_path) as (address, _):
        turns = iter([True, False] * 10)
        frames, _ = read(Capture(Source(ADDRESS, f'{address}/a.mp4'), SECONDS), lambda: next(turns))
    assert len(frames) == 20
    assert all((frame is None) == bool(number % 2) for number, frame in enumerate(frames))


def test_a_file_on_a_web_server_is_a_recording(tmp_path):
    write_video(tmp_path / 'a.mp4', steps(30))
    with web(tmp_path) as (address, _):
        capture = Capture(Source(ADDRESS, f'{address}/a.mp4'), SECONDS)
        assert capture.is_recording
        frames, error = read(capture)
    assert error is None
    assert np.abs(levels(frames) - levels(steps(30))).max() < 3


def test_mpegts_over_tcp(tmp_path):
    content = io.BytesIO()
    with av.open(content, 'w', format='mpegts') as container:
        stream = container.add_stream('libx264', rate=25, options={'tune': 'zerolatency'})
        stream.height, stream.width, stream.pix_fmt = 48, 64, 'yuv420p'
        for image in steps(25):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format='rgb24')))
        container.mux(stream.encode())
    listening = socket.create_server(('127.0.0.1', 0))

    def serve():
        connection, _ = listening.accept()
        with connection:
            connection.sendall(content.getvalue())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port = listening.getsockname()[1]
    capture = Capture(Source(ADDRESS, f'tcp://127.0.0.1:{port}'), SECONDS)
    frames, _ = read(capture)
    thread.join(5)
    listening.close()
    assert not capture.is_recording
    assert len(frames) == 25
    assert np.abs(levels(frames) - levels(steps(25))).max() < 3


@pytest.mark.parametrize('playlist', ['hls', 'concat', 'dash'])
def test_playlists_are_not_followed(tmp_path, playlist):
    write_video(tmp_path / 'a.ts', steps(10))
    write_video(tmp_path / 'a.mp4', steps(10))
    with web(tmp_path) as (address, asked):
        texts = {
            'hls': ('a.m3u8', f'#EXTM3U\n#EXTINF:1,\n{address}/a.ts\n#EXT-X-ENDLIST\n'),
            'concat': ('a.txt', f"ffconcat version 1.0\nfile '{address}/a.ts'\n"),
            'dash': (
                'a.mpd',
                '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
                'mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-main:2011">'
                f'<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" '
                f'bandwidth="9"><BaseURL>{address}/a.mp4</BaseURL></Representation>'
                '</AdaptationSet></Period></MPD>',
            ),
        }
        name, text = texts[playlist]
        (tmp_path / name).write_text(text)
        with pytest.raises(BrokenSource, match='playlists .* are not'):
            Capture(Source(ADDRESS, f'{address}/{name}'), SECONDS)
        assert {path.strip('/') for path in asked} == {name}


def test_a_web_server_cannot_send_elsewhere(tmp_path):
    write_video(tmp_path / 'a.mp4', steps(10))
    with web(tmp_path) as (address, asked):
        with pytest.raises(BrokenSource):
            Capture(Source(ADDRESS, f'{address}/moved'), SECONDS)
        assert set(asked) == {'/moved'}


def test_who_does_not_answer_is_broken_in_time():
    with socket.create_server(('127.0.0.1', 0)) as silent:
        place = f'rtsp://me:secret@127.0.0.1:{silent.getsockname()[1]}/live'
        begin = time.monotonic()
        with pytest.raises(BrokenSource, match='nothing came for 0.5 s') as caught:
            Capture(Source(ADDRESS, place), 0.5)
        assert time.monotonic() - begin < 10
    assert 'secret' not in str(caught.value)
    with pytest.raises(BrokenSource, match='Connection refused') as caught:
        Capture(Source(ADDRESS, place), 0.5)
    assert 'secret' not in str(caught.value)


def test_a_camera_is_read_as_a_device(monkeypatch):
    """FFmpeg's own test picture in the place of the driver."""
    description = module._description(Source(CAMERA, '/dev/video3'))
    assert description == ('/dev/video3', 'v4l2', {})
    picture = 'testsrc=size=64x48:rate=30:duration=1,realtime'
    monkeypatch.setattr(module, '_description', lambda *args: (picture, 'lavfi', {}))
    capture = Capture(Source(CAMERA, '/dev/video3'), SECONDS)
    begin = time.monotonic()
    frames, _ = read(capture)
    assert not capture.is_recording
    assert (len(frames), frames[0].shape, frames[0].dtype) == (30, (48, 64, 3), np.uint8)
    assert time.monotonic() - begin > 0.8


def test_a_camera_that_is_not_there_is_named():
    with pytest.raises(BrokenSource, match=r'/dev/video987: there is no such camera; there: '):
        Capture(Source(CAMERA, '/dev/video987'), SECONDS)
