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


def run(main: Callable[[argparse.Namespace], int | None], args: argparse.Namespace) -> int | None:
    """Runs a program; what a user can mend ends it with one line and exit code 1.

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


def _cause(error: Exception) -> str:
    """The message; a worker of PyTorch's DataLoader hides it at the end of a traceback."""
    message = str(error)
    if 'in DataLoader worker process' not in message:
        return message
    return message.strip().splitlines()[-1].partition(': ')[2]
