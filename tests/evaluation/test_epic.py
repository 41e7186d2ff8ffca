"""EPIC-Kitchens-100's metrics, against a case worked out by hand and the organisers' figures."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from mmgsf.evaluation.epic import epic_metrics, rank_actions
from mmgsf.evaluation.epic_annotations import read_groups, read_truth

SHARED = Path('..') / 'shared'
ANNOTATIONS = SHARED / 'annotations' / 'epic100'


def test_pairs_are_ranked_by_the_product_of_the_softmaxes():
    # 0.6 and 0.4 times 0.5, 0.35 and 0.15; raw scores may be shifted.
    verb = np.log([[0.6, 0.4]]) + 3
    noun = np.log([[0.5, 0.35, 0.15]]) - 7
    labels, scores = rank_actions(verb, noun, count=6)
    assert labels[0].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [0, 2], [1, 2]]
    assert scores[0] == pytest.approx([0.3, 0.21, 0.2, 0.14, 0.09, 0.06])


def test_pairs_beyond_those_there_are_are_marked():
    labels, scores = rank_actions(np.zeros((1, 2)), np.zeros((1, 1)), count=4)
    assert labels[0, 2:].tolist() == [[-1, -1], [-1, -1]]
    assert scores[0].tolist() == [0.5, 0.5, 0, 0]


def test_only_the_100_best_nouns_form_pairs():
    rng = np.random.default_rng(0)
    verb, noun = rng.normal(size=(2, 97)), rng.normal(size=(2, 300))
    labels, scores = rank_actions(verb, noun, count=97 * 300)
    assert (labels[:, 97 * 100 :] == -1).all()
    for row in range(2):
        assert set(labels[row, : 97 * 100, 1]) == set(np.argsort(-noun[row])[:100])
    assert (np.diff(scores) <= 0).all()


def test_seen_pairs_are_the_only_ones():
    verb, noun = np.log([[0.6, 0.4]]), np.log([[0.5, 0.35, 0.15]])
    labels, scores = rank_actions(verb, noun, count=3, seen_pairs={(1, 2), (0, 1)})
    assert labels[0].tolist() == [[0, 1], [1, 2], [-1, -1]]
    assert scores[0] == pytest.approx([0.21, 0.06, 0])


def test_blocks_of_rows_change_nothing():
    rng = np.random.default_rng(1)
    verb, noun = rng.normal(size=(600, 5)), rng.normal(size=(600, 7))
    labels, scores = rank_actions(verb, noun, count=9)
    for row in (0, 255, 256, 599):
        alone, its_scores = rank_actions(verb[row : row + 1], noun[row : row + 1], count=9)
        np.testing.assert_array_equal(labels[row], alone[0])
        np.testing.assert_array_equal(scores[row], its_scores[0])


def test_huge_scores_do_not_overflow():
    labels, scores = rank_actions(np.array([[1e4, -1e4]]), np.array([[0.0, 900.0]]), count=4)
    assert labels[0, 0].tolist() == [0, 1]
    assert scores[0].tolist() == [1, 0, 0, 0]


def scores_of_ranks(truth: list[int], ranks: list[int], classes: int, step: float) -> np.ndarray:
    """Scores (N, classes) that put each true class at its rank, from 0, `step` apart."""
    scores = np.zeros((len(truth), classes))
    for row, (label, rank) in enumerate(zip(truth, ranks, strict=True)):
        others = [other for other in range(classes) if other != label]
        order = [*others[:rank], label, *others[rank:]]
        scores[row, order] = -step * np.arange(classes)
    return scores


@pytest.fixture
def by_hand() -> dict:
    """Four segments whose true verb and noun stand at known ranks.

    Scores fall by 10 from verb to verb and by 11 from noun to noun, so the pairs' ranks are
    (0,0) (1,0) (0,1) (2,0) (1,1), and (0,2) is the sixth.
    """
    verbs, nouns = [0, 0, 1, 2], [0, 1, 1, 3]
    return {
        'verb': scores_of_ranks(verbs, [0, 1, 0, 5], 6, 10),
        'noun': scores_of_ranks(nouns, [0, 0, 2, 1], 7, 11),
        'verb_class': np.array(verbs),
        'noun_class': np.array(nouns),
        'unseen': np.array([False, False, True, True]),
        'tail_verbs': {2},
        'tail_nouns': {1},
    }


def test_metrics_worked_out_by_hand(by_hand):
    assert epic_metrics(**by_hand) == pytest.approx(
        {
            # The pairs stand at ranks (0,0), (1,0), (0,2) and (5,1).
            'all_action_accuracy_at_1': 25,
            'all_action_accuracy_at_5': 50,
            'all_verb_accuracy_at_1': 50,
            'all_verb_accuracy_at_5': 75,
            'all_noun_accuracy_at_1': 50,
            'all_noun_accuracy_at_5': 100,
            # The last two segments.
            'unseen_action_accuracy_at_1': 0,
            'unseen_action_accuracy_at_5': 0,
            'unseen_verb_accuracy_at_1': 50,
            'unseen_verb_accuracy_at_5': 50,
            'unseen_noun_accuracy_at_1': 0,
            'unseen_noun_accuracy_at_5': 100,
            # For verbs the last, for nouns the second and third, for actions these three.
            'tail_action_accuracy_at_1': 0,
            'tail_action_accuracy_at_5': 100 / 3,
            'tail_verb_accuracy_at_1': 0,
            'tail_verb_accuracy_at_5': 0,
            'tail_noun_accuracy_at_1': 50,
            'tail_noun_accuracy_at_5': 100,
            # Verbs 0, 1, 2: 1/2, 1, 0. Nouns 0, 1, 3: 1, 1/2, 0. Four actions: 1, 0, 0, 0.
            'all_action_mean_class_recall': 25,
            'all_verb_mean_class_recall': 50,
            'all_noun_mean_class_recall': 50,
        }
    )


def test_groups_without_segments_have_no_entry(by_hand):
    metrics = epic_metrics(**{**by_hand, 'unseen': None, 'tail_verbs': set(), 'tail_nouns': {6}})
    assert {key.split('_')[0] for key in metrics} == {'all'}


def test_restriction_to_seen_pairs_lifts_the_true_ones(by_hand):
    pairs = set(zip(by_hand['verb_class'], by_hand['noun_class'], strict=True))
    metrics = epic_metrics(**by_hand, seen_pairs=pairs)
    assert metrics['all_action_accuracy_at_5'] == 100
    assert metrics['all_verb_accuracy_at_1'] == 50


@pytest.mark.parametrize(
    ('changes', 'match'),
    [
        ({'verb': np.zeros((3, 6))}, r'verb scores of shape \(3, 6\).*same segments'),
        ({'noun': np.full((4, 7), np.nan)}, 'noun scores of row 0 are not finite.*4 such rows'),
        ({'verb_class': np.zeros(3)}, r'verb_class has shape \(3,\).*4 segments'),
        ({'seen_pairs': {(6, 0)}}, r'seen pair \(6, 0\) is outside 6 verbs and 7 nouns'),
    ],
)
def test_what_does_not_fit_is_refused(by_hand, changes, match):
    with pytest.raises(ValueError, match=match):
        epic_metrics(**{**by_hand, **changes})


def test_equals_the_organisers_figures():
    """Their own evaluation of random scores on the real validation split."""
    if not ANNOTATIONS.is_dir():
        message = f'{ANNOTATIONS} with the real annotations is not there'
        (pytest.fail if os.environ.get('CI') == 'true' else pytest.skip)(message)
    reference = json.loads((SHARED / 'reference' / 'epic100_metric.json').read_text())
    truth, groups = read_truth(ANNOTATIONS), read_groups(ANNOTATIONS)
    rows = np.arange(len(truth.narration_ids))
    scores = []
    for shift, labels, classes in ((0, truth.verb_class, 97), (1, truth.noun_class, 300)):
        rng = np.random.RandomState(reference['seed'] + shift)
        table = rng.standard_normal((len(rows), classes))
        table[rows, labels] += reference['boost']
        scores.append(table.astype(np.float32))
    unseen = np.isin(truth.participant_ids, list(groups.unseen_participants))
    metrics = epic_metrics(
        *scores, truth.verb_class, truth.noun_class, unseen, groups.tail_verbs, groups.tail_nouns
    )
    assert len(rows) == 9668
    assert {key: metrics[key] for key in reference['metrics']} == pytest.approx(
        reference['metrics'], abs=1e-6, rel=0
    )
