"""Files are whole or not there."""

import pytest

from mmgsf.files import replacing


def test_file_takes_its_place_in_a_new_folder(tmp_path):
    path = tmp_path / 'new folder' / 'a.npz'
    with replacing(path) as beside:
        beside.write_text('whole')
        assert beside.suffix == '.npz'
        assert not path.exists()
    assert path.read_text() == 'whole'
    assert list(path.parent.iterdir()) == [path]


def test_an_interrupt_leaves_the_old_file(tmp_path):
    path = tmp_path / 'a.txt'
    path.write_text('old')

    def interrupted() -> None:
        with replacing(path) as beside:
            beside.write_text('half')
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == 'old'
    assert list(tmp_path.iterdir()) == [path]
