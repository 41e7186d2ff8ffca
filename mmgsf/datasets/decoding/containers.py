"""Is a video file whole, as its own container states it?

Demuxers are built to make the best of what is there: of a webm that was cut off they deliver the
first part, and it looks like a shorter video. The sizes that containers state tell the difference.
What is no mp4, Matroska or AVI is passed; its codec may still find it damaged.
"""

import re
import struct
from collections.abc import Iterator
from mmap import mmap

EBML = 0x1A45DFA3
SEGMENT = 0x18538067
CLUSTER = 0x1F43B675
# What a Segment may hold: seek head, info, tracks, cues, attachments, chapters, tags, clusters.
IN_SEGMENT = {0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1941A469, 0x1043A770, 0x1254C367}
# And a Cluster: its time, position, previous size, blocks of both kinds, silent tracks, signatures.
IN_CLUSTER = {0xE7, 0xA7, 0xAB, 0xA3, 0xA0, 0xAF, 0x5854}
FILLING = {0xEC, 0xBF}
# Of an AVI: frames, sound, subtitles and palettes by the number of their stream, indices, filling.
RIFF_CHUNK = re.compile(
    rb'0[0-9](dc|db|wb|tx|sb|pc|iv)|ix[0-9]{2}|JUNK|idx1|IDIT|ISMP', re.IGNORECASE
)
BOXES_WITH_BOXES = {b'moov', b'trak', b'mdia', b'minf', b'stbl'}


def container_damage(data: bytes) -> str:
    """Why the file cannot be whole, or nothing.

    Args:
        data: the whole file.
    """
    if data[4:8] in (b'ftyp', b'moov', b'mdat', b'free', b'wide', b'skip'):
        return _mp4(data)
    if data[:4] == EBML.to_bytes(4, 'big'):
        return _matroska(data)
    if data[:4] == b'RIFF':
        return _riff(data)
    return ''


def _mp4(data: bytes) -> str:
    end, has_media = 0, False
    for kind, start, end in boxes(data, 0, len(data)):
        if end > len(data):
            return f'cut off: {end - len(data)} bytes are missing from its {_name(kind)}'
        has_media |= kind == b'mdat'
        if kind == b'moov':
            reason = _tables(data, start, end)
            if reason:
                return reason
    # Cameras and editors append things of their own.
    if len(data) - end > 8 and not has_media:
        return f'its structure is broken at byte {end}'
    return ''


