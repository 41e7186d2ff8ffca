"""torchrun, but the failure of a process ends with its own message and exit code, no traceback."""

import sys

from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main

if __name__ == '__main__':
    try:
        main()
    except ChildFailedError as error:
        sys.exit(max(1, error.get_first_failure()[1].exitcode))
