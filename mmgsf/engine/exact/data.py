"""Training data whose randomness follows from (seed, epoch, index), and that can begin inside an epoch."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

from mmengine.registry import DATA_SAMPLERS, DATASETS
from torch.utils.data import BatchSampler, DataLoader, Sampler

from mmgsf.datasets.place import set_sample_place
from mmgsf.stopping import outlive_sigterm

from .seeds import seed_sample


class SeededDataset:
    """A dataset whose random numbers are set before each sample; all else is the dataset's own.

    The epoch comes with the index, since workers that outlive an epoch hold an old copy of this.

    Args:
        dataset: config of a dataset, or the dataset.
        seed: of the run.
    """

    def __init__(self, dataset: Any, seed: int) -> None:
        self.dataset = DATASETS.build(dataset) if isinstance(dataset, dict) else dataset
        self.seed = seed

    def __getitem__(self, place: int | tuple[int, int]) -> Any:
        """The sample of (epoch, index); a bare index is one of epoch 0."""
        epoch, index = place if isinstance(place, tuple) else (0, place)
        seed_sample(self.seed, epoch, index)
        set_sample_place(epoch, index)
        return self.dataset[index]

    def __len__(self) -> int:
        return len(self.dataset)

    def __getattr__(self, name: str) -> Any:
        # A copy that is being unpickled has no dataset yet.
        if name == 'dataset':
            raise AttributeError(name)
        return getattr(self.dataset, name)


class PlacedBatchSampler(Sampler):
    """Batches of (epoch, index), from batch `start` of an epoch on; those before it are not decoded.

    Args:
        sampler: of indices.
        batch_size: samples of a batch.
        drop_last: leaves out a last batch that is not full.
        batches: config of another batch sampler in place of PyTorch's.
    """

    def __init__(
        self,
        sampler: Sampler,
        batch_size: int,
        drop_last: bool = False,
        batches: dict | None = None,
    ) -> None:
        self.sampler = sampler  # MMEngine's DistSamplerSeedHook looks for it
        self.batch_size = batch_size
        self.epoch = self.start = 0
        if batches is None:
            self.batches = BatchSampler(sampler, batch_size, drop_last)
        else:
            default = {'sampler': sampler, 'batch_size': batch_size}
            self.batches = DATA_SAMPLERS.build(batches, default_args=default)

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        epoch = self.epoch
        for batch in islice(self.batches, self.start, None):
            yield [(epoch, index) for index in batch]

    def __len__(self) -> int:
        """Batches of a whole epoch."""
        return len(self.batches)


def exact_dataloader(dataloader: DataLoader | dict, seed: int) -> DataLoader | dict:
    """The same config of a dataloader, with the two above; a built one is left as it is."""
    if isinstance(dataloader, DataLoader):
        return dataloader
    config = dict(dataloader)
    config['dataset'] = {'type': SeededDataset, 'dataset': config['dataset'], 'seed': seed}
    config['batch_sampler'] = {
        'type': PlacedBatchSampler,
        'batches': config.get('batch_sampler'),
        'drop_last': config.pop('drop_last', False),
    }
    return config


def guard_workers(dataloader: DataLoader) -> DataLoader:
    """Lets the workers of a dataloader outlive a SIGTERM that is meant for the training."""
    dataloader.worker_init_fn = partial(_init_worker, dataloader.worker_init_fn)
    return dataloader


def _init_worker(init_fn: Any, worker_id: int) -> None:
    outlive_sigterm()
    if init_fn is not None:
        init_fn(worker_id)
