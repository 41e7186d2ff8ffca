"""Damages videos from a seed and runs them through the training pipeline.

python tools/fuzz_videos.py [--files 1000] [--seed 0] [--keep FOLDER] [--memory DECODES]

Seven clips in as many formats are written, each copy is damaged in one of eleven ways, and worker
processes put each through DecordInit, SegmentSampleFrames and DecordDecode as training does. Every
frame that comes out is compared with the original's. The exit code is 1 if a worker crashed or hung,
if another frame came out in place of the one asked for, a part of a video passed for the whole, or
a file was taken out without being listed.

With --memory, clips, whole and damaged, are then decoded over and over in one process, and its memory
and the decoding process's are printed. Needs PyAV: pip install av.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from mmgsf.datasets.damaged import fuzz
from mmgsf.datasets.preparation.pool import Lost, run_calls

BAD = ('another frame', 'shorter', 'dropped', 'crash', 'hang', 'unreported')
OUTCOMES = ('reported', 'equal', 'altered', *BAD)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--files', type=int, default=1000, help='number of damaged files')
    parser.add_argument('--seed', type=int, default=0, help='of the damage')
    parser.add_argument('--workers', type=int, default=2, help='processes')
    parser.add_argument('--timeout', type=float, default=20.0, help='seconds for one decoding')
    parser.add_argument('--keep', metavar='FOLDER', help='write the files there and leave them')
    parser.add_argument('--memory', type=int, default=0, metavar='DECODES', help='and then these')
    return parser.parse_args()


def main(args: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(args.keep or scratch)
        sources = fuzz.make_sources(folder / 'originals')
        trials = make_files(args, folder, sources)
        bad = run_trials(args, folder, trials)
        if args.memory:
            print_memory(args.memory, folder, sources, trials)
    return int(bad)


def make_files(args: argparse.Namespace, folder: Path, sources: list[Path]) -> dict[str, tuple]:
    """Path of each damaged file, with its original, kind and seed."""
    trials, number = {}, 0
    kinds = list(fuzz.DAMAGES)
    while len(trials) < args.files:
        source = sources[number % len(sources)]
        kind = kinds[number // len(sources) % len(kinds)]
        path = folder / 'damaged' / f'{number:05}_{source.name}'
        seed = args.seed * 1_000_003 + number
        number += 1
        if fuzz.damage(source, path, kind, seed):
            trials[str(path)] = (str(source), kind, seed)
    return trials


def run_trials(args: argparse.Namespace, folder: Path, trials: dict[str, tuple]) -> bool:
    """Runs and prints all; whether one went wrong."""
    calls = {
        path: (fuzz.try_file, (path, source, str(folder), seed, args.timeout))
        for path, (source, _, seed) in trials.items()
    }
    kinds: dict[str, Counter] = {kind: Counter() for kind in fuzz.DAMAGES}
    altered: Counter = Counter()
    reasons: Counter = Counter()
    wrong = []
    # Opening and decoding may each take the time-out; a worker also starts and reads the original.
    for path, result in run_calls(calls, args.workers, 3 * args.timeout + 60):
        source, kind, _ = trials[path]
        outcome = outcome_of(result, kind)
        kinds[kind][outcome] += 1
        if outcome == 'altered':
            altered[Path(source).name] += 1
        if outcome == 'reported':
            reasons[group(result.reason)] += 1
        if outcome in BAD:
            wrong.append(f'{outcome}: {path} ({kind}): {result}')
    print_table(kinds)
    print('altered, by format:', json.dumps(dict(altered)))
    print('reasons of the reported:')
    for reason, count in reasons.most_common():
        print(f'{count:6}  {reason}')
    for line in wrong:
        print(line)
    return bool(wrong)


def outcome_of(result: fuzz.Trial | Lost, kind: str) -> str:
    if isinstance(result, Lost):
        return 'hang' if 'longer' in result.reason else 'crash'
    if kind in fuzz.CERTAIN and result.outcome != 'reported':
        return 'unreported'
    return result.outcome


def group(reason: str) -> str:
    """Reasons that differ in numbers only are one."""
    words = ''.join('#' if letter.isdigit() else letter for letter in reason.split(' (')[0])
    while '##' in words:
        words = words.replace('##', '#')
    return words


def print_table(kinds: dict[str, Counter]) -> None:
    used = [outcome for outcome in OUTCOMES if any(each[outcome] for each in kinds.values())]
    print('| damage | files |', ' | '.join(used), '|')
    print('|---|---|' + '---|' * len(used))
    total = sum(kinds.values(), Counter())
    for kind, counts in [*kinds.items(), ('all', total)]:
        row = [str(counts[outcome]) for outcome in used]
        print(f'| {kind} | {sum(counts.values())} |', ' | '.join(row), '|')


def print_memory(decodes: int, folder: Path, sources: list[Path], trials: dict[str, tuple]) -> None:
    whole = [(str(source), str(source)) for source in sources]
    # Those that crash the decoder would have it start anew, with no memory.
    files = whole + [
        (path, source) for path, (source, kind, _) in trials.items() if kind == 'one bit'
    ]
    call = (fuzz.measure_memory, (files, str(folder), decodes))
    for _, table in run_calls({0: call}, 1, 3600.0):
        if isinstance(table, Lost):
            print(table.reason)
            return
        print('| decodes | reading process, MB | decoding process, MB |')
        print('|---|---|---|')
        for tenth, row in enumerate(table, 1):
            megabytes = ' | '.join(f'{size / 1e6:.1f}' for size in row)
            print(f'| {decodes * tenth // 10} | {megabytes} |')


if __name__ == '__main__':
    sys.exit(main(parse_args()))
