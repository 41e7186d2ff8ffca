"""tools/epic_eval.py and tools/epic_submission.py, on the organisers' files in small."""

import json

import numpy as np
import pytest

from mmgsf.evaluation.epic_scores import EpicScores, write_epic_scores

from ..epic_tree import SEGMENTS, write_annotations
from .running import ROOT, run

EVAL, SUBMISSION = ROOT / 'tools/epic_eval.py', ROOT / 'tools/epic_submission.py'


def one_hot(labels: list[int], classes: int) -> np.ndarray:
    return np.eye(classes)[labels]


@pytest.fixture
def folder(tmp_path):
    """Annotations, and scores that are right but for the noun of P02_03_1; rows reversed."""
    write_annotations(tmp_path / 'annotations')
    verb, noun = one_hot([0, 10, 1], 97), one_hot([2, 4, 57], 300)
    ids = [segment.narration_id for segment in SEGMENTS['validation']]
    write_epic_scores(tmp_path / 'val.npz', EpicScores(verb[::-1], noun[::-1], ids[::-1]))
    ids = [segment.narration_id for segment in SEGMENTS['test']]
    write_epic_scores(tmp_path / 'test.npz', EpicScores(verb[:2], noun[:2], ids))
    return tmp_path


def test_metrics_as_json(folder):
    metrics = json.loads(run('python', EVAL, 'val.npz', 'annotations', '--json', cwd=folder))
    assert metrics['all_verb_accuracy_at_1'] == 100
    assert metrics['all_noun_accuracy_at_1'] == pytest.approx(200 / 3)
    assert metrics['unseen_action_accuracy_at_1'] == 50
    assert metrics['tail_verb_accuracy_at_1'] == 100
    assert metrics['tail_noun_accuracy_at_1'] == 0
    assert metrics['tail_action_accuracy_at_1'] == 50


def test_table(folder):
    lines = run('python', EVAL, 'val.npz', 'annotations', cwd=folder).splitlines()
    assert lines[0] == '3 segments, percent'
    assert lines[1].split() == ['verb', 'noun', 'action']
    assert lines[2].split() == ['overall', 'top-1', '100.00', '66.67', '66.67']
    assert lines[6].split() == ['tail', 'classes', 'top-1', '100.00', '0.00', '50.00']


def test_seen_pairs(folder):
    output = run('python', EVAL, 'val.npz', 'annotations', '--json', '--seen-pairs', cwd=folder)
    # Of the true pairs only (0, 2) occurs in training.
    assert json.loads(output)['all_action_accuracy_at_5'] == pytest.approx(100 / 3)


def test_submission_is_written_and_checked(folder):
    written = run(
        *('python', SUBMISSION, 'test.npz', 'annotations', 'out.zip'),
        *('--sls-pt', 1, '--sls-tl', 2, '--sls-td', 3),
        cwd=folder,
    )
    assert written.startswith('out.zip: 2 segments, checked')
    checked = run('python', SUBMISSION, '--check', 'out.zip', 'annotations', cwd=folder)
    assert checked == (
        "out.zip: 2 segments, sound; it declares {'sls_pt': 1, 'sls_tl': 2, 'sls_td': 3}\n"
    )


@pytest.mark.parametrize(
    ('command', 'message'),
    [
        ((EVAL, 'test.npz', 'annotations'), "3 narration ids are missing, first 'P01_102_0'"),
        ((EVAL, 'none.npz', 'annotations'), 'none.npz is not there'),
        ((EVAL, 'val.npz', 'nowhere'), 'EPIC_100_validation.csv is not there'),
        ((SUBMISSION, 'val.npz', 'annotations', 'out.zip'), "are missing, first 'P03_01_0'"),
        ((SUBMISSION, 'test.npz', 'annotations', 'out.tar'), 'name the file .zip'),
        ((SUBMISSION, '--check', 'val.npz', 'annotations'), 'is no zip with a sound test.json'),
    ],
)
def test_errors_are_one_line(folder, command, message):
    output = run('python', *command, cwd=folder, code=1)
    assert output.startswith('error: ')
    assert message in output
    assert len(output.splitlines()) == 1
    assert not (folder / 'out.zip').exists()


def test_wrong_use(folder):
    assert 'give SCORES.npz' in run('python', SUBMISSION, 'test.npz', cwd=folder, code=2)
