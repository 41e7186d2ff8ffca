"""Writes CameraMotion to real H.264 files with MMAction2's annotation lists."""

import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmgsf.files import replacing

from .lists import write_lines

if TYPE_CHECKING:
    from .camera_motion import CameraMotion, Clip
    from .footage import FootageClip

LIST_NAME = 'camera_motion_{split}_list_videos.txt'
DESCRIPTION = 'camera_motion.json'
# decord 0.6 takes its own frames of these widths for damaged ones.
UNREADABLE_WIDTHS = (48, 72)
# Few frames lie between two key frames, so a random frame is cheap to reach.
ENCODER = {'crf': '18', 'preset': 'veryfast', 'g': '4', 'bf': '0', 'threads': '1'}


def write_camera_motion(
    benchmark: 'CameraMotion', root: str | os.PathLike, force: bool = False
) -> None:
    """Writes `videos/{train,val}/NNNNN.mp4` and the lists `NAME LABEL` below `root`.

    Names of the setting 'mixed' end in the setting of their clip: `NNNNN_footage.mp4`.

    The lists come last, so they are there only beside all their videos. A folder that holds the
    same benchmark already, whole, is left as it is.

    Args:
        benchmark: what to write.
        root: folder, made if missing.
        force: replace a benchmark of other parameters.

    Raises:
        ValueError: `root` holds a benchmark of other parameters, and `force` is not set.
        ImportError: PyAV or scikit-image is missing.
    """
    root = Path(root)
    description = benchmark.describe()
    file = root / DESCRIPTION
    if file.exists():
        found = json.loads(file.read_text(encoding='utf-8'))
        if found == description and _is_whole(benchmark, root):
            return
        if found != description and not force:
            differences = [
                f'{key} {found.get(key)} there, {description.get(key)} wanted'
                for key in {**found, **description}
                if found.get(key) != description.get(key)
            ]
            raise ValueError(
                f'{root} holds another CameraMotion ({"; ".join(differences)}); '
                'take another folder, or replace it with --force'
            )
        # A list must never stand beside videos that it does not belong to.
        for path in (
            file,
            *(root / LIST_NAME.format(split=split) for split in benchmark.num_clips),
        ):
            path.unlink(missing_ok=True)
    jobs, lists = [], {}
    for split in benchmark.num_clips:
        clips = list(benchmark.clips(split))
        names = _names(benchmark, split)
        jobs += zip(clips, (root / 'videos' / name for name in names), strict=True)
        lists[split] = [f'{name} {clip.label}' for name, clip in zip(names, clips, strict=True)]
        (root / 'videos' / split).mkdir(parents=True, exist_ok=True)
    _write_videos(benchmark, jobs)
    for split, lines in lists.items():
        write_lines(root / LIST_NAME.format(split=split), lines)
    write_lines(file, [json.dumps(description)])


def _is_whole(benchmark: 'CameraMotion', root: Path) -> bool:
    """Whether both lists and all videos are there."""
    return all(
        (root / LIST_NAME.format(split=split)).is_file()
        and all((root / 'videos' / name).is_file() for name in _names(benchmark, split))
        for split in benchmark.num_clips
    )


def _names(benchmark: 'CameraMotion', split: str) -> list[str]:
    """Of the videos of a split below `videos`, in the order of their clips."""
    endings = ('_photograph', '_footage') if benchmark.setting == 'mixed' else ('',)
    return [
        f'{split}/{number:05}{endings[number % len(endings)]}.mp4'
        for number in range(benchmark.num_clips[split])
    ]


def _write_videos(benchmark: 'CameraMotion', jobs: list[tuple['Clip | FootageClip', Path]]) -> None:
    from rich.progress import track

    with ProcessPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        tasks = [pool.submit(write_clip, benchmark, clip, path) for clip, path in jobs]
        for task in track(tasks, description='CameraMotion'):
            task.result()


def write_clip(benchmark: 'CameraMotion', clip: 'Clip | FootageClip', path: Path) -> None:
    """Renders one clip and writes it as H.264, whole or not at all."""
    with replacing(path) as beside:
        write_h264(beside, benchmark.render(clip), benchmark.FPS)


def write_h264(path: Path, frames: np.ndarray, fps: int) -> None:
    """Writes RGB frames (T, H, W, 3) uint8, H and W even.

    Raises:
        ImportError: PyAV is missing.
    """
    try:
        import av
    except ImportError as error:
        raise ImportError(
            'CameraMotion is encoded with PyAV: pip install "mmgsf[camera-motion]"'
        ) from error
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=fps, options=ENCODER)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = 'yuv420p'
        for array in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(array, format='rgb24')))
        container.mux(stream.encode())
