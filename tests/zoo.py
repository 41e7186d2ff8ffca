"""A small zoo for tests: one model with weights, one without."""

import hashlib
from pathlib import Path

import pytest
import torch
import yaml

from mmgsf.apis import index, load_model
from mmgsf.apis.configs import config_path
from mmgsf.checkpoints import save_weights

NAME = 'gsf_r18_camera_motion'
UNPUBLISHED = 'gsf_r50_ssv2'


def write_weights(folder: Path, suffix: str = '.safetensors', seed: int = 0) -> Path:
    """A checkpoint of NAME with drawn weights, named after its SHA-256."""
    torch.manual_seed(seed)
    model = load_model(config_path(NAME))
    # As drawn, the classifier tells nothing apart.
    model.cls_head.fc_cls.weight.data.normal_()
    meta = {'num_segments': 8, 'dataset_meta': {'classes': list(model.cfg.classes)}}
    plain = folder / f'plain{suffix}'
    save_weights(plain, model.state_dict(), meta)
    return plain.rename(folder / f'gsf-{sha256(plain)[:8]}{suffix}')


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def entry(name: str, **fields: object) -> dict:
    """An entry of the index's form."""
    metadata = {
        'Architecture': 'ResNet-18',
        'Frames': 8,
        'Resolution': 64,
        'Parameters': 720000,
        'MACs': 90000000,
        'Training Data': 'CameraMotion',
    }
    return {
        'Name': name,
        'Config': f'configs/{name}.py',
        'In Collection': 'GSF',
        'Metadata': metadata,
        **fields,
    }


def result(**fields: object) -> dict:
    """A measured result of NAME in the index's form."""
    return {
        'Dataset': 'CameraMotion (validation)',
        'Task': 'Action Recognition',
        'Metrics': {'Top 1 Accuracy': 95.4},
        'Clips': 240,
        'Protocol': '1x1',
        'Data': {
            'List': 'camera_motion_val_list_videos.txt',
            'SHA256': '0123456789abcdef' * 4,
            'Prepared By': 'python tools/prepare_data.py camera_motion data/camera_motion',
        },
        'Seeds': [0],
        'Epochs': 14,
        'Batch': 32,
        'Training': [f'tools/dist_train.sh configs/{NAME}.py 2 --seed 0'],
        'Test': f'python tools/test.py configs/{NAME}.py CHECKPOINT',
        'Log': f'docs/logs/{NAME}.json',
        'Licence': 'CC0-1.0',
        **fields,
    }


def write_index(path: Path, *entries: dict) -> Path:
    path.write_text(yaml.safe_dump({'Models': list(entries)}))
    return path


def use_index(monkeypatch: pytest.MonkeyPatch, path: Path, **fields: object) -> None:
    """Makes an index with NAME, which has these fields, and UNPUBLISHED the one of the package."""
    write_index(path, entry(NAME, **fields), entry(UNPUBLISHED))
    monkeypatch.setattr(index, 'index_path', lambda: path)
