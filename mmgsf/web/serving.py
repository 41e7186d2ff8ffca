"""Serves the page until it is stopped: the socket, the log, and what is cleared away."""

import logging
import signal
import sys
from pathlib import Path

from mmgsf.datasets.decoding import decoding_process

from .address import LOOPBACK, is_loopback, listen
from .app import make_app
from .examples import make_examples
from .limits import Limits
from .models import Models
from .reading import limit_decoding
from .uploads import Uploads

log = logging.getLogger('mmgsf.web')


def serve(
    models: Models,
    limits: Limits | None = None,
    host: str = LOOPBACK,
    port: int | None = None,
    examples: bool = True,
    root: str | Path | None = None,
) -> None:
    """Serves the page until SIGINT or SIGTERM; its address goes to stdout.

    Args:
        models: to offer, one at least.
        limits: of what comes in; None takes the usual ones.
        host: address to listen at; another than loopback is told of in the log.
        port: None takes 7860, or a free one if it is taken; 0 a free one.
        examples: offer clips of CameraMotion, if scikit-image and PyAV are installed.
        root: where the folder of uploads is made; None for the system's folder.

    Raises:
        ValueError: no models.
        OSError: the address is taken, or uploads cannot be decoded safely here.
    """
    import uvicorn

    if not models.names:
        raise ValueError('no models to offer; give one with --model')
    limits = limits or Limits()
    limit_decoding(limits)
    with listen(host, port) as listening:
        uploads = Uploads(limits, root)
        # uvicorn raises the signal again when it is done; by default it would end us at once.
        before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            offered = make_examples(uploads.folder) if examples else []
            app = make_app(models, offered, uploads, limits, hosts=[host])
            config = uvicorn.Config(
                app,
                http='h11',
                ws='none',
                lifespan='on',
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=3,
            )
            _announce(host, listening.getsockname()[1])
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            signal.signal(signal.SIGTERM, before)
            decoding_process().stop()
            uploads.close()


def _announce(host: str, port: int) -> None:
    if not is_loopback(host):
        log.warning(
            'listening at %s: everyone who reaches this machine can send it videos, unencrypted and '
            'without a password',
            host,
        )
    name = f'[{host}]' if ':' in host else host
    sys.stdout.write(f'http://{name}:{port}/ (stop with Ctrl-C)\n')
    sys.stdout.flush()
