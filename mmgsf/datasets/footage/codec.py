"""Compression and back, in memory, by the codecs that videos come in."""

import sys
from fractions import Fraction
from types import ModuleType
from typing import Any

import cv2
import numpy as np

# Decoder, and the encoder's options for a quality from 0 (poor) to 1.
CODECS = {
    'libx264': ('h264', lambda quality: {'crf': str(round(38 - 18 * quality)), **_X264}),
    'libvpx': ('vp8', lambda quality: {'crf': str(round(45 - 35 * quality)), **_VPX}),
    'libvpx-vp9': ('vp9', lambda quality: {'crf': str(round(55 - 30 * quality)), **_VPX}),
    'mpeg4': (
        'mpeg4',
        lambda quality: dict.fromkeys(('qmin', 'qmax'), str(round(20 - 17 * quality))),
    ),
}
_X264 = {'preset': 'veryfast', 'tune': 'zerolatency'}
_VPX = {'deadline': 'realtime', 'cpu-used': '8', 'lag-in-frames': '0'}
KEY_FRAMES = 60  # frames from one to the next, at most
SHARES = (0.55, 0.15, 0.15, 0.15)


def draw_codec(rng: np.random.Generator) -> tuple[str, float]:
    """A codec and a quality from 0 to 1."""
    return str(rng.choice(list(CODECS), p=SHARES)), float(rng.random())


def compress(frames: np.ndarray, codec: str, quality: float) -> np.ndarray:
    """What is left of RGB frames (T, H, W, 3) uint8 after a codec; H and W even.

    Args:
        frames: in the order they are shown in.
        codec: a key of `CODECS`.
        quality: from 0 (poor) to 1.

    Raises:
        ImportError: PyAV is missing.
        RuntimeError: decord was imported before PyAV, or the codec lost a frame.
    """
    av = _pyav()
    decoder_name, options = CODECS[codec]
    encoder = av.CodecContext.create(codec, 'w')
    encoder.height, encoder.width = frames.shape[1:3]
    encoder.pix_fmt, encoder.time_base = 'yuv420p', Fraction(1, 30)
    encoder.framerate, encoder.thread_count = 30, 1
    # Beyond what frames of this size need: the quality alone decides.
    encoder.bit_rate = 0 if codec == 'libx264' else 8_000_000
    encoder.gop_size, encoder.options = KEY_FRAMES, options(quality)
    decoder = av.CodecContext.create(decoder_name, 'r')
    decoder.thread_count = 1
    try:
        packets = _encode(av, encoder, frames)
    except av.error.ArgumentError as error:
        if 'decord' not in sys.modules:
            raise
        raise RuntimeError(
            f'{codec} cannot be used: decord was imported before PyAV and its libvpx is taken for '
            "PyAV's; put `import av` before `import decord`"
        ) from error
    decoded = [frame for packet in packets for frame in decoder.decode(packet)]
    decoded += decoder.decode(None)
    if len(decoded) != len(frames):
        raise RuntimeError(f'{codec} gave {len(decoded)} of {len(frames)} frames back')
    return np.stack([_rgb(frame) for frame in decoded])


def _encode(av: ModuleType, encoder: Any, frames: np.ndarray) -> list:
    packets = []
    for number, array in enumerate(frames):
        # OpenCV converts small frames ten times faster than PyAV.
        planes = cv2.cvtColor(array, cv2.COLOR_RGB2YUV_I420)
        frame = av.VideoFrame.from_ndarray(planes, format='yuv420p')
        frame.pts = number
        packets += encoder.encode(frame)
    return packets + encoder.encode(None)


def _rgb(frame) -> np.ndarray:
    return cv2.cvtColor(frame.to_ndarray(format='yuv420p'), cv2.COLOR_YUV2RGB_I420)


def _pyav() -> ModuleType:
    try:
        import av
    except ImportError as error:
        raise ImportError(
            'CameraMotion is encoded with PyAV: pip install "mmgsf[camera-motion]"'
        ) from error
    return av
