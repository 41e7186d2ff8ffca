"""Re-encodes a folder of videos so that a trainer reads random frames of them several times faster.

python tools/reencode.py SRC_DIR DST_DIR

The tree of SRC_DIR becomes one of mp4 files in DST_DIR; the originals stay as they are. A file keeps
the number and the order of its frames. An interrupted run is gone on with by the same command.
docs/decoding.md tells what is gained, and what the settings cost.
"""

import argparse
import json
import os
from pathlib import Path

from mmgsf.datasets.lists import write_lines
from mmgsf.datasets.preparation.encoder import Encoding
from mmgsf.datasets.preparation.reencode import reencode_folder
from mmgsf.programs import add_debug, run

REPORT = 'reencoding_report.json'


AGAIN = 'interrupted; the same command goes on where this one stopped'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', metavar='SRC_DIR', help='folder with videos')
    parser.add_argument('target', metavar='DST_DIR', help='folder to write, outside SRC_DIR')
    parser.add_argument(
        '--workers',
        type=int,
        default=os.cpu_count() or 1,
        help='processes; default: one for each CPU',
    )
    parser.add_argument(
        '--short-side',
        type=int,
        default=Encoding.short_side,
        help='pixels (default: %(default)s); smaller videos keep their size',
    )
    parser.add_argument(
        '--gop',
        type=int,
        default=Encoding.gop,
        help='frames from one key frame to the next (default: %(default)s); more are smaller '
        'files and slower to read',
    )
    parser.add_argument(
        '--crf',
        type=int,
        default=Encoding.crf,
        help="x264's quality, 0 (best) to 51 (default: %(default)s)",
    )
    parser.add_argument(
        '--max-failed',
        type=float,
        default=0.05,
        help='share of the videos, 0 to 1, that may fail before the exit code says so '
        '(default: %(default)s)',
    )
    add_debug(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    if not 0 <= args.max_failed <= 1:
        raise ValueError(f'--max-failed {args.max_failed:g}: it is a share; take one from 0 to 1')
    encoding = Encoding(args.short_side, args.gop, args.crf)
    result = reencode_folder(args.source, args.target, encoding, args.workers)
    report = json.dumps(result.as_json(), indent=1, ensure_ascii=False)
    write_lines(Path(args.target, REPORT), report.splitlines())
    print(result.text())
    if result.share_failed > args.max_failed:
        raise ValueError(
            f'{len(result.failed)} of {result.videos} videos failed, more than --max-failed '
            f'{args.max_failed:g}; {args.target}/{REPORT} names all with the reasons'
        )


if __name__ == '__main__':
    run(main, parse_args(), AGAIN)
