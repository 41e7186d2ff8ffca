"""MMEngine's loop over epochs, which can go on inside an epoch as if it had never stopped."""

import bisect

from mmengine.registry import LOOPS
from mmengine.runner import EpochBasedTrainLoop, Runner
from torch import nn
from torch.utils.data import DataLoader

from .data import PlacedBatchSampler, SeededDataset, exact_dataloader
from .seeds import seed_iteration


@LOOPS.register_module()
class ExactEpochBasedTrainLoop(EpochBasedTrainLoop):
    """Each sample follows from (seed, epoch, index), each iteration from (seed, rank, iteration).

    Args:
        runner: a GSFRunner.
        dataloader: config of the training data. A DataLoader that is built already trains as with
            MMEngine, without these properties.
        *args: as for MMEngine's EpochBasedTrainLoop.
        **kwargs: as for MMEngine's EpochBasedTrainLoop.

    Attributes:
        batch: batches of the current epoch that are done.
        validation_is_due: the last epoch is done, its validation is not.
    """

    def __init__(self, runner: Runner, dataloader: DataLoader | dict, *args, **kwargs) -> None:
        self.seed = runner.data_seed
        super().__init__(runner, exact_dataloader(dataloader, self.seed), *args, **kwargs)
        self.batch = 0
        self.validation_is_due = False

    def run(self) -> nn.Module:
        """Trains from the current place on; a validation that is due comes first."""
        self.runner.call_hook('before_train')
        if self.validation_is_due:
            # As the last iteration left them; MMEngine has set them to what comes next.
            self.runner.message_hub.update_info('epoch', self._epoch - 1)
            self.runner.message_hub.update_info('iter', self._iter - 1)
        self._validate_if_due()
        while self._epoch < self._max_epochs and not self.stop_training:
            self.run_epoch()
            self._decide_current_val_interval()
            self._validate_if_due()
        self.runner.call_hook('after_train')
        return self.runner.model

    def run_epoch(self) -> None:
        """Trains on the batches of the epoch that are not done."""
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        if self.batch < len(self.dataloader):
            self._set_place()
            for data_batch in self.dataloader:
                self.run_iter(self.batch, data_batch)
        # What a checkpoint saved by the hooks below is about: the epoch that comes next.
        self.batch = 0
        self.validation_is_due = self._ends_in_validation()
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1

    def run_iter(self, idx: int, data_batch: dict) -> None:
        """One iteration; its batch counts as done as soon as the network has learned from it."""
        # The batch is there: loading it in this process drew numbers too.
        seed_iteration(self.seed, self.runner.rank, self._iter)
        self.runner.call_hook('before_train_iter', batch_idx=idx, data_batch=data_batch)
        outputs = self.runner.model.train_step(data_batch, optim_wrapper=self.runner.optim_wrapper)
        self.batch = idx + 1
        self.runner.call_hook(
            'after_train_iter', batch_idx=idx, data_batch=data_batch, outputs=outputs
        )
        self._iter += 1

    def set_seeds(self, seed: int, sampler_seed: int | None) -> None:
        """Takes over the seeds of the run that is resumed."""
        self.seed = seed
        if isinstance(self.dataloader.batch_sampler, PlacedBatchSampler):
            _innermost(self.dataloader.dataset).seed = seed
            if sampler_seed is not None:
                self.dataloader.batch_sampler.sampler.seed = sampler_seed

    @property
    def sampler_seed(self) -> int | None:
        """Of the order of the samples; None if the sampler has none."""
        sampler = getattr(self.dataloader.batch_sampler, 'sampler', None)
        return getattr(sampler, 'seed', None)

    def _set_place(self) -> None:
        batches = self.dataloader.batch_sampler
        if isinstance(batches, PlacedBatchSampler):
            batches.epoch, batches.start = self._epoch, self.batch
        elif self.batch:
            raise ValueError(
                'the training goes on inside an epoch, which a DataLoader that was built outside of '
                'the runner cannot; give train_dataloader as a config'
            )

    def _validate_if_due(self) -> None:
        if self.validation_is_due:
            self.runner.val_loop.run()
            self.validation_is_due = False

    def _ends_in_validation(self) -> bool:
        """Whether the epoch that ends now is followed by validation, as MMEngine decides it."""
        epochs = self._epoch + 1
        milestone = bisect.bisect(self.dynamic_milestones, epochs + 1)
        interval = self.dynamic_intervals[milestone - 1]
        return (
            self.runner.val_loop is not None
            and epochs >= self.val_begin
            and (epochs % interval == 0 or epochs == self._max_epochs)
        )


def _innermost(dataset: object) -> SeededDataset:
    """MMEngine's `num_batch_per_epoch` wraps the dataset once more."""
    return dataset if isinstance(dataset, SeededDataset) else dataset._dataset
