"""Tables are read by their header; what is damaged is refused with file and line."""

import pytest

from mmgsf.datasets.tables import read_number, read_table


def read(tmp_path, content: str | bytes, columns=('a', 'b'), **options) -> list:
    path = tmp_path / 'table.csv'
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_table(path, columns, **options))


@pytest.mark.parametrize('end', ['\n', '\r\n'])
@pytest.mark.parametrize('mark', ['', '\ufeff'])
def test_line_ends_marks_quotes_and_order(tmp_path, end, mark):
    text = mark + end.join(['b,other,a', '1,,"x, y"', '', '2,o,é'])
    first, second = read(tmp_path, text)
    assert first == (2, {'b': '1', 'other': '', 'a': 'x, y'})
    assert second == (4, {'b': '2', 'other': 'o', 'a': 'é'})


def test_tabs_keep_spaces(tmp_path):
    assert read(tmp_path, 'a\tb\nx y\t1\n', delimiter='\t') == [(2, {'a': 'x y', 'b': '1'})]


@pytest.mark.parametrize(
    ('content', 'match'),
    [
        ('', r'table\.csv line 1: no column a, b'),
        ('a\tb\n1\t2\n', r"no column a, b; the header is \['a\\tb'\], split by ','"),
        ('a,b\n1,2\n1\n', 'line 3: 1 cells, the header has 2'),
        ('a,b\n1,2,3\n', 'line 2: 3 cells'),
        ('a,b\n\u00e9,1\n'.encode('latin-1'), r'table\.csv is not UTF-8'),
        (f'a,b\n{"x" * 200_000},1\n', r'table\.csv is no table: field larger'),
    ],
)
def test_damaged_tables_are_refused(tmp_path, content, match):
    with pytest.raises(ValueError, match=match):
        read(tmp_path, content)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='is not there'):
        list(read_table(tmp_path / 'none.csv', ['a']))


@pytest.mark.parametrize('cell', ['', '-1', '1.0', '٣', 'two'])
def test_numbers_from_0_up(cell):
    assert read_number('t.csv', 2, {'a': '07'}, 'a') == 7
    with pytest.raises(ValueError, match=r't\.csv line 2: a .* is no number from 0 up'):
        read_number('t.csv', 2, {'a': cell}, 'a')
