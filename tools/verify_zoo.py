"""Verifies models of the zoo index: fetches the file, compares it, and tests it again as the entry says.

Exit code 0: nothing differs; 1: something does, or could not be verified. Results on videos that do
not come with the project are left out unless --videos has them.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from mmgsf.programs import ERRORS, add_debug, run


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument('name', nargs='?', help='of a model')
    which.add_argument('--all', action='store_true', help='every model that has weights')
    parser.add_argument('--weights', type=Path, help='this file, not the published one')
    parser.add_argument('--videos', nargs='+', type=Path, help='of standing cameras, or folders')
    parser.add_argument(
        '--tolerance',
        type=int,
        metavar='CLIPS',
        help='clips that may be judged otherwise (default: 0 in the environment of the log, else 1)',
    )
    add_debug(parser)
    args = parser.parse_args()
    if args.all and args.weights:
        parser.error('--weights is of one model; give its name')
    return args


def main(args: argparse.Namespace) -> int:
    from mmgsf import compat

    compat.hush_dependencies()
    compat.prepare_configs()
    import mmgsf.register  # noqa: F401, I001
    from mmgsf.apis.hub import list_models
    from mmgsf.evaluation.judge_footage import find_videos
    from mmgsf.publishing.verify import Options, verify

    videos = find_videos(args.videos) if args.videos else ()
    options = Options(args.weights, videos, args.tolerance)
    if not args.all:
        return 0 if show(args.name, verify(args.name, options)) else 1
    passed = []
    for name in list_models(pretrained=True):
        try:
            passed.append(show(name, verify(name, options)))
        except ERRORS as error:
            if args.debug:
                raise
            passed.append(False)
            sys.stderr.write(f'error: {name}: {" ".join(str(error).split())}\n')
    return 0 if all(passed) else 1


def show(name: str, rows: Iterable) -> bool:
    """Prints the comparisons of a model as they come; whether none differs."""
    print(name)
    passed = True
    verdicts = {True: 'equal', False: 'DIFFERS', None: '-'}
    for row in rows:
        verdict = verdicts[row.is_equal]
        line = f'  {verdict:8} {row.what:60} {row.entry:22} {row.found:22} {row.remark}'
        print(line.rstrip(), flush=True)
        passed = passed and row.is_equal is not False
    return passed


if __name__ == '__main__':
    arguments = parse_args()
    sys.exit(run(main, arguments))
