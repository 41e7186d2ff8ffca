"""Tests a checkpoint; by the arguments of MMAction2's test.py and some more."""

import argparse

from mmgsf.engine.command_line import argument_parser, build_runner, read_config, run


def parse_args() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        '--dump', help='write raw scores to this .npz file, or all predictions to a .pkl'
    )
    parser.add_argument(
        '--protocol',
        metavar='CLIPSxCROPS',
        help='views of a video: 1x1, 2x1 or 2x3 (default: what the test pipeline of the config gives)',
    )
    parser.add_argument(
        '--amp', action='store_true', help='compute in bf16 on the CPU, in fp16 on a GPU'
    )
    parser.add_argument(
        '--fuse-conv-bn', action='store_true', help='fold batch norms into convolutions'
    )
    parser.add_argument(
        '--channels-last',
        action='store_true',
        help='store feature maps with the channels innermost',
    )
    parser.add_argument('--show-dir', help='folder for pictures of the predictions')
    parser.add_argument('--show', action='store_true', help='show the predictions in a window')
    parser.add_argument('--interval', type=int, default=1, help='show every n-th sample')
    parser.add_argument('--wait-time', type=float, default=2, help='seconds for which one is shown')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    config = read_config(args)
    if args.show or args.show_dir is not None:
        config.default_hooks.visualization = {
            'type': 'VisualizationHook',
            'enable': True,
            'show': args.show,
            'wait_time': args.wait_time,
            'out_dir': args.show_dir,
            'interval': args.interval,
        }
    if args.protocol is not None:
        # Imports MMAction2, which read_config has prepared.
        from mmgsf.engine.protocol import apply_protocol, describe_protocol

        apply_protocol(config, args.protocol)
    if args.dump is not None:
        from mmgsf.evaluation.dump_scores import add_dump

        add_dump(config, args.dump)
    if args.amp:
        config.test_cfg.fp16 = True
    if args.fuse_conv_bn:
        config.fuse_conv_bn = True
    if args.channels_last:
        if config.model.type != 'RecognizerGSF':
            raise ValueError(
                f'--channels-last needs model.type=RecognizerGSF, not {config.model.type}'
            )
        config.model.channels_last = True
    config.load_from = args.checkpoint
    runner = build_runner(config)
    if args.protocol is not None:
        runner.logger.info(describe_protocol(config))
    runner.test()


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
