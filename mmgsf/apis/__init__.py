"""Recognise videos: configs and models by name, clips by a model's own pipeline, class scores."""

from .clips import Clip, read_clip, score_clips
from .configs import get_config
from .models import load_model, model_classes

__all__ = ['Clip', 'get_config', 'load_model', 'model_classes', 'read_clip', 'score_clips']
