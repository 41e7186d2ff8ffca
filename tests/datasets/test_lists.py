"""Lists are replaced whole, and say themselves what divides their fields."""

import os

import pytest

from mmgsf.datasets.lists import list_delimiter, training_root, write_files


def test_files_are_written_with_ends_of_lines(tmp_path):
    write_files({tmp_path / 'a': ['1', 'é'], tmp_path / 'b': []})
    assert (tmp_path / 'a').read_bytes() == '1\né\n'.encode()
    assert (tmp_path / 'b').read_bytes() == b''
    assert len(list(tmp_path.iterdir())) == 2


def test_no_file_is_replaced_unless_all_can_be(tmp_path):
    (tmp_path / 'a').write_text('old')
    with pytest.raises(UnicodeEncodeError):
        write_files({tmp_path / 'a': ['new'], tmp_path / 'b': ['\ud800']})
    assert (tmp_path / 'a').read_text() == 'old'
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ('text', 'delimiter'),
    [('a b/c.mp4\t3\n', '\t'), ('a_b/c.mp4 3\n', ' '), ('', ' ')],
)
def test_delimiter_is_that_of_the_first_line(tmp_path, text, delimiter):
    (tmp_path / 'list.txt').write_text(text)
    assert list_delimiter(tmp_path / 'list.txt') == delimiter


def test_delimiter_of_a_list_that_is_not_there_is_mmaction2s(tmp_path):
    assert list_delimiter(tmp_path / 'list.txt') == ' '


def test_files_take_their_places_in_the_order_given(tmp_path, monkeypatch):
    places = []
    replace = os.replace
    monkeypatch.setattr(os, 'replace', lambda a, b: (places.append(b.name), replace(a, b)))
    write_files({tmp_path / name: [] for name in 'bca'})
    assert places == ['b', 'c', 'a']


def test_training_root_is_the_reencoded_one_once_its_report_is_there(tmp_path):
    assert training_root(f'{tmp_path}/none') == f'{tmp_path}/none'
    (tmp_path / 'reencoded').mkdir()
    (tmp_path / 'reencoded' / 'sthv2_train_list_videos.txt').write_text('')
    assert training_root(tmp_path) == str(tmp_path)
    (tmp_path / 'reencoded' / 'ssv2_report.json').write_text('{}')
    assert training_root(tmp_path) == f'{tmp_path}/reencoded'
