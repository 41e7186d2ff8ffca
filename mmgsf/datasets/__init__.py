"""Class names, annotation lists, pipelines and the embedded benchmark.

Configs import this, so it brings in no framework; CameraMotion, which needs OpenCV, comes when asked
for.
"""

from typing import TYPE_CHECKING

from .class_names import class_names, flip_label_map, mirrored_classes, read_class_names
from .lists import list_delimiter, training_root
from .pipelines import (
    with_dense_sampling,
    with_flip,
    with_frame_folders,
    with_meta_keys,
    with_num_segments,
    with_sizes,
)
from .preprocessing import CAFFE_BGR, IMAGENET_RGB
from .protocols import with_protocol

if TYPE_CHECKING:
    from .camera_motion import CameraMotion

__all__ = [
    'CAFFE_BGR',
    'CameraMotion',
    'IMAGENET_RGB',
    'class_names',
    'flip_label_map',
    'list_delimiter',
    'mirrored_classes',
    'read_class_names',
    'training_root',
    'with_dense_sampling',
    'with_flip',
    'with_frame_folders',
    'with_meta_keys',
    'with_num_segments',
    'with_protocol',
    'with_sizes',
]


def __getattr__(name: str) -> type:
    if name != 'CameraMotion':
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from .camera_motion import CameraMotion

    return CameraMotion
