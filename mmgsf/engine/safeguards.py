"""What keeps a run from being lost: whole checkpoints, finite numbers, a folder to write to."""

import time
from pathlib import Path
from typing import Any

from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.hooks import CheckpointHook, Hook
from torch import nn

from mmgsf.files import replacing

from .auto_resume import SAVED_AT, newest_checkpoint
from .finite import FiniteHook, with_clip_names
from .memory import memory_explained
from .preflight.work_dir import check_work_dir
from .whole_checkpoint import WholeCheckpointHook, is_local


class Safeguards:
    """Mixed into a Runner, before MMEngine's.

    Checkpoints are written beside their place, flushed and renamed; resuming without a path takes
    the newest whole one; a loss that is not finite ends the training; an error of memory names the
    options to lower; a `work_dir` that cannot be written is refused before anything is built.
    """

    def __init__(self, model: nn.Module | dict, work_dir: str, *args, **kwargs) -> None:
        check_work_dir(work_dir)
        if 'train_dataloader' in kwargs:
            kwargs['train_dataloader'] = with_clip_names(kwargs['train_dataloader'])
        super().__init__(model, work_dir, *args, **kwargs)

    def train(self) -> nn.Module:
        with memory_explained(self.cfg, lambda: self._stage('train')):
            return super().train()

    def val(self) -> dict:
        with memory_explained(self.cfg, lambda: self._stage('val')):
            return super().val()

    def test(self) -> dict:
        with memory_explained(self.cfg, lambda: self._stage('test')):
            return super().test()

    def register_hook(self, hook: Hook | dict, priority: Any = None) -> None:
        if isinstance(hook, dict) and hook.get('type') in (
            'CheckpointHook',
            'mmengine.CheckpointHook',
            CheckpointHook,
        ):
            hook = {**hook, 'type': WholeCheckpointHook}
        super().register_hook(hook, priority)

    def register_hooks(
        self, default_hooks: dict | None = None, custom_hooks: list[Hook | dict] | None = None
    ) -> None:
        super().register_hooks(default_hooks, custom_hooks)
        self.register_hook(FiniteHook())

    def save_checkpoint(
        self,
        out_dir: str,
        filename: str,
        file_client_args: dict | None = None,
        *args,
        meta: dict | None = None,
        backend_args: dict | None = None,
        **kwargs,
    ) -> None:
        if not is_main_process():
            return
        meta = {**(meta or {}), SAVED_AT: time.time()}
        options = {**kwargs, 'meta': meta, 'backend_args': backend_args}
        if file_client_args is not None or not is_local(out_dir, backend_args):
            super().save_checkpoint(out_dir, filename, file_client_args, *args, **options)
            return
        path = Path(out_dir, filename)
        try:
            with replacing(path, durable=True) as beside:
                super().save_checkpoint(out_dir, beside.name, None, *args, **options)
        except OSError as error:
            raise OSError(
                error.errno,
                f'checkpoint {path} cannot be written ({error.strerror or error}); those before it '
                'are as they were: make room, then go on by --resume',
            ) from error

    def load_or_resume(self) -> None:
        if self._resume and self._load_from is None and not self._has_loaded:
            self._load_from = self._newest_checkpoint()
            if self._load_from is None:
                self._resume = False
                self.logger.info(f'{self.work_dir} has no checkpoint; the training starts anew')
            else:
                self.logger.info(f'resuming from {self._load_from}, the newest whole checkpoint')
        super().load_or_resume()

    def _newest_checkpoint(self) -> str | None:
        """As rank 0 finds it."""
        found = [None, None]
        if self.rank == 0:
            try:
                found[0] = newest_checkpoint(self)
            except ValueError as error:
                found[1] = str(error)
        broadcast_object_list(found)
        if found[1] is not None:
            raise ValueError(found[1])
        return found[0]

    def _stage(self, otherwise: str) -> str:
        return self.message_hub.runtime_info.get('loop_stage', otherwise)
