"""Reading, writing and converting checkpoints."""

from .class_order import ordered_class_names, reorder_classes
from .convert import OfficialNetwork, convert_official, describe_official
from .load import load_from_local
from .official_file import read_official
from .save import save_weights

__all__ = [
    'OfficialNetwork',
    'convert_official',
    'describe_official',
    'load_from_local',
    'ordered_class_names',
    'read_official',
    'reorder_classes',
    'save_weights',
]
