"""A pool of processes that outlives its workers: one file may crash or hang one of them."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

READY = 'ready'
Call = tuple[Callable[..., Any], tuple]

# A forked worker would share the parent's codecs: where decord is loaded, its libvpx hides PyAV's.
CONTEXT = multiprocessing.get_context('spawn')


@dataclass(frozen=True)
class Lost:
    """In place of a call's result: the worker was lost over it."""

    reason: str


def run_calls(calls: Mapping[Any, Call], workers: int, timeout: float) -> Iterator[tuple[Any, Any]]:
    """Runs calls in processes of their own and yields (key, result) as they finish.

    Args:
        calls: function and arguments by key; both can be pickled, and the functions raise nothing.
        workers: number of processes, at least 1.
        timeout: seconds for one call; a worker that takes longer is killed and replaced.

    Yields:
        The key of a call and its result, or `Lost` if its worker died or took too long.

    Raises:
        OSError: a worker cannot be started.
    """
    waiting = iter(calls.items())
    crew: list[_Worker] = []
    try:
        for key, call in waiting:
            crew.append(_Worker(key, call, timeout))
            if len(crew) == workers:
                break
        while crew:
            limit = min(worker.seconds_left() for worker in crew)
            ready = set(wait([worker.connection for worker in crew], limit))
            for worker in list(crew):
                result = worker.result(worker.connection in ready)
                if result is None:
                    continue
                yield worker.key, result[0]
                following = next(waiting, None)
                if following is None or isinstance(result[0], Lost):
                    worker.stop()
                    crew.remove(worker)
                if following is not None:
                    if isinstance(result[0], Lost):
                        crew.append(_Worker(*following, timeout))
                    else:
                        worker.take(*following)
    finally:
        for worker in crew:
            worker.stop()


class _Worker:
    """One process and the call that it is busy with."""

    def __init__(self, key: Any, call: Call, timeout: float) -> None:
        self.timeout = timeout
        self.connection, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        # Starting takes its time, and it is not the call's.
        self.started = False
        self.take(key, call)

    def take(self, key: Any, call: Call) -> None:
        self.key = key
        self.deadline = time.monotonic() + self.timeout
        # A worker that died idle shows when its answer is waited for.
        with suppress(BrokenPipeError):
            self.connection.send(call)

    def seconds_left(self) -> float:
        return max(0.0, self.deadline - time.monotonic()) if self.started else self.timeout

    def result(self, arrived: bool) -> tuple[Any] | None:
        """The call's result in a tuple, None as long as there is none."""
        if not arrived:
            late = self.started and time.monotonic() >= self.deadline
            return (Lost(f'took longer than {self.timeout:g} s'),) if late else None
        try:
            message = self.connection.recv()
        except (EOFError, OSError) as error:
            self.process.join()
            code = self.process.exitcode
            if not self.started:
                raise OSError(f'a worker process cannot start: exit code {code}') from error
            return (Lost(f'the process that read it ended with code {code}'),)
        if not self.started:
            self.started = True
            self.deadline = time.monotonic() + self.timeout
            return None
        return (message,)

    def stop(self) -> None:
        self.process.kill()
        # A read that the kernel cannot end, as of a lost network disk, would be waited for in vain.
        self.process.join(timeout=1.0)
        self.connection.close()


def _serve(connection: Connection) -> None:
    """Runs calls until the pipe ends, which it does too if the parent is killed."""
    # Ctrl-C reaches the whole group; the parent ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, BrokenPipeError):
        connection.send(READY)
        while True:
            function, arguments = connection.recv()
            connection.send(function(*arguments))
