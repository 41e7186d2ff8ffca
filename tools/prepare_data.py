"""Makes what the configs read, from a provider's own files or, for CameraMotion, from nothing."""

import argparse
import sys

from mmgsf.datasets.preparation import PROVIDERS, scan_dataset


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
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
    motion = datasets.add_parser('camera_motion', help='CameraMotion: videos and lists')
    motion.add_argument('root', help='folder to write, for example data/camera_motion')
    motion.add_argument('--seed', type=int, default=0, help='another seed gives other clips')
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

        CameraMotion(seed=args.seed).write(args.root, force=args.force)
        return
    preparation = scan_dataset(args.dataset, args.root, args.workers)
    print(preparation.report.text())
    preparation.write(args.max_missing)


if __name__ == '__main__':
    try:
        main(parse_args())
    except (ValueError, OSError, ImportError) as error:
        sys.exit(f'error: {error}')
    except KeyboardInterrupt:
        sys.stderr.write('interrupted; the same command goes on where this one stopped\n')
        sys.exit(130)
