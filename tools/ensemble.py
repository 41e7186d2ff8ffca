"""Sums the raw scores of dumps (tools/test.py CONFIG CHECKPOINT --dump FILE.npz) and measures them.

python tools/ensemble.py A.npz B.npz --weights 1 2 --per-class --confused --gains-over A.npz
"""

import argparse

import numpy as np

from mmgsf.evaluation.ensemble import (
    accuracies,
    aligned,
    class_accuracies,
    confused_pairs,
    summed,
)
from mmgsf.evaluation.score_dump import ScoreDump, read_dump
from mmgsf.programs import add_debug, run


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('dumps', nargs='+', metavar='DUMP', help='.npz of raw scores')
    parser.add_argument('--weights', nargs='+', type=float, help='one for each dump (default 1)')
    parser.add_argument('--per-class', action='store_true', help='print the accuracy of each class')
    parser.add_argument(
        '--confused',
        type=int,
        nargs='?',
        const=10,
        default=0,
        metavar='N',
        help='print the N most confused pairs of classes (10)',
    )
    parser.add_argument(
        '--gains-over', metavar='DUMP', help='print what each class gains over this dump'
    )
    add_debug(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    sources = [*args.dumps, *([args.gains_over] if args.gains_over else [])]
    dumps = aligned([read_dump(source) for source in sources], sources)
    models = dumps[: len(args.dumps)]
    scores, labels = summed(models, args.weights), dumps[0].labels
    names = class_labels(dumps)
    print(f'{len(labels)} videos, {scores.shape[1]} classes, percent')
    titles = [f'{s} {dump.protocol}'.rstrip() for s, dump in zip(args.dumps, models, strict=True)]
    width = max(map(len, [*titles, 'sum']))
    print(f'{"":{width}}   top-1   top-5  mean class')
    for title, dump in zip(titles, models, strict=True):
        print_accuracies(f'{title:{width}}', dump.scores, labels)
    if len(models) > 1:
        print_accuracies(f'{"sum":{width}}', scores, labels)
    if args.per_class:
        print_classes(scores, labels, names)
    if args.confused:
        print_confused(scores, labels, names, args.confused)
    if args.gains_over:
        print_gains(scores, dumps[-1].scores, labels, names, args.gains_over)


def class_labels(dumps: list[ScoreDump]) -> list[str]:
    """Label and name of each class, from the first dump that has names."""
    known = next((dump.classes for dump in dumps if dump.classes), None)
    labels = range(dumps[0].scores.shape[1])
    return [f'{label} {known[label]}' if known else f'{label}' for label in labels]


def print_accuracies(name: str, scores: np.ndarray, labels: np.ndarray) -> None:
    values = accuracies(scores, labels)
    print(f'{name}  {values["top1"]:6.2f}  {values["top5"]:6.2f}      {values["mean_class"]:6.2f}')


def print_classes(scores: np.ndarray, labels: np.ndarray, names: list[str]) -> None:
    counts = np.bincount(labels, minlength=len(names))
    print('\nvideos   top-1  class')
    for name, count, value in zip(names, counts, class_accuracies(scores, labels), strict=True):
        print(f'{count:6}  {value:6.2f}  {name}' if count else f'{count:6}       -  {name}')


def print_confused(scores: np.ndarray, labels: np.ndarray, names: list[str], count: int) -> None:
    totals = np.bincount(labels, minlength=len(names))
    print('\nvideos  of class  taken for')
    for true, taken, number in confused_pairs(scores, labels, count):
        share = 100 * number / totals[true]
        print(f'{number:6}  {share:5.1f} %   {names[true]} -> {names[taken]}')


def print_gains(
    scores: np.ndarray, baseline: np.ndarray, labels: np.ndarray, names: list[str], source: str
) -> None:
    before, after = class_accuracies(baseline, labels), class_accuracies(scores, labels)
    gains = after - before
    print(f'\n   gain  before   after  class, over {source}')
    # nan, a class without videos, comes last and is left out.
    for label in np.argsort(-gains, kind='stable')[: int(np.isfinite(gains).sum())]:
        print(f'{gains[label]:+7.2f}  {before[label]:6.2f}  {after[label]:6.2f}  {names[label]}')


if __name__ == '__main__':
    run(main, parse_args())
