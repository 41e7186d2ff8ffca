"""A page that runs in this process, and an HTTP client that asks it anything."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

TYPE = {'Content-Type': 'application/octet-stream'}


class Page:
    """Asks the page at a port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, target: str, body=None, headers=None, **options):
        """Status, headers and body; the target is sent as it is."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        try:
            connection.request(method, target, body, headers or {}, **options)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def run(self, query: str, body: bytes = b'', **headers: str) -> tuple[int, list[dict]]:
        """The lines that a run answers with."""
        status, _, content = self.ask('POST', f'/runs?{query}', body, TYPE | headers)
        return status, [json.loads(line) for line in content.splitlines()]


@contextmanager
def running(app) -> Iterator[Page]:
    """Serves an app in a thread."""
    listening = socket.socket()
    listening.bind(('127.0.0.1', 0))
    config = uvicorn.Config(app, http='h11', log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={'sockets': [listening]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield Page(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
    assert not thread.is_alive()
