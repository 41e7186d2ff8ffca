"""One look at one video: what the page shows of it, and what its JSON holds."""

import logging
from collections.abc import Callable
from pathlib import Path

from torch import nn

from mmgsf.apis import Clip, model_classes, score_clips
from mmgsf.apis.result import Recognition

from .limits import Limits
from .pictures import frame_pictures, gates_picture, saliency_picture
from .reading import read_within

TOPK = 5

log = logging.getLogger('mmgsf.web')


def look(
    model: nn.Module, path: Path, name: str, limits: Limits, step: Callable[[str], None]
) -> dict:
    """Everything that the page shows of a video.

    Args:
        model: of `Models`.
        path: the file.
        name: by which the visitor knows it.
        limits: of the video.
        step: told what is being done, in words.

    Returns:
        'recognition', the JSON to download; 'frames', pictures of the T frames of the first view,
        with 'times' in seconds; 'gates' and 'saliency', pictures, or None with the reason in
        'notes'.

    Raises:
        Refused: the video cannot be read within the limits.
    """
    step('Reading the video')
    clip = read_within(model, path, limits)
    clip.name = name
    step('Recognising')
    recognition = recognise(model, clip)
    best = recognition['top'][0]
    step('Drawing the frames, gates and evidence')
    shown = {'recognition': recognition, 'notes': {}}
    count = model.num_segments
    shown['frames'] = frame_pictures(clip.frames[:count])
    shown['times'] = [
        index / clip.fps if clip.fps else None for index in clip.frame_indices[:count].tolist()
    ]
    drawings = {
        'gates': lambda: gates_picture(model, clip),
        'saliency': lambda: saliency_picture(model, clip, best['label'], best['class']),
    }
    for part, draw in drawings.items():
        shown[part] = None
        try:
            shown[part] = draw()
        # A model without these layers, or a package that is not installed.
        except (ValueError, TypeError, ImportError) as error:
            shown['notes'][part] = str(error)
            log.info('no %s of %s: %s', part, model.name, error)
    return shown


def recognise(model: nn.Module, clip: Clip) -> dict:
    """What `mmgsf.recognize` gives for the clip, as plain values."""
    scores = score_clips(model, [clip])[0].tolist()
    return Recognition(clip.name, model.name, model_classes(model), scores, TOPK).to_dict()
