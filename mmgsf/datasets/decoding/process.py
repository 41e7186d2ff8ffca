"""The asking side: a decoding process for each process that reads clips.

decord 0.6 ends the process on some files (an AVI that was cut off is enough) and hangs on others;
a signal cannot end a hang inside its C code. A process can be killed.
"""

import atexit
import json
import mmap
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from importlib.util import find_spec
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

MODULE = 'mmgsf.datasets.decoding.server'
# The child searches where this process does, whatever -I, -m or PYTHONPATH made of it.
START = (
    'import json, runpy, sys; sys.path[:] = json.loads(sys.argv.pop(1)); '
    f'runpy.run_module({MODULE!r}, run_name="__main__", alter_sys=True)'
)
START_SECONDS = 300.0
TIMEOUT = 60.0


class DamagedClip(ValueError):
    """A clip that cannot be decoded.

    Args:
        message: path and reason.
        reason: without the path.
        transient: another attempt may go otherwise: it took too long, or the decoder crashed.
    """

    def __init__(self, message: str, reason: str = '', transient: bool = False) -> None:
        super().__init__(message)
        self.reason = reason or message
        self.transient = transient


class DecodingProcess:
    """Starts `server` when first asked, kills it when an answer takes too long, and starts anew.

    Attributes:
        memory_limit: bytes of its address space, read at its start; 0 is half of the machine's
            memory.
    """

    memory_limit = 0

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.process: subprocess.Popen | None = None
        self.connection: Connection | None = None
        self.shared: mmap.mmap | None = None
        self.video = ''

    def open(
        self,
        path: str,
        content: bytes | None = None,
        threads: int = 1,
        known: int | None = None,
        ignore: Sequence[str] = (),
        timeout: float = TIMEOUT,
    ) -> 'VideoHandle':
        """Opens a video; it stays open until the next one.

        Args:
            path: the file; `content` is read in its place if given.
            content: of the file.
            threads: of the decoder.
            known: see `Server.open`.
            ignore: parts of the codec's messages that are no damage.
            timeout: seconds.

        Raises:
            DamagedClip: it cannot be opened.
        """
        handle = VideoHandle(self, path, content, threads, tuple(ignore), timeout)
        handle.open(known)
        return handle

    def picture_size(self, path: str, timeout: float = TIMEOUT) -> tuple[int, int]:
        """Width and height of a video's frames as it states them; no frame is decoded.

        Raises:
            DamagedClip: it cannot be opened.
        """
        return self.call(path, timeout, 'picture_size', os.path.abspath(path))

    def images(
        self,
        folder: str,
        paths: Sequence[str],
        ignore: Sequence[str] = (),
        timeout: float = TIMEOUT,
    ) -> list[np.ndarray]:
        """Images (H, W, 3), uint8 RGB.

        Args:
            folder: what is damaged if an image is.
            paths: of the images.
            ignore: parts of libjpeg's messages that are no damage.
            timeout: seconds for all.

        Raises:
            DamagedClip: an image is missing, damaged or of another size.
        """
        places = [os.path.abspath(path) for path in paths]
        return self.arrays(self.call(folder, timeout, 'images', places, tuple(ignore)))

    def call(self, path: str, timeout: float, *request: Any) -> Any:
        """The server's answer to a request about `path`.

        Raises:
            DamagedClip: the clip is damaged, or took the server more than `timeout` seconds or its
                life.
            RuntimeError: the server itself is at fault.
        """
        self.start()
        try:
            self.connection.send(request)
            if not self.connection.poll(timeout):
                self.stop()
                raise damaged(path, f'decoding took longer than {timeout:g} s', transient=True)
            kind, answer = self.connection.recv()
        except (EOFError, ConnectionError):
            raise damaged(path, self._death(), transient=True) from None
        if kind == 'damaged':
            raise damaged(path, answer)
        if kind != 'ok':
            raise RuntimeError(f'the decoding process failed over {path}: {answer}')
        return answer

    def arrays(self, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
        """Copies what the server put into the shared memory."""
        size = os.fstat(self.memory).st_size
        if self.shared is None or len(self.shared) != size:
            self.shared = mmap.mmap(self.memory, size, prot=mmap.PROT_READ)
        arrays, place = [], 0
        for shape in shapes:
            count = int(np.prod(shape))
            view = np.frombuffer(self.shared, np.uint8, count, place)
            # Decoded frames are the caller's; the memory is for the next ones.
            arrays.append(view.reshape(shape).copy())
            place += count
        return arrays

    def start(self) -> None:
        """Starts the server if none runs.

        Raises:
            RuntimeError: it cannot start.
        """
        if self.process is not None:
            return
        self.memory = os.memfd_create('mmgsf-frames')
        self.log = os.memfd_create('mmgsf-codec-log', 0)
        self.connection, theirs = Pipe()
        descriptors = (theirs.fileno(), self.memory)
        numbers = map(str, (*descriptors, self.memory_limit))
        command = [sys.executable, '-c', START, json.dumps(sys.path), *numbers]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            pass_fds=descriptors,
            # Ctrl-C reaches the whole group; the asking process ends this one.
            start_new_session=True,
            env={**os.environ, 'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1'},
        )
        theirs.close()
        try:
            ready = self.connection.poll(START_SECONDS) and self.connection.recv()
        except (EOFError, ConnectionError):
            ready = None
        if not ready:
            reason = self._death()
            raise RuntimeError(f'the decoding process cannot start: {reason}')

    def stop(self) -> None:
        """Ends the server; the next call starts another."""
        if self.process is None:
            return
        self.process.kill()
        # A read that the kernel cannot end, as of a lost network disk, would be waited for in vain.
        try:
            self.process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            self.process.returncode = -signal.SIGKILL
        self.forget()

    def forget(self) -> None:
        """Closes this side only: after a fork the server is another process's."""
        if self.process is None:
            return
        self.connection.close()
        self.shared = None
        os.close(self.memory)
        os.close(self.log)
        # Popen would wait for it, or warn.
        self.process.returncode = self.process.returncode or 0
        self.process, self.video = None, ''

    def _death(self) -> str:
        """How the server ended."""
        try:
            code = self.process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            code = 0
        tail = os.pread(self.log, 1 << 12, max(0, os.fstat(self.log).st_size - (1 << 12)))
        self.stop()
        if code < 0:
            return f'the decoder crashes on it ({signal.Signals(-code).name})'
        lines = tail.decode(errors='replace').strip('\0\n ').splitlines()
        return f'the decoder ends on it with code {code}' + (f': {lines[-1]}' if lines else '')


