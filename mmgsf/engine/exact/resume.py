"""What a checkpoint holds beyond MMEngine's, so that a training resumes as if it had never stopped."""

import os
from typing import Any

from mmengine.dist import broadcast_object_list
from mmengine.hooks import CheckpointHook, Hook, SyncBuffersHook
from mmengine.runner import BaseLoop, Runner
from torch import nn
from torch.utils.data import DataLoader

from mmgsf.checkpoints.load import load_from_local
from mmgsf.stopping import StopRequest

from .data import guard_workers
from .in_epoch import InEpochCheckpointHook
from .loop import ExactEpochBasedTrainLoop
from .ranks import gather_rank_states, restore_rank_state

KEY = 'exact_resume'
LAUNCH = 'MMGSF_LAUNCH'  # set by tools/torchrun.py, the same for all starts of a run


class ExactResumeHook(Hook):
    """Puts place, seeds and the ranks' own state into checkpoints that training can go on from."""

    # Behind EMAHook and the schedulers, before CheckpointHook.
    priority = 'LOW'

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        # The best checkpoint and the one that names it are written next.
        loop = runner._train_loop
        if isinstance(loop, ExactEpochBasedTrainLoop):
            loop.validation_is_due = False

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        loop = runner._train_loop
        if not isinstance(loop, ExactEpochBasedTrainLoop) or runner.rank_states is None:
            return
        checkpoint[KEY] = {
            'batch': loop.batch,
            'validation_is_due': loop.validation_is_due,
            'seed': loop.seed,
            'sampler_seed': loop.sampler_seed,
            'layout': runner.layout,
            'ranks': runner.rank_states,
            'launch': launch(),
        }

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        runner.loaded_state = checkpoint.pop(KEY, None)


class ExactResume:
    """Mixed into a Runner, before Safeguards: training goes on from a checkpoint bit by bit.

    Attributes:
        rank_states: of the checkpoint that is being written, on rank 0.
        loaded_state: of the checkpoint that was read last.
        saved: what `place` was when the last checkpoint to resume from was written.
    """

    rank_states: list | None = None
    loaded_state: dict | None = None
    saved: tuple | None = None

    def train(self) -> nn.Module:
        with StopRequest() as self.stop_request:
            return super().train()

    def build_train_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        if isinstance(loop, dict):
            loop = dict(loop)
            kind = loop.get('type')
            if kind is None and loop.get('by_epoch'):
                del loop['by_epoch']
                kind = 'EpochBasedTrainLoop'
            if getattr(kind, '__name__', str(kind)).split('.')[-1] == 'EpochBasedTrainLoop':
                loop['type'] = ExactEpochBasedTrainLoop
        return super().build_train_loop(loop)

    def register_hooks(
        self, default_hooks: dict | None = None, custom_hooks: list | None = None
    ) -> None:
        super().register_hooks(default_hooks, custom_hooks)
        self.register_hook(ExactResumeHook())
        if not any(isinstance(hook, InEpochCheckpointHook) for hook in self.hooks):
            self.register_hook(InEpochCheckpointHook())

    @staticmethod
    def build_dataloader(dataloader: DataLoader | dict, *args, **kwargs) -> DataLoader:
        return guard_workers(Runner.build_dataloader(dataloader, *args, **kwargs))

    @property
    def data_seed(self) -> int:
        """The seed of the run, on every rank that of rank 0."""
        return self.seed - self.rank * bool(self._randomness_cfg.get('diff_rank_seed'))

    @property
    def layout(self) -> dict[str, int | None]:
        """What must not change for a resume to be exact."""
        loader = self.train_dataloader
        return {
            'processes': self.world_size,
            'batch size': getattr(loader.batch_sampler, 'batch_size', None),
            'samples': len(loader.dataset),
        }

    @property
    def place(self) -> tuple:
        """Where the training is: iterations, batches of the epoch, whether validation is due."""
        loop = self.train_loop
        return loop.iter, getattr(loop, 'batch', None), getattr(loop, 'validation_is_due', None)

    def save_checkpoint(
        self,
        out_dir: str,
        filename: str,
        file_client_args: dict | None = None,
        save_optimizer: bool = True,
        **kwargs,
    ) -> None:
        """As Runner's; one with the optimizer, to go on from, must be called by every rank."""
        self.rank_states = gather_rank_states(self) if save_optimizer else None
        super().save_checkpoint(
            out_dir, filename, file_client_args, save_optimizer=save_optimizer, **kwargs
        )
        self.rank_states = None
        if save_optimizer:
            self.saved = self.place

    def load_or_resume(self) -> None:
        own = self._checkpoint_of_this_launch()
        if own is not None:
            self._resume, self._load_from = True, own
            self.logger.info(f'started again: going on from {own}')
        super().load_or_resume()

    def resume(self, filename: str, *args, **kwargs) -> None:
        super().resume(filename, *args, **kwargs)
        state, loop = self.loaded_state, self.train_loop
        if state is None or not isinstance(loop, ExactEpochBasedTrainLoop):
            self.logger.warning(
                f'{filename} does not hold all that an exact resume needs: random numbers and '
                'norms go on otherwise than they would have'
            )
            return
        loop.set_seeds(state['seed'], state['sampler_seed'])
        loop.validation_is_due = state['validation_is_due'] and self.val_loop is not None
        loop.batch = self._batch_to_go_on_from(filename, state)
        if self.rank < len(state['ranks']):
            restore_rank_state(self, state['ranks'][self.rank])
        for hook in self.hooks:
            if isinstance(hook, CheckpointHook):
                hook.last_ckpt = self.message_hub.runtime_info.get('last_ckpt')
            if isinstance(hook, SyncBuffersHook):
                hook.called_in_train = loop.validation_is_due
        self.logger.info(f'resumed at batch {loop.batch} of {len(loop.dataloader)} of the epoch')

    def _batch_to_go_on_from(self, filename: str, state: dict[str, Any]) -> int:
        """The same share of the epoch, where the number of processes or the batch size changed."""
        old, new = state['layout'], self.layout
        if old == new:
            return state['batch']
        changes = ', '.join(
            f'{old[key]} {key}, now {new[key]}' for key in new if old[key] != new[key]
        )
        self.logger.warning(
            f'{filename} was trained with {changes}: the training goes on, but it is not the one '
            'that would have been without the stop'
        )
        if None in old.values() or None in new.values():
            return 0
        done = state['batch'] * old['processes'] * old['batch size']
        share = new['processes'] * new['batch size']
        return min(-(-done // share), len(self.train_dataloader))

    def _checkpoint_of_this_launch(self) -> str | None:
        """After a restart by torchrun: the newest checkpoint, if an earlier start of the run wrote it."""
        if int(os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)) == 0 or launch() is None:
            return None
        found = [self._newest_checkpoint()]
        if found[0] is not None and self.rank == 0:
            state = load_from_local(found[0], map_location='cpu').get(KEY)
            if state is None or state['launch'] != launch():
                found = [None]
        broadcast_object_list(found)
        return found[0]


def launch() -> str | None:
    """Names the run that torchrun may start several times; None if it was started otherwise."""
    name = os.environ.get(LAUNCH) or os.environ.get('TORCHELASTIC_RUN_ID')
    return None if name == 'none' else name
