"""Videos are written small, quick to read, and in the colours and the orientation of the source."""

import struct

import av
import decord
import numpy as np
import pytest

from mmgsf.datasets.preparation.encoder import Encoding
from mmgsf.datasets.preparation.reencode import reencode_video

from ...videos import noise_clip, write_video

FINE = Encoding(crf=5)
# Of a turn to the right, to the left and upside down; fixed-point numbers of an mp4 track header.
TURNS = {
    'right': (0, 1, 0, -1, 0, 0, 0, 0),
    'left': (0, -1, 0, 1, 0, 0, 0, 0),
    'over': (-1, 0, 0, 0, -1, 0, 0, 0),
}


def frames_of(path):
    reader = decord.VideoReader(str(path))
    return reader.get_batch(range(len(reader))).asnumpy().astype(float)


def turned(path, turn):
    """The same mp4 with a rotation in its header."""
    data = bytearray(path.read_bytes())
    # Behind the box's name: version, times, ids and reserved fields of 40 bytes.
    at = data.index(b'tkhd') + 44
    assert struct.unpack_from('>9i', data, at)[0] == 1 << 16
    struct.pack_into('>9i', data, at, *(number << 16 for number in TURNS[turn]), 1 << 30)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ('size', 'expected'),
    [
        ((640, 480), (342, 256)),
        ((480, 640), (256, 342)),
        ((427, 240), (426, 240)),
        ((243, 101), (242, 100)),
        ((256, 256), (256, 256)),
        ((1920, 1080), (456, 256)),
    ],
)
def test_sizes_are_even_and_never_larger(size, expected):
    assert Encoding().size(*size) == expected


@pytest.mark.parametrize(
    ('values', 'problem'),
    [({'short_side': 8}, 'short_side=8'), ({'gop': 0}, 'gop=0'), ({'crf': 52}, 'crf=52')],
)
def test_values_outside_their_range_are_refused(values, problem):
    with pytest.raises(ValueError, match=problem):
        Encoding(**values)


@pytest.mark.parametrize('gop', [1, 4])
def test_key_frames_lie_as_far_apart_as_wanted(tmp_path, gop):
    source = write_video(tmp_path / 'a.mp4', noise_clip(0), g='100', bf='3')
    reencode_video(str(source), str(tmp_path / 'b.mp4'), Encoding(gop=gop))
    with av.open(str(tmp_path / 'b.mp4')) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == 'h264'
        assert not stream.codec_context.has_b_frames
        keys = [packet.is_keyframe for packet in container.demux(stream) if packet.size]
    assert keys == [i % gop == 0 for i in range(12)]


@pytest.mark.parametrize(
    ('pixel_format', 'colorspace', 'color_range'),
    [('yuv420p', 1, 1), ('yuv420p', 5, 1), ('yuvj420p', 5, 2)],
)
def test_colours_are_those_that_a_reader_saw_before(
    tmp_path, pixel_format, colorspace, color_range
):
    source, target = tmp_path / 'a.mp4', tmp_path / 'b.mp4'
    with av.open(str(source), 'w') as container:
        stream = container.add_stream('libx264', rate=12, options={'crf': '5'})
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixel_format
        stream.codec_context.colorspace = colorspace
        stream.codec_context.color_range = color_range
        for array in noise_clip(1, 4):
            frame = av.VideoFrame.from_ndarray(array.copy(), format='rgb24')
            small = frame.reformat(
                64, 48, pixel_format, dst_colorspace=colorspace, dst_color_range=color_range
            )
            container.mux(stream.encode(small))
        container.mux(stream.encode())
    assert reencode_video(str(source), str(target), FINE).error == ''
    difference = frames_of(target) - frames_of(source)
    # A confusion of BT.601 and BT.709, or of the ranges, shifts the mean of a channel by 5 to 15.
    assert np.abs(difference.mean(axis=(0, 1, 2))).max() < 1.5


@pytest.mark.parametrize('turn', TURNS)
def test_stated_rotation_is_carried_out_as_decord_does(tmp_path, turn):
    source, target = tmp_path / 'a.mp4', tmp_path / 'b.mp4'
    corners = np.array([[0, 80], [160, 240]], dtype=np.uint8).repeat(32, 0).repeat(64, 1)
    write_video(source, np.broadcast_to(corners[None, :, :, None], (4, 64, 128, 3)), crf='5')
    turned(source, turn)
    outcome = reencode_video(str(source), str(target), FINE)
    assert (outcome.width, outcome.height) == ((128, 64) if turn == 'over' else (64, 128))
    np.testing.assert_allclose(frames_of(target), frames_of(source), atol=16)
    assert np.abs(frames_of(target) - frames_of(source)).mean() < 1
