"""Class names, the embedded benchmark and transforms. Importing this brings in no framework."""

from .camera_motion import CameraMotion
from .class_names import class_names, flip_label_map
from .pipelines import with_num_segments
from .something_something import write_ssv2_lists

__all__ = [
    'CameraMotion',
    'class_names',
    'flip_label_map',
    'with_num_segments',
    'write_ssv2_lists',
]
