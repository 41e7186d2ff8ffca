"""Rows of annotation files: read right, or refused with file and line."""

import pytest

from mmgsf.datasets.tables import Row, read_csv, read_json_rows, read_lines

PLAIN = 'label,id\nair drumming,1\n"café, ""hot""",2\n'


def values(rows):
    return [dict(row.values) for row in rows]


@pytest.mark.parametrize(
    'data',
    [
        PLAIN.encode(),
        b'\xef\xbb\xbf' + PLAIN.encode(),
        PLAIN.replace('\n', '\r\n').encode(),
        b'\xef\xbb\xbf' + PLAIN.replace('\n', '\r\n').encode(),
    ],
    ids=['plain', 'bom', 'crlf', 'both'],
)
def test_csv_reads_marks_line_ends_and_quotes(tmp_path, data):
    path = tmp_path / 'a.csv'
    path.write_bytes(data)
    rows = list(read_csv(path, ('id', 'label')))
    assert values(rows) == [
        {'label': 'air drumming', 'id': '1'},
        {'label': 'café, "hot"', 'id': '2'},
    ]
    assert [row.where for row in rows] == [f'{path} line 2', f'{path} line 3']


def test_csv_divided_by_tabs_keeps_spaces_and_empty_fields(tmp_path):
    path = tmp_path / 'a.tsv'
    path.write_text('id\tlabel\tother\nx y\t1\t\n\nz\t2\to\n')
    rows = list(read_csv(path, ('id', 'label'), delimiter='\t'))
    assert values(rows) == [
        {'id': 'x y', 'label': '1', 'other': ''},
        {'id': 'z', 'label': '2', 'other': 'o'},
    ]
    assert rows[1].where == f'{path} line 4'


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'none\.csv is not there'):
        list(read_csv(tmp_path / 'none.csv', ('id',)))


@pytest.mark.parametrize(
    ('text', 'problem'),
    [
        ('id,name\n1,a\n', r"line 1: no column label; the header, split by ',', has \['id', 'name"),
        ('id\tlabel\n1\ta\n', r"line 1: no column id, label; the header, split by ',', has"),
        (f'id,label\n{"x" * 200_000},1\n', 'line 2: field larger'),
        ('', 'line 1: no column id, label'),
        ('id,label\n1,a\n2\n', 'line 3: the row has not the 2 fields'),
        ('id,label\n1,a,b\n', 'line 2: the row has not the 2 fields'),
        ('id,label\n1,"a\n', 'line 2: unexpected end'),
    ],
)
def test_csv_with_wrong_columns_is_refused(tmp_path, text, problem):
    path = tmp_path / 'a.csv'
    path.write_text(text)
    with pytest.raises(ValueError, match=rf'a\.csv {problem}'):
        list(read_csv(path, ('id', 'label')))


def test_text_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / 'a.csv'
    path.write_bytes('id,label\n1,a\n2,café\n'.encode('latin-1'))
    with pytest.raises(ValueError, match=r'a\.csv line 3: byte 0xe9 is not UTF-8'):
        list(read_csv(path, ('id',)))


@pytest.mark.parametrize('end', ['\n', '\r\n'])
def test_json_rows_know_their_lines(tmp_path, end):
    path = tmp_path / 'a.json'
    text = end.join(['[', '{"id": "1", "label": ["a",', '"b"]},', ' {"id": "2"} ]', ''])
    path.write_bytes(b'\xef\xbb\xbf' + text.encode())
    rows = list(read_json_rows(path, ('id',)))
    assert values(rows) == [{'id': '1', 'label': ['a', 'b']}, {'id': '2'}]
    assert [row.where for row in rows] == [f'{path} line 2', f'{path} line 4']


@pytest.mark.parametrize(
    ('text', 'problem'),
    [
        ('{"id": 1}', 'line 1: not a JSON array'),
        ('[\n{"id": 1},\n{"name": 2}]', 'line 3: no key id'),
        ('[\n{"id": 1},\n3]', 'line 3: 3 is no object'),
        ('[\n{"id": 1},\n{"id": ', 'line 3: not JSON'),
        ('[\n{"id": 1}\n{"id": 2}]', 'line 2: a comma'),
        ('[\n{"id": 1}', 'line 2: a comma'),
    ],
)
def test_broken_json_is_refused(tmp_path, text, problem):
    path = tmp_path / 'a.json'
    path.write_text(text)
    with pytest.raises(ValueError, match=rf'a\.json {problem}'):
        list(read_json_rows(path, ('id',)))


def test_empty_array_has_no_rows(tmp_path):
    path = tmp_path / 'a.json'
    path.write_text('[ ]')
    assert list(read_json_rows(path, ('id',))) == []


def test_blank_lines_count_and_are_passed_over(tmp_path):
    path = tmp_path / 'a.txt'
    path.write_bytes(b'\xef\xbb\xbfa\r\n\r\n b \r\n')
    assert list(read_lines(path)) == [('a', f'{path} line 1'), ('b', f'{path} line 3')]


@pytest.mark.parametrize(('text', 'number'), [('0', 0), (' 12 ', 12), ('10.0', 10), (47, 47)])
def test_numbers(text, number):
    assert Row({'n': text}, 'a.csv line 2').number('n', below=48) == number


@pytest.mark.parametrize('text', ['-1', '48', '1.5', '', 'x', '٣', None])
def test_what_is_no_number_in_range_is_refused(text):
    with pytest.raises(ValueError, match=r'a\.csv line 2: n=.* from 0 to 47'):
        Row({'n': text}, 'a.csv line 2').number('n', below=48)


def test_real_numbers():
    assert Row({'n': '59.94'}, 'a.csv line 2').real('n') == 59.94
    with pytest.raises(ValueError, match=r"a\.csv line 2: n='fast' is no number"):
        Row({'n': 'fast'}, 'a.csv line 2').real('n')
