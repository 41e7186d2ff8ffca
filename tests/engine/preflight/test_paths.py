"""Rows of lists that lead out of the data's folder need an option; a work_dir must take files."""

import mmgsf.register  # noqa: F401, I001

import re

import pytest

from mmgsf.engine.preflight import PreflightError
from mmgsf.engine.preflight.work_dir import check_work_dir

from ..toy import toy_runner
from .building import frame_config, only_error, texts, video_config

OUTSIDE = ('../../etc/passwd', '/etc/passwd', 'a/../../b.mp4', '..', '../videos-of-others/a.mp4')


@pytest.mark.parametrize('path', OUTSIDE)
@pytest.mark.parametrize('make', [video_config, frame_config])
def test_a_path_outside_is_refused_with_row_file_and_option(tmp_path, make, path):
    row, frames = ('a.mp4', '') if make is video_config else ('a', ' 10')
    rows = f'{row}{frames} 0\n{path}{frames} 1\n'
    error = only_error(make(tmp_path, rows))
    assert f'{tmp_path / "train.txt"} line 2: {path!r} lies outside of {tmp_path}' in error
    assert '--cfg-options allow_outside_paths=True' in error


def test_the_option_lets_them_through(tmp_path):
    config = video_config(tmp_path)
    video = tmp_path / 'elsewhere.mp4'
    video.write_bytes((tmp_path / 'videos' / 'a.mp4').read_bytes())
    (tmp_path / 'train.txt').write_text(f'a.mp4 0\n{video} 1\n../elsewhere.mp4 2\n')
    assert 'line 2' in only_error(config)
    config['allow_outside_paths'] = True
    assert texts(config, 'error') == []
    assert any('2 paths lie outside' in text for text in texts(config, 'info'))


def test_paths_below_the_folder_pass_however_they_are_written(tmp_path):
    rows = f'a.mp4 0\n./b.mp4 1\nx/../c.mp4 2\n{tmp_path}/videos/a.mp4 0\n'
    config = video_config(tmp_path, rows)
    (tmp_path / 'videos' / 'x').mkdir()
    assert texts(config, 'error') == []


def test_links_below_the_folder_are_the_users_own(tmp_path):
    config = video_config(tmp_path, 'a.mp4 0\nlink.mp4 1\nc.mp4 2\n')
    moved = (tmp_path / 'videos' / 'b.mp4').rename(tmp_path / 'b.mp4')
    (tmp_path / 'videos' / 'link.mp4').symlink_to(moved)
    assert texts(config, 'error') == []


def test_a_work_dir_that_takes_no_file_is_refused_before_anything_is_built(tmp_path, monkeypatch):
    def build(*args: object, **kwargs: object) -> None:
        raise AssertionError('something was built')

    monkeypatch.setattr('mmengine.runner.Runner.__init__', build)
    (tmp_path / 'file').write_text('')
    for folder in (tmp_path / 'file', tmp_path / 'file' / 'below', '/proc/self', '/proc/none'):
        with pytest.raises(
            PreflightError, match=f'work_dir {re.escape(str(folder))} cannot be wri'
        ):
            toy_runner(folder)
    assert (tmp_path / 'file').read_text() == ''


def test_a_work_dir_is_made_and_left_empty(tmp_path):
    check_work_dir(tmp_path / 'new' / 'folder')
    assert list((tmp_path / 'new' / 'folder').iterdir()) == []
