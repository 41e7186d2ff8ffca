"""Frames of a camera or of an address on the network, by PyAV (FFmpeg).

Only the address that the user gave is read. FFmpeg's playlists name further files and addresses,
so neither their formats nor the protocols for them are let in.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from .frame_sources import CAMERA, Source

TIMEOUT = 10.0
# Container formats whose content is in them, none that names another place.
FORMATS = (
    'rtsp,mpegts,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,flv,live_flv,avi,ogg,mpjpeg,mjpeg,h264,hevc'
)
PROTOCOLS = {
    'rtsp': 'rtsp,rtp,udp,tcp',
    'rtsps': 'rtsp,rtsps,rtp,srtp,udp,tcp,tls',
    'http': 'http,tcp',
    'https': 'https,tls,tcp,httpproxy',
    'tcp': 'tcp',
    'udp': 'udp',
}


class BrokenSource(OSError):
    """A live source that cannot be opened, or broke off; the text says which and why."""


class Capture:
    """A camera or an address, opened; it is used by one thread.

    Args:
        source: CAMERA or ADDRESS.
        timeout: seconds to open it, and again for each read.

    Attributes:
        is_recording: it has an end and may be read at any pace, as a file on a web server.
        damaged: packets that could not be decoded, and frames that FFmpeg calls corrupt.

    Raises:
        BrokenSource: it cannot be opened, or has no video.
        ImportError: PyAV is missing.
    """

    def __init__(self, source: Source, timeout: float = TIMEOUT) -> None:
        self.source, self.timeout = source, timeout
        self.damaged = 0
        av = require_pyav()
        address, kind, options = _description(source)
        self.asked = monotonic()
        try:
            self.container = av.open(
                address, format=kind, options=options, timeout=(timeout, timeout)
            )
        except av.FFmpegError as error:
            raise self._broken(error) from error
        if not self.container.streams.video:
            self.close()
            raise BrokenSource(f'{source.name} has no video')
        web = source.kind != CAMERA and _scheme(source) in ('http', 'https')
        self.is_recording = web and self.container.duration is not None

    def read(
        self, needs_next: Callable[[], bool]
    ) -> Iterator[tuple[np.ndarray | None, float | None]]:
        """Frames (H, W, 3), uint8 RGB, with the times that the source gives them, in seconds.

        Args:
            needs_next: asked before each frame; None is given for one that is not needed.

        Raises:
            BrokenSource: it breaks off, or a read takes too long.
        """
        av = require_pyav()
        stream = self.container.streams.video[0]
        try:
            for packet in self.container.demux(stream):
                self.asked = monotonic()
                try:
                    frames = packet.decode()
                except av.InvalidDataError:
                    self.damaged += 1
                    continue
                for frame in frames:
                    self.damaged += bool(frame.is_corrupt)
                    image = frame.to_ndarray(format='rgb24') if needs_next() else None
                    yield image, frame.time
                    self.asked = monotonic()
        except av.FFmpegError as error:
            raise self._broken(error) from error

    def close(self) -> None:
        self.container.close()

    def _broken(self, error: Exception) -> BrokenSource:
        av = require_pyav()
        name = self.source.name
        # What a protocol makes of an interrupted answer is another error.
        if isinstance(error, av.error.ExitError) or monotonic() - self.asked >= self.timeout:
            reason = f'nothing came for {self.timeout:g} s; check it, or give more with --timeout'
        elif isinstance(error, av.error.FileNotFoundError) and self.source.kind == CAMERA:
            there = ', '.join(sorted(map(str, Path('/dev').glob('video*')))) or 'none'
            reason = f'there is no such camera; there: {there}'
        elif isinstance(error, av.error.InvalidDataError | av.error.ArgumentError):
            reason = (
                'what comes is no video of a form that is read; playlists (HLS, DASH) are not '
                'followed'
            )
        else:
            # Its own text would repeat the address, password and all.
            reason = getattr(error, 'strerror', None) or type(error).__name__
        return BrokenSource(f'{name}: {reason}')


def _description(source: Source) -> tuple[str, str | None, dict[str, str]]:
    """Address, format (None to be found out) and options for FFmpeg."""
    if source.kind == CAMERA:
        if not sys.platform.startswith('linux'):
            raise BrokenSource(
                f'{source.place}: cameras are read on Linux only; give an address in its place'
            )
        return source.place, 'v4l2', {}
    scheme = _scheme(source)
    options = {'protocol_whitelist': PROTOCOLS[scheme], 'format_whitelist': FORMATS}
    if scheme.startswith('rtsp'):
        # Over UDP lost packets would come as torn frames.
        return source.place, 'rtsp', {**options, 'rtsp_transport': 'tcp'}
    if scheme.startswith('http'):
        options['max_redirects'] = '0'
    return source.place, None, options


def _scheme(source: Source) -> str:
    return source.place.partition('://')[0].lower()


def require_pyav() -> Any:
    """PyAV's module.

    Raises:
        ImportError: it is missing.
    """
    try:
        import av
    except ImportError as error:
        raise ImportError(
            'cameras and addresses are read with PyAV: pip install "mmgsf[stream]"'
        ) from error
    return av
