"""Windows of a source that does not wait: frames are taken as they come, in a thread of their own.

The buffer sees every frame, so a window's frames are always `stride` apart. A window that is due
while the model still works on an earlier one waits in the single place there is; when the next one
is due first, it is dropped and counted. So results never lag behind, however slow the model.
"""

from collections.abc import Callable, Iterator
from threading import Condition, Event, Thread
from time import monotonic
from typing import Protocol

import numpy as np

from .capture import BrokenSource
from .window_buffer import Window, WindowBuffer

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
# What a capture's own time-out is given on top, before its thread is taken for stuck.
GRACE = 5.0


class OpenCapture(Protocol):
    """A camera, an address, or what stands in for one in a test."""

    is_recording: bool
    damaged: int

    def read(
        self, needs_next: Callable[[], bool]
    ) -> Iterator[tuple[np.ndarray | None, float | None]]: ...

    def close(self) -> None: ...


class LiveWindows:
    """Reads a live source in a thread; iterating gives the newest window each time, until it ends.

    Args:
        name: of the source, for messages.
        buffer: makes the windows.
        connect: opens the source.
        timeout: seconds without a frame after which the source counts as broken.
        reconnect: how often it is opened again after it broke off, until frames come again. The
            waits between grow from 1 to 30 s.
        notice: is called with what happens on the way, for the user.
        max_frames: end after so many frames; None for no end.

    Attributes:
        frames: taken so far.
        total: `max_frames`.
        dropped: windows that were due and never scored.
        reconnected: how often the source was opened again.
    """

    # A live source's own statement is seldom true; its frames have times.
    fps = None

    def __init__(
        self,
        name: str,
        buffer: WindowBuffer,
        connect: Callable[[], OpenCapture],
        timeout: float,
        reconnect: int = 0,
        notice: Callable[[str], None] = lambda text: None,
        max_frames: int | None = None,
    ) -> None:
        self.name, self.buffer, self.connect, self.timeout = name, buffer, connect, timeout
        self.reconnect, self.notice, self.total = reconnect, notice, max_frames
        self.frames = self.dropped = self.reconnected = self._damaged = 0
        self.capture: OpenCapture | None = None
        self.newest: Window | None = None
        self.error: BaseException | None = None
        self.ended = False
        self.stopping = Event()
        self.changed = Condition()
        self.begin: float | None = None
        self.moved = monotonic()

    @property
    def damaged(self) -> int:
        """Packets that could not be decoded, and corrupt frames, so far."""
        return self._damaged + (self.capture.damaged if self.capture else 0)

    def __iter__(self) -> Iterator[Window]:
        thread = Thread(target=self._run, name='mmgsf-capture', daemon=True)
        self.moved = monotonic()
        thread.start()
        try:
            while (window := self._take()) is not None:
                yield window
        finally:
            self.stopping.set()
            with self.changed:
                self.changed.notify_all()
            # A camera's driver may never return; the thread ends with the process.
            thread.join(1.0)

    def _take(self) -> Window | None:
        """The newest window, waited for; None at the end."""
        with self.changed:
            while self.newest is None and not self.ended:
                self.changed.wait(0.2)
                if monotonic() - self.moved > self.timeout + GRACE:
                    raise BrokenSource(f'{self.name}: no frame for {self.timeout + GRACE:g} s')
            window, self.newest = self.newest, None
            self.changed.notify_all()
            if window is None and self.error is not None:
                raise self.error
            return window

    def _run(self) -> None:
        try:
            self._read_on()
        except Exception as error:
            # Raised again where the windows are taken.
            self.error = error
        finally:
            with self.changed:
                self.ended = True
                self.changed.notify_all()

    def _read_on(self) -> None:
        """Reads, again and again if it breaks off, until an end that is none of a fault."""
        failures = 0
        while not self.stopping.is_set():
            before = self.frames
            try:
                self._read_once()
                return
            except BrokenSource as error:
                failures = 1 if self.frames > before else failures + 1
                if failures > self.reconnect:
                    raise
                self._wait(f'{error}; reconnecting, {failures} of {self.reconnect}', failures)
                self.buffer.restart()
                self.reconnected += 1

    def _read_once(self) -> None:
        """Reads until the recording ends, enough frames are there, or the user stops.

        Raises:
            BrokenSource: the source cannot be opened, breaks off, or ends and is no recording.
        """
        self.moved = monotonic()
        self.capture = self.connect()
        try:
            for frame, seconds in self.capture.read(self.buffer.needs_next):
                if self.stopping.is_set():
                    return
                self._take_in(frame, seconds)
                if self.frames == self.total:
                    return
            if not self.capture.is_recording:
                raise BrokenSource(f'{self.name} ended')
        finally:
            capture, self.capture = self.capture, None
            self._damaged += capture.damaged
            capture.close()

    def _take_in(self, frame: np.ndarray | None, seconds: float | None) -> None:
        self.moved = monotonic()
        self.begin = self.moved if self.begin is None else self.begin
        self.frames += 1
        recorded = self.capture.is_recording
        window = self.buffer.push(frame, seconds if recorded else self.moved - self.begin)
        if window is not None:
            self._put(window, wait=recorded)

    def _put(self, window: Window, wait: bool) -> None:
        with self.changed:
            while wait and self.newest is not None and not self.stopping.is_set():
                self.changed.wait(0.2)
                self.moved = monotonic()
            if self.newest is not None:
                self.dropped += 1
            self.newest = window
            self.changed.notify_all()

    def _wait(self, text: str, failures: int) -> None:
        self.notice(text)
        end = monotonic() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1))
        while monotonic() < end and not self.stopping.wait(0.1):
            self.moved = monotonic()
