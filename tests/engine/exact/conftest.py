"""The data of the small training, and one that was left alone."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

import mmgsf.register  # noqa: F401
from mmgsf.engine.exact.soak import small_training, write_data

from .training import train


@pytest.fixture(autouse=True, scope='package')
def _quick_and_restored() -> Iterator[None]:
    """Configs are not laid out by yapf, which takes longer than training; global state returns."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Config, 'pretty_text', 'a config')
        yield
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.deterministic = False
    random.setstate(states[0])
    np.random.set_state(states[1])
    torch.set_rng_state(states[2])


@pytest.fixture(scope='package')
def data(tmp_path_factory) -> Path:
    return write_data(tmp_path_factory.mktemp('exact') / 'data')


@pytest.fixture(scope='package')
def alone(tmp_path_factory, data, _quick_and_restored) -> Path:
    """Work dir of two epochs that nothing disturbed."""
    work_dir = tmp_path_factory.mktemp('alone')
    train(small_training(data, work_dir))
    return work_dir
