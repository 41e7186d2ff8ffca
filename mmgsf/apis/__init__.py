"""Recognise videos: models by name or from files, clips by a model's own pipeline, class scores.

What is asked for is imported then: the index and the configs' names need no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clips import Clip, read_clip, score_clips
    from .configs import get_config
    from .features import FeatureExtractor, FeatureSettings
    from .hub import get_model, list_models, weights_file
    from .models import load_model, model_classes
    from .recognition import recognize
    from .result import Failure, Recognition, Recognitions
    from .streaming import Latency, Stream, WindowResult
    from .timeline import Segment, Timeline, read_timeline
    from .window_buffer import windows

_PLACES = {
    'clips': ('Clip', 'read_clip', 'score_clips'),
    'configs': ('get_config',),
    'features': ('FeatureExtractor', 'FeatureSettings'),
    'hub': ('get_model', 'list_models', 'weights_file'),
    'models': ('load_model', 'model_classes'),
    'recognition': ('recognize',),
    'result': ('Failure', 'Recognition', 'Recognitions'),
    'streaming': ('Latency', 'Stream', 'WindowResult'),
    'timeline': ('Segment', 'Timeline', 'read_timeline'),
    'window_buffer': ('windows',),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}
__all__ = [
    'Clip',
    'Failure',
    'FeatureExtractor',
    'FeatureSettings',
    'Latency',
    'Recognition',
    'Recognitions',
    'Segment',
    'Stream',
    'Timeline',
    'WindowResult',
    'get_config',
    'get_model',
    'list_models',
    'load_model',
    'model_classes',
    'read_clip',
    'read_timeline',
    'recognize',
    'score_clips',
    'weights_file',
    'windows',
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{_MODULES[name]}'), name)
