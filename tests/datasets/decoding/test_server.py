"""What the decoding process answers when its memory is bounded."""

import errno

import pytest

from mmgsf.datasets.decoding.server import DAMAGED, FAULT, NO_MEMORY, OK, READY, serve


class Connection:
    """Asks for `frames` once, and is gone."""

    def __init__(self):
        self.requests = [('frames',)]
        self.answers = []

    def recv(self):
        if not self.requests:
            raise EOFError
        return self.requests.pop()

    def send(self, answer):
        self.answers.append(answer)


class Server:
    def __init__(self, error):
        self.error = error

    def frames(self):
        if self.error is not None:
            raise self.error
        return 'frames'


@pytest.mark.parametrize(
    ('error', 'answer'),
    [
        (None, (OK, 'frames')),
        (MemoryError(), (DAMAGED, NO_MEMORY)),
        (OSError(errno.ENOMEM, 'Cannot allocate memory'), (DAMAGED, NO_MEMORY)),
        (OSError(errno.EIO, 'disk'), (FAULT, 'OSError: [Errno 5] disk')),
        (TypeError('ours'), (FAULT, 'TypeError: ours')),
    ],
)
def test_frames_without_memory_are_the_clips_fault(error, answer):
    connection = Connection()
    serve(connection, Server(error), ['frames'])
    assert connection.answers == [READY, answer]
