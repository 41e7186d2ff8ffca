"""SIGTERM as a cluster means it at pre-emption: save, leave, and be started again later."""

import os
import signal
import sys
import threading
from types import FrameType, TracebackType

# EX_TEMPFAIL of sysexits.h: not a failure of the job; the same command will succeed later.
EXIT_CODE = 75


def leave_on_sigterm() -> None:
    """From now on SIGTERM ends this process with code 75; for the time before there is anything to save."""
    signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(EXIT_CODE)


class StopRequest:
    """Within `with`, SIGTERM is a request that the main thread sees in `asked` once `deferred` is set.

    Until then it ends the process with code 75, as there is nothing to save yet. Outside the main
    thread, where Python takes no signals, `asked` stays False.
    """

    def __init__(self) -> None:
        self.asked = False
        self.deferred = False

    def __enter__(self) -> 'StopRequest':
        self._is_set = threading.current_thread() is threading.main_thread()
        if self._is_set:
            self._previous = signal.signal(signal.SIGTERM, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._is_set:
            signal.signal(signal.SIGTERM, self._previous)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        if not self.deferred:
            sys.exit(EXIT_CODE)


def outlive_sigterm() -> None:
    """Lets a helper process take SIGTERM from its parent only, which it ends.

    Clusters send SIGTERM to every process of a job. A helper that died of it would tear down its
    parent before that has saved.
    """
    if not hasattr(signal, 'sigwaitinfo'):
        return
    # Blocked and waited for: only so is it known who sent it, even while a decoder is running.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=_wait_for_parent, args=(os.getppid(),), daemon=True).start()


def _wait_for_parent(parent: int) -> None:
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != parent:
        pass
    os._exit(0)
