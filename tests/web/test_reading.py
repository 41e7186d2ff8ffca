"""Reading within limits: refusals in one sentence, and a decoder that is held."""

import os
import signal
from dataclasses import replace

import pytest
import torch

from mmgsf.apis import get_config, load_model
from mmgsf.datasets.decoding import decoding_process
from mmgsf.web.limits import Limits, Refused
from mmgsf.web.reading import limit_decoding, read_within

from ..videos import noise_clip, write_video
from .containers import OUTSIDE, box, with_reference
from .fitted import NAME

LIMITS = Limits(decode_seconds=20)


@pytest.fixture(scope='module')
def model():
    return load_model(get_config(NAME), device='cpu')


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp('video') / 'a.mp4', noise_clip(0, 24))


@pytest.fixture(scope='module', autouse=True)
def limited():
    limit_decoding(LIMITS)
    yield
    decoding_process().stop()
    decoding_process().memory_limit = 0


def test_what_fits_is_read(model, video):
    clip = read_within(model, video, replace(LIMITS, frames=24, seconds=2, pixels=64 * 48))
    assert clip.inputs.shape == (8, 3, 64, 64)
    assert clip.total_frames == 24


@pytest.mark.parametrize(
    ('changed', 'words'),
    [
        ({'pixels': 64 * 48 - 1}, 'has frames of 64 x 48 pixels'),
        ({'frames': 23}, 'has 24 frames'),
        ({'seconds': 1.9}, 'lasts 2 s'),
    ],
)
def test_what_is_larger_is_refused(model, video, changed, words):
    with pytest.raises(Refused, match=words):
        read_within(model, video, replace(LIMITS, **changed))


def test_no_frame_is_decoded_before_its_size_is_known(model, video, monkeypatch):
    """Sizes come first: a picture beyond all limits never reaches a decoder."""
    asked = []
    call = decoding_process().call
    monkeypatch.setattr(
        decoding_process(), 'call', lambda *args: asked.append(args[2]) or call(*args)
    )
    with pytest.raises(Refused):
        read_within(model, video, replace(LIMITS, pixels=1))
    assert asked == ['picture_size']


@pytest.mark.parametrize(
    'content',
    [
        box(b'ftyp', b'isom\0\0\0\0isommp42') + bytes(100),
        b'\x1a\x45\xdf\xa3\x88\x42\x82\x85webm\0' + b'\xab' * 500,
        b'RIFF\xff\xff\0\0AVI ' + b'LIST' * 100,
    ],
)
def test_what_no_decoder_can_read_gives_the_same_error(model, tmp_path, content):
    path = tmp_path / 'a.video'
    path.write_bytes(content)
    with pytest.raises(Refused, match='^is not a video that can be read: ') as refusal:
        read_within(model, path, LIMITS)
    assert str(tmp_path) not in str(refusal.value)


def test_a_decoder_that_takes_too_long_is_ended(model, video):
    read_within(model, video, LIMITS)
    stuck = decoding_process().process
    os.kill(stuck.pid, signal.SIGSTOP)
    with pytest.raises(Refused, match=r'longer than 0\.2 s'):
        read_within(model, video, replace(LIMITS, decode_seconds=0.2))
    assert stuck.poll() == -signal.SIGKILL
    assert read_within(model, video, LIMITS).total_frames == 24


def test_a_picture_that_takes_too_much_memory_ends_in_a_refusal(model, tmp_path):
    """Even if its size were allowed, the decoder's address space is bounded."""
    frames = torch.zeros(2, 4096, 4096, 3, dtype=torch.uint8).numpy()
    path = write_video(tmp_path / 'large.mp4', frames, preset='ultrafast', threads='1')
    process = decoding_process()
    try:
        process.stop()
        process.memory_limit = 800_000_000
        with pytest.raises(Refused, match='is not a video that can be read'):
            read_within(model, path, replace(LIMITS, pixels=4096 * 4096))
    finally:
        limit_decoding(LIMITS)
    assert read_within(model, path, replace(LIMITS, pixels=4096 * 4096)).total_frames == 2


def test_pictures_in_another_file_are_not_fetched(model, video, tmp_path):
    """The second guard: FFmpeg itself follows no reference of an mp4."""
    data = video.read_bytes()
    start = data.index(b'mdat') - 4
    size = int.from_bytes(data[start : start + 4], 'big')
    # The index still points where the frames were, and in the named file they are.
    emptied = data[: start + 8] + bytes(size - 8) + data[start + size :]
    entry = OUTSIDE.replace(b'/etc/passwd', str(video).encode())
    entry = len(entry).to_bytes(4, 'big') + entry[4:]
    path = tmp_path / 'a.mp4'
    path.write_bytes(with_reference(emptied, entry))
    with pytest.raises(Refused, match='is not a video that can be read'):
        read_within(model, path, LIMITS)
