"""Whole files pass; every loss that the container's own sizes show is found."""

import struct

import pytest

from mmgsf.datasets.damaged import fuzz
from mmgsf.datasets.decoding.containers import container_damage


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp('sources')
    return {path.name: path.read_bytes() for path in fuzz.make_sources(folder)}


@pytest.mark.parametrize('name', fuzz.FORMATS)
def test_whole_files_pass_and_cut_ones_do_not(files, name):
    data = files[name]
    assert container_damage(data) == ''
    for share in (0.3, 0.6, 0.95):
        # Where the index of an mp4 stands at the end, it is missed by the decoder at the latest.
        assert container_damage(data[: int(share * len(data))]), share


@pytest.mark.parametrize(
    ('name', 'place', 'flip'),
    [('vp9.webm', 0, 16), ('h264.mkv', 0, 16), ('mpeg4.avi', 0, 16), ('mpeg4.avi', 1, 1)],
)
def test_a_frame_whose_header_is_broken_is_missed(files, name, place, flip):
    """Demuxers pass over it and deliver the frames behind it one number too low."""
    data = bytearray(files[name])
    if name.endswith('avi'):
        place += data.index(b'00dc', data.index(b'movi') + 200)
    else:
        place += data.index(b'\xa3', data.index(b'\x1f\x43\xb6\x75'))
    data[place] ^= flip
    assert 'structure is broken' in container_damage(bytes(data))


def test_what_is_appended_to_an_mp4_and_other_formats_pass(files):
    assert container_damage(files['h264.mp4'] + bytes(100)) == ''
    assert container_damage(b'anything else') == ''
    assert container_damage(b'') == ''


def test_live_recordings_state_no_size(files):
    data = files['vp9.webm']
    place = data.index(b'\x18\x53\x80\x67') + 4
    live = data[:place] + b'\x01' + b'\xff' * 7 + data[place + 8 :]
    assert container_damage(live) == ''


def test_an_avi_that_was_not_closed(files):
    data = bytearray(files['mpeg4.avi'])
    struct.pack_into('<I', data, 4, 0)
    assert 'interrupted' in container_damage(bytes(data))