def boxes(data: bytes | mmap, position: int, limit: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start of the content and stated end of each box."""
    while position + 8 <= limit:
        size, kind = struct.unpack_from('>I4s', data, position)
        header = 8
        if size == 1 and position + 16 <= limit:
            size, header = struct.unpack_from('>Q', data, position + 8)[0], 16
        elif size == 0:
            size = limit - position
        if size < header:
            return
        yield kind, position + header, position + size
        position += size


def _tables(data: bytes, start: int, end: int, depth: int = 0) -> str:
    """A track's tables of times and sizes must speak of the same number of frames."""
    counts = {}
    for kind, inside, stop in boxes(data, start, end):
        if stop > end:
            return f'its {_name(kind)} is larger than what holds it'
        if kind in BOXES_WITH_BOXES and depth < len(BOXES_WITH_BOXES):
            reason = _tables(data, inside, stop, depth + 1)
            if reason:
                return reason
        elif kind == b'stsz' and stop - inside >= 12:
            counts[kind] = struct.unpack_from('>I', data, inside + 8)[0]
        elif kind == b'stts' and stop - inside >= 8:
            rows = struct.unpack_from('>I', data, inside + 4)[0]
            if rows > (stop - inside - 8) // 8:
                return 'its table of times is broken'
            numbers = struct.unpack_from(f'>{2 * rows}I', data, inside + 8)
            counts[kind] = sum(numbers[::2])
    if len(set(counts.values())) > 1:
        return (
            f'its header states {counts[b"stts"]} frames in one place and {counts[b"stsz"]} in '
            'another'
        )
    return ''


def _matroska(data: bytes) -> str:
    for kind, start, end in elements(data, 0, len(data)):
        if end is None and kind != SEGMENT:
            return f'its structure is broken at byte {start}'
        if kind == SEGMENT:
            # A live recording states no size.
            if end is not None and end > len(data):
                return f'cut off: {end - len(data)} bytes are missing'
            return _segment(data, start, len(data) if end is None else end)
    return 'it has no Segment'


def _segment(data: bytes, start: int, limit: int) -> str:
    position = start
    for kind, inside, end in elements(data, start, limit):
        if kind == CLUSTER:
            # Of unknown size: goes on until the next one.
            if end is None:
                return ''
            position = inside
            for child, begin, stop in elements(data, inside, min(end, limit)):
                if child not in IN_CLUSTER | FILLING or stop is None or stop > end:
                    return f'its structure is broken near byte {position}'
                position = stop if stop > begin else begin
        elif kind not in IN_SEGMENT | FILLING or end is None:
            return f'its structure is broken near byte {position}'
        if end > limit:
            return f'cut off: {end - limit} bytes are missing'
        position = end
    return '' if position >= limit else f'its structure is broken near byte {position}'


def elements(data: bytes, position: int, limit: int) -> Iterator[tuple[int, int, int | None]]:
    """Identity, start of the content and stated end (None: not stated) of EBML elements."""
    while position < limit:
        length = 9 - data[position].bit_length()
        if length > 4 or position + length >= limit:
            # No identity is that long; the caller sees an unknown one.
            yield 0, position, position
            return
        kind = int.from_bytes(data[position : position + length], 'big')
        position += length
        length = 9 - data[position].bit_length()
        if length > 8 or position + length > limit:
            yield 0, position, position
            return
        size = int.from_bytes(data[position : position + length], 'big') - (1 << 7 * length)
        position += length
        if size == (1 << 7 * length) - 1:
            yield kind, position, None
            return
        yield kind, position, position + size
        position += size


def _riff(data: bytes) -> str:
    """An AVI is one RIFF chunk, and further ones beyond a gigabyte."""
    position, streams = 0, _streams(data)
    while position + 8 <= len(data) and data[position : position + 4] == b'RIFF':
        size = struct.unpack_from('<I', data, position + 4)[0]
        # A recorder that was not closed leaves 0.
        if size == 0:
            return 'its header was never completed: the recording was interrupted'
        end = position + 8 + size
        if end > len(data):
            return f'cut off: {end - len(data)} bytes are missing'
        reason = _chunks(data, position + 12, end, streams)
        if reason:
            return reason
        position = end + size % 2
    return ''


def _streams(data: bytes) -> int:
    """Number of streams that the main header of an AVI states."""
    place = data.find(b'avih', 0, 4096)
    return struct.unpack_from('<I', data, place + 32)[0] if 0 < place < len(data) - 36 else 100


def _chunks(data: bytes, position: int, limit: int, streams: int, frames: bool = False) -> str:
    """A reader passes over chunks that it does not know, so a frame with a broken name is lost."""
    while position + 8 <= limit:
        kind, size = struct.unpack_from('<4sI', data, position)
        start, position = position + 8, position + 8 + size + size % 2
        if start + size > limit:
            return f'its structure is broken near byte {start - 8}'
        if kind == b'LIST':
            inside = data[start : start + 4]
            if inside in (b'movi', b'rec '):
                reason = _chunks(data, start + 4, start + size, streams, frames=True)
                if reason:
                    return reason
            elif frames:
                return f'its structure is broken near byte {start - 8}'
        # Around the frames cameras put lists of their own.
        elif frames and not _is_known(kind, streams):
            return f'its structure is broken near byte {start - 8}'
    return ''


def _is_known(kind: bytes, streams: int) -> bool:
    return bool(RIFF_CHUNK.fullmatch(kind)) and (not kind[:2].isdigit() or int(kind[:2]) < streams)


def _name(kind: bytes) -> str:
    return f'{kind.decode("latin-1")!r} box'
