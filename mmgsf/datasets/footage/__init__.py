"""CameraMotion's harder setting: photographs filmed as footage is, with moving subjects."""

from .clip import FootageClip
from .film import render_footage

__all__ = ['FootageClip', 'render_footage']
