"""Makes the checks that come before training and testing, and nothing else.

python tools/preflight.py CONFIG [CHECKPOINT] --processes 8

One line a check: ok, info, warning or error; the exit code is 1 after an error. Every row of the
lists is read, and a few files. With a checkpoint its T and classes are compared.
"""

import argparse

from mmgsf.engine.command_line import argument_parser, read_config, run


def parse_args() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument('checkpoint', nargs='?', help='file that is to be tested or resumed')
    parser.add_argument(
        '--processes', type=int, help="of the training; by default as many as this machine's GPUs"
    )
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    config = read_config(args)
    import torch
    from mmengine.logging import MMLogger
    from mmengine.registry import init_default_scope

    from mmgsf.engine.preflight import inspect_config

    # The datasets' and transforms' names, as for the Runner.
    init_default_scope(config.get('default_scope', 'mmaction'))
    # MMEngine's hints for developers would stand between the lines.
    MMLogger.get_current_instance().setLevel('ERROR')
    processes = args.processes
    if processes is None:
        processes = torch.cuda.device_count() or 1
    if processes < 1:
        raise ValueError(f'--processes {processes}: give the number of the training, from 1 up')
    findings = inspect_config(config, ('train', 'val', 'test'), processes, args.checkpoint)
    errors = 0
    for finding in findings:
        print(f'{finding.level:8}{finding.text}', flush=True)
        errors += finding.level == 'error'
    if errors:
        raise ValueError(f'{errors} of the checks failed; they stand above')


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
