"""Dumps come back as they were written; parts that do not belong together are refused."""

import numpy as np
import pytest

from mmgsf.evaluation.score_dump import ScoreDump, read_dump, write_dump


def parts(**changes) -> dict:
    return {
        'names': ['a b.mp4', 'é/c.mp4'],
        'labels': np.array([1, 0]),
        'scores': np.array([[0.5, 2.0, -1.0], [3.0, 0.0, 0.0]], dtype=np.float32),
        'classes': ['x', 'y', 'z z'],
        **changes,
    }


@pytest.mark.parametrize(('classes', 'protocol'), [(['x', 'y', 'z z'], '2x3'), ([], '')])
def test_file_gives_back_what_was_written(tmp_path, classes, protocol):
    dump = ScoreDump(**parts(classes=classes, protocol=protocol))
    write_dump(tmp_path / 'a.npz', dump)
    again = read_dump(tmp_path / 'a.npz')
    assert again.names == dump.names
    assert (again.classes, again.protocol) == (classes, protocol)
    assert again.scores.dtype == np.float32
    np.testing.assert_array_equal(again.scores, dump.scores)
    np.testing.assert_array_equal(again.labels, dump.labels)


def test_dump_of_another_program_needs_no_protocol(tmp_path):
    np.savez(tmp_path / 'a.npz', **parts())
    assert read_dump(tmp_path / 'a.npz').protocol == ''


@pytest.mark.parametrize(
    ('changes', 'match'),
    [
        ({'labels': np.array([1])}, r'2 names, labels of shape \(1,\)'),
        ({'scores': np.zeros((3, 3))}, r'scores of shape \(3, 3\) do not belong together'),
        ({'classes': ['x', 'y']}, '2 class names for scores of 3 classes'),
        ({'labels': np.array([1, 3])}, r"label 3 of 'é/c\.mp4' is outside 0\.\.2"),
        ({'labels': np.array([-2, 0])}, r"label -2 of 'a b\.mp4'"),
        ({'names': ['a', 'a']}, "1 videos are there more than once, first 'a'"),
        ({'scores': np.array([[1, 2, 3], [1, np.nan, 2]])}, 'the scores of .* are not finite'),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, match):
    with pytest.raises(ValueError, match=match):
        ScoreDump(**parts(**changes))


def test_faults_of_a_file_name_the_file(tmp_path):
    path = tmp_path / 'a.npz'
    np.savez(path, **parts(labels=np.array([1, 9])))
    with pytest.raises(ValueError, match=r'a\.npz: label 9 of'):
        read_dump(path)
    np.savez(path, **parts(labels=np.array([1.0, 0.0])))
    with pytest.raises(ValueError, match=r'a\.npz: labels are float64'):
        read_dump(path)
