"""Temporal layers and their insertion into a 2D CNN. This package imports torch only."""

from .gate_shift import GateShift
from .gate_shift_fuse import Explanation, GateShiftFuse
from .insert import insert_temporal
from .temporal_conv import TemporalConv

__all__ = ['Explanation', 'GateShift', 'GateShiftFuse', 'TemporalConv', 'insert_temporal']
