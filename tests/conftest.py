"""What every file of tests leaves as it found it."""

import sys
from collections.abc import Iterator

import pytest

from mmgsf.compat import load_pyav_before_decord

# Tests import decord as well.
load_pyav_before_decord()


@pytest.fixture(autouse=True, scope='module')
def default_scope() -> Iterator[None]:
    """A runner sets MMEngine's default scope for the process; later files must not see it."""
    yield
    if 'mmengine' in sys.modules:
        from mmengine.registry import DefaultScope

        DefaultScope._instance_dict.clear()


@pytest.fixture(scope='session')
def trained(tmp_path_factory):
    """A folder with what `tests.trained.train` leaves; not to change."""
    from .trained import train

    return train(tmp_path_factory.mktemp('trained'))
