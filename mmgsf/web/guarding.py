"""Who may ask, and what a browser may do with the answer."""

import ipaddress
import re
import socket
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The page asks no other address for anything, and no other page may show or read it.
HEADERS = {
    'Content-Security-Policy': (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
}


class Guard:
    """Passes requests of the page itself only, and puts `HEADERS` on every answer.

    A page of another site can make a browser ask this machine. By a name of its own that leads here
    it could read the answers, so hosts are addresses or names known here; a request that another
    site's page makes says so.

    Args:
        app: what answers.
        hosts: further names by which visitors reach it.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.hosts = {'localhost', socket.gethostname().lower(), *(host.lower() for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] != 'http':
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message['type'] == 'http.response.start':
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        fault = self._fault(Headers(scope=scope))
        app = self.app if not fault else PlainTextResponse(fault, status_code=403)
        await app(scope, receive, send_guarded)

    def _fault(self, headers: Headers) -> str:
        host = headers.get('host', '')
        if not self._is_known(host):
            return f'{host!r} is no name of this page; take its address, as mmgsf web states it'
        if headers.get('sec-fetch-site', 'same-origin') not in ('same-origin', 'none'):
            return 'asked by a page of another site'
        origin = headers.get('origin')
        if origin is not None and origin.partition('://')[2] != host:
            return 'asked by a page of another site'
        return ''

    def _is_known(self, host: str) -> bool:
        name = re.sub(r':\d+$', '', host).strip('[]').lower()
        if name in self.hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True
