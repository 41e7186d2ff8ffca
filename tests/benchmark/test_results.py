"""Results come back from their file as they were, and other files are refused."""

import json

import pytest

from mmgsf.benchmark.results import read_results, write_results

from . import made


def test_round_trip(tmp_path):
    file = tmp_path / 'results.json'
    write_results(file, made.results())
    assert read_results(file) == {'version': 1, **made.results()}
    # A row a line, for a readable difference.
    assert sum('"name"' in line for line in file.read_text().splitlines()) == 12


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('{', 'is no JSON'),
        ('[]', 'no results of version 1'),
        (json.dumps({'version': 2}), 'no results of version 1'),
        (json.dumps({'version': 1, 'model': {}}), r"lacks \['machine', 'command'\]"),
        (json.dumps({'version': 1, 'machine': {}, 'command': ''}), 'lacks all of model'),
    ],
)
def test_other_files_are_refused(tmp_path, text, message):
    file = tmp_path / 'results.json'
    file.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_results(file)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'none.json is not there; write it with'):
        read_results(tmp_path / 'none.json')
