"""Times a pipeline of transforms on videos: how many clips a second, and which step takes them.

All on one core, as one worker of a DataLoader and its decoding process. What is timed is what the clock
on the wall says, since the process's own CPU time would lack the decoding.
"""

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import torch

from mmgsf.datasets.camera_motion import CameraMotion
from mmgsf.datasets.camera_motion_video import write_clip
from mmgsf.datasets.decoding import decoding_process
from mmgsf.datasets.preparation.encoder import Encoding
from mmgsf.datasets.preparation.pool import Lost, run_calls
from mmgsf.datasets.preparation.reencode import reencode_video

from .timing import Contestant, interleave, spread

SUFFIXES = ('.mp4', '.webm', '.mkv', '.avi', '.mov', '.m4v')
ORIGINAL, REENCODED = 'as they are', 're-encoded'
MADE_FRAMES, MADE_SIZE = 90, 256
TIMEOUT = 600.0
WARMUP = 1  # rounds; the first starts the decoding process


def find_videos(folder: Path, count: int) -> list[Path]:
    """The first videos below a folder, by name.

    Raises:
        FileNotFoundError: there is none.
    """
    found = sorted(path for path in Path(folder).rglob('*') if path.suffix.lower() in SUFFIXES)
    if not found:
        raise FileNotFoundError(
            f'{folder} holds no video ({", ".join(SUFFIXES)}); name a folder of videos'
        )
    return found[:count]


def make_videos(
    folder: Path, count: int, frames: int = MADE_FRAMES, size: int = MADE_SIZE
) -> list[Path]:
    """Videos of camera motions over photographs as H.264 with few key frames; square.

    Raises:
        ImportError: PyAV or scikit-image is missing.
    """
    benchmark = CameraMotion(size=size, num_frames=frames)
    paths = []
    for number, clip in zip(range(count), benchmark.clips('val'), strict=False):
        paths.append(folder / f'{number:02}.mp4')
        write_clip(benchmark, clip, folder / f'source_{number:02}.mp4')
    sparse = Encoding(short_side=size, gop=250)
    reencode({path: folder / f'source_{path.name}' for path in paths}, sparse)
    return paths


def reencode(sources: Mapping[Path, Path], encoding: Encoding) -> None:
    """Writes copies.

    Args:
        sources: the original of each copy.
        encoding: of the copies.

    Raises:
        ValueError: an original cannot be read.
    """
    calls = {
        copy: (reencode_video, (str(source), str(copy), encoding))
        for copy, source in sources.items()
    }
    for copy, result in run_calls(calls, workers=1, timeout=TIMEOUT):
        problem = result.reason if isinstance(result, Lost) else result.error
        if problem:
            raise ValueError(f'{sources[copy].name}: {problem}')


class Reading:
    """One round: each video once through all steps, whose seconds are kept after the warm-up.

    The n-th rounds of all readings draw the same random numbers.

    Args:
        steps: transforms by name, in their order.
        videos: read in turn.
    """

    def __init__(self, steps: Sequence[tuple[str, Callable]], videos: Sequence[Path]) -> None:
        self.steps = steps
        self.videos = videos
        self.seconds: dict[str, list[float]] = {name: [] for name, _ in steps}
        self.rounds = 0

    def __call__(self) -> None:
        self.rounds += 1
        random.seed(self.rounds)
        np.random.seed(self.rounds)
        for video in self.videos:
            values = {'filename': str(video), 'label': 0, 'start_index': 0, 'modality': 'RGB'}
            for name, step in self.steps:
                begin = time.perf_counter()
                values = step(values)
                if self.rounds > WARMUP:
                    self.seconds[name].append(time.perf_counter() - begin)


def named_steps(pipeline: Sequence[dict]) -> list[tuple[str, Callable]]:
    """The transforms of a config, each by its type, and its number where a type comes again."""
    from mmaction.registry import TRANSFORMS

    steps, names = [], set()
    for number, config in enumerate(pipeline, start=1):
        name = config['type'] if config['type'] not in names else f'{config["type"]} {number}'
        names.add(name)
        steps.append((name, TRANSFORMS.build({**config, '_scope_': 'mmaction'})))
    return steps


def measure_data(
    pipeline: Sequence[dict],
    videos: Sequence[Path],
    folder: Path,
    repeats: int,
    say: Callable[[str], None],
) -> dict:
    """Reads videos as they are and re-encoded, in turn.

    Args:
        pipeline: transforms of a config of videos.
        videos: originals.
        folder: takes the re-encoded copies.
        repeats: rounds.
        say: takes a line about what is going on.

    Returns:
        The section of the results.

    Raises:
        ValueError: the pipeline reads no videos, or a video cannot be read.
    """
    if pipeline[0]['type'] != 'DecordInit':
        raise ValueError(
            f'the pipeline begins with {pipeline[0]["type"]}; take a config that reads videos, '
            'whose pipeline begins with DecordInit'
        )
    say(f'data: re-encoding {len(videos)} videos')
    copies = [folder / f'reencoded_{number:03}.mp4' for number in range(len(videos))]
    reencode(dict(zip(copies, videos, strict=True)), Encoding())
    readings = {
        name: Reading(named_steps(pipeline), files)
        for name, files in ((ORIGINAL, videos), (REENCODED, copies))
    }
    say(f'data: {repeats} rounds of {len(videos)} videos')
    with one_core():
        times = interleave(
            {name: Contestant(reading) for name, reading in readings.items()},
            repeats,
            warmup=WARMUP,
        )
    return {
        'videos': len(videos),
        'repeats': repeats,
        'rows': [_row(name, times[name], readings[name]) for name in readings],
    }


def _row(name: str, seconds: Sequence[float], reading: Reading) -> dict:
    clips = len(reading.videos)
    return {
        'name': name,
        'seconds': [round(value / clips, 6) for value in seconds],
        'clips_per_second': round(clips / spread(seconds).median, 2),
        'bytes': sum(video.stat().st_size for video in reading.videos),
        'steps': {step: round(spread(some).median, 6) for step, some in reading.seconds.items()},
    }


@contextmanager
def one_core() -> Iterator[None]:
    """Threads and cores of one worker and its decoding process; what was set before comes back."""
    cores = os.sched_getaffinity(0) if hasattr(os, 'sched_getaffinity') else None
    threads, cv2_threads = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    if cores:
        os.sched_setaffinity(0, {max(cores)})
    decoding_process().stop()
    try:
        yield
    finally:
        decoding_process().stop()
        if cores:
            os.sched_setaffinity(0, cores)
        cv2.setNumThreads(cv2_threads)
        torch.set_num_threads(threads)
