"""Scores EPIC-Kitchens-100's validation split as the organisers do."""

import argparse
import json

import numpy as np

from mmgsf.evaluation.epic import epic_metrics
from mmgsf.evaluation.epic_annotations import read_groups, read_seen_pairs, read_truth
from mmgsf.evaluation.epic_scores import read_epic_scores
from mmgsf.programs import add_debug, run

TASKS = ('verb', 'noun', 'action')
ROWS = {
    'overall top-1': 'all_{}_accuracy_at_1',
    'overall top-5': 'all_{}_accuracy_at_5',
    'unseen participants top-1': 'unseen_{}_accuracy_at_1',
    'unseen participants top-5': 'unseen_{}_accuracy_at_5',
    'tail classes top-1': 'tail_{}_accuracy_at_1',
    'tail classes top-5': 'tail_{}_accuracy_at_5',
    'mean class recall': 'all_{}_mean_class_recall',
}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('scores', help='.npz with the arrays verb, noun and narration_id')
    parser.add_argument('annotation_dir', help="folder with the organisers' EPIC_100_*.csv")
    parser.add_argument('--json', action='store_true', help='print the metrics as JSON')
    parser.add_argument(
        '--seen-pairs',
        action='store_true',
        help='rank only actions that occur in EPIC_100_train.csv; the challenge does not',
    )
    add_debug(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    truth, groups = read_truth(args.annotation_dir), read_groups(args.annotation_dir)
    seen_pairs = read_seen_pairs(args.annotation_dir) if args.seen_pairs else None
    scores = read_epic_scores(args.scores).of(truth.narration_ids)
    metrics = epic_metrics(
        scores.verb,
        scores.noun,
        truth.verb_class,
        truth.noun_class,
        np.isin(truth.participant_ids, list(groups.unseen_participants)),
        groups.tail_verbs,
        groups.tail_nouns,
        seen_pairs,
    )
    if args.json:
        print(json.dumps(metrics, indent=1))
        return
    print(f'{len(truth.narration_ids)} segments, percent')
    print(f'{"":26}{"".join(f"{task:>9}" for task in TASKS)}')
    for name, key in ROWS.items():
        cells = [metrics.get(key.format(task)) for task in TASKS]
        print(f'{name:26}{"".join("        -" if c is None else f"{c:9.2f}" for c in cells)}')


if __name__ == '__main__':
    run(main, parse_args())
