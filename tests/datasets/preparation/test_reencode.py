"""A re-encoded video has the original's frames, all of them and in order; the original stays."""

import re
from fractions import Fraction

import av
import decord
import numpy as np
import pytest

from mmgsf.datasets.preparation.encoder import Encoding
from mmgsf.datasets.preparation.media import Outcome
from mmgsf.datasets.preparation.reencode import JOURNAL, reencode_folder, reencode_video

from ...trees import grey_clip, grey_level, make_ssv2
from ...videos import noise_clip, write_video


def levels(path):
    """Mean grey level of each frame, as decord numbers them."""
    reader = decord.VideoReader(str(path))
    return reader.get_batch(range(len(reader))).asnumpy().mean(axis=(1, 2, 3))


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob('*')
        if path.is_file()
    }


@pytest.fixture
def tree(tmp_path):
    """Two videos in folders of their own, one with a space, and a file that is none."""
    folder = tmp_path / 'videos'
    write_video(folder / 'air drumming' / 'a.mp4', noise_clip(0))
    write_video(folder / 'zumba' / 'b.avi', noise_clip(1), codec='mpeg4')
    (folder / 'notes.txt').write_text('not a video')
    return folder


def test_number_and_order_of_frames_stay(tmp_path):
    source = write_video(tmp_path / 'a.mp4', grey_clip(31), rate=Fraction(30000, 1001), bf='3')
    target = tmp_path / 'b.mp4'
    assert reencode_video(str(source), str(target), Encoding()) == Outcome(31, 64, 48)
    np.testing.assert_allclose(levels(target), [grey_level(i) for i in range(31)], atol=3)
    assert decord.VideoReader(str(target)).get_avg_fps() == pytest.approx(30000 / 1001)


def test_unequal_times_keep_every_frame(tmp_path):
    source, target = tmp_path / 'a.mkv', tmp_path / 'b.mp4'
    times = [0, 1, 2, 40, 41, 80, 81, 82, 200, 201]
    with av.open(str(source), 'w') as container:
        stream = container.add_stream('libx264', rate=100, options={'bf': '2'})
        stream.width, stream.height, stream.pix_fmt = 64, 48, 'yuv420p'
        for time, array in zip(times, grey_clip(10), strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(array), format='rgb24')
            frame.pts, frame.time_base = time, Fraction(1, 100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert len(levels(source)) == 10
    assert reencode_video(str(source), str(target), Encoding()).frames == 10
    np.testing.assert_allclose(levels(target), levels(source), atol=3)


def test_damaged_video_leaves_nothing(tmp_path):
    source = write_video(tmp_path / 'a.mp4', noise_clip(0, 60), g='10')
    data = source.read_bytes()
    middle = len(data) // 2
    source.write_bytes(data[:middle] + b'\xff' * 2000 + data[middle + 2000 :])
    assert reencode_video(str(source), str(tmp_path / 'b.mp4'), Encoding()).error
    assert list(tmp_path.iterdir()) == [source]


def test_folder_becomes_the_same_tree_and_stays(tree, tmp_path):
    before = contents(tree)
    result = reencode_folder(tree, tmp_path / 'new', Encoding(), workers=2)
    assert contents(tree) == before
    made = contents(tmp_path / 'new')
    assert set(made) == {JOURNAL, 'air drumming/a.mp4', 'zumba/b.mp4'}
    videos = [before['air drumming/a.mp4'], before['zumba/b.avi']]
    assert (result.videos, result.failed) == (2, {})
    assert result.bytes_before == sum(map(len, videos))
    assert result.bytes_after == sum(len(made[name]) for name in made if name != JOURNAL)


def test_webm_is_read(tmp_path):
    videos = make_ssv2(tmp_path / 'ssv2') / '20bn-something-something-v2'
    result = reencode_folder(videos, tmp_path / 'new', Encoding(), workers=1)
    assert (result.videos, result.failed) == (6, {})
    assert len(levels(tmp_path / 'new' / '100.mp4')) == 12


def test_second_run_makes_only_what_changed(tree, tmp_path):
    target = tmp_path / 'new'
    videos = [target / 'air drumming/a.mp4', target / 'zumba/b.mp4']

    def made(**values):
        before = [video.stat().st_ino if video.exists() else None for video in videos]
        reencode_folder(tree, target, Encoding(**values), workers=1)
        return [video.stat().st_ino != i for video, i in zip(videos, before, strict=True)]

    assert made() == [True, True]
    assert made() == [False, False]
    videos[1].unlink()
    assert made() == [False, True]
    write_video(tree / 'air drumming' / 'a.mp4', noise_clip(3, 20))
    assert made() == [True, False]
    assert made(gop=2) == [True, True]


def test_failures_are_told_with_their_reasons(tree, tmp_path):
    (tree / 'c.webm').write_bytes(b'no video')
    result = reencode_folder(tree, tmp_path / 'new', Encoding(), workers=1)
    assert list(result.failed) == ['c.webm']
    assert result.share_failed == pytest.approx(1 / 3)
    assert re.search(r'2 of 3 videos.*\nfailed: c\.webm \(InvalidDataError', result.text())
    assert not (tmp_path / 'new' / 'c.mp4').exists()


def test_folders_in_one_another_are_refused(tree):
    for target in (tree, tree / 'new', tree.parent):
        with pytest.raises(ValueError, match='one lies in the other'):
            reencode_folder(tree, target, Encoding(), workers=1)
    assert not (tree / 'new').exists()


def test_two_videos_of_one_name_are_refused(tree, tmp_path):
    (tree / 'zumba' / 'b.mp4').write_bytes(b'')
    with pytest.raises(ValueError, match=r'zumba/b\.avi and zumba/b\.mp4 would both become'):
        reencode_folder(tree, tmp_path / 'new', Encoding(), workers=1)


def test_folder_without_videos_is_refused(tmp_path):
    with pytest.raises(ValueError, match='holds no video'):
        reencode_folder(tmp_path, tmp_path.parent / 'new', Encoding(), workers=1)
    with pytest.raises(FileNotFoundError, match='is no folder'):
        reencode_folder(tmp_path / 'none', tmp_path / 'new', Encoding(), workers=1)
