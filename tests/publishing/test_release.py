"""Files of a release are put in place all or none."""

import pytest

from mmgsf.publishing.release import put


def test_all_or_none(tmp_path):
    (tmp_path / 'there').write_bytes(b'old')
    contents = {tmp_path / 'new': b'1', tmp_path / 'there': b'2'}
    with pytest.raises(FileExistsError, match='there is there already and is another'):
        put(contents)
    assert not (tmp_path / 'new').exists()
    put(contents, replaceable=[tmp_path / 'there'])
    assert (tmp_path / 'new').read_bytes() == b'1'
    assert (tmp_path / 'there').read_bytes() == b'2'
    put(contents)  # the same once more


def test_nothing_stays_of_a_write_that_fails(tmp_path):
    (tmp_path / 'file').touch()
    contents = {tmp_path / 'a': b'1', tmp_path / 'file' / 'b': b'2'}
    with pytest.raises(FileExistsError, match='file'):
        put(contents)
    assert [path.name for path in tmp_path.iterdir()] == ['file']
