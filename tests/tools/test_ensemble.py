"""tools/ensemble.py, on dumps of four videos."""

import numpy as np
import pytest

from mmgsf.evaluation.score_dump import ScoreDump, write_dump

from .running import ROOT, run

ENSEMBLE = ROOT / 'tools/ensemble.py'


@pytest.fixture
def folder(tmp_path):
    """a.npz is right on 2 of 4 videos, b.npz on 3, both together on all."""
    names, labels, classes = ['p', 'q', 'r', 's'], np.array([0, 0, 1, 2]), ['x', 'y', 'z z', 'none']
    a = np.array([[3, 0, 0, 0], [0, 2, 0, 0], [0, 3, 0, 0], [0, 1, 0, 0]])
    b = np.array([[0, 1, 0, 0], [4, 0, 0, 0], [0, 1, 0, 0], [0, 0, 5, 0]])
    write_dump(tmp_path / 'a.npz', ScoreDump(names, labels, a, classes))
    reversed_b = ScoreDump(names[::-1], labels[::-1], b[::-1], classes, protocol='2x3')
    write_dump(tmp_path / 'b.npz', reversed_b)
    write_dump(tmp_path / 'c.npz', ScoreDump(names, labels, b, classes[::-1]))
    return tmp_path


def ensemble(folder, *arguments: object, code: int = 0) -> list[list[str]]:
    output = run('python', ENSEMBLE, *arguments, cwd=folder, code=code)
    return [line.split() for line in output.splitlines()]


def test_each_model_and_the_sum(folder):
    lines = ensemble(folder, 'a.npz', 'b.npz')
    assert lines[0] == ['4', 'videos,', '4', 'classes,', 'percent']
    assert lines[2:] == [
        ['a.npz', '50.00', '100.00', '50.00'],
        ['b.npz', '2x3', '75.00', '100.00', '83.33'],
        ['sum', '100.00', '100.00', '100.00'],
    ]


def test_weights(folder):
    lines = ensemble(folder, 'a.npz', 'b.npz', '--weights', 10, 1)
    assert lines[4] == ['sum', '50.00', '100.00', '50.00']


def test_classes_and_confused_pairs(folder):
    lines = ensemble(folder, 'a.npz', '--per-class', '--confused', 1)
    assert lines[4:9] == [
        ['videos', 'top-1', 'class'],
        ['2', '50.00', '0', 'x'],
        ['1', '100.00', '1', 'y'],
        ['1', '0.00', '2', 'z', 'z'],
        ['0', '-', '3', 'none'],
    ]
    assert lines[10:] == [
        ['videos', 'of', 'class', 'taken', 'for'],
        ['1', '50.0', '%', '0', 'x', '->', '1', 'y'],
    ]


def test_gains_over_another_dump(folder):
    lines = ensemble(folder, 'a.npz', 'b.npz', '--gains-over', 'a.npz')
    assert lines[6:] == [
        ['gain', 'before', 'after', 'class,', 'over', 'a.npz'],
        ['+100.00', '0.00', '100.00', '2', 'z', 'z'],
        ['+50.00', '50.00', '100.00', '0', 'x'],
        ['+0.00', '100.00', '100.00', '1', 'y'],
    ]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (('a.npz', 'c.npz'), "a.npz and c.npz differ in class 0: 'x' and 'none'"),
        (('a.npz', 'none.npz'), 'none.npz is not there'),
        (('a.npz', 'b.npz', '--weights', '1'), 'for 2 dumps: give a number for each'),
        (('a.npz', '--gains-over', 'c.npz'), 'a.npz and c.npz differ in class 0'),
    ],
)
def test_errors_are_one_line(folder, arguments, message):
    output = run('python', ENSEMBLE, *arguments, cwd=folder, code=1)
    assert output.startswith('error: ')
    assert message in output
    assert len(output.splitlines()) == 1
