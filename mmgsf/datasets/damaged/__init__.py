"""Damaged videos: another sample in training, an error in val and test, never another frame."""

from .guard import Guard, guard_dataset
from .records import BadVideos, BadVideosError, Settings

__all__ = ['BadVideos', 'BadVideosError', 'Guard', 'Settings', 'guard_dataset']
