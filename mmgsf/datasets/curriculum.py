"""Easy clips first: a sampler for lists whose rows are easy and hard in turn."""

from collections.abc import Iterator

import torch
from mmaction.registry import DATA_SAMPLERS
from mmengine.dataset import BaseDataset, DefaultSampler


@DATA_SAMPLERS.register_module()
class CurriculumSampler(DefaultSampler):
    """Draws from the even rows of a list for some epochs, then from the odd ones.

    Each epoch has half as many samples as the list has rows. CameraMotion's setting 'mixed' has such
    a list: photographs in its even rows, footage in its odd ones.

    Args:
        dataset: with an even number of rows.
        easy_epochs: epochs of even rows only.
        seed: of the order; None draws one that all processes share.

    Raises:
        ValueError: an odd number of rows, or fewer than 0 epochs.
    """

    def __init__(self, dataset: BaseDataset, easy_epochs: int, seed: int | None = None) -> None:
        if len(dataset) % 2:
            raise ValueError(
                f'{len(dataset)} rows: a curriculum takes an even number, easy and hard in turn'
            )
        if easy_epochs < 0:
            raise ValueError(f'easy_epochs={easy_epochs}: give 0 or more')
        super().__init__(dataset, shuffle=True, seed=seed)
        self.easy_epochs = easy_epochs
        half = len(dataset) // 2
        self.num_samples = -(-half // self.world_size)
        self.total_size = self.num_samples * self.world_size

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        half = len(self.dataset) // 2
        rows = 2 * torch.randperm(half, generator=generator) + (self.epoch >= self.easy_epochs)
        rows = rows.repeat(-(-self.total_size // half))[: self.total_size]
        yield from rows[self.rank : self.total_size : self.world_size].tolist()
