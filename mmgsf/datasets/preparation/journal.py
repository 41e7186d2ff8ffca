"""Work on many files that goes on where an interrupted run stopped."""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from .media import Outcome
from .pool import Lost, run_calls


@dataclass(frozen=True)
class Job:
    """One file to look at, or to make, and what its outcome follows from.

    Args:
        key: name in the journal, a path below the dataset's root.
        function: what to run in a worker; returns an `Outcome`.
        arguments: of the function.
        reads: file or folder whose change makes the outcome void.
        makes: file that the job writes; its change or loss does the same.
        settings: whatever else the outcome follows from, as JSON takes it.
    """

    key: str
    function: Callable[..., Outcome]
    arguments: tuple
    reads: Path
    makes: Path | None = None
    settings: tuple[str, ...] = ()

    def stamp(self) -> list:
        """Equal stamps mean that the outcome holds."""
        files = [self.reads] if self.makes is None else [self.reads, self.makes]
        return [_state(path) for path in files] + list(self.settings)


def run_jobs(
    jobs: Iterable[Job], journal: Path, workers: int, timeout: float, description: str
) -> dict[str, Outcome]:
    """Outcomes by key; only jobs that the journal does not know, or no longer, are run.

    Args:
        jobs: several may have one key, and are then one job.
        journal: a file of JSON lines, made if missing; each outcome is added as soon as it is there,
            unless it is an error: a full disk or a slow one may be at fault, so the next run tries
            again.
        workers: number of processes.
        timeout: seconds for one job; one whose worker takes longer, or crashes, is an error.
        description: of the progress bar.
    """
    from rich.progress import track

    known = _read(journal)
    outcomes, open_jobs = {}, {}
    for job in {job.key: job for job in jobs}.values():
        stamp, outcome = known.get(job.key, (None, None))
        if outcome is not None and stamp == job.stamp():
            outcomes[job.key] = outcome
        else:
            open_jobs[job.key] = job
    if not open_jobs:
        return outcomes
    calls = {key: (job.function, job.arguments) for key, job in open_jobs.items()}
    # Taken first: a file that changes while it is read is read again by the next run.
    before = {key: job.stamp() for key, job in open_jobs.items()}
    results = run_calls(calls, workers, timeout)
    with journal.open('a', encoding='utf-8') as file:
        _end_broken_line(journal, file)
        for key, result in track(results, description=description, total=len(calls)):
            outcome = Outcome(error=result.reason) if isinstance(result, Lost) else result
            outcomes[key] = outcome
            if outcome.error:
                continue
            job = open_jobs[key]
            stamp = before[key] if job.makes is None else job.stamp()
            entry = {'key': key, 'stamp': stamp, 'outcome': asdict(outcome)}
            file.write(f'{json.dumps(entry)}\n')
            file.flush()
    return outcomes


def _state(path: Path) -> list[int] | None:
    """Size and time of the last change, None if there is no such file."""
    try:
        state = path.stat()
    except OSError:
        return None
    return [state.st_size, state.st_mtime_ns]


def _read(journal: Path) -> dict[str, tuple[list, Outcome]]:
    if not journal.exists():
        return {}
    known = {}
    for line in journal.read_text(encoding='utf-8').splitlines():
        try:
            entry = json.loads(line)
            known[entry['key']] = (entry['stamp'], Outcome(**entry['outcome']))
        # An interrupt may leave half a line; its job is done again.
        except (ValueError, KeyError, TypeError):
            continue
    return known


def _end_broken_line(journal: Path, file) -> None:
    if file.tell() == 0:
        return
    with journal.open('rb') as reader:
        reader.seek(-1, os.SEEK_END)
        if reader.read(1) != b'\n':
            file.write('\n')
