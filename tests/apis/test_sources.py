"""Files, folders, globs and frames become a list of videos."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mmgsf.apis.sources import expand, is_single

FRAMES = np.zeros((4, 8, 8, 3), np.uint8)


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in ('b.mp4', 'a/c.MKV', 'a/notes.txt', 'clip [1].mp4'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / 'folder.mp4').mkdir()
    return tmp_path


def test_folders_give_their_videos_sorted(folder):
    wanted = ['a/c.MKV', 'b.mp4', 'clip [1].mp4']
    assert [path.relative_to(folder).as_posix() for path in expand(folder)] == wanted
    assert expand(str(folder)) == expand(folder)
    assert not is_single(folder)


def test_globs(folder):
    assert expand(f'{folder}/*.mp4') == [folder / 'b.mp4', folder / 'clip [1].mp4']
    assert expand(f'{folder}/**/*.MKV') == [folder / 'a' / 'c.MKV']
    assert not is_single(f'{folder}/*.mp4')


def test_a_file_with_brackets_in_its_name_is_a_file(folder):
    assert expand(folder / 'clip [1].mp4') == [folder / 'clip [1].mp4']
    assert is_single(folder / 'clip [1].mp4')


@pytest.mark.parametrize('frames', [FRAMES, torch.from_numpy(FRAMES), list(FRAMES)])
def test_frames_are_one_video(frames):
    assert is_single(frames)
    assert expand(frames)[0] is frames


def test_lists_of_all_kinds(folder):
    found = expand([folder / 'b.mp4', FRAMES, f'{folder}/a/*.MKV'])
    assert found[0] == folder / 'b.mp4'
    assert found[1] is FRAMES
    assert found[2] == folder / 'a' / 'c.MKV'
    assert not is_single([FRAMES])


def test_nothing_found_is_an_error(folder):
    (folder / 'empty').mkdir()
    with pytest.raises(FileNotFoundError, match='empty holds no videos'):
        expand(folder / 'empty')
    with pytest.raises(FileNotFoundError, match=r'\*\.avi fits no file'):
        expand(f'{folder}/*.avi')
    with pytest.raises(ValueError, match='the list is empty'):
        expand([])
