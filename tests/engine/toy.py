"""A training of a second: a small network, GSFRunner, and checkpoints of about 300 kB."""

import mmgsf.register  # noqa: F401, I001

import random
from pathlib import Path

import torch
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, METRICS
from mmengine.structures import BaseDataElement
from torch import Tensor, nn
from torch.utils.data import Dataset

from mmgsf.engine import GSFRunner


@DATASETS.register_module(name='ToyClips')
class Clips(Dataset):
    """Eight samples with the names of clips; `bad` is one whose values are not finite."""

    metainfo = {'classes': ['a', 'b']}

    def __init__(self, bad: int | None = None) -> None:
        self.bad = bad

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> dict:
        value = torch.full((4,), float('nan') if index == self.bad else float(index))
        sample = BaseDataElement(metainfo={'filename': f'clip_{index}.mp4'})
        return {'inputs': value, 'data_samples': sample}


class Network(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 8192)
        self.last = nn.Linear(8192, 1)

    def forward(self, inputs: Tensor, data_samples: list | None = None, mode: str = 'tensor'):
        if isinstance(inputs, list):
            inputs = torch.stack(inputs)
        out = self.last(self.first(inputs))
        return {'loss': out.square().mean()} if mode == 'loss' else [out]


@METRICS.register_module(name='ToyRising')
class Rising(BaseMetric):
    """Better at every validation."""

    default_prefix = 'toy'
    value = 0.0

    def process(self, data_batch: dict, data_samples: list) -> None:
        self.results.append(0)

    def compute_metrics(self, results: list) -> dict:
        type(self).value += 1
        return {'acc': self.value}


def toy_runner(
    work_dir: Path,
    epochs: int = 3,
    hooks: list[Hook] | None = None,
    dataset: dict | None = None,
    rate: float = 1e-5,
    workers: int = 0,
    **options,
) -> GSFRunner:
    """Two iterations an epoch; `checkpoint` and `optim_wrapper` are merged into the config's."""
    Rising.value = 0.0
    loader = {
        'batch_size': 4,
        'num_workers': workers,
        'dataset': dataset or {'type': 'ToyClips'},
        'sampler': {'type': 'DefaultSampler', 'shuffle': False},
    }
    checkpoint = {'type': 'CheckpointHook', 'interval': 1, **options.pop('checkpoint', {})}
    wrapper = {'optimizer': {'type': 'SGD', 'lr': rate, 'momentum': 0.9}}
    config = {
        'train_dataloader': loader,
        'train_cfg': {'by_epoch': True, 'max_epochs': epochs},
        'optim_wrapper': {**wrapper, **options.pop('optim_wrapper', {})},
        'default_hooks': {'checkpoint': checkpoint},
        'custom_hooks': hooks,
        'randomness': {'seed': 0},
        'experiment_name': f'toy{random.random()}',
        'log_level': 'WARNING',
        **options,
    }
    config['cfg'] = {key: config[key] for key in ('train_dataloader', 'optim_wrapper')}
    torch.manual_seed(0)
    return GSFRunner(Network(), str(work_dir), **config)


def validated(workers: int = 0) -> dict:
    """Options of a runner that validates, each time with a better result."""
    loader = {
        'batch_size': 4,
        'num_workers': workers,
        'dataset': {'type': 'ToyClips'},
        'sampler': {'type': 'DefaultSampler', 'shuffle': False},
    }
    return {'val_dataloader': loader, 'val_cfg': {}, 'val_evaluator': {'type': 'ToyRising'}}


def files(folder: Path) -> list[str]:
    """Names of the checkpoints of a folder, and of what is left beside them."""
    return sorted(path.name for path in folder.iterdir() if '.pth' in path.name)
