"""What tools/train.py and tools/test.py share: MMAction2's arguments, and errors of one line."""

import argparse
import os
from pathlib import Path

from mmgsf import compat
from mmgsf.programs import add_debug, run

__all__ = ['argument_parser', 'build_runner', 'read_config', 'run']


def argument_parser(description: str) -> argparse.ArgumentParser:
    """A parser with the arguments that MMAction2's train.py and test.py have in common."""
    from mmengine.config import DictAction

    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('config', help='config file')
    parser.add_argument('--work-dir', help='folder for logs and checkpoints')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override values of the config, for example train_dataloader.batch_size=2',
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='job launcher',
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument(
        '--allow-num-segments',
        action='store_true',
        help='resume or test a checkpoint that was trained with another number of frames',
    )
    parser.add_argument(
        '--compile', action='store_true', help='run the backbone compiled by torch.compile'
    )
    add_debug(parser)
    return parser


def read_config(args: argparse.Namespace):
    """The config file with the command line's values merged in; a mmengine Config.

    Raises:
        FileNotFoundError: there is no such file.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    compat.prepare_configs()
    # Registers for MMAction2's own configs too, which do not name mmgsf.
    import mmgsf.register  # noqa: F401, I001
    from mmengine.config import Config

    if not Path(args.config).is_file():
        raise FileNotFoundError(f'config {args.config} is not there; check the path')
    config = Config.fromfile(args.config)
    config.launcher = args.launcher
    model = config.get('model') or {}
    if 'test_cfg' in model and model.test_cfg is None:
        # As in MMAction2's base configs; --cfg-options cannot be merged into None.
        model.test_cfg = {}
    if args.cfg_options is not None:
        config.merge_from_dict(args.cfg_options)
    if args.work_dir is not None:
        config.work_dir = args.work_dir
    elif config.get('work_dir') is None:
        config.work_dir = f'./work_dirs/{Path(args.config).stem}'
    if args.allow_num_segments:
        config.allow_num_segments = True
    if args.compile and not config.get('compile'):
        config.compile = True
    return config


def build_runner(config):
    """The runner that a config asks for; GSFRunner if it names none, as MMAction2's own configs."""
    from mmaction.registry import RUNNERS

    config.setdefault('runner_type', 'GSFRunner')
    return RUNNERS.build(config)
