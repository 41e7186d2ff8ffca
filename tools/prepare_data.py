"""Makes what the configs read, from a provider's own files or, for CameraMotion, from nothing."""

import argparse
import sys

from mmgsf.datasets import CameraMotion, write_ssv2_lists


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    datasets = parser.add_subparsers(dest='dataset', required=True)
    ssv2 = datasets.add_parser('ssv2', help='Something-Something V2: lists of the videos')
    ssv2.add_argument('root', help="folder with the provider's files, for example data/sthv2")
    motion = datasets.add_parser('camera_motion', help='CameraMotion: videos and lists')
    motion.add_argument('root', help='folder to write, for example data/camera_motion')
    motion.add_argument('--seed', type=int, default=0, help='another seed gives other clips')
    motion.add_argument('--force', action='store_true', help='replace a set of other parameters')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    if args.dataset == 'camera_motion':
        CameraMotion(seed=args.seed).write(args.root, force=args.force)
        return
    for split, (written, missing) in write_ssv2_lists(args.root).items():
        print(f'{split}: {written} videos, {missing} missing')


if __name__ == '__main__':
    try:
        main(parse_args())
    except (ValueError, OSError, ImportError) as error:
        sys.exit(f'error: {error}')
