"""A clip cut from a long video holds the frames of its seconds, all of them, or is not made."""

from fractions import Fraction

import decord
import numpy as np
import pytest

from mmgsf.datasets.preparation.media import Outcome
from mmgsf.datasets.preparation.segments import cut_segment

from ...trees import grey_clip, grey_level
from ...videos import write_video

NTSC = Fraction(60000, 1001)


def frame_numbers(path, first):
    """Numbers of the long video's frames that a clip shows; `first` is where it should begin."""
    reader = decord.VideoReader(str(path))
    found = reader.get_batch(range(len(reader))).asnumpy().mean(axis=(1, 2, 3))
    wanted = [grey_level(first + i) for i in range(len(found))]
    np.testing.assert_allclose(found, wanted, atol=3)
    return list(range(first, first + len(found)))


@pytest.fixture(scope='module')
def long_video(tmp_path_factory):
    """Four seconds with few key frames, B-frames and a rate that is no whole number."""
    path = tmp_path_factory.mktemp('long') / 'P01_01.MP4'
    return write_video(path, grey_clip(240), rate=NTSC, g='100', bf='3')


@pytest.mark.parametrize(
    ('start', 'stop'), [('0', '1/2'), ('12/10', '213/100'), ('333/100', '4'), ('2', '201/100')]
)
def test_frames_are_those_shown_between_start_and_stop(long_video, tmp_path, start, stop):
    target = tmp_path / 'clips' / 'P01' / 'P01_01_0.mp4'
    wanted = [i for i in range(240) if Fraction(start) <= i / NTSC < Fraction(stop)]
    outcome = cut_segment(str(long_video), str(target), start, stop)
    assert outcome == Outcome(len(wanted), 64, 48)
    assert frame_numbers(target, wanted[0]) == wanted
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_segment_may_reach_past_the_end_and_not_begin_there(long_video, tmp_path):
    target = tmp_path / 'a.mp4'
    assert cut_segment(str(long_video), str(target), '39/10', '9').frames == 240 - 234
    outcome = cut_segment(str(long_video), str(tmp_path / 'b.mp4'), '5', '9')
    assert 'the video ends at 4.00 s; the segment is 5.00 to 9.00 s' in outcome.error
    assert not (tmp_path / 'b.mp4').exists()


def test_part_of_a_killed_run_is_removed(long_video, tmp_path):
    (tmp_path / 'part-1-a.mp4').write_bytes(b'half')
    (tmp_path / 'part-1-aa.mp4').write_bytes(b'of another clip')
    cut_segment(str(long_video), str(tmp_path / 'a.mp4'), '0', '1')
    assert sorted(path.name for path in tmp_path.iterdir()) == ['a.mp4', 'part-1-aa.mp4']


def test_large_frames_become_256_high(tmp_path):
    source = write_video(tmp_path / 'a.mp4', grey_clip(5, 288, 512))
    outcome = cut_segment(str(source), str(tmp_path / 'b.mp4'), '0', '1')
    assert (outcome.width, outcome.height) == (456, 256)


def test_damaged_video_gives_no_clip(long_video, tmp_path):
    source = tmp_path / 'cut.mp4'
    data = long_video.read_bytes()
    # The frames come first, the index last; noise over the frames of the last seconds.
    source.write_bytes(data[:1500] + b'\xff' * 3000 + data[4500:])
    target = tmp_path / 'a.mp4'
    outcome = cut_segment(str(source), str(target), '0', '4')
    assert outcome.error
    assert list(tmp_path.iterdir()) == [source]
