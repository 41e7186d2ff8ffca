"""CameraMotion's comparison, from seed to table: trains, tests, counts, times, draws and writes.

    python tools/zoo/train_all.py

Runs that are done stay done: an interrupted one goes on where it was. It writes
docs/logs/camera_motion_study.json and, by `tools/zoo/study_report.py`, the tables of the pages and the layers' means
in the zoo index; the pictures when all runs are done. With --out it writes that record and nothing else.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from mmgsf import study
from mmgsf.engine.command_line import run
from mmgsf.stopping import leave_on_sigterm

RECORD = Path(study.RECORD)
REPORT = 'tools/zoo/study_report.py'
PREPARE = (
    'tools/prepare_data.py',
    'camera_motion',
    'data/mixed_camera_motion',
    '--setting',
    'mixed',
)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs/study'), help='(%(default)s)'
    )
    parser.add_argument('--out', type=Path, default=RECORD, help='record of all runs (%(default)s)')
    parser.add_argument('--rows', nargs='+', metavar='NAME', help='only these rows of the plan')
    parser.add_argument('--jobs', type=int, default=2, help='runs at a time, a thread each (2)')
    parser.add_argument(
        '--minutes', type=float, default=120, help='start no run after so many minutes (120)'
    )
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    from mmgsf import compat

    # A cluster's or a user's SIGTERM must not leave trainings behind.
    leave_on_sigterm()
    compat.prepare_configs()
    import mmgsf.register  # noqa: F401
    from mmgsf.study.plan import GROUPS, chosen
    from mmgsf.study.record import check_keeps, lost, write_record
    from mmgsf.study.runs import Run

    rows = chosen(args.rows)
    runs = [Run(row, seed, args.work_dir) for row in rows for seed in row.seeds]
    # Where the time is short: all of the compared layers, and one seed of all changes before two of some.
    runs.sort(
        key=lambda one: (list(GROUPS).index(one.row.group), one.row.group != 'layers' and one.seed)
    )
    check_keeps(args.out, runs)
    subprocess.run([sys.executable, *PREPARE], check=True)
    begin = time.monotonic()
    carry_out(runs, args.jobs, begin + 60 * args.minutes)
    done = [one for one in runs if one.is_done]
    missing = [one.name for one in runs if not one.is_done]
    if missing and lost(args.out, done):
        raise TimeoutError(f'{_out_of_time(missing, args)}; {args.out} has more of them and stays')
    if done:
        write_record(args.out, rows, done)
        print(f'{len(done)} of {len(runs)} runs in {args.out}')
    if done and args.out == RECORD:
        pictures = () if missing else ('--pictures', '--work-dir', str(args.work_dir))
        subprocess.run([sys.executable, REPORT, *pictures], check=True)
    if missing:
        raise TimeoutError(_out_of_time(missing, args))


def _out_of_time(missing: Sequence[str], args: argparse.Namespace) -> str:
    return (
        f'{len(missing)} runs were not started in {args.minutes:g} minutes, first {missing[0]}; '
        'the same command goes on, --minutes gives it longer'
    )


def carry_out(runs: Sequence, jobs: int, deadline: float) -> None:
    """Carries out what is not done, `jobs` at a time; at an error or interrupt all are stopped."""
    from mmgsf.study.processes import Processes

    processes = Processes()

    def one(what) -> None:
        if what.is_done or time.monotonic() > deadline:
            return
        what.carry_out(processes)
        print(f'{what.name}: done in {what.seconds():.0f} s', flush=True)

    with ThreadPoolExecutor(jobs) as pool:
        tasks = [pool.submit(one, what) for what in runs]
        try:
            for task in wait(tasks, return_when=FIRST_EXCEPTION).done:
                task.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            processes.stop()
            raise


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
