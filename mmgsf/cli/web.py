"""`mmgsf web`: a page on this machine that looks at videos."""

import argparse
import logging
import sys
from functools import partial

from mmgsf.web.address import LOOPBACK, PORT
from mmgsf.web.limits import Limits

from ._model import load

# Options for limits: name, field of Limits, help.
LIMITS = (
    ('--max-mb', 'megabytes', 'largest upload, in MB'),
    ('--max-seconds', 'seconds', 'longest video, in seconds'),
    ('--max-frames', 'frames', 'most frames of a video'),
    ('--max-pixels', 'pixels', 'most pixels of a frame'),
    ('--decode-seconds', 'decode_seconds', 'seconds for each step of reading a video'),
    ('--decode-mb', 'decode_megabytes', 'address space of the decoding process, in MB'),
)


def add_parser(subparsers: 'argparse._SubParsersAction') -> argparse.ArgumentParser:
    """Adds the sub-command."""
    usual = Limits()
    parser = subparsers.add_parser(
        'web',
        help='show a web page that looks at videos',
        description='Shows a page on this machine: choose a video and a model, see the classes, the '
        'frames, the gates and the evidence. Uploads are deleted after use.',
    )
    parser.add_argument(
        '--model',
        nargs='+',
        action='append',
        metavar=('NAME|CONFIG', 'CHECKPOINT'),
        help='offer a model: a name of `mmgsf models` that has weights, or a config file (.py) and '
        'a checkpoint; may be given again (default: the models inside the package)',
    )
    parser.add_argument(
        '--device', help='cpu, cuda or cuda:1 (default: a GPU if there is one, else the CPU)'
    )
    parser.add_argument(
        '--host',
        default=LOOPBACK,
        help='address to listen at (default: %(default)s, for this machine only); any other one '
        'lets those in who reach it',
    )
    parser.add_argument(
        '--port', type=int, help=f'port (default: {PORT}, or a free one if it is taken)'
    )
    parser.add_argument('--no-examples', action='store_true', help='offer no examples')
    for option, field, words in LIMITS:
        value = getattr(usual, field)
        parser.add_argument(
            option,
            dest=field,
            type=type(value),
            default=value,
            help=f'{words} (default: %(default)s)',
        )
    return parser


def main(args: argparse.Namespace) -> None:
    """Serves the page until it is stopped."""
    _require()
    limits = _limits(args)
    if args.port is not None and not 0 <= args.port < 65536:
        args.parser.error(f'--port {args.port}: a port is 0 (a free one) to 65535')
    _log_to_stderr(args.debug)
    models = _models(args)
    from mmgsf.web.serving import serve

    serve(models, limits, args.host, args.port, examples=not args.no_examples)


def _limits(args: argparse.Namespace) -> Limits:
    try:
        return Limits(**{field: getattr(args, field) for _, field, _ in LIMITS})
    except ValueError as error:
        args.parser.error(str(error))


def _models(args: argparse.Namespace):
    """Those that were asked for, loaded at once so that a fault is seen now; else the package's."""
    from mmgsf import compat

    compat.hush_dependencies()
    from mmgsf.apis.hub import get_model, list_models
    from mmgsf.apis.index import IN_PACKAGE, find_entry
    from mmgsf.web.models import Models

    models = Models()
    for given in args.model or []:
        one = argparse.Namespace(**{**vars(args), 'model': given})
        model = load(one)
        models.get(models.add(model.name, lambda model=model: model))
    if args.model is None:
        for name in list_models(pretrained=True):
            if find_entry(name).weights.startswith(IN_PACKAGE):
                models.add(name, partial(get_model, name, device=args.device))
    return models


def _require() -> None:
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f'the page is served by Starlette and uvicorn ({error}): pip install "mmgsf[web]"'
        ) from error


def _log_to_stderr(debug: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter('%(asctime)s %(message)s', '%H:%M:%S'))
    log = logging.getLogger('mmgsf.web')
    log.addHandler(handler)
    log.setLevel(logging.DEBUG if debug else logging.INFO)
