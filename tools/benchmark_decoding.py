"""Measures how fast decord reads random frames of clips, as they are and re-encoded.

python tools/benchmark_decoding.py CLIPS... [--vp9] [--gop 1 2 4 8] [--crf 18 22 26] [--json FILE]

A reading is what MMAction2's DecordInit and DecordDecode do for a clip of 8 frames: open the file from
memory, with one thread, and decode one random frame of each eighth. All contestants are read in turn,
on one core. The times are CPU time, which is also what the clock shows where nothing else runs: for each
clip the median over the rounds, and the least, which other work on the machine disturbs less, both
summed over the clips. PSNR is of the luma, against the original resized.
"""

import argparse
import io
import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from mmgsf.datasets.lists import write_lines
from mmgsf.datasets.preparation.encoder import Encoding, resized
from mmgsf.datasets.preparation.pool import Lost, run_calls
from mmgsf.datasets.preparation.reencode import reencode_video
from mmgsf.programs import add_debug, run

# Of Something-Something V2: most clips are 427x240.
VP9_RATE = 12
VP9_SIZE = (426, 240)
VP9_BITS = 400_000  # a second; libvpx stays about a quarter below it
TIMEOUT = 600.0


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('clips', nargs='+', metavar='CLIPS', help='video files')
    parser.add_argument(
        '--vp9',
        type=int,
        nargs='?',
        const=100_000,
        metavar='FRAMES',
        help="turn the clips into originals of Something-Something V2's kind first: VP9, 426x240 "
        'from the middle, all frames (or the first FRAMES) shown at 12 a second, about 300 kbit/s',
    )
    parser.add_argument(
        '--gop',
        type=int,
        nargs='+',
        default=[1, 2, 4, 8],
        help='frames from key frame to key frame',
    )
    parser.add_argument('--crf', type=int, nargs='+', default=[18, 22, 26], help='qualities')
    parser.add_argument('--short-side', type=int, default=Encoding.short_side, help='pixels')
    parser.add_argument('--frames', type=int, default=8, help='frames of a reading')
    parser.add_argument('--rounds', type=int, default=15, help='readings of each file')
    parser.add_argument('--json', type=Path, help='file for all figures')
    add_debug(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    missing = [clip for clip in args.clips if not Path(clip).is_file()]
    if missing:
        raise FileNotFoundError(f'{missing[0]} is not there; give video files')
    if min(args.rounds, args.frames) < 1:
        raise ValueError(f'--rounds {args.rounds} --frames {args.frames}: take 1 or more')
    encodings = [Encoding(args.short_side, gop, crf) for gop in args.gop for crf in args.crf]
    with tempfile.TemporaryDirectory() as folder:
        originals = [Path(clip) for clip in args.clips]
        if args.vp9 is not None:
            originals = [Path(folder, f'{i}.webm') for i in range(len(args.clips))]
            pairs = zip(args.clips, originals, strict=True)
            apart({clip: (write_vp9, (clip, str(original), args.vp9)) for clip, original in pairs})
        results = measure(originals, encodings, Path(folder), args.frames, args.rounds)
    results['clips'] = [Path(clip).name for clip in args.clips]
    results['vp9'] = args.vp9
    print_table(results)
    if args.json is not None:
        write_lines(args.json, json.dumps(results, indent=1).splitlines())


def apart(calls: dict[Any, tuple[Callable, tuple]]) -> dict[Any, float]:
    """Results of calls in a process of its own: PyAV reads no VP9 where decord is loaded."""
    results = dict(run_calls(calls, workers=1, timeout=TIMEOUT))
    for key, result in results.items():
        if isinstance(result, Lost | str):
            problem = result.reason if isinstance(result, Lost) else result
            raise ValueError(f'{Path(calls[key][1][0]).name}: {problem}')
    return results


def measure(
    originals: list[Path], encodings: list[Encoding], folder: Path, frames: int, rounds: int
) -> dict:
    """Figures of the originals and of each encoding of them."""
    files, calls = [originals], {}
    for number, encoding in enumerate(encodings):
        files.append([folder / f'{number}_{i}.mp4' for i in range(len(originals))])
        for original, copy in zip(originals, files[-1], strict=True):
            calls[copy] = (make_copy, (str(original), str(copy), encoding))
    psnr = apart(calls)
    times = read_in_turn([path.read_bytes() for some in files for path in some], frames, rounds)
    rows = []
    for number, some in enumerate(files):
        mine = times[number * len(originals) : (number + 1) * len(originals)]
        cpu = [[seconds for seconds, _ in readings] for readings in mine]
        rows.append(
            {
                'bytes': [path.stat().st_size for path in some],
                'median': [statistics.median(readings) for readings in cpu],
                'least': [min(readings) for readings in cpu],
                'median_by_clock': [statistics.median(wall for _, wall in one) for one in mine],
            }
        )
    for row, encoding, copies in zip(rows[1:], encodings, files[1:], strict=True):
        row.update(gop=encoding.gop, crf=encoding.crf, psnr=[psnr[copy] for copy in copies])
        for key in ('bytes', 'median', 'least', 'median_by_clock'):
            row[f'{key}_ratio'] = sum(row[key]) / sum(rows[0][key])
    return {
        'machine': f'{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}',
        'frames': frames,
        'rounds': rounds,
        'original': rows[0],
        'encodings': rows[1:],
    }


def read_in_turn(files: list[bytes], frames: int, rounds: int) -> list[list[tuple[float, float]]]:
    """(CPU seconds, wall seconds) of every reading of every file."""
    import decord

    if hasattr(os, 'sched_setaffinity'):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rng = random.Random(0)
    times = [[] for _ in files]
    for _ in range(rounds):
        places = [(i + rng.random()) / frames for i in range(frames)]
        for data, readings in zip(files, times, strict=True):
            cpu, wall = time.process_time(), time.perf_counter()
            reader = decord.VideoReader(io.BytesIO(data), num_threads=1)
            reader.get_batch([int(place * len(reader)) for place in places]).asnumpy()
            readings.append((time.process_time() - cpu, time.perf_counter() - wall))
    return times


def make_copy(original: str, copy: str, encoding: Encoding) -> float | str:
    """PSNR of the copy, or why there is none."""
    return reencode_video(original, copy, encoding).error or luma_psnr(original, copy)


def luma_psnr(original: str, copy: str) -> float:
    """Decibels over all frames of a clip, up to 100."""
    import av
    import numpy as np

    error = pixels = 0
    with av.open(original) as one, av.open(copy) as other:
        for before, after in zip(one.decode(video=0), other.decode(video=0), strict=True):
            small = resized(before, after.width, after.height)
            planes = [f.to_ndarray()[: f.height].astype(np.float64) for f in (small, after)]
            error += np.square(planes[0] - planes[1]).sum()
            pixels += planes[0].size
    return float(min(100.0, 10 * np.log10(255**2 * pixels / max(error, 1e-9))))


def write_vp9(source: str, target: str, frames: int) -> float:
    """Bits a second."""
    import av

    width, height = VP9_SIZE
    with av.open(source) as reader, av.open(target, 'w') as writer:
        options = {'deadline': 'good', 'cpu-used': '4', 'threads': '1'}
        output = writer.add_stream('libvpx-vp9', rate=VP9_RATE, options=options)
        output.width, output.height, output.pix_fmt = width, height, 'yuv420p'
        output.bit_rate = VP9_BITS
        for number, frame in enumerate(islice(reader.decode(video=0), frames)):
            rows = min(frame.height, frame.width * height // width)
            top = (frame.height - rows) // 2
            middle = frame.to_ndarray(format='rgb24')[top : top + rows].copy()
            small = av.VideoFrame.from_ndarray(middle, format='rgb24')
            small = small.reformat(width, height, 'yuv420p', interpolation='BICUBIC')
            small.pts, small.time_base = number, Fraction(1, VP9_RATE)
            writer.mux(output.encode(small))
        writer.mux(output.encode())
    return Path(target).stat().st_size * 8 * VP9_RATE / (number + 1)


def print_table(results: dict) -> None:
    original, clips = results['original'], len(results['clips'])
    print(f'{results["machine"]}; {clips} clips, {results["frames"]} frames a reading')
    print('| GOP | crf | ms a clip | speed | least ms | speed | kB a clip | bytes | PSNR, least |')
    print('|---|---|---|---|---|---|---|---|---|')
    for row in (original, *results['encodings']):
        cells = ['as it is', ''] if row is original else [str(row['gop']), str(row['crf'])]
        for key in ('median', 'least'):
            cells.append(f'{1e3 * sum(row[key]) / clips:.1f}')
            cells.append(f'x {1 / row.get(f"{key}_ratio", 1):.1f}')
        cells.append(f'{sum(row["bytes"]) / clips / 1e3:.0f}')
        cells.append(f'x {row.get("bytes_ratio", 1):.2f}')
        decibels = row.get('psnr')
        cells.append(f'{statistics.mean(decibels):.1f}, {min(decibels):.1f} dB' if decibels else '')
        print(f'| {" | ".join(cells)} |')


if __name__ == '__main__':
    run(main, parse_args())
