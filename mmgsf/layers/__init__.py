"""Temporal layers and their insertion into a 2D CNN. This package imports torch only."""

from .gate_shift import GateShift
from .gate_shift_fuse import Explanation, GateShiftFuse
from .insert import TemporalConv, insert_temporal

__all__ = ['Explanation', 'GateShift', 'GateShiftFuse', 'TemporalConv', 'insert_temporal']
