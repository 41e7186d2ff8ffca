"""Judges a CameraMotion model on footage: clips of known camera motion made of any real videos."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from mmgsf.compat import load_pyav_before_decord
from mmgsf.datasets.camera_motion_video import write_h264
from mmgsf.datasets.footage.gliding import NUM_FRAMES, glide
from mmgsf.datasets.motions import CLASSES

MOST_FRAMES = 300  # of a video that are read
# Frames that are read are no larger: a window of them has more pixels than the network takes.
MOST_PIXELS = 480
BATCH = 8
VIDEO_SUFFIXES = ('.mp4', '.mkv', '.webm', '.avi', '.mov', '.mpg', '.m4v')


@dataclass
class Verdict:
    """What a model said of the clips of some videos.

    Attributes:
        labels: true classes, (N,).
        scores: probabilities, (N, classes).
        videos: which video each clip was made of, (N,).
        displacement: of each clip, mean from frame to frame, in sides of the window, (N,).
    """

    labels: np.ndarray
    scores: np.ndarray
    videos: np.ndarray
    displacement: np.ndarray

    @property
    def hits(self) -> np.ndarray:
        """Whether each clip was recognised, (N,)."""
        return self.scores.argmax(axis=1) == self.labels

    def describe(self) -> dict:
        """Accuracy in all, of each class and of slow and fast clips, with their numbers."""
        groups = {'all': np.ones(len(self.labels), bool)}
        groups |= {name: self.labels == label for label, name in enumerate(CLASSES)}
        middle = float(np.median(self.displacement))
        groups['slower half'] = self.displacement <= middle
        groups['faster half'] = self.displacement > middle
        confusion = np.zeros((len(CLASSES), len(CLASSES)), int)
        np.add.at(confusion, (self.labels, self.scores.argmax(axis=1)), 1)
        return {
            'accuracy': {
                name: {'correct': int(self.hits[group].sum()), 'clips': int(group.sum())}
                for name, group in groups.items()
            },
            'displacement': [float(x) for x in np.quantile(self.displacement, (0, 0.5, 1))],
            'confusion': confusion.tolist(),
        }


def judge(
    model: nn.Module, videos: Sequence[str | Path], clips_per_video: int = 16, seed: int = 0
) -> Verdict:
    """Lets windows glide over videos of standing cameras and asks the model which way.

    The clips go through H.264 files and the model's own test pipeline.

    Args:
        model: of CameraMotion's classes, as `load_model` gives it.
        videos: files, of 16 frames and more.
        clips_per_video: a multiple of the 8 classes.
        seed: of windows and speeds.

    Raises:
        ValueError: no videos, one is too short, or the clips do not divide.
    """
    if not videos:
        raise ValueError('no videos to judge on; give one or more files')
    if clips_per_video < 1 or clips_per_video % len(CLASSES):
        raise ValueError(
            f'clips_per_video={clips_per_video}: each of {len(CLASSES)} classes needs as many; take '
            f'a multiple of {len(CLASSES)}'
        )
    rows = []
    for number, video in enumerate(videos):
        footage = read_footage(video)
        glides = []
        for clip in range(clips_per_video):
            rng = np.random.default_rng((seed, number, clip))
            glides.append(glide(footage, clip % len(CLASSES), rng))
        scores = _scores(model, [each.frames for each in glides])
        rows += [
            (each.label, score, number, each.displacement)
            for each, score in zip(glides, scores, strict=True)
        ]
    labels, scores, sources, displacement = zip(*rows, strict=True)
    return Verdict(np.array(labels), np.stack(scores), np.array(sources), np.array(displacement))


def judge_unmoved(model: nn.Module, videos: Sequence[str | Path]) -> dict:
    """What a model says of the videos as they are; of a standing camera no class is right.

    Returns:
        Number of `videos`, of how many each class came `first`, the `mean_probability` of each
        class, and the mean of the highest one.
    """
    from mmgsf.apis import read_clip, score_clips

    clips = (score_clips(model, [read_clip(model, video)]) for video in videos)
    scores = np.concatenate([scores.numpy() for scores in clips])
    return {
        'videos': len(scores),
        'first': np.bincount(scores.argmax(axis=1), minlength=len(CLASSES)).tolist(),
        'mean_probability': [round(float(value), 4) for value in scores.mean(axis=0)],
        'mean_highest_probability': round(float(scores.max(axis=1).mean()), 4),
    }


def find_videos(paths: Sequence[Path]) -> list[Path]:
    """Files that are named, and the videos of folders that are named, in order.

    Raises:
        ValueError: there are none.
    """
    found = []
    for path in paths:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [one for one in inside if one == path or one.suffix.lower() in VIDEO_SUFFIXES]
    if not found:
        raise ValueError(
            f'no videos in {", ".join(map(str, paths))}; give files, or folders of them'
        )
    return found


def read_footage(path: str | Path) -> np.ndarray:
    """The first frames of a video, RGB (frames, H, W, 3) uint8, its short side 480 at most.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be decoded, or has too few frames.
    """
    load_pyav_before_decord()
    import decord

    if not Path(path).is_file():
        raise FileNotFoundError(f'{path} is no file; check the path of the video')
    try:
        size = decord.VideoReader(str(path))[0].shape[:2]
        ratio = min(1.0, MOST_PIXELS / min(size))
        height, width = (round(side * ratio) for side in size)
        reader = decord.VideoReader(str(path), width=width, height=height, num_threads=1)
        footage = reader.get_batch(range(min(len(reader), MOST_FRAMES))).asnumpy()
    except (RuntimeError, IndexError) as error:
        raise ValueError(f'{path} cannot be decoded: {error}; leave it out') from error
    if len(footage) < NUM_FRAMES[0]:
        raise ValueError(
            f'{path} has {len(footage)} frames; give videos of {NUM_FRAMES[0]} or more'
        )
    return footage


def _scores(model: nn.Module, clips: Sequence[np.ndarray]) -> list[np.ndarray]:
    from mmgsf.apis import read_clip, score_clips

    with tempfile.TemporaryDirectory() as folder:
        read = []
        for number, frames in enumerate(clips):
            path = Path(folder, f'{number}.mp4')
            write_h264(path, frames, fps=30)
            read.append(read_clip(model, path))
    batches = [read[start : start + BATCH] for start in range(0, len(read), BATCH)]
    return list(torch.cat([score_clips(model, batch) for batch in batches]).numpy())


def judge_rendered(model: nn.Module, setting: str, num_clips: int, seed: int = 0) -> dict:
    """Accuracy on rendered clips of photographs that CameraMotion does not train on.

    Every clip is shown backwards too, where the opposite class is right.

    Args:
        model: of CameraMotion's classes, as `load_model` gives it.
        setting: 'photograph' or 'footage'.
        num_clips: a multiple of 8 classes x 3 photographs.
        seed: of the clips.

    Returns:
        `clips`, how many of them are `correct`, and how many `correct_backwards`.
    """
    from mmgsf.apis import read_clip, score_clips
    from mmgsf.datasets import CameraMotion

    benchmark = CameraMotion(seed=seed, num_val=num_clips, setting=setting)
    correct = [0, 0]
    for clip in benchmark.clips('val'):
        for number, shown in enumerate((clip, clip.reversed())):
            scores = score_clips(model, [read_clip(model, benchmark.render(shown))])
            correct[number] += int(scores.argmax()) == shown.label
    return {'clips': num_clips, 'correct': correct[0], 'correct_backwards': correct[1]}
