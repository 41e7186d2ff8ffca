"""The page's addresses: its three files, its choices, its examples, and the runs.

Nothing is served from the disk: what there is to get is in memory and has an address of its own.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from importlib import resources

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .examples import Example
from .guarding import Guard
from .limits import Limits
from .models import Models
from .runs import Runs
from .uploads import Uploads

FILES = {
    '/': ('index.html', 'text/html'),
    '/page.css': ('page.css', 'text/css'),
    '/page.js': ('page.js', 'text/javascript'),
}


def make_app(
    models: Models,
    examples: list[Example],
    uploads: Uploads,
    limits: Limits,
    hosts: Iterable[str] = (),
) -> Starlette:
    """The page as an ASGI application; `state.runs` are its runs.

    Args:
        models: offered; one at least.
        examples: offered; may be none.
        uploads: where files come in; closed when the application ends.
        limits: of what comes in.
        hosts: names by which it is reached, beside addresses and this machine's own.
    """
    folder = resources.files('mmgsf.web') / 'static'
    fixed = {
        address: ((folder / file).read_bytes(), kind) for address, (file, kind) in FILES.items()
    }
    for number, example in enumerate(examples):
        fixed[f'/examples/{number}.mp4'] = (example.content, 'video/mp4')
    choices = {
        'models': models.names,
        'examples': [example.title for example in examples],
        'megabytes': limits.megabytes,
        'seconds': limits.seconds,
        'pixels': limits.pixels,
    }

    async def get_choices(request: Request) -> JSONResponse:
        return JSONResponse(choices)

    routes = [Route(address, _fixed(*found)) for address, found in fixed.items()]
    routes.append(Route('/choices', get_choices))
    runs = Runs(models, examples, uploads, limits)
    routes.append(Route('/runs', runs, methods=['POST']))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            uploads.close()

    guard = Middleware(Guard, hosts=hosts)
    app = Starlette(routes=routes, middleware=[guard], lifespan=lifespan)
    app.state.runs = runs
    return app


def _fixed(content: bytes, kind: str) -> Callable:
    async def endpoint(request: Request) -> Response:
        return Response(content, media_type=kind)

    return endpoint
