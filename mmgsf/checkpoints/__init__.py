"""Reading, writing and converting checkpoints."""

from .convert import OfficialNetwork, convert_official, describe_official

__all__ = ['OfficialNetwork', 'convert_official', 'describe_official']
