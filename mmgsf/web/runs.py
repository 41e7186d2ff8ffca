"""Runs, one at a time: an upload or an example comes in, what happens to it goes out line by line.

Every line of the answer is a JSON object with 'state': 'waiting' with how many are 'ahead', 'working'
with the 'step', and at last 'done' with the 'result', or 'refused' with the 'message'.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from .examples import Example
from .limits import Limits, Refused
from .looking import look
from .models import Models
from .uploads import Uploads, display_name

# No form of another site's page can send this type without asking first.
UPLOAD_TYPE = 'application/octet-stream'
DRAIN_SECONDS = 1.0
STATES = WAITING, WORKING, DONE, REFUSED = 'waiting', 'working', 'done', 'refused'

log = logging.getLogger('mmgsf.web')


class Runs:
    """The ASGI endpoint of `POST /runs?model=NAME&name=FILE`, or `&example=NUMBER`.

    Args:
        models: offered.
        examples: offered, by their number from 0.
        uploads: where files come in.
        limits: of files and of the queue.
    """

    def __init__(
        self, models: Models, examples: list[Example], uploads: Uploads, limits: Limits
    ) -> None:
        self.models, self.examples, self.uploads = models, examples, uploads
        self.limits = limits
        self.count = 0
        self.turn = asyncio.Lock()
        # The decoding process answers one caller, and one network takes all cores.
        self.pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix='run')

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        name = display_name(request.query_params.get('name', ''))
        self.count += 1
        try:
            with self.uploads.file() as path:
                response = await self._response(request, name, path)
                await response(scope, receive, send)
        except ClientDisconnect:
            log.info('%s: the visitor left', name)
        finally:
            self.count -= 1

    async def _response(self, request: Request, name: str, upload: Path) -> Response:
        path, chunks = upload, request.stream()
        try:
            if self.count > self.limits.waiting:
                raise Refused('cannot be taken now: too many are waiting', status=503)
            if request.headers.get('content-type') != UPLOAD_TYPE:
                raise Refused(f'is not sent as {UPLOAD_TYPE}')
            model = request.query_params.get('model', '')
            self.models.check(model)
            if 'example' in request.query_params:
                example = self._example(request.query_params['example'])
                name, path = example.title, example.path
            else:
                length = request.headers.get('content-length', '')
                stated = int(length) if length.isdecimal() else None
                await self.uploads.receive(chunks, stated, upload)
        except Refused as refusal:
            upload.unlink(missing_ok=True)
            await _drain(chunks)
            message = refused(name, refusal)
            # The rest of the file would be taken for the next request.
            headers = {'Connection': 'close'}
            return JSONResponse(
                {'state': REFUSED, 'message': message}, refusal.status, headers=headers
            )
        return StreamingResponse(
            self._events(model, name, path, upload), media_type='application/x-ndjson'
        )

    def _example(self, number: str) -> Example:
        if not number.isdecimal() or int(number) >= len(self.examples):
            raise Refused('is not there', status=404)
        return self.examples[int(number)]

    async def _events(self, model: str, name: str, path: Path, upload: Path) -> AsyncIterator[str]:
        if self.turn.locked():
            yield line(WAITING, ahead=self.count - 1)
        async with self.turn:
            steps: asyncio.Queue[str | None] = asyncio.Queue()
            loop = asyncio.get_running_loop()

            def tell(step: str | None) -> None:
                loop.call_soon_threadsafe(steps.put_nowait, step)

            run = loop.run_in_executor(self.pool, self._run, model, name, path, tell)
            while (step := await steps.get()) is not None:
                yield line(WORKING, step=step)
            answer = await run
        # Whoever has the answer may rely on it that the video is gone.
        upload.unlink(missing_ok=True)
        yield answer

    def _run(self, model: str, name: str, path: Path, tell: Callable[[str | None], None]) -> str:
        """The last line of a run; no error of it ends the page."""
        start = time.monotonic()
        try:
            tell('Loading the model')
            shown = look(self.models.get(model), path, name, self.limits, tell)
        except Refused as refusal:
            return line(REFUSED, message=refused(name, refusal))
        except Exception as error:
            log.error('%s, %s: %s: %s', name, model, type(error).__name__, error)
            log.debug('where', exc_info=True)
            message = f'{name} could not be looked at; the log of the page says why.'
            return line(REFUSED, message=message)
        finally:
            tell(None)
        best = shown['recognition']['top'][0]
        seconds = time.monotonic() - start
        log.info(
            '%s: %s, %.3f (%s, %.1f s)', name, best['class'], best['probability'], model, seconds
        )
        return line(DONE, result=shown)


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """Drops what still arrives, for a while: who is cut off while sending may never read why."""

    async def read() -> None:
        async for _ in chunks:
            pass

    with suppress(asyncio.TimeoutError, ClientDisconnect):
        await asyncio.wait_for(read(), DRAIN_SECONDS)


def line(state: str, **content: object) -> str:
    """One line of an answer."""
    return json.dumps({'state': state, **content}) + '\n'


def refused(name: str, refusal: Refused) -> str:
    """The sentence for the visitor, which the log gets too."""
    message = f'{name} {refusal}.'
    log.info('refused: %s', message)
    return message
