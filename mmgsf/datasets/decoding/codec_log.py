"""What decoders print while they make up pixels for broken ones.

FFmpeg conceals damage: it copies from the frame before, delivers the frame and says so on stderr
only, and libjpeg fills the rest of an image with grey. decord and OpenCV pass on neither.
"""

import os
import re

# Said of sound files too; parsers ([NULL @ ...]) speak before the codec is set up, and again in it.
HARMLESS = ('[NULL @', '[ WARN:', 'mmco: unref short failure', 'SEI type', 'co located POCs')
SOURCE = re.compile(r'^\[(\S+) @ 0x[0-9a-f]+\] *')
DECORD_PLACE = re.compile(r'\[\d\d:\d\d:\d\d\] \S+:\d+: *')
LONGEST = 160


class CodecLog:
    """The stderr of this process, kept in a file that is emptied before each clip."""

    def __init__(self, ignore: tuple[str, ...] = ()) -> None:
        self.ignore = ignore

    def clear(self) -> None:
        os.ftruncate(2, 0)
        os.lseek(2, 0, os.SEEK_SET)

    def complaint(self) -> str:
        """The first line that speaks of damage, or nothing."""
        size = os.fstat(2).st_size
        if not size:
            return ''
        text = os.pread(2, min(size, 1 << 16), 0).decode(errors='replace')
        return first_complaint(text, self.ignore)


def first_complaint(text: str, ignore: tuple[str, ...] = ()) -> str:
    """The first line of FFmpeg's or libjpeg's that speaks of damage, without addresses.

    Args:
        text: what was printed.
        ignore: parts of lines that are no damage, beside `HARMLESS`.
    """
    for line in text.splitlines():
        line = line.strip('\0 ')
        if not line or any(part in line for part in (*HARMLESS, *ignore)):
            continue
        if SOURCE.match(line):
            return SOURCE.sub(r'\1: ', line)[:LONGEST]
        if 'JPEG' in line:
            return line[:LONGEST]
    return ''


def plain_message(error: BaseException) -> str:
    """A decoder's exception on one line, without its source files and stack."""
    lines = str(error).strip().splitlines() or ['']
    text = DECORD_PLACE.sub('', lines[0]).strip()
    if 'Error sending packet' in text or 'Error decoding' in text:
        return 'the codec refuses a packet'
    if text.startswith('Error reading') or 'ERROR opening' in text:
        return 'no video can be opened in it'
    if 'av_read_frame failed' in text:
        return 'its packets end or break off too early'
    return (text or type(error).__name__)[:LONGEST]
