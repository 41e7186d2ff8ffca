"""Makes what the configs read, from a provider's own files, from a folder of your own videos, or, for
CameraMotion, from nothing.

With --reencode (ssv2, k400, diving48) copies of the videos that are several times faster to read, and
lists of them, come into ROOT/reencoded as well. The originals and their lists stay as they are. Once
the copies are complete the configs read them; rename or remove ROOT/reencoded to read the originals.
docs/decoding.md tells what is gained and what it costs.
"""

import argparse
import shlex
from pathlib import Path

from mmgsf.datasets.preparation import PROVIDERS, Encoding, Finetuning, scan_dataset
from mmgsf.datasets.preparation.finetune import CONFIG, DEFAULT_BASE
from mmgsf.programs import add_debug, run

# The others are frame folders, or segments that are encoded anyway.
REENCODED = ('ssv2', 'k400', 'diving48')


AGAIN = 'interrupted; the same command goes on where this one stopped'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    datasets = parser.add_subparsers(dest='dataset', required=True)
    for name in PROVIDERS:
        if name == 'folder':
            command = add_folder(datasets)
        else:
            command = datasets.add_parser(name, help="lists and a report from the provider's files")
            command.add_argument('root', help="folder with the provider's files")
        command.add_argument('--workers', type=int, help='processes; default: one for each CPU')
        command.add_argument(
            '--max-missing',
            type=share,
            default=0.2 if name == 'folder' else 0.05,
            help="share of a split's clips, 0 to 1, that may be missing or unreadable "
            '(default: %(default)s)',
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
        choices=['photograph', 'footage', 'mixed'],
        default='photograph',
        help='footage: with moving subjects, shake, noise, blur and compression (harder); mixed: both',
    )
    motion.add_argument('--force', action='store_true', help='replace a set of other parameters')
    for command in datasets.choices.values():
        add_debug(command)
    return parser.parse_args()


def add_folder(datasets) -> argparse.ArgumentParser:
    command = datasets.add_parser(
        'folder', help='lists, class names and a ready config from a folder of your own videos'
    )
    command.add_argument('root', help='folder with CLASS/VIDEO, or {train,val}/CLASS/VIDEO')
    command.add_argument(
        '--val-share',
        type=float,
        default=0.2,
        help="share of each class's videos to validate with (default: %(default)s)",
    )
    command.add_argument('--seed', type=int, default=0, help='another seed takes others')
    command.add_argument(
        '--load-from',
        metavar='CHECKPOINT',
        help='checkpoint of GSF that the training starts from, or a model of `mmgsf models` that has '
        'weights',
    )
    command.add_argument(
        '--base', default=DEFAULT_BASE, help='config that is inherited (default: %(default)s)'
    )
    command.add_argument(
        '--no-flip', action='store_true', help='never mirror frames, as for sign language'
    )
    command.add_argument(
        '--force', action='store_true', help=f'replace a {CONFIG} that was changed'
    )
    return command


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
    options = folder_options(args) if args.dataset == 'folder' else {}
    preparation = scan_dataset(args.dataset, args.root, args.workers, **options)
    print(preparation.report.text())
    if args.dataset == 'folder' and not args.force:
        preparation.keep(CONFIG, 'give --force to replace it, or rename it')
    preparation.write(args.max_missing)
    if args.reencode:
        reencoded = scan_dataset(args.dataset, args.root, args.workers, Encoding())
        print(f're-encoded:\n{reencoded.report.text()}')
        reencoded.write(args.max_missing)
        print(f'the configs now read {reencoded.root}')
    if args.dataset == 'folder':
        print(f'ready: python tools/train.py {shlex.quote(str(Path(args.root, CONFIG)))}')


def folder_options(args: argparse.Namespace) -> dict:
    finetuning = Finetuning(args.base, args.load_from, flip=not args.no_flip)
    return {'val_share': args.val_share, 'seed': args.seed, 'finetuning': finetuning}


if __name__ == '__main__':
    run(main, parse_args(), AGAIN)
