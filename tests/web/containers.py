"""Small files of each container, and files that only look like one."""

import struct
from pathlib import Path

from ..videos import noise_clip, write_video

KINDS = {
    'mp4': ('a.mp4', 'libx264'),
    'mkv': ('a.mkv', 'libx264'),
    'webm': ('a.webm', 'libvpx'),
    'avi': ('a.avi', 'mpeg4'),
}


def write_kinds(folder: Path) -> dict[str, bytes]:
    """A video in each container that is taken."""
    clip = noise_clip(0, 8)
    return {
        kind: write_video(folder / name, clip, codec).read_bytes()
        for kind, (name, codec) in KINDS.items()
    }


def box(kind: bytes, content: bytes) -> bytes:
    """A box of an mp4."""
    return struct.pack('>I4s', 8 + len(content), kind) + content


def with_reference(data: bytes, entry: bytes) -> bytes:
    """An mp4 whose index comes last, with `entry` as its track's only data reference."""
    place = data.index(b'dref') - 4
    size = struct.unpack_from('>I', data, place)[0]
    new = box(b'dref', struct.pack('>II', 0, 1) + entry)
    changed = bytearray(data[:place] + new + data[place + size :])
    for parent in (b'moov', b'trak', b'mdia', b'minf', b'dinf'):
        start = data.index(parent) - 4
        struct.pack_into(
            '>I', changed, start, struct.unpack_from('>I', data, start)[0] + len(new) - size
        )
    return bytes(changed)


OUTSIDE = box(b'url ', bytes(4) + b'file:///etc/passwd\0')
INSIDE = box(b'url ', b'\0\0\0\1')

# What FFmpeg would open and follow, and what is no video, by the name of what it is called.
REFUSED = {
    'a playlist': b'#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n',
    'a playlist of concat': b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    'a session description': b'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\n',
    'a text file of DASH': b'<?xml version="1.0"?>\n<MPD type="static"></MPD>',
    'a text file': 'any words, ümlauts too\n'.encode() * 300,
    'an image of png': b'\x89PNG\r\n\x1a\n' + bytes(40),
    'an image of jpeg': b'\xff\xd8\xff\xe0' + bytes(40),
    'an image of avif': box(b'ftyp', b'avif\0\0\0\0avifmif1miaf') + bytes(40),
    'an image of heic': box(b'ftyp', b'heic\0\0\0\0mif1heic') + bytes(40),
    'a zip file': b'PK\3\4' + bytes(40),
    'a sound file': box(b'ftyp', b'M4A \0\0\0\0M4A mp42isom') + bytes(40),
    'a QuickTime file': box(b'ftyp', b'qt  \0\0\2\0qt  ') + bytes(40),
    "of the kind 'jp2 '": box(b'ftyp', b'jp2 \0\0\0\0jp2 ') + bytes(40),
    'of no known kind of wav': b'RIFF' + bytes(4) + b'WAVEfmt ' + bytes(40),
    'of no known kind of ebml': b'\x1a\x45\xdf\xa3\x88\x42\x82\x85other' + bytes(40),
    'of no known kind of ts': (b'\x47\x40\x00\x10' + bytes(184)) * 20,
    'empty': b'',
}
