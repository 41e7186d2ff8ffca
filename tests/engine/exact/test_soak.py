"""Real kills of real processes: two ranks with a worker each, a few times."""

import pytest

from mmgsf.engine.exact import soak as soak_module
from mmgsf.engine.exact.soak import soak


@pytest.mark.slow
def test_two_processes_killed_at_random_moments(tmp_path):
    said = []
    found = soak(tmp_path, 2, seed=1, processes=2, workers=1, epochs=3, say=said.append)
    assert found == []
    assert [line.split(':')[0] for line in said] == ['alone', 'kill 1', 'kill 2']
    assert (tmp_path / 'killed' / 'epoch_3.pth').exists()


@pytest.mark.slow
def test_a_training_that_is_over_too_soon_is_no_soak(tmp_path, monkeypatch):
    monkeypatch.setattr(soak_module, 'SPREAD', 100)
    monkeypatch.setattr(soak_module, 'EARLY_SHARE', 0)
    with pytest.raises(ChildProcessError, match=r'ended with \[0\] before kill 1; more epochs'):
        soak(tmp_path, 1, seed=0, processes=1, workers=0, epochs=1, say=lambda line: None)
