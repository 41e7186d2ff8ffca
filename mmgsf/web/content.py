"""Which container a file is, by its bytes alone: mp4, Matroska, WebM or AVI, and nothing else.

FFmpeg opens far more than videos. A playlist (HLS, DASH, concat, SDP) or a container whose media
lie elsewhere would have it read local files and ask addresses, so these never come to it.
"""

from codecs import getincrementaldecoder
from collections.abc import Iterator
from mmap import mmap

from mmgsf.datasets.decoding.containers import EBML, boxes, elements

from .limits import not_a_video

# Bytes that tell the container.
HEAD = 4096
FORMATS = 'an mp4, mkv, webm or avi file'
DOC_TYPE = 0x4282
# An mp4 that is recorded in fragments has two for each; no frame has more than one.
MOST_BOXES = 100_000
# Of the ISO base media file format with video in it; its still images and sound have others.
MP4_BRANDS = {b'mp41', b'mp42', b'avc1', b'M4V ', b'MSNV', b'dash', b'isom', b'mmp4', b'f4v '}
MP4_FAMILIES = (b'iso', b'3gp', b'3g2', b'cmf', b'XAV')
NOT_MP4 = {b'qt  ': 'a QuickTime file', b'M4A ': 'a sound file', b'M4B ': 'a sound file'}
IMAGES = (b'heic', b'heix', b'hevc', b'mif1', b'msf1', b'avif', b'avis')
# FFmpeg takes the subtitles inside an AVI for a file of their own and finds out what they are.
AVI_SUBTITLES = b'GAB2\0'
# What is most often taken for a video, for a message that helps.
OTHERS = (
    (b'#EXTM3U', 'a playlist'),
    (b'ffconcat', 'a playlist'),
    (b'v=0', 'a session description'),
    (b'<', 'a text file'),
    (b'PK\3\4', 'a zip file'),
    (b'\x89PNG', 'an image'),
    (b'\xff\xd8\xff', 'an image'),
    (b'GIF8', 'an image'),
)


def container(head: bytes) -> str:
    """The container of a file: 'mp4', 'mkv', 'webm' or 'avi'.

    Args:
        head: the first `HEAD` bytes, or all if there are fewer.

    Raises:
        Refused: it is none of these.
    """
    if head[4:8] == b'ftyp':
        return _mp4(head)
    if head[:4] == EBML.to_bytes(4, 'big'):
        kind = _doc_type(head)
        if kind in (b'matroska', b'webm'):
            return 'webm' if kind == b'webm' else 'mkv'
    if head[:4] == b'RIFF' and head[8:12] == b'AVI ':
        return 'avi'
    raise not_a_video(f'it is {_guess(head)}; take {FORMATS}')


def check_self_contained(data: bytes | mmap) -> None:
    """Refuses a container that names other files, or hides one.

    Args:
        data: the whole file, of a container that `container` knows.

    Raises:
        Refused: it does.
    """
    if data[4:8] == b'ftyp':
        for number, (kind, start, end) in enumerate(_all_boxes(data, 0, len(data))):
            if number == MOST_BOXES:
                raise not_a_video('it is in too many pieces; export it anew')
            if kind == b'dref' and not _all_inside(data[start:end]):
                raise not_a_video('its pictures are in another file; export both as one')
    elif data[:4] == b'RIFF' and data.find(AVI_SUBTITLES) >= 0:
        raise not_a_video('it holds subtitles of the GAB2 kind; export it without')


def _mp4(head: bytes) -> str:
    size = int.from_bytes(head[:4], 'big')
    major, others = head[8:12], head[16 : max(16, min(size, len(head)))]
    brands = [major, *(others[place : place + 4] for place in range(0, len(others), 4))]
    if major in NOT_MP4 or major in IMAGES:
        raise not_a_video(f'it is {NOT_MP4.get(major, "an image")}; take {FORMATS}')
    if not any(brand in MP4_BRANDS or brand.startswith(MP4_FAMILIES) for brand in brands):
        raise not_a_video(f'it is of the kind {major.decode("latin-1")!r}; take {FORMATS}')
    return 'mp4'


def _doc_type(head: bytes) -> bytes:
    """What an EBML file says that it is."""
    for kind, start, end in elements(head, 0, len(head)):
        if kind != EBML or end is None:
            return b''
        for inside, begin, stop in elements(head, start, min(end, len(head))):
            if inside == DOC_TYPE and stop is not None:
                return head[begin:stop].rstrip(b'\0')
    return b''


def _all_boxes(data: bytes | mmap, start: int, end: int, depth: int = 0) -> Iterator:
    """Kind, start and end of each box of an mp4 on the way to its data references."""
    for kind, inside, stop in boxes(data, start, end):
        stop = min(stop, end)
        yield kind, inside, stop
        if kind in (b'moov', b'trak', b'mdia', b'minf', b'dinf') and depth < 8:
            yield from _all_boxes(data, inside, stop, depth + 1)


def _all_inside(references: bytes) -> bool:
    """Whether each data reference of a box says that the media are in this file."""
    entries = list(boxes(references, 8, len(references)))
    return all(references[start + 3] & 1 for _, start, end in entries if start + 4 <= end)


def _guess(head: bytes) -> str:
    text = head.removeprefix(b'\xef\xbb\xbf').lstrip()
    for magic, name in OTHERS:
        if text.startswith(magic):
            return name
    if not head:
        return 'empty'
    unknown = 'of no known kind'
    if b'\0' in head:
        return unknown
    try:
        # A character may be cut off at the end.
        getincrementaldecoder('utf-8')().decode(head)
    except UnicodeDecodeError:
        return unknown
    return 'a text file'
