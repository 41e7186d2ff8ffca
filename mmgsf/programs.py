"""How programs end: what a user can mend gives one line, not a traceback."""

import argparse
import os
import sys
from collections.abc import Callable

# What a user can mend; MemoryError and FloatingPointError with what to change, from GSFRunner.
ERRORS = (
    ValueError,
    TypeError,
    KeyError,
    OSError,
    ImportError,
    MemoryError,
    FloatingPointError,
)
INTERRUPTED = 130  # the shells' code for SIGINT


def add_debug(parser: argparse.ArgumentParser) -> None:
    """Gives a parser the option that `run` looks at."""
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error')


def run(
    main: Callable[[argparse.Namespace], int | None],
    args: argparse.Namespace,
    interrupted: str | None = None,
) -> int | None:
    """Runs a program; what a user can mend ends it with one line and exit code 1.

    Args:
        main: the program.
        args: its arguments, `debug` among them.
        interrupted: what to say after Ctrl-C, with exit code 130; None leaves that to Python.

    Returns:
        What `main` returns.
    """
    # What a dependency loads by torch.load of its own accord; ours asks for it at every place.
    if 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD' not in os.environ:
        os.environ.setdefault('TORCH_FORCE_WEIGHTS_ONLY_LOAD', '1')
    try:
        return main(args)
    except ERRORS as error:
        if args.debug:
            raise
        # Every rank finds the same fault; one says so.
        if os.environ.get('RANK', '0') == '0':
            message = ' '.join(_cause(error).split()) or type(error).__name__
            sys.stderr.write(f'error: {message} (--debug shows where)\n')
        sys.exit(1)
    except KeyboardInterrupt:
        if interrupted is None or args.debug:
            raise
        sys.stderr.write(f'{interrupted}\n')
        sys.exit(INTERRUPTED)


def _cause(error: Exception) -> str:
    """The message; a worker of PyTorch's DataLoader hides it at the end of a traceback."""
    message = str(error)
    if 'in DataLoader worker process' not in message:
        return message
    return message.strip().splitlines()[-1].partition(': ')[2]
