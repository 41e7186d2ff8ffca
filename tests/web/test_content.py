"""Containers by their bytes: four are taken, all that FFmpeg would follow elsewhere is refused."""

import random
from contextlib import suppress

import av
import pytest

from mmgsf.web.content import HEAD, check_self_contained, container
from mmgsf.web.limits import Refused

from ..videos import noise_clip, write_video
from .containers import INSIDE, KINDS, OUTSIDE, REFUSED, box, with_reference, write_kinds


@pytest.fixture(scope='module')
def kinds(tmp_path_factory):
    return write_kinds(tmp_path_factory.mktemp('kinds'))


@pytest.mark.parametrize('kind', KINDS)
def test_four_containers_are_known(kinds, kind):
    assert container(kinds[kind][:HEAD]) == kind
    check_self_contained(kinds[kind])


@pytest.mark.parametrize('brand', [b'isom', b'iso6', b'avc1', b'mp42', b'M4V ', b'3gp5', b'XAVC'])
def test_brands_of_cameras_and_phones_are_known(kinds, brand):
    size = int.from_bytes(kinds['mp4'][:4], 'big')
    data = kinds['mp4'][:8] + brand + bytes(4) + brand * ((size - 16) // 4)
    assert container(data) == 'mp4'


@pytest.mark.parametrize('what', REFUSED)
def test_all_else_is_refused_by_what_it_is(what):
    with pytest.raises(Refused, match=r'^is not a video that can be read: it is') as refusal:
        container(REFUSED[what][:HEAD])
    assert what.partition(' of ')[0] in str(refusal.value) or what in str(refusal.value)
    assert refusal.value.status == 415


def test_a_playlist_behind_a_byte_order_mark_and_blanks_is_a_playlist():
    with pytest.raises(Refused, match='a playlist'):
        container(b'\xef\xbb\xbf \n' + REFUSED['a playlist'])


def test_an_mp4_of_the_pictures_of_another_file_is_refused(kinds):
    check_self_contained(with_reference(kinds['mp4'], INSIDE))
    with pytest.raises(Refused, match='another file'):
        check_self_contained(with_reference(kinds['mp4'], OUTSIDE))


def test_an_avi_with_a_file_for_subtitles_is_refused(kinds):
    place = kinds['avi'].index(b'movi') + 4
    hidden = b'GAB2\0\2' + REFUSED['a playlist']
    with pytest.raises(Refused, match='GAB2'):
        check_self_contained(kinds['avi'][:place] + hidden + kinds['avi'][place:])


def test_an_mp4_of_countless_boxes_is_refused_soon():
    data = box(b'ftyp', b'isom\0\0\0\0isom') + b'\0\0\0\x08free' * 200_000
    with pytest.raises(Refused, match='too many pieces'):
        check_self_contained(data)


def test_fragments_are_taken(tmp_path):
    path = tmp_path / 'fragments.mp4'
    with av.open(str(path), 'w', options={'movflags': 'frag_every_frame+empty_moov'}) as file:
        stream = file.add_stream('libx264', rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 48, 'yuv420p'
        for array in noise_clip(0, 8):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(array, format='rgb24')))
        file.mux(stream.encode())
    data = path.read_bytes()
    assert data.count(b'moof') == 8
    assert container(data[:HEAD]) == 'mp4'
    check_self_contained(data)


def test_broken_heads_are_refused_and_nothing_else(kinds):
    """Random damage leads to a container's name or to a refusal, never to another error."""
    chance = random.Random(0)
    for _ in range(2000):
        data = bytearray(chance.choice(list(kinds.values()))[: chance.choice((9, 20, 60, 4000))])
        for _ in range(chance.randrange(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        # Any other error fails the test.
        with suppress(Refused):
            assert container(bytes(data)) in KINDS
            check_self_contained(bytes(data))


def test_the_extension_says_nothing(kinds, tmp_path):
    path = write_video(tmp_path / 'b.mkv', noise_clip(1, 4))
    assert container(path.rename(tmp_path / 'b.mp4').read_bytes()[:HEAD]) == 'mkv'
