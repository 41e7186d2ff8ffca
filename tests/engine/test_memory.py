"""Errors of memory name the option to lower."""

import mmgsf.register  # noqa: F401, I001

import os
import signal

import numpy as np
import pytest
import torch
from mmengine.registry import DATASETS

from mmgsf.engine.memory import memory_explained, memory_remedy

from .toy import Clips, toy_runner, validated


@DATASETS.register_module()
class DyingClips(Clips):
    """A worker that reads clip 5 is ended as the system ends it."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way

    def __getitem__(self, index: int) -> dict:
        if index == 5 and self.way == 'allocate':
            np.empty((1 << 50,))
        elif index == 5:
            os.kill(os.getpid(), getattr(signal, self.way))
        return super().__getitem__(index)


WAYS = {
    'SIGKILL': 'a worker of train_dataloader was killed, most often by the system when memory',
    'SIGBUS': r'a worker of train_dataloader ran out of shared memory \(/dev/shm\)',
    'allocate': 'the machine ran out of memory',
}


@pytest.mark.parametrize(('way', 'message'), WAYS.items())
def test_a_worker_that_dies_of_memory(tmp_path, way, message):
    dataset = {'type': 'DyingClips', 'way': way}
    options = 'lower train_dataloader.num_workers, now 2, or train_dataloader.batch_size, now 4'
    with pytest.raises(MemoryError, match=f'{message}.*{options}'):
        toy_runner(tmp_path, dataset=dataset, workers=2).train()


def test_a_worker_of_the_validation(tmp_path):
    options = validated(workers=1)
    options['val_dataloader']['dataset'] = {'type': 'DyingClips', 'way': 'SIGKILL'}
    with pytest.raises(MemoryError, match='a worker of val_dataloader was killed'):
        toy_runner(tmp_path, **options).train()


CFG = {
    'train_dataloader': {'batch_size': 8, 'num_workers': 6, 'persistent_workers': True},
    'val_dataloader': {'batch_size': 4, 'num_workers': 2},
    'test_dataloader': {'batch_size': 2},
    'model': {'test_cfg': {'max_testing_views': 16}},
}
ON_GPU = torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2 GiB')


@pytest.mark.parametrize(
    ('error', 'split', 'remedy'),
    [
        (
            ON_GPU,
            'train',
            'the GPU ran out of memory: lower train_dataloader.batch_size, now 8, and ',
        ),
        (ON_GPU, 'train', 'accumulative_counts, now 1, by as much'),
        (
            ON_GPU,
            'test',
            'test_dataloader.batch_size, now 2, or model.test_cfg.max_testing_views, ',
        ),
        (
            OSError(12, 'Cannot allocate memory'),
            'val',
            'num_workers, now 2.*persistent_workers=Fal',
        ),
        (MemoryError(), 'test', 'the machine ran out of memory: lower test_dataloader.batch_size'),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 'train', 'num_workers, now 6'),
        (RuntimeError('unable to write to file </torch_7>: No space left'), 'train', '/dev/shm'),
    ],
)
def test_remedies(error, split, remedy):
    with pytest.raises(MemoryError, match=remedy), memory_explained(CFG, lambda: split):
        raise error


@pytest.mark.parametrize('error', [RuntimeError('shapes differ'), OSError(28, 'No space left')])
def test_other_errors_pass(error):
    assert memory_remedy(error, CFG, 'train') is None
    with pytest.raises(type(error)) as raised, memory_explained(CFG, lambda: 'train'):
        raise error
    assert raised.value is error
