"""CameraMotion's classes, as coordinates of the camera that run forwards or backwards."""

from .class_names import class_names

CLASSES = tuple(class_names('camera_motion'))
RIGHT, DOWN, SCALE, ANGLE = range(4)
# What runs in each class, in label order, and which way, as the window sees it.
MOTIONS = (
    (SCALE, -1),
    (SCALE, 1),
    (ANGLE, -1),
    (ANGLE, 1),
    (DOWN, 1),
    (RIGHT, -1),
    (RIGHT, 1),
    (DOWN, -1),
)
