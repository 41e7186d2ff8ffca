"""Writes the zip for EPIC-Kitchens-100's action recognition challenge, or checks one.

python tools/epic_submission.py SCORES.npz ANNOTATION_DIR OUT.zip
python tools/epic_submission.py --check FILE.zip ANNOTATION_DIR
"""

import argparse

from mmgsf.evaluation.epic_annotations import read_test_ids
from mmgsf.evaluation.epic_scores import read_epic_scores
from mmgsf.evaluation.epic_submission import check_submission, write_submission
from mmgsf.programs import add_debug, run

LEVELS = {'pt': 'pre-training', 'tl': 'training labels', 'td': 'training data'}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'paths', nargs='+', metavar='PATH', help='SCORES.npz ANNOTATION_DIR OUT.zip'
    )
    parser.add_argument('--check', metavar='FILE.zip', help='check this file; PATH: ANNOTATION_DIR')
    for name, what in LEVELS.items():
        parser.add_argument(
            f'--sls-{name}',
            type=int,
            choices=range(6),
            default=0,
            help=f'level of supervision of the {what}, as the challenge defines it (default 0)',
        )
    add_debug(parser)
    args = parser.parse_args()
    if len(args.paths) != (1 if args.check else 3):
        parser.error('give SCORES.npz ANNOTATION_DIR OUT.zip, or --check FILE.zip ANNOTATION_DIR')
    return args


def main(args: argparse.Namespace) -> None:
    if args.check:
        segments = read_test_ids(args.paths[0])
        levels = check_submission(args.check, segments)
        print(f'{args.check}: {len(segments)} segments, sound; it declares {levels}')
        return
    source, annotation_dir, target = args.paths
    segments = read_test_ids(annotation_dir)
    levels = {f'sls_{name}': getattr(args, f'sls_{name}') for name in LEVELS}
    write_submission(target, read_epic_scores(source), segments, **levels)
    print(f'{target}: {len(segments)} segments, checked; it declares {levels}')


if __name__ == '__main__':
    run(main, parse_args())
