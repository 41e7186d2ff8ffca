"""Result files hold no pickles, and damaged ones are refused."""

import numpy as np
import pytest

from mmgsf.evaluation.files import read_npz, write_npz


def test_arrays_and_text_come_back(tmp_path):
    path = tmp_path / 'new folder' / 'a.npz'
    write_npz(path, names=np.array(['é', 'b c']), values=np.arange(3.0))
    found = read_npz(path, ('values', 'names'))
    assert found['names'].tolist() == ['é', 'b c']
    assert found['values'].tolist() == [0, 1, 2]
    assert [file.name for file in path.parent.iterdir()] == ['a.npz']


def test_objects_are_not_written(tmp_path):
    with pytest.raises(ValueError, match=r"\['names'\] hold objects"):
        write_npz(tmp_path / 'a.npz', names=np.array(['a', None], dtype=object))
    assert list(tmp_path.iterdir()) == []


def test_other_names_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r'a\.pkl: scores are .* name the file \.npz'):
        write_npz(tmp_path / 'a.pkl', values=np.zeros(1))


def test_pickles_are_not_read(tmp_path):
    path = tmp_path / 'a.npz'
    np.savez(path, names=np.array(['a', None], dtype=object))
    with pytest.raises(ValueError, match=r'a\.npz does not hold the arrays names'):
        read_npz(path, ['names'])


@pytest.mark.parametrize('content', [b'', b'PK\x03\x04 half a zip', b'text', None])
def test_damaged_files_are_refused(tmp_path, content):
    path = tmp_path / 'a.npz'
    if content is None:
        write_npz(path, values=np.random.default_rng(0).normal(size=1000))
        content = path.read_bytes()[:4000]
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r'a\.npz does not hold'):
        read_npz(path, ['values'])


def test_a_bare_array_is_no_npz(tmp_path):
    with (tmp_path / 'a.npz').open('wb') as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match=r'a\.npz does not hold'):
        read_npz(tmp_path / 'a.npz', ['values'])


def test_missing_file_and_missing_array(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'a\.npz is not there'):
        read_npz(tmp_path / 'a.npz', ['values'])
    write_npz(tmp_path / 'a.npz', other=np.zeros(1))
    with pytest.raises(ValueError, match=r"no array values in it, only \['other'\]"):
        read_npz(tmp_path / 'a.npz', ['values', 'other'])
