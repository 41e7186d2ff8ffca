"""The same seed gives the same batches, whatever prepares them and wherever it begins."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.dataset import RepeatDataset
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

from mmgsf.datasets.place import sample_place
from mmgsf.engine.exact.data import SeededDataset, exact_dataloader
from mmgsf.engine.exact.resume import ExactResume
from mmgsf.engine.exact.soak import small_training

EPOCHS = 2


@pytest.fixture(autouse=True, scope='module')
def scope() -> None:
    init_default_scope('mmaction')


def loader(data: Path, workers: int = 0, seed: int = 5, **more) -> DataLoader:
    config = {**small_training(data, Path(), workers=workers)['train_dataloader'], **more}
    return ExactResume.build_dataloader(exact_dataloader(config, seed), seed=seed)


def batches(loader: DataLoader, epochs=range(EPOCHS), start: int = 0) -> list[torch.Tensor]:
    """All batches of some epochs; of the first one from `start` on."""
    found = []
    for epoch in epochs:
        sampler = loader.batch_sampler
        sampler.sampler.set_epoch(epoch)
        sampler.epoch, sampler.start = epoch, start
        found += [torch.stack(batch['inputs']) for batch in loader]
        start = 0
    return found


@pytest.fixture(scope='module')
def plain(data) -> list[torch.Tensor]:
    return batches(loader(data))


def equal(first: list[torch.Tensor], second: list[torch.Tensor]) -> bool:
    return len(first) == len(second) and all(map(torch.equal, first, second))


@pytest.mark.parametrize(('workers', 'persistent'), [(1, True), (4, True), (4, False)])
def test_number_and_life_of_workers_do_not_matter(data, plain, workers, persistent):
    assert equal(batches(loader(data, workers, persistent_workers=persistent)), plain)


def test_what_was_drawn_before_does_not_matter(data, plain):
    other = loader(data)
    np.random.random(7)
    assert equal(batches(other, epochs=[1]), plain[len(plain) // 2 :])
    assert equal(batches(other, start=3), plain[3:])


def test_seeds_and_epochs_differ(data, plain):
    assert not equal(batches(loader(data, seed=6), epochs=[0]), plain[: len(plain) // 2])
    sample = loader(data).dataset
    first, second = (sample[epoch, 4]['inputs'] for epoch in (0, 1))
    assert not torch.equal(first, second)
    assert torch.equal(first, sample[4]['inputs'])


def test_repetitions_of_a_clip_differ(data):
    inner = small_training(data, Path())['train_dataloader']['dataset']
    dataset = SeededDataset({'type': RepeatDataset, 'dataset': inner, 'times': 2}, seed=0)
    half = len(dataset) // 2
    samples = [(dataset[0, i]['inputs'], dataset[0, half + i]['inputs']) for i in range(4)]
    assert not all(torch.equal(*pair) for pair in samples)


def test_place_is_known_to_the_pipeline(data):
    dataset = loader(data).dataset
    dataset.pipeline.transforms.insert(0, lambda sample: {**sample, 'place': sample_place()})
    dataset.pipeline.transforms[-1].meta_keys = ('place',)
    assert dataset[3, 7]['data_samples'].place == (3, 7)


def test_the_dataset_shows_what_it_wraps(data):
    dataset = pickle.loads(pickle.dumps(loader(data).dataset))
    assert len(dataset) == 56
    assert len(dataset.metainfo['classes']) == 8
    with pytest.raises(AttributeError):
        dataset.no_such_name  # noqa: B018


def test_drop_last_and_other_batch_samplers(data):
    assert len(loader(data, batch_size=10)) == 6
    assert len(loader(data, batch_size=10, drop_last=True)) == 5
    own = {'type': torch.utils.data.BatchSampler, 'drop_last': True}
    assert len(loader(data, batch_size=9, batch_sampler=own)) == 6


def test_a_built_dataloader_is_left_alone(data):
    built = DataLoader([1, 2])
    assert exact_dataloader(built, 0) is built
