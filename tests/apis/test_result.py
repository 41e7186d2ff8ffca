"""What was recognised, on the terminal, as JSON and as CSV."""

import csv
import json

from mmgsf.apis import Failure, Recognition, Recognitions

CLASSES = ('left', 'a "quoted", name', 'rechts – ß')


def recognition(source: str = 'a.mp4', topk: int = 2) -> Recognition:
    return Recognition(source, 'net', CLASSES, (0.2, 0.7, 0.1), topk)


def test_top_is_sorted_and_equal_ones_keep_their_order():
    assert recognition(topk=3).top == [(1, CLASSES[1], 0.7), (0, 'left', 0.2), (2, CLASSES[2], 0.1)]
    assert [one.label for one in Recognition('a', 'net', CLASSES, (0.3, 0.3, 0.4), 3).top] == [
        2,
        0,
        1,
    ]


def test_table_is_aligned_with_bars():
    lines = str(recognition()).splitlines()
    assert lines[0] == 'a.mp4'
    assert lines[1] == f'  {CLASSES[1]}   70.0%  {"█" * 14}'
    assert lines[2] == f'  left{" " * 12}   20.0%  {"█" * 4}'
    assert repr(recognition()) == f"Recognition('a.mp4', {CLASSES[1]!r}, 0.700)"


def test_json_gives_back_what_there_is(tmp_path):
    text = recognition(topk=3).to_json(tmp_path / 'deep' / 'a.json')
    assert json.loads(text) == recognition(topk=3).to_dict()
    assert json.loads((tmp_path / 'deep' / 'a.json').read_text('utf-8')) == json.loads(text)
    assert json.loads(text)['top'][2] == {'label': 2, 'class': CLASSES[2], 'probability': 0.1}


def test_csv_has_a_row_for_each_rank(tmp_path):
    recognition(topk=3).to_csv(tmp_path / 'a.csv')
    with (tmp_path / 'a.csv').open(encoding='utf-8', newline='') as file:
        rows = list(csv.DictReader(file))
    assert [row['rank'] for row in rows] == ['1', '2', '3']
    assert [row['class'] for row in rows] == [CLASSES[1], 'left', CLASSES[2]]
    assert float(rows[0]['probability']) == 0.7
    assert {row['error'] for row in rows} == {''}


def test_failures_stand_in_every_form():
    both = Recognitions([recognition()], [Failure('b.mp4', 'net', 'it is a text')])
    assert len(both) == 1
    assert both.failed[0].source == 'b.mp4'
    assert json.loads(both.to_json())[1] == {
        'source': 'b.mp4',
        'model': 'net',
        'error': 'it is a text',
    }
    rows = list(csv.DictReader(both.to_csv().splitlines()))
    assert [(row['source'], row['rank'], row['error']) for row in rows] == [
        ('a.mp4', '1', ''),
        ('a.mp4', '2', ''),
        ('b.mp4', '', 'it is a text'),
    ]
    assert str(both).endswith('b.mp4\n  not recognised: it is a text')
