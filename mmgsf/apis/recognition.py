"""From videos to class names and probabilities."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .clips import Clip, read_clip, score_clips
from .hub import get_model
from .index import DEFAULT_MODEL
from .models import model_classes, usable_device
from .result import Failure, Recognition, Recognitions
from .sources import Source, expand, is_single

ON_ERROR = ('raise', 'skip')


def recognize(
    source: Source,
    model: nn.Module | str | None = None,
    topk: int | None = 5,
    batch_size: int = 8,
    timeout: float | None = None,
    device: str | torch.device | None = None,
    on_error: str = 'raise',
) -> Recognition | Recognitions:
    """Recognises what happens in videos.

    Args:
        source: a video file, a folder (its videos, recursively), a glob, uint8 RGB frames
            (frames, H, W, 3), or a list of these.
        model: of `get_model` or `load_model`; a name of `list_models`; None takes the default one.
        topk: classes to show; None shows all.
        batch_size: videos that go through the network at once.
        timeout: seconds to open a file, and again to decode it; None takes the usual ones.
        device: where it runs, if the model is not loaded yet; None takes a GPU if there is one.
        on_error: of several videos, 'raise' stops at the first that cannot be read, 'skip' puts them
            into `failed` of the result and goes on.

    Returns:
        A `Recognition` for one file or one array of frames, `Recognitions` for the others.

    Raises:
        FileNotFoundError: a file is not there, a folder or a glob gives no videos.
        ValueError: a video cannot be decoded, or an argument is out of range.
    """
    if on_error not in ON_ERROR:
        raise ValueError(f'on_error={on_error!r}: take one of {ON_ERROR}')
    videos = expand(source)
    model = ready_model(model, device)
    single = is_single(source)
    results = recognize_each(
        videos, model, topk, batch_size, timeout, single or on_error == 'raise'
    )
    if single:
        return next(results)
    gathered = Recognitions()
    for result in results:
        (gathered.failed if isinstance(result, Failure) else gathered).append(result)
    return gathered


def ready_model(
    model: nn.Module | str | None = None, device: str | torch.device | None = None
) -> nn.Module:
    """A model that is loaded already, or the published one of a name."""
    if isinstance(model, nn.Module):
        if not hasattr(model, 'cfg') or not hasattr(model, 'data_preprocessor'):
            raise TypeError(
                f'{type(model).__name__} has no config to read videos by; load it with get_model or '
                'load_model'
            )
        return model if device is None else model.to(usable_device(device))
    return get_model(DEFAULT_MODEL if model is None else model, device=device)


def recognize_each(
    videos: Iterable[Any],
    model: nn.Module,
    topk: int | None = 5,
    batch_size: int = 8,
    timeout: float | None = None,
    stop: bool = False,
    done: Callable[[str], None] | None = None,
) -> Iterator[Recognition | Failure]:
    """Recognises videos one batch after another, in their order.

    Args:
        videos: paths and frames, see `sources.expand`.
        model: as `ready_model` gives it.
        topk: classes to show; None shows all.
        batch_size: videos that go through the network at once.
        timeout: as for `read_clip`.
        stop: raise the error of a video that cannot be read.
        done: is called with the name of every video that was read, or that failed.
    """
    classes = model_classes(model)
    if topk is not None and topk < 1:
        raise ValueError(f'topk={topk}: take 1 or more, or None for all classes')
    if batch_size < 1:
        raise ValueError(f'batch_size={batch_size}: take 1 or more')
    topk = len(classes) if topk is None else min(topk, len(classes))
    waiting: list[Clip | Failure] = []
    for video in videos:
        waiting.append(_read(video, model, timeout, stop))
        if done is not None:
            done(str(video) if isinstance(video, str | Path) else 'frames')
        if len(waiting) == batch_size:
            yield from _scored(waiting, model, classes, topk)
            waiting = []
    yield from _scored(waiting, model, classes, topk)


def _read(video: Any, model: nn.Module, timeout: float | None, stop: bool) -> Clip | Failure:
    try:
        return read_clip(model, video, timeout)
    except (ValueError, TypeError, OSError) as error:
        if stop:
            raise
        name = str(video) if isinstance(video, str | Path) else 'frames'
        return Failure(name, model.name, ' '.join(str(error).split()))


def _scored(
    waiting: list[Clip | Failure], model: nn.Module, classes: list[str], topk: int
) -> Iterator[Recognition | Failure]:
    clips = [one for one in waiting if isinstance(one, Clip)]
    scores = iter(score_clips(model, clips).tolist()) if clips else iter(())
    for one in waiting:
        if isinstance(one, Failure):
            yield one
        else:
            yield Recognition(one.name, model.name, classes, next(scores), topk)
