"""Trains a model of MMAction2 or mmgsf; the arguments are those of MMAction2's train.py."""

import argparse

from mmgsf.stopping import leave_on_sigterm

# The imports below take seconds.
leave_on_sigterm()

from mmgsf.engine.command_line import (  # noqa: E402
    argument_parser,
    build_runner,
    read_config,
    run,
)


def parse_args() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='go on from a checkpoint; without a path from the latest one in the work dir',
    )
    parser.add_argument('--amp', action='store_true', help='train with automatic mixed precision')
    parser.add_argument('--no-validate', action='store_true', help='do not evaluate while training')
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate to the number of processes and clips',
    )
    parser.add_argument('--seed', type=int, help='random seed')
    parser.add_argument(
        '--diff-rank-seed', action='store_true', help='another seed for every process'
    )
    parser.add_argument(
        '--deterministic', action='store_true', help='use deterministic algorithms only'
    )
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    config = read_config(args)
    from mmengine.device import get_device

    if args.no_validate:
        config.val_cfg = config.val_dataloader = config.val_evaluator = None
    if args.amp:
        if get_device() == 'cpu':
            raise ValueError('--amp trains on a GPU only, and there is none; leave it out')
        config.optim_wrapper.type = 'AmpOptimWrapper'
        config.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.resume is not None:
        config.resume = True
        config.load_from = None if args.resume == 'auto' else args.resume
    if args.auto_scale_lr:
        config.auto_scale_lr.enable = True
    if config.get('randomness') is None:
        config.randomness = {
            'seed': args.seed,
            'diff_rank_seed': args.diff_rank_seed,
            'deterministic': args.deterministic,
        }
    build_runner(config).train()


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
