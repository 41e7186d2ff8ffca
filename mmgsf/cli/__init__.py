"""The command `mmgsf`: one module a sub-command.

A module of this folder without an underscore before its name is a sub-command. It has
`add_parser(subparsers)`, which returns its parser, and `main(args)`, which returns the exit code or
None for 0 and imports what is heavy. Exit codes: 0 all went well, 1 something failed, 2 wrong usage.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from mmgsf import __version__
from mmgsf.programs import run


def build_parser() -> argparse.ArgumentParser:
    """The parser of all sub-commands."""
    parser = argparse.ArgumentParser(
        prog='mmgsf', description='Gate-Shift-Fuse video recognition for MMAction2.'
    )
    parser.add_argument('--version', action='version', version=f'mmgsf {__version__}')
    subparsers = parser.add_subparsers(dest='command', metavar='COMMAND', required=True)
    for module in iter_modules(__path__):
        if module.name.startswith('_'):
            continue
        command = import_module(f'{__name__}.{module.name}')
        subparser = command.add_parser(subparsers)
        subparser.add_argument(
            '--debug', action='store_true', help='show the traceback of an error'
        )
        # Wrong usage that only `main` sees goes to `args.parser.error`.
        subparser.set_defaults(main=command.main, parser=subparser)
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code."""
    args = build_parser().parse_args(arguments)
    # A terminal of another encoding shows what it can.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, 'reconfigure'):
            stream.reconfigure(errors='replace')
    try:
        code = run(_finished, args)
    except KeyboardInterrupt:
        sys.stderr.write('stopped\n')
        code = 130
    sys.exit(code or 0)


def _finished(args: argparse.Namespace) -> int | None:
    try:
        code = args.main(args)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who read the output has gone, as `head` does; Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code
