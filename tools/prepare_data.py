"""Makes what the configs read, from a provider's own files or, for CameraMotion, from nothing.

With --reencode (ssv2, k400, diving48) copies of the videos that are several times faster to read, and
lists of them, come into ROOT/reencoded as well. The originals and their lists stay as they are. Once
the copies are complete the configs read them; rename or remove ROOT/reencoded to read the originals.
docs/decoding.md tells what is gained and what it costs.
"""

import argparse
import sys

from mmgsf.datasets.preparation import PROVIDERS, Encoding, scan_dataset

# The others are frame folders, or segments that are encoded anyway.
REENCODED = ('ssv2', 'k400', 'diving48')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    datasets = parser.add_subparsers(dest='dataset', required=True)
    for name in PROVIDERS:
        command = datasets.add_parser(name, help="lists and a report from the provider's files")
        command.add_argument('root', help="folder with the provider's files")
        command.add_argument('--workers', type=int, help='processes; default: one for each CPU')
        command.add_argument(
            '--max-missing',
            type=share,
            default=0.05,
            help="share of a split's clips, 0 to 1, that may be missing or unreadable "
            '(default: 0.05)',
        )
        command.set_defaults(reencode=False)
        if name in REENCODED:
            command.add_argument(
                '--reencode',
                action='store_true',
                help='also write copies that are faster to read, to ROOT/reencoded',
            )
    motion = datasets.add_parser('camera_motion', help='CameraMotion: videos and lists')
    motion.add_argument('root', help='folder to write, for example data/camera_motion')
    motion.add_argument('--seed', type=int, default=0, help='another seed gives other clips')
    motion.add_argument(
        '--setting',
        choices=['photograph', 'footage'],
        default='photograph',
        help='footage: with moving subjects, shake, noise, blur and compression (harder)',
    )
    motion.add_argument('--force', action='store_true', help='replace a set of other parameters')
    return parser.parse_args()


def share(text: str) -> float:
    """Refused before the scan, which may take hours."""
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def main(args: argparse.Namespace) -> None:
    if args.dataset == 'camera_motion':
        # Not on top: every worker of a scan would import OpenCV with it.
        from mmgsf.datasets import CameraMotion

        CameraMotion(seed=args.seed, setting=args.setting).write(args.root, force=args.force)
        return
    preparation = scan_dataset(args.dataset, args.root, args.workers)
    print(preparation.report.text())
    preparation.write(args.max_missing)
    if args.reencode:
        reencoded = scan_dataset(args.dataset, args.root, args.workers, Encoding())
        print(f're-encoded:\n{reencoded.report.text()}')
        reencoded.write(args.max_missing)
        print(f'the configs now read {reencoded.root}')


if __name__ == '__main__':
    try:
        main(parse_args())
    except (ValueError, OSError, ImportError) as error:
        sys.exit(f'error: {error}')
    except KeyboardInterrupt:
        sys.stderr.write('interrupted; the same command goes on where this one stopped\n')
        sys.exit(130)
