"""The processes of a program that several threads start, and that end together."""

import subprocess
import threading
from typing import Any


class Processes:
    """Runs commands in the threads of a pool; after `stop` none runs and none is started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen] = set()
        self._stopped = False

    def call(self, command: list[str], **options: Any) -> int:
        """Exit code of a command.

        Args:
            command: program and arguments.
            **options: of subprocess.Popen.

        Raises:
            InterruptedError: `stop` was called before it started.
        """
        with self._lock:
            if self._stopped:
                raise InterruptedError(f'{command[0]} was not started: the program is ending')
            process = subprocess.Popen(command, **options)
            self._running.add(process)
        try:
            return process.wait()
        finally:
            with self._lock:
                self._running.discard(process)

    def stop(self) -> None:
        """Ends what runs by SIGTERM, with which trainings save first."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.terminate()
