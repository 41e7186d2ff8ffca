"""The model of a command line: `--model NAME`, or `--model CONFIG CHECKPOINT`."""

import argparse
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from mmgsf.apis.index import DEFAULT_MODEL

if TYPE_CHECKING:
    from torch import nn


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --model and --device."""
    parser.add_argument(
        '--model',
        nargs='+',
        default=[DEFAULT_MODEL],
        metavar=('NAME|CONFIG', 'CHECKPOINT'),
        help='a name of `mmgsf models` that has weights, or a config file (.py) and a checkpoint '
        f'(default: {DEFAULT_MODEL})',
    )
    parser.add_argument(
        '--device', help='cpu, cuda or cuda:1 (default: a GPU if there is one, else the CPU)'
    )


def split_model(values: list[str]) -> tuple[list[str], list[str]]:
    """What --model took: the model, and the arguments after it that are not its own.

    argparse gives an option of unknown length all that follows, videos too.
    """
    length = 2 if values[0].endswith('.py') else 1
    return values[:length], values[length:]


def load(args: argparse.Namespace) -> 'nn.Module':
    """The model that is asked for, in evaluation mode; `args.model` is as of `split_model`."""
    is_config = args.model[0].endswith('.py')
    if len(args.model) != 1 + is_config:
        args.parser.error(
            f'--model {" ".join(args.model)}: give the name of a model, or a config (.py) and a '
            'checkpoint'
        )
    from mmgsf import compat

    compat.hush_dependencies()
    # MMEngine logs to stdout, where only results may be.
    with redirect_stdout(sys.stderr):
        from mmgsf.apis import get_model, load_model

        if is_config:
            return load_model(*args.model, device=args.device)
        return get_model(args.model[0], device=args.device, progress=sys.stderr.isatty())
