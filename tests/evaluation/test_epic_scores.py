"""Scores are matched with segments by narration id; what does not match is named."""

import numpy as np
import pytest

from mmgsf.evaluation.epic_scores import EpicScores, read_epic_scores, write_epic_scores

IDS = ['P01_1_0', 'P01_1_1', 'P02_1_0']


@pytest.fixture
def scores() -> EpicScores:
    rng = np.random.default_rng(0)
    return EpicScores(rng.normal(size=(3, 97)), rng.normal(size=(3, 300)), list(IDS))


def test_file_gives_back_what_was_written(tmp_path, scores):
    write_epic_scores(tmp_path / 'a.npz', scores)
    again = read_epic_scores(tmp_path / 'a.npz')
    np.testing.assert_array_equal(again.verb, scores.verb)
    np.testing.assert_array_equal(again.noun, scores.noun)
    assert again.narration_ids == IDS


def test_ids_as_bytes_are_text(tmp_path, scores):
    np.savez(
        tmp_path / 'a.npz', verb=scores.verb, noun=scores.noun, narration_id=np.array(IDS, 'S')
    )
    assert read_epic_scores(tmp_path / 'a.npz').narration_ids == IDS


def test_rows_follow_the_ids(scores):
    order = [IDS[2], IDS[0], IDS[1]]
    sorted_scores = scores.of(order)
    np.testing.assert_array_equal(sorted_scores.verb, scores.verb[[2, 0, 1]])
    np.testing.assert_array_equal(sorted_scores.noun, scores.noun[[2, 0, 1]])
    assert sorted_scores.narration_ids == order


@pytest.mark.parametrize(
    ('ids', 'match'),
    [
        ([IDS[0], IDS[0], IDS[2]], r"1 narration ids are there more than once, first 'P01_1_0'"),
        ([IDS[0], 'P09_1_0', IDS[2]], r"1 narration ids are missing, first 'P01_1_1'"),
    ],
)
def test_wrong_ids_are_named(scores, ids, match):
    with pytest.raises(ValueError, match=match):
        EpicScores(scores.verb, scores.noun, ids).of(IDS)


def test_surplus_ids_are_named(scores):
    with pytest.raises(ValueError, match=r"1 narration ids are no segments.*'P01_1_1'"):
        scores.of([IDS[0], IDS[2]])


@pytest.mark.parametrize(
    ('array', 'value', 'match'),
    [
        ('verb', np.zeros((3, 96)), r'verb has shape \(3, 96\).*\(3, 97\)'),
        ('noun', np.zeros((2, 300)), r'noun has shape \(2, 300\).*\(3, 300\)'),
        ('noun', np.zeros((3, 300), complex), 'noun .* type complex'),
        ('verb', np.full((3, 97), np.inf), 'verb is not finite in row 0'),
        ('narration_id', np.arange(3), 'narration_id has .* type int64; give .* str'),
    ],
)
def test_wrong_arrays_are_refused(tmp_path, scores, array, value, match):
    arrays = {'verb': scores.verb, 'noun': scores.noun, 'narration_id': np.array(IDS)}
    np.savez(tmp_path / 'a.npz', **{**arrays, array: value})
    with pytest.raises(ValueError, match=match):
        read_epic_scores(tmp_path / 'a.npz')
