"""A run's log in short."""

import importlib.metadata
import json

import pytest

from mmgsf.evaluation.training_record import environment, read_run


def test_epochs_of_a_run_and_of_its_resumption(tmp_path):
    logs = {
        '20260101_100000': [
            {'loss': 2.0, 'lr': 0.01, 'epoch': 1, 'step': 20},
            {'loss': 1.0, 'lr': 0.02, 'epoch': 1, 'step': 40},
            {'acc/top1': 0.25, 'step': 1},
            {'loss': 9.0, 'lr': 0.02, 'epoch': 2, 'step': 60},
        ],
        '20260101_110000': [
            {'loss': 0.5, 'lr': 0.02, 'epoch': 2, 'step': 60},
            {'acc/top1': 0.5, 'step': 2},
        ],
    }
    for name, rows in logs.items():
        file = tmp_path / name / 'vis_data' / 'scalars.json'
        file.parent.mkdir(parents=True)
        file.write_text(''.join(json.dumps(row) + '\n' for row in rows))
    run = read_run(tmp_path)
    assert run['epochs'] == [
        {'epoch': 1, 'loss': 1.5, 'lr': 0.01, 'accuracy': 0.25},
        {'epoch': 2, 'loss': 0.5, 'lr': 0.02, 'accuracy': 0.5},
    ]
    assert run['wall_seconds'] > 0


def test_folder_without_a_log_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match='no log of a training'):
        read_run(tmp_path)


def test_environment_has_the_packages_that_are_there(monkeypatch):
    version = importlib.metadata.version

    def without_av(name: str) -> str:
        if name == 'av':
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, 'version', without_av)
    found = environment()
    assert 'av' not in found
    assert found['torch'] == version('torch')
