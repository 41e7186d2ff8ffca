"""A small training that ran here, with the averaged weights of MMEngine's EMAHook, for tests that publish."""

import shutil
from pathlib import Path

import pytest

from mmgsf.apis.configs import config_path, read_config
from mmgsf.datasets import CameraMotion
from mmgsf.engine.command_line import build_runner

NAME = 'gsf_r18_camera_motion'
LIST = 'data/camera_motion/camera_motion_val_list_videos.txt'
CHECKPOINT = 'run/epoch_1.pth'


def train(folder: Path) -> Path:
    """One epoch of a narrow NAME in `run`, of 56 clips under `data`, with 24 to test on."""
    CameraMotion(num_train=56, num_val=24).write(folder / 'data' / 'camera_motion')
    config = read_config(config_path(NAME))
    config.merge_from_dict(
        {
            'model.backbone.base_channels': 4,
            'model.cls_head.in_channels': 32,
            'train_cfg.max_epochs': 1,
            'custom_hooks': [{'type': 'EMAHook', 'momentum': 0.5}],
            'randomness': {'seed': 3},
            'train_dataloader.batch_size': 8,
            'work_dir': 'run',
            'default_hooks.checkpoint.save_best': None,
        }
    )
    for split in ('train', 'val', 'test'):
        loader = config[f'{split}_dataloader']
        loader.num_workers, loader.persistent_workers = 0, False
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        leave_unformatted(patch)
        build_runner(config).train()
    return folder


def leave_unformatted(patch: pytest.MonkeyPatch) -> None:
    """MMEngine formats a config three times for each runner, which takes longer than the small test."""
    patch.setattr('mmengine.config.config.FormatCode', lambda text, **kwargs: (text, True))


def copy_run(trained: Path, folder: Path) -> Path:
    """The checkpoint in a copy of its work_dir, to change."""
    return Path(shutil.copytree(trained / 'run', folder / 'run'), 'epoch_1.pth')
