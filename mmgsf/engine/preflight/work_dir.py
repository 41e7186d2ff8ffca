"""Can a run write what it makes?"""

import os
import tempfile
from pathlib import Path

from .findings import PreflightError


def check_work_dir(work_dir: str | os.PathLike) -> None:
    """Makes the folder if it is missing, and writes a file in it that goes at once.

    Raises:
        PreflightError: it cannot be written.
    """
    folder = Path(work_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b'x')
    except OSError as error:
        raise PreflightError(
            f'work_dir {folder} cannot be written ({error.strerror or error}); give another by '
            '--work-dir, or make room for this one'
        ) from error
