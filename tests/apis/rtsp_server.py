"""A small RTSP server on the loopback for tests: one client, H.264 over RTP inside the connection.

It speaks what a network camera speaks (RFC 2326 and 6184): DESCRIBE, SETUP with interleaved RTP,
PLAY.
"""

import io
import socket
import struct
import threading
import time
from collections.abc import Sequence

import av
import numpy as np

SDP = (
    'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n'
    'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n'
    'a=framerate:{rate}\r\na=control:track\r\n'
)
TRANSPORT = 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n'


def rtp_packets(frames: Sequence[np.ndarray], rate: int) -> list[list[bytes]]:
    """For each uint8 RGB frame (H, W, 3) its RTP packets, payload type 96."""
    sent: list[bytes] = []

    class Packets(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            sent.append(bytes(data))
            return len(data)

    gathered = []
    with av.open(Packets(), 'w', format='rtp') as container:
        stream = container.add_stream(
            'libx264', rate=rate, options={'tune': 'zerolatency', 'crf': '10', 'g': '4'}
        )
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = 'yuv420p'
        for image in frames:
            sent.clear()
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format='rgb24')):
                container.mux(packet)
            gathered.append([one for one in sent if one[1] & 0x7F == 96])
    return gathered


class RtspServer:
    """Sends the frames at their rate, then stays silent or hangs up.

    Args:
        frames: uint8 RGB (H, W, 3).
        rate: frames a second.
        hang_up: close the connection behind the last frame.
        clients: connections that are answered, one after the other.
    """

    def __init__(self, frames, rate: int = 60, hang_up: bool = True, clients: int = 1) -> None:
        self.packets, self.rate = rtp_packets(frames, rate), rate
        self.hang_up, self.clients = hang_up, clients
        self.listening = socket.create_server(('127.0.0.1', 0))
        self.address = f'rtsp://127.0.0.1:{self.listening.getsockname()[1]}/live'
        self.requests: list[str] = []
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> 'RtspServer':
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.closing.set()
        self.listening.close()
        self.thread.join(5)

    def _serve(self) -> None:
        self.listening.settimeout(10)
        for _ in range(self.clients):
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    self._answer(connection)
                except OSError:
                    continue

    def _answer(self, connection: socket.socket) -> None:
        reader = connection.makefile('rb')
        while not self.closing.is_set():
            lines = []
            while (line := reader.readline().decode()) not in ('\r\n', ''):
                lines.append(line.strip())
            if not lines:
                return
            method = lines[0].split()[0]
            self.requests.append(method)
            number = next(one for one in lines if one.lower().startswith('cseq'))
            more, body = '', ''
            if method == 'OPTIONS':
                more = 'Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n'
            elif method == 'DESCRIBE':
                body = SDP.format(rate=self.rate)
                more = f'Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n'
            elif method == 'SETUP':
                more = TRANSPORT
            connection.sendall(f'RTSP/1.0 200 OK\r\n{number}\r\n{more}\r\n{body}'.encode())
            if method == 'PLAY':
                self._play(connection)
                if self.hang_up:
                    return

    def _play(self, connection: socket.socket) -> None:
        begin = time.monotonic()
        for number, packets in enumerate(self.packets):
            time.sleep(max(0.0, begin + number / self.rate - time.monotonic()))
            for packet in packets:
                connection.sendall(b'$\0' + struct.pack('>H', len(packet)) + packet)
            if self.closing.is_set():
                return
