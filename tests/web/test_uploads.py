"""Uploads: refused early, under names of our own, and gone afterwards."""

import asyncio
import os
import stat
import subprocess

import pytest

from mmgsf.web.limits import Limits, Refused
from mmgsf.web.uploads import PREFIX, Uploads, display_name, remove_abandoned

from .containers import REFUSED, write_kinds


@pytest.fixture
def uploads(tmp_path):
    uploads = Uploads(Limits(megabytes=0.1, upload_seconds=0.2), tmp_path)
    yield uploads
    uploads.close()


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    return write_kinds(tmp_path_factory.mktemp('kinds'))['mp4']


def receive(uploads, content, stated=None, size=1000, wait=0.0):
    """What lies in the file afterwards, and how many chunks were asked for."""
    taken = []

    async def chunks():
        for start in range(0, len(content), size):
            await asyncio.sleep(wait)
            taken.append(start)
            yield content[start : start + size]

    with uploads.file() as path:
        try:
            asyncio.run(uploads.receive(chunks(), stated, path))
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            return path.read_bytes(), len(taken)
        except Refused as refusal:
            return refusal, len(taken)


@pytest.mark.parametrize('size', [7, 1000, 1 << 20])
def test_a_video_arrives_whole_and_goes(uploads, video, size):
    found, _ = receive(uploads, video, len(video), size)
    assert found == video
    assert not any(uploads.incoming.iterdir())


def test_what_is_no_video_is_refused_at_its_head(uploads):
    found, chunks = receive(uploads, REFUSED['a text file'] * 10)
    assert (found.status, chunks) == (415, 5)
    found, _ = receive(uploads, b'')
    assert 'it is empty' in str(found)
    assert not any(uploads.incoming.iterdir())


def test_too_large_is_refused_by_what_is_stated_and_by_what_comes(uploads, video):
    large = video + bytes(200_000)
    for stated, most in ((len(large), 0), (None, 101), (10, 101)):
        found, chunks = receive(uploads, large, stated)
        assert found.status == 413
        assert chunks <= most
    assert not any(uploads.incoming.iterdir())


def test_too_slow_is_refused(uploads, video):
    found, _ = receive(uploads, video, wait=0.1)
    assert found.status == 408
    assert not any(uploads.incoming.iterdir())


def test_a_disk_that_takes_nothing_is_told(uploads, video):
    uploads.incoming.rmdir()
    found, _ = receive(uploads, video)
    assert found.status == 507
    assert str(found).startswith('cannot be stored: ')


def test_the_folder_goes_with_the_page_and_is_nobody_elses(uploads):
    assert stat.S_IMODE(uploads.folder.stat().st_mode) == 0o700
    (uploads.incoming / 'left').write_bytes(b'x')
    uploads.close()
    assert not uploads.folder.exists()


def test_what_a_killed_page_left_goes_at_the_next_start(tmp_path):
    gone = subprocess.Popen(['true'])
    gone.wait()
    left, other = tmp_path / f'{PREFIX}{gone.pid}-abc', tmp_path / f'{PREFIX}notes'
    alive = tmp_path / f'{PREFIX}{os.getppid()}-abc'
    link = tmp_path / f'{PREFIX}{gone.pid}-link'
    for folder in (left, other, alive):
        (folder / 'incoming').mkdir(parents=True)
    link.symlink_to(other)
    assert remove_abandoned(tmp_path) == [left]
    assert other.exists()
    assert alive.exists()
    assert link.is_symlink()


@pytest.mark.parametrize(
    ('name', 'shown'),
    [
        ('clip one.mp4', 'clip one.mp4'),
        ('../../etc/passwd', 'passwd'),
        ('C:\\videos\\a.avi', 'a.avi'),
        ('a\nb\x1b[31m\u202e.mp4', 'ab[31m.mp4'),
        ('', 'The file'),
        ('x' * 100 + '.webm', 'x' * 50 + '...' + 'x' * 15 + '.webm'),
    ],
)
def test_names_are_shown_harmless(name, shown):
    assert display_name(name) == shown
