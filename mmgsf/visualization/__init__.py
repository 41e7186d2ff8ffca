"""Pictures of runs and predictions."""

from .results import draw_confusion, draw_curves, draw_film_strip

__all__ = ['draw_confusion', 'draw_curves', 'draw_film_strip']
