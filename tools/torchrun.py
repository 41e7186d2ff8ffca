"""torchrun with an ending that can be read, SIGTERM for the workers, and restarts that can connect.

The failure of a process ends with its own message and exit code, no traceback. SIGTERM reaches the
workers, which save and leave with code 75, however long it takes; that is no failure to restart
after, and the launcher's own code.
"""

import os
import signal
import sys
import uuid

from torch.distributed.elastic.agent.server.local_elastic_agent import LocalElasticAgent
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher import api
from torch.distributed.run import main

from mmgsf.stopping import EXIT_CODE, leave_on_sigterm


class Agent(LocalElasticAgent):
    """torch's agent ends the workers itself after half a minute, and starts anew what has stopped."""

    is_asked = False

    def _start_workers(self, worker_group):
        workers = super()._start_workers(worker_group)
        # In place of torch's handler, which the start has set.
        signal.signal(signal.SIGTERM, self._pass_on)
        return workers

    def _pass_on(self, number, frame) -> None:
        Agent.is_asked = True
        for process in self._pcontext.pids().values():
            try:
                os.kill(process, signal.SIGTERM)
            except ProcessLookupError:
                continue

    def _monitor_workers(self, worker_group):
        result = super()._monitor_workers(worker_group)
        codes = {failure.exitcode for failure in result.failures.values()}
        if EXIT_CODE in codes or self.is_asked:
            self._remaining_restarts = 0
        return result


def exit_code(error: ChildFailedError) -> int:
    """What a failed run ends with: the code of its first failure."""
    code = error.get_first_failure()[1].exitcode
    if Agent.is_asked and code == -signal.SIGTERM:
        # It had not yet come so far as to catch the signal, so there was nothing to save.
        return EXIT_CODE
    return max(1, code)


if __name__ == '__main__':
    leave_on_sigterm()
    # Tells the checkpoints of this run from those of another in the same folder.
    os.environ['MMGSF_LAUNCH'] = uuid.uuid4().hex
    # The store that the ranks meet in would outlive a restart, and a rank that is first there read
    # the addresses of the dead ones (pytorch/pytorch#135712).
    os.environ['TORCH_DISABLE_SHARE_RDZV_TCP_STORE'] = '1'
    api.LocalElasticAgent = Agent
    try:
        main()
    except ChildFailedError as error:
        sys.exit(exit_code(error))
