"""A run's numbers go to TensorBoard or W&B as well as to its own files."""

import importlib.machinery
import sys
import types

import pytest

from mmgsf.engine.trackers import with_trackers

LOCAL, TENSORBOARD = {'type': 'LocalVisBackend'}, {'type': 'TensorboardVisBackend'}


def test_what_the_config_has_stays():
    visualizer = {'type': 'ActionVisualizer', 'vis_backends': [LOCAL], 'name': 'v'}
    wanted = {**visualizer, 'vis_backends': [LOCAL, TENSORBOARD]}
    assert with_trackers(visualizer, 'tensorboard') == wanted
    assert with_trackers(wanted, ['tensorboard']) == wanted
    assert visualizer['vis_backends'] == [LOCAL]
    assert with_trackers(None, 'tensorboard')['vis_backends'] == [LOCAL, TENSORBOARD]


@pytest.mark.parametrize('names', ['Tensorboard', ['tensorboard', 'mlflow'], 'wandb,tensorboard'])
def test_unknown_tracker_is_refused(names):
    with pytest.raises(ValueError, match=r'also_log_to=.*: take some of tensorboard, wandb'):
        with_trackers(None, names)


def test_missing_package_names_its_pip_line(monkeypatch):
    monkeypatch.setattr('mmgsf.engine.trackers.find_spec', lambda name: None)
    with pytest.raises(ImportError, match=r'pip install "mmgsf\[wandb\]"'):
        with_trackers(None, 'wandb')


def test_wandb_gets_the_numbers(monkeypatch, tmp_path):
    """By a stand-in of the package, which asks for an account and a network."""
    from mmengine.registry import VISUALIZERS

    import mmgsf.register  # noqa: F401

    logged, wandb = [], types.ModuleType('wandb')
    wandb.__spec__ = importlib.machinery.ModuleSpec('wandb', None)
    wandb.init = lambda **options: logged.append(options)
    wandb.log = lambda values, **_: logged.append(values)
    wandb.run = None
    monkeypatch.setitem(sys.modules, 'wandb', wandb)
    described = with_trackers({'type': 'Visualizer', 'name': 'w'}, 'wandb')
    visualizer = VISUALIZERS.build({**described, 'save_dir': str(tmp_path)})
    visualizer.add_scalars({'loss': 0.5, 'acc/top1': 0.25}, step=3)
    assert logged[0]['dir'].startswith(str(tmp_path))
    assert logged[1] == {'loss': 0.5, 'acc/top1': 0.25}
