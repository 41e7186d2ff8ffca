"""Action scores and metrics of EPIC-Kitchens-100, as the organisers compute them.

Rescaling Egocentric Vision (Damen et al., IJCV 2022, arXiv 2006.13256).
"""

from collections.abc import Collection, Iterator

import numpy as np

CANDIDATES = 100
TOP = (1, 5)
# Rows of pair scores that are held at once, 97 x 100 each.
ROWS = 256


def rank_actions(
    verb: np.ndarray,
    noun: np.ndarray,
    count: int = CANDIDATES,
    seen_pairs: Collection[tuple[int, int]] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The best pairs of a verb and a noun for each of N segments, best first.

    A pair scores the softmax of its verb times the softmax of its noun; only the 100 best verbs and
    the 100 best nouns of a segment form pairs.

    Args:
        verb: raw scores (N, verbs).
        noun: raw scores (N, nouns).
        count: pairs to give, at least 1.
        seen_pairs: the only pairs that may be given, usually those seen in training; None for all.

    Returns:
        Labels (N, count, 2), verb and noun, and scores (N, count) in [0, 1]. Where there are fewer
        pairs than `count`, the labels are -1 and the scores 0.

    Raises:
        ValueError: the scores are no two tables of as many rows, or not finite; a pair is outside
            them.
    """
    verb, noun = _checked(verb, noun)
    allowed = None
    if seen_pairs is not None:
        allowed = _table(seen_pairs, (verb.shape[1], noun.shape[1]))
    labels = np.full((len(verb), count, 2), -1)
    scores = np.zeros((len(verb), count))
    for rows in _slices(len(verb)):
        found, likely = _rank_some(verb[rows], noun[rows], count, allowed)
        labels[rows, : found.shape[1]] = found
        scores[rows, : found.shape[1]] = likely
    return labels, scores


def epic_metrics(
    verb: np.ndarray,
    noun: np.ndarray,
    verb_class: np.ndarray,
    noun_class: np.ndarray,
    unseen: np.ndarray | None = None,
    tail_verbs: Collection[int] | None = None,
    tail_nouns: Collection[int] | None = None,
    seen_pairs: Collection[tuple[int, int]] | None = None,
) -> dict[str, float]:
    """Accuracies and mean class recalls of N segments, in percent.

    Args:
        verb: raw scores (N, verbs).
        noun: raw scores (N, nouns).
        verb_class: labels (N,).
        noun_class: labels (N,).
        unseen: (N,) whether a segment's participant is unseen in training.
        tail_verbs: labels of the tail classes; given together with `tail_nouns`.
        tail_nouns: likewise.
        seen_pairs: as for `rank_actions`.

    Returns:
        `{all,unseen,tail}_{action,verb,noun}_accuracy_at_{1,5}` and
        `all_{action,verb,noun}_mean_class_recall`, the mean over the classes that occur of top-1
        within the class. A segment counts as tail for verbs if its verb is a tail class, for nouns
        likewise, for actions if either is. A group without segments has no entry.

    Raises:
        ValueError: the scores are no two tables of as many rows as there are labels, or not finite.
    """
    verb, noun = _checked(verb, noun)
    truth = {'verb': np.asarray(verb_class), 'noun': np.asarray(noun_class)}
    for task, labels in truth.items():
        if labels.shape != (len(verb),):
            raise ValueError(
                f'{task}_class has shape {labels.shape}, the scores are of {len(verb)} segments; '
                'give one label a segment'
            )
    hits = _hits(verb, noun, truth, seen_pairs)
    everyone = np.ones(len(verb), dtype=bool)
    groups = {'all': dict.fromkeys(hits, everyone)}
    if unseen is not None:
        groups['unseen'] = dict.fromkeys(hits, np.asarray(unseen, dtype=bool))
    if tail_verbs is not None and tail_nouns is not None:
        tail = {
            'verb': np.isin(truth['verb'], list(tail_verbs)),
            'noun': np.isin(truth['noun'], list(tail_nouns)),
        }
        groups['tail'] = {'action': tail['verb'] | tail['noun'], **tail}
    metrics = {
        f'{group}_{task}_accuracy_at_{k}': 100 * float(hits[task][chosen[task], :k].any(1).mean())
        for group, chosen in groups.items()
        for task in hits
        for k in TOP
        if chosen[task].any()
    }
    classes = {'action': truth['verb'] * noun.shape[1] + truth['noun'], **truth}
    for task, correct in hits.items():
        if len(verb):
            recall = _mean_class_recall(classes[task], correct[:, 0])
            metrics[f'all_{task}_mean_class_recall'] = recall
    return metrics


def _hits(
    verb: np.ndarray, noun: np.ndarray, truth: dict[str, np.ndarray], seen_pairs: Collection | None
) -> dict[str, np.ndarray]:
    """For each task (N, 5): whether the k-th best is the true one."""
    most = max(TOP)
    actions, _ = rank_actions(verb, noun, most, seen_pairs)
    return {
        'action': (actions == np.stack([truth['verb'], truth['noun']], -1)[:, None]).all(-1),
        'verb': _best(verb, most) == truth['verb'][:, None],
        'noun': _best(noun, most) == truth['noun'][:, None],
    }


def _mean_class_recall(labels: np.ndarray, correct: np.ndarray) -> float:
    _, index, count = np.unique(labels, return_inverse=True, return_counts=True)
    return 100 * float((np.bincount(index, weights=correct) / count).mean())


def _rank_some(
    verb: np.ndarray, noun: np.ndarray, count: int, allowed: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    verbs, nouns = _best(verb, CANDIDATES), _best(noun, CANDIDATES)
    likely_verbs = np.take_along_axis(_softmax(verb), verbs, 1)
    likely_nouns = np.take_along_axis(_softmax(noun), nouns, 1)
    grid = likely_verbs[:, :, None] * likely_nouns[:, None]  # (n, verbs, nouns)
    if allowed is not None:
        # Below every real pair, even one whose score is 0 by underflow.
        grid = np.where(allowed[verbs[:, :, None], nouns[:, None]], grid, -1.0)
    flat = grid.reshape(len(grid), -1)
    best = _best(flat, count)
    scores = np.take_along_axis(flat, best, 1)
    row, column = np.divmod(best, nouns.shape[1])
    labels = np.stack(
        [np.take_along_axis(verbs, row, 1), np.take_along_axis(nouns, column, 1)], axis=-1
    )
    labels[scores < 0] = -1
    return labels, scores.clip(0)


def _table(pairs: Collection[tuple[int, int]], shape: tuple[int, int]) -> np.ndarray:
    allowed = np.zeros(shape, dtype=bool)
    for verb, noun in pairs:
        if not (0 <= verb < shape[0] and 0 <= noun < shape[1]):
            raise ValueError(
                f'seen pair ({verb}, {noun}) is outside {shape[0]} verbs and {shape[1]} nouns; use '
                'scores and pairs of the same classes'
            )
        allowed[verb, noun] = True
    return allowed


def _best(scores: np.ndarray, count: int) -> np.ndarray:
    """Columns of the highest scores of each row, best first."""
    count = min(count, scores.shape[1])
    if count < scores.shape[1]:
        best = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    else:
        best = np.broadcast_to(np.arange(count), scores.shape)
    order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind='stable')
    return np.take_along_axis(best, order, 1)


def _softmax(scores: np.ndarray) -> np.ndarray:
    likely = np.exp(scores - scores.max(1, keepdims=True))
    return likely / likely.sum(1, keepdims=True)


def _slices(rows: int) -> Iterator[slice]:
    return (slice(start, start + ROWS) for start in range(0, rows, ROWS))


def _checked(verb: np.ndarray, noun: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    verb, noun = np.asarray(verb, dtype=np.float64), np.asarray(noun, dtype=np.float64)
    if verb.ndim != 2 or noun.ndim != 2 or len(verb) != len(noun):
        raise ValueError(
            f'verb scores of shape {verb.shape} and noun scores of shape {noun.shape}: both must be '
            '(segments, classes), of the same segments'
        )
    for name, scores in (('verb', verb), ('noun', noun)):
        wrong = np.flatnonzero(~np.isfinite(scores).all(1))
        if wrong.size:
            raise ValueError(
                f'{name} scores of row {wrong[0]} are not finite ({wrong.size} such rows); '
                'give raw scores without nan or infinity'
            )
    return verb, noun
