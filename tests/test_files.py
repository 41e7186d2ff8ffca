"""Files are whole or not there; only the generated part of one is replaced."""

import subprocess
import sys

import pytest

from mmgsf.files import replaced, replacing


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


def test_one_process_at_a_time_changes_what_is_locked(tmp_path):
    path = tmp_path / 'count'
    path.write_text('0')
    program = (
        'import sys; from pathlib import Path; from mmgsf.files import locked, replacing\n'
        'path = Path(sys.argv[1])\n'
        'for _ in range(200):\n'
        '    with locked(path.parent):\n'
        '        new = str(int(path.read_text()) + 1)\n'
        '        with replacing(path) as beside: beside.write_text(new)\n'
    )
    processes = [subprocess.Popen([sys.executable, '-c', program, path]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert path.read_text() == '600'


def test_only_the_lines_between_the_marks_are_replaced():
    text = 'a\n<!-- t -->\nold\n<!-- end of t -->\nb\n'
    new = replaced(text, 't', [r'\1', 'two'])
    assert new == 'a\n<!-- t -->\n\\1\ntwo\n<!-- end of t -->\nb\n'
    assert replaced(new, 't', ['old']) == text


@pytest.mark.parametrize('text', ['none', '<!-- t -->\n<!-- end of t -->\n' * 2])
def test_marks_must_be_there_once(text):
    with pytest.raises(ValueError, match='there must be 1'):
        replaced(text, 't', [])
