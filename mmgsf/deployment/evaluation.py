"""Accuracy and speed of exported files on the videos of a config."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from .description import Description
from .exported import ExportedModel


@dataclass
class Score:
    """What one file reached.

    Attributes:
        correct: output name to the share of videos whose best class is the right one, in [0, 1].
        videos: how many there were.
        seconds: median time of a batch; the first one is left out.
    """

    correct: dict[str, float]
    videos: int
    seconds: float


@dataclass
class _Count:
    hits: list[np.ndarray] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def evaluate(models: Sequence[ExportedModel], batches: Iterable[dict]) -> list[Score]:
    """Runs files side by side over the same batches.

    Args:
        models: files of the same classes and clips.
        batches: of a data loader of MMAction2: 'inputs' a list of uint8 (views*T, 3, H, W),
            'data_samples' with `gt_label`.

    Raises:
        ValueError: there are no videos.
    """
    counts = [_Count() for _ in models]
    for batch in batches:
        videos = [_views(inputs.numpy(), models[0].description) for inputs in batch['inputs']]
        clips = np.concatenate(videos)
        labels = np.stack([sample.gt_label.numpy() for sample in batch['data_samples']])
        for model, count in zip(models, counts, strict=True):
            start = time.perf_counter()
            outputs = model(clips).values()
            count.seconds.append(time.perf_counter() - start)
            count.hits.append(_hits(list(outputs), labels, model.description))
    if not counts[0].hits:
        raise ValueError('no videos to test with; check the list of the config')
    return [_score(model, count) for model, count in zip(models, counts, strict=True)]


def _views(inputs: np.ndarray, description: Description) -> np.ndarray:
    """(views*T, 3, H, W) to (views, T, H, W, 3)."""
    frames = inputs.reshape(-1, *inputs.shape[-3:]).transpose(0, 2, 3, 1)
    if len(frames) % description.num_segments:
        raise ValueError(
            f'the pipeline gives {len(frames)} frames a video, no whole number of clips of '
            f'{description.num_segments}; give the config that was exported'
        )
    return frames.reshape(-1, description.num_segments, *frames.shape[1:])


def _hits(outputs: list[np.ndarray], labels: np.ndarray, description: Description) -> np.ndarray:
    """(N, outputs): whether the best class of each video is its label."""
    best = [average_views(part, len(labels), description).argmax(-1) for part in outputs]
    return np.stack(best, axis=-1) == labels.reshape(len(labels), -1)


def average_views(probabilities: np.ndarray, videos: int, description: Description) -> np.ndarray:
    """Probabilities (N*views, classes) of clips to those of N videos, as the model's head averages.

    Args:
        probabilities: views of a video contiguous.
        videos: N.
        description: whose `average_clips` says how.
    """
    views = probabilities.reshape(videos, -1, probabilities.shape[-1])
    if description.average_clips == 'prob':
        return views.mean(1)
    # Of mean logits; a logarithm of 0 stays finite.
    logits = np.log(np.maximum(views, np.finfo(np.float32).tiny)).mean(1)
    exponentials = np.exp(logits - logits.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def _score(model: ExportedModel, count: _Count) -> Score:
    hits = np.concatenate(count.hits)
    shares = hits.mean(0)
    correct = dict(zip(model.description.classes, map(float, shares), strict=True))
    return Score(correct, len(hits), float(np.median(count.seconds[1:] or count.seconds)))