class VideoHandle:
    """An open video; `len` is its number of frames."""

    def __init__(
        self,
        process: DecodingProcess,
        path: str,
        content: bytes | None,
        threads: int,
        ignore: tuple[str, ...],
        timeout: float,
    ) -> None:
        self.process, self.path, self.content = process, path, content
        self.threads, self.ignore, self.timeout = threads, ignore, timeout
        self.count, self.rate, self.mark = 0, 0.0, 0

    def __len__(self) -> int:
        return self.count

    def open(self, known: int | None) -> None:
        # This process may have changed its folder since the server started.
        source = os.path.abspath(self.path) if self.content is None else self.content
        request = (source, self.threads, known, self.ignore)
        self.process.video = ''
        self.count, self.rate, self.mark = self.process.call(
            self.path, self.timeout, 'open', *request
        )
        self.process.video = self._name

    def frames(self, indices: Sequence[int], mode: str = 'accurate') -> list[np.ndarray]:
        """Frames (H, W, 3), uint8 RGB.

        Args:
            indices: numbers of frames from 0; negative ones count from the end.
            mode: 'accurate', or 'efficient' for the key frames before.

        Raises:
            DamagedClip: they cannot be decoded.
        """
        if self.process.video != self._name:
            self.open(None)
        numbers = [int(index) for index in indices]
        shapes = self.process.call(self.path, self.timeout, 'frames', numbers, mode)
        return self.process.arrays(shapes)

    @property
    def _name(self) -> str:
        return f'{id(self)} {self.path}'


_process: DecodingProcess | None = None


def decoding_process() -> DecodingProcess:
    """The decoding process of this process; a forked one gets its own."""
    global _process
    if _process is not None and _process.owner != os.getpid():
        _process.forget()
        _process = None
    if _process is None:
        _process = DecodingProcess()
        atexit.register(_process.stop)
    return _process


def is_available() -> bool:
    """Whether clips can be decoded this way here: on Linux, with decord."""
    return sysconfig.get_platform().startswith('linux') and find_spec('decord') is not None


def damaged(path: str, reason: str, transient: bool = False) -> DamagedClip:
    return DamagedClip(f'{path} cannot be decoded: {reason}', reason, transient)
