"""Where the features of a video go, and which files of features count as done."""

import json
from pathlib import Path

import numpy as np
import pytest

from mmgsf.apis.feature_files import find_sources, is_done, read_sources, write_features

RECIPE = {'num_segments': 8, 'layer': 'backbone', 'mmgsf': '1', 'checkpoint': 'a.pth'}


def places(sources) -> list[str]:
    return [source.place.as_posix() for source in sources]


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b'video')


def test_folders_keep_their_form(tmp_path):
    touch(tmp_path, 'a b/1.mp4', 'c/d/2.WEBM', 'c/text.txt', 'lone.mkv')
    assert places(find_sources([tmp_path])) == ['a b/1.npz', 'c/d/2.npz', 'lone.npz']
    assert places(find_sources([tmp_path / 'c/d/2.WEBM'])) == ['2.npz']


def test_rows_of_every_kind_of_list(tmp_path):
    rows = ['a.mp4 3', 'b c.mp4', 'd e.mp4\t12', '', '../out.mp4 1', '/far/away.mp4', 'x/y.mp4 1 2']
    (tmp_path / 'list.txt').write_text('\n'.join(rows))
    sources = read_sources(tmp_path / 'list.txt')
    names = ['a.npz', 'b c.npz', 'd e.npz', 'out.npz', 'away.npz', 'x/y.npz']
    assert places(sources) == names
    assert sources[1].path == tmp_path / 'b c.mp4'
    assert sources[4].path == Path('/far/away.mp4')
    assert read_sources(tmp_path / 'list.txt', '/videos')[0].path == Path('/videos/a.mp4')


@pytest.mark.parametrize(
    ('content', 'message'), [(b'\n', 'is empty'), (b'\xff\xfe', 'cannot be read as UTF-8')]
)
def test_lists_that_name_nothing_are_refused(tmp_path, content, message):
    (tmp_path / 'list.txt').write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_sources(tmp_path / 'list.txt')


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.txt is not there'):
        read_sources(tmp_path / 'none.txt')
    with pytest.raises(FileNotFoundError, match='none.mp4 is not there'):
        find_sources([tmp_path / 'none.mp4'])
    with pytest.raises(FileNotFoundError, match='holds no video'):
        find_sources([tmp_path])


def test_two_videos_of_one_name_are_refused(tmp_path):
    touch(tmp_path, 'a.mp4', 'a.webm')
    with pytest.raises(ValueError, match=r'a\.mp4 and .*a\.webm would both become a\.npz'):
        find_sources([tmp_path])
    # The same one twice is one.
    assert places(find_sources([tmp_path / 'a.mp4', tmp_path / 'a.mp4'])) == ['a.npz']


@pytest.fixture
def done(tmp_path) -> tuple[Path, Path]:
    touch(tmp_path, 'a.mp4')
    meta = {**RECIPE, 'video_bytes': 5}
    write_features(tmp_path / 'a.npz', np.ones((1, 4)), np.zeros((1, 8)), 25.0, meta)
    return tmp_path / 'a.npz', tmp_path / 'a.mp4'


def test_file_says_what_it_is(done):
    with np.load(done[0], allow_pickle=False) as loaded:
        assert loaded['features'].tolist() == [[1.0] * 4]
        assert float(loaded['fps']) == 25.0
        assert json.loads(str(loaded['meta']))['layer'] == 'backbone'


def test_only_the_same_recipe_of_the_same_video_is_done(done):
    assert is_done(*done, RECIPE)
    assert is_done(*done, {**RECIPE, 'mmgsf': '2', 'checkpoint': 'copy.pth'})
    with pytest.raises(ValueError, match=r'a\.npz was made with layer=backbone, not neck; choose'):
        is_done(*done, {**RECIPE, 'layer': 'neck'})
    done[1].write_bytes(b'another video')
    assert not is_done(*done, RECIPE)


def test_missing_and_damaged_files_are_not_done(done):
    content = done[0].read_bytes()
    for damaged in (b'', content[: len(content) // 2], content.replace(b'\xf0\x3f', b'\xf0\x3e')):
        done[0].write_bytes(damaged)
        assert not is_done(*done, RECIPE)
    done[0].unlink()
    assert not is_done(*done, RECIPE)


def test_file_of_something_else_is_kept(done):
    np.savez(done[0], mine=np.ones(3))
    with pytest.raises(ValueError, match=r"a\.npz holds \['mine'\], no features"):
        is_done(*done, RECIPE)
