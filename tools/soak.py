"""Kills one small training with SIGKILL at random moments and compares it with one left alone.

Weights, optimizer, averages, buffers of every rank, logged numbers and best checkpoint must be the
same bit by bit; times and memory are exempt. Exit code 1 says that they are not.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

# The promise is for the CPU, and a forked process could not share a GPU.
os.environ['CUDA_VISIBLE_DEVICES'] = ''

from mmgsf.engine.command_line import run  # noqa: E402


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--kills', type=int, default=50, help='how often (default: 50)')
    parser.add_argument('--seed', type=int, default=0, help='of the moments')
    parser.add_argument('--processes', type=int, default=2, help='ranks (default: 2)')
    parser.add_argument('--workers', type=int, default=2, help='of each rank (default: 2)')
    parser.add_argument('--epochs', type=int, default=24, help='of the training (default: 24)')
    parser.add_argument('--folder', type=Path, help='to work in, kept (default: a temporary one)')
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    numbers = {'kills': 1, 'seed': 0, 'processes': 1, 'workers': 0, 'epochs': 1}
    for name, least in numbers.items():
        if getattr(args, name) < least:
            raise ValueError(f'--{name} {getattr(args, name)}: take {least} or more')
    # Imports MMAction2, once for all starts.
    from mmgsf.engine.exact.soak import soak

    folder = args.folder or Path(tempfile.mkdtemp(prefix='soak-'))
    if args.folder is not None and folder.exists() and any(folder.iterdir()):
        raise ValueError(f'--folder {folder} is not empty; take another one')
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    values = {name: getattr(args, name) for name in numbers}
    found = soak(folder, say=lambda line: print(line, flush=True), **values)
    for line in found:
        print(line)
    print(
        f'{args.kills} kills, {args.processes} processes, {args.workers} workers each, '
        f'{args.epochs} epochs, seed {args.seed}, {time.monotonic() - began:.0f} s: '
        f'{len(found)} differences'
    )
    if args.folder is None and not found:
        shutil.rmtree(folder)
    sys.exit(bool(found))


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
