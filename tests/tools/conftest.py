"""A small CameraMotion where the configs look for it, shared by the tests of the tools."""

from pathlib import Path

import pytest

from mmgsf.datasets import CameraMotion


@pytest.fixture(scope='session')
def camera_motion(tmp_path_factory) -> Path:
    """A folder to work in, with 56 training and 24 validation clips under data/camera_motion."""
    folder = tmp_path_factory.mktemp('camera_motion')
    CameraMotion(num_train=56, num_val=24).write(folder / 'data' / 'camera_motion')
    return folder
