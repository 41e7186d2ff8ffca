"""The config that is written beside a user's own lists and needs no editing."""

import shlex
from dataclasses import dataclass
from pathlib import Path

CONFIG = 'gsf_finetune.py'
CLASSES = 'classes.txt'
LISTS = {'train': 'train_list_videos.txt', 'val': 'val_list_videos.txt'}
DEFAULT_BASE = 'gsf_r50_finetune'


@dataclass(frozen=True)
class Finetuning:
    """What a config of own data starts from.

    Args:
        base: name of a fine-tuning config of mmgsf, without .py.
        load_from: path or URL of the checkpoint to start from, or the name of a model with published
            weights; None starts from the ImageNet
            weights of the base, if it has any, and freezes nothing.
        flip: mirror frames in training.

    Raises:
        ValueError: there is no such base, or the named model has no published weights.
        FileNotFoundError: there is no such checkpoint.
    """

    base: str = DEFAULT_BASE
    load_from: str | None = None
    flip: bool = True

    def __post_init__(self) -> None:
        known = fine_tuning_configs()
        if self.base not in known:
            raise ValueError(f'{self.base!r} is no fine-tuning config; take one of {known}')
        if self.load_from is None or '://' in self.load_from:
            return
        if self.load_from in all_configs():
            from mmgsf.apis.hub import weights_file

            object.__setattr__(self, 'load_from', str(weights_file(self.load_from)))
        if not Path(self.load_from).is_file():
            raise FileNotFoundError(f'checkpoint {self.load_from} is not there; check the path')


def base_reference(name: str) -> str:
    """What `_base_` of a config outside of the repository says for one of mmgsf's configs."""
    # Not on top: every worker of a scan would import torch with it.
    from mmgsf.apis.configs import config_path

    return str(config_path(name))


def fine_tuning_configs() -> list[str]:
    """Names of the configs that own data can inherit."""
    return [name for name in all_configs() if name.endswith('_finetune')]


def all_configs() -> list[str]:
    """Names of all configs of mmgsf."""
    from mmgsf.apis.configs import config_names

    return config_names()


def config_lines(root: Path, finetuning: Finetuning) -> list[str]:
    """Lines of the config for the data below `root`."""
    load_from, backbone = _start(finetuning.load_from)
    pairs = 'mirrored_classes(classes)' if finetuning.flip else 'None'
    names = ['list_delimiter', 'read_class_names', 'with_flip']
    if finetuning.flip:
        names.insert(1, 'mirrored_classes')
    return [
        '"""Fine-tunes GSF on the videos of this folder; written by tools/prepare_data.py folder.',
        '',
        '    python tools/train.py THIS_FILE',
        '',
        'The lists of videos and the names of the classes lie beside this file.',
        '"""',
        '',
        f'_base_ = {base_reference(finetuning.base)!r}',
        '',
        f'from mmgsf.datasets import {", ".join(names)}',
        '',
        f'data_root = {_own_folder(root)}',
        f"classes = read_class_names(f'{{data_root}}/{CLASSES}')",
        f"train_list = f'{{data_root}}/{LISTS['train']}'",
        f"val_list = f'{{data_root}}/{LISTS['val']}'",
        f'prepare_command = {f"python tools/prepare_data.py folder {shlex.quote(str(root))}"!r}',
        # Not by the config's name, which is the same for every folder.
        f'work_dir = {f"./work_dirs/{Path(CONFIG).stem}-{root.name}"!r}',
        '',
        *load_from,
        f'model = dict({backbone}, cls_head=dict(num_classes=len(classes)))',
        '',
        f'train_pipeline = with_flip(_base_.train_pipeline, {pairs})',
        'dataset = dict(data_prefix=dict(video=data_root), metainfo=dict(classes=classes))',
        'train_dataloader = dict(',
        '    dataset=dict(',
        '        ann_file=train_list,',
        '        delimiter=list_delimiter(train_list),',
        '        pipeline=train_pipeline,',
        '        **dataset,',
        '    )',
        ')',
        'val_dataloader = dict(',
        '    dataset=dict(ann_file=val_list, delimiter=list_delimiter(val_list), **dataset)',
        ')',
        'test_dataloader = val_dataloader',
    ]


def _start(load_from: str | None) -> tuple[list[str], str]:
    """Lines on where the weights come from, and what follows for the backbone."""
    if load_from is None:
        return [
            '# Without a checkpoint of GSF the temporal layers start untrained, so nothing is frozen.'
        ], 'backbone=dict(frozen_stages=-1)'
    place = load_from if '://' in load_from else str(Path(load_from).resolve())
    return [
        '# Its classifier is of other classes: it is left out, and a new one starts from random weights.',
        f'load_from = {place!r}',
    ], 'backbone=dict(pretrained=None)'


def _own_folder(root: Path) -> str:
    """The config's own folder as MMEngine fills it in, so that the whole may be moved."""
    # It is put between the quotes as it is.
    plain = not any(mark in str(root) for mark in '\'"\\')
    return "'{{ fileDirname }}'" if plain else repr(str(root))
