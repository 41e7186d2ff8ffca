"""Says which option to lower where memory has run out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

SHARED = ('Bus error', 'unable to write to file </torch', 'unable to open shared memory')
KILLED = ('killed by signal: Killed', 'exited unexpectedly')
FULL = (
    'Cannot allocate memory',
    "can't allocate memory",
    'not enough memory',
    'unable to mmap',
    'Unable to allocate',
    'MemoryError',
)


@contextmanager
def memory_explained(cfg: Mapping[str, Any], stage: Callable[[], str]) -> Iterator[None]:
    """Turns an error that comes of too little memory into one that names the options to lower.

    Args:
        cfg: the whole config.
        stage: tells when asked what runs, 'train', 'val' or 'test'.

    Raises:
        MemoryError: in the place of PyTorch's and the system's errors; others pass.
    """
    try:
        yield
    except (RuntimeError, MemoryError, OSError) as error:
        remedy = memory_remedy(error, cfg, stage())
        if remedy is None:
            raise
        raise MemoryError(remedy) from error


def memory_remedy(error: BaseException, cfg: Mapping[str, Any], split: str) -> str | None:
    """What to lower after an error, None if it is none of memory.

    Args:
        error: with those that it came of.
        cfg: the whole config.
        split: 'train', 'val' or 'test', whose dataloader was in use.
    """
    chain = list(_chain(error))
    text = ' '.join(f'{type(one).__name__}: {one}' for one in chain)
    loader = cfg.get(f'{split}_dataloader') or {}
    batch = f'{split}_dataloader.batch_size, now {loader.get("batch_size", 1)}'
    if any(isinstance(one, torch.OutOfMemoryError) for one in chain):
        return f'the GPU ran out of memory: lower {_of_gpu(cfg, split, batch)}'
    number = loader.get('num_workers', 0)
    workers = f'lower {split}_dataloader.num_workers, now {number}, or {batch}'
    if any(sign in text for sign in SHARED):
        return (
            f'a worker of {split}_dataloader ran out of shared memory (/dev/shm): {workers}, or give '
            'a container more of it (--shm-size)'
        )
    if any(sign in text for sign in KILLED):
        return (
            f'a worker of {split}_dataloader was killed, most often by the system when memory runs '
            f'out: {workers}{_waiting(cfg, split)}'
        )
    if not any(sign in text for sign in FULL):
        return None
    if number:
        return f'the machine ran out of memory: {workers}{_waiting(cfg, split)}'
    return f'the machine ran out of memory: lower {batch}'


def _of_gpu(cfg: Mapping[str, Any], split: str, batch: str) -> str:
    if split == 'train':
        steps = (cfg.get('optim_wrapper') or {}).get('accumulative_counts', 1)
        return (
            f'{batch}, and raise optim_wrapper.accumulative_counts, now {steps}, by as much, or '
            'train with --amp'
        )
    test_cfg = (cfg.get('model') or {}).get('test_cfg') or {}
    views = test_cfg.get('max_testing_views') or 'not set'
    return f'{batch}, or model.test_cfg.max_testing_views, now {views}'


def _waiting(cfg: Mapping[str, Any], split: str) -> str:
    """The training's workers keep their memory while others validate."""
    if split != 'val' or not (cfg.get('train_dataloader') or {}).get('persistent_workers'):
        return ''
    return ', or set train_dataloader.persistent_workers=False'


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
