"""Which printed lines speak of damage."""

import pytest

from mmgsf.datasets.decoding.codec_log import first_complaint, plain_message


def test_the_first_line_of_a_codec_counts_without_its_address():
    text = (
        '[NULL @ 0x55f2ef434040] Failed to parse extradata\n'
        '[h264 @ 0x55f192ec0040] mmco: unref short failure\n'
        '[h264 @ 0x55f192ec0040] error while decoding MB 8 6, bytestream 59\n'
        '[h264 @ 0x55f192ec0040] another\n'
    )
    assert first_complaint(text) == 'h264: error while decoding MB 8 6, bytestream 59'
    assert first_complaint(text, ('error while', 'another')) == ''
    assert first_complaint('Premature end of JPEG file\n') == 'Premature end of JPEG file'


@pytest.mark.parametrize('text', ['', '\0\0\n', 'a library says hello\n', '[ WARN:0@1.2] slow\n'])
def test_other_lines_are_no_damage(text):
    assert first_complaint(text) == ''


def test_exceptions_come_without_source_files():
    error = RuntimeError('[14:30:15] /src/video.cc:12: Check failed: a >= b\n\nStack trace')
    assert plain_message(error) == 'Check failed: a >= b'
    assert plain_message(AssertionError()) == 'AssertionError'
