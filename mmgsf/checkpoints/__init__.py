"""Reading, writing and converting checkpoints."""

from .convert import convert_official

__all__ = ['convert_official']
