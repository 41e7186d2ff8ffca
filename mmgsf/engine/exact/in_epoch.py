"""Checkpoints inside an epoch: at intervals, and when SIGTERM asks the training to leave."""

import sys
import time
from pathlib import Path

import torch
from mmaction.registry import HOOKS
from mmengine.dist import all_reduce, barrier, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmgsf.files import replacing
from mmgsf.stopping import EXIT_CODE

FILE = 'in_epoch.pth'
MINUTES = 15.0


@HOOKS.register_module()
class InEpochCheckpointHook(Hook):
    """Keeps one checkpoint, in_epoch.pth, that `--resume` goes on from inside the epoch.

    GSFRunner has one with the defaults unless the config names it. On SIGTERM every rank finishes
    its iteration, the checkpoint is written and the process ends with code 75. A SIGTERM during
    validation ends it at once if a checkpoint is there to validate from, and otherwise after
    the validation. The file goes when the training is done.

    Args:
        minutes: between two checkpoints, more than 0; None for none by the clock.
        iterations: between two checkpoints, from 1 up; None for none by number.

    Raises:
        ValueError: an interval is out of range.
    """

    # Before MMEngine's hooks take notes of the iteration that begins.
    priority = 'HIGHEST'

    def __init__(self, minutes: float | None = MINUTES, iterations: int | None = None) -> None:
        if minutes is not None and minutes <= 0:
            raise ValueError(f'minutes={minutes}: take more than 0, or None for none by the clock')
        if iterations is not None and iterations < 1:
            raise ValueError(f'iterations={iterations}: take 1 or more, or None for none by number')
        self.minutes = minutes
        self.iterations = iterations
        self.is_training = False

    def before_train(self, runner: Runner) -> None:
        self.is_training = True
        self.saved_at = time.monotonic()
        self.first_iteration = runner.iter
        runner.stop_request.deferred = True
        # Ranks may have unlike numbers of batches; what all of them see is agreed upon.
        self.val_batches = 0
        if runner.val_loop is not None:
            self.val_batches = _agree(len(runner.val_dataloader), op='min')[0]

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict) -> None:
        is_asked, is_due = _agree(runner.stop_request.asked, self._is_due(runner.iter))
        if is_due or is_asked:
            self._save(runner)
        if is_asked:
            self._leave(runner)

    def before_val_epoch(self, runner: Runner) -> None:
        self._leave_validation(runner, may_save=True)

    def before_val_iter(self, runner: Runner, batch_idx: int, data_batch: dict) -> None:
        if batch_idx < getattr(self, 'val_batches', 0):
            self._leave_validation(runner)

    def after_train(self, runner: Runner) -> None:
        self.is_training = False
        runner.stop_request.deferred = False
        if is_main_process():
            Path(runner.work_dir, FILE).unlink(missing_ok=True)

    def _is_due(self, iteration: int) -> bool:
        passed = iteration - self.first_iteration
        return (
            self.iterations is not None and passed > 0 and iteration % self.iterations == 0
        ) or (self.minutes is not None and time.monotonic() - self.saved_at >= 60 * self.minutes)

    def _leave_validation(self, runner: Runner, may_save: bool = False) -> None:
        if not self.is_training or not _agree(runner.stop_request.asked)[0]:
            return
        if runner.saved != runner.place:
            if not may_save:
                return
            self._save(runner)
        self._leave(runner)

    def _save(self, runner: Runner) -> None:
        meta = {'epoch': runner.epoch, 'iter': runner.iter}
        runner.logger.info(f'Saving checkpoint inside the epoch at {runner.iter} iterations')
        runner.save_checkpoint(runner.work_dir, FILE, meta=meta, by_epoch=False)
        if is_main_process():
            path = Path(runner.work_dir, FILE)
            with replacing(path.with_name('last_checkpoint'), durable=True) as beside:
                beside.write_text(str(path))
        self.saved_at = time.monotonic()

    def _leave(self, runner: Runner) -> None:
        # A launcher may kill the others as soon as one is gone.
        barrier()
        runner.logger.info(f'SIGTERM: saved, leaving with code {EXIT_CODE}; --resume goes on')
        sys.exit(EXIT_CODE)


def _agree(*values: int, op: str = 'max') -> list[int]:
    """The largest of each value over all ranks, or the smallest."""
    agreed = torch.tensor(values, dtype=torch.int64)
    all_reduce(agreed, op)
    return agreed.tolist()
