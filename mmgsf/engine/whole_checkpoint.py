"""Checkpoints that are whole or absent: no kill and no full disk costs the one before."""

import hashlib
import io
import os.path as osp
from collections import deque
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import is_main_process, master_only
from mmengine.fileio import LocalBackend, get_file_backend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from mmgsf.checkpoints.load import load_from_local
from mmgsf.checkpoints.whole import damage
from mmgsf.files import remove_leftovers, replacing


class WholeCheckpointHook(CheckpointHook):
    """MMEngine's CheckpointHook, which removes what is outdated only once the new file is there.

    GSFRunner puts it in the place of MMEngine's; its arguments are the same. What killed processes
    left half-written goes before the training. If a new checkpoint cannot be read back, the older
    ones stay beyond `max_keep_ckpts`. Files of `published_keys` carry the checksum of the file.
    """

    def before_train(self, runner: Runner) -> None:
        # MMEngine would remove before a look at what stays.
        limit, self.max_keep_ckpts = self.max_keep_ckpts, -1
        super().before_train(runner)
        self.max_keep_ckpts = limit
        self.file_backend = _LaterRemoval(self.file_backend)
        if is_main_process() and isinstance(self.file_backend.backend, LocalBackend):
            for path in remove_leftovers(Path(self.out_dir)):
                runner.logger.info(f'{path}, left half-written by a process that ended, is removed')
        if limit > 0:
            ids = runner.message_hub.runtime_info.get('keep_ckpt_ids', [])
            self.keep_ckpt_ids = deque(ids)
            self._remove_outdated(runner)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        if self.max_keep_ckpts > 0 and step not in list(self.keep_ckpt_ids)[-1:]:
            self.keep_ckpt_ids.append(step)
            # With those that go next: a resume after a kill in between removes them.
            runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        runner.save_checkpoint(
            self.out_dir,
            name,
            self.file_client_args,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            with replacing(Path(runner.work_dir, 'last_checkpoint'), durable=True) as beside:
                beside.write_text(self.last_ckpt)
        if self.max_keep_ckpts > 0:
            self._remove_outdated(runner)

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        super()._save_best_checkpoint(runner, metrics)
        if is_main_process():
            best = getattr(self, 'best_ckpt_path_dict', {}).values()
            self.file_backend.remove_now(but={*best, getattr(self, 'best_ckpt_path', None)})

    def _remove_outdated(self, runner: Runner) -> None:
        """Shortens `keep_ckpt_ids` to the newest, if the last of them is whole."""
        ids, paths = self.keep_ckpt_ids, []
        while len(ids) > self.max_keep_ckpts:
            name = self.filename_tmpl.format(ids.popleft())
            paths.append(self.file_backend.join_path(self.out_dir, name))
        if not is_main_process() or not any(map(self.file_backend.exists, paths)):
            return
        newest = self.file_backend.join_path(self.out_dir, self.filename_tmpl.format(ids[-1]))
        fault = self._fault(newest)
        if fault:
            runner.logger.warning(f'{newest}: {fault}; so {", ".join(paths)} is kept')
            return
        for path in paths:
            _remove(self.file_backend.backend, path)

    def _fault(self, path: str) -> str:
        if not self.file_backend.exists(path):
            return 'it is not there'
        is_file = isinstance(self.file_backend.backend, LocalBackend) and osp.isfile(path)
        return damage(Path(path)) if is_file else ''

    @master_only
    def _publish_model(self, runner: Runner, ckpt_path: str) -> None:
        checkpoint = load_from_local(ckpt_path, map_location='cpu')
        kept = {key: value for key, value in checkpoint.items() if key in self.published_keys}
        content = io.BytesIO()
        torch.save(kept, content)
        checksum = hashlib.sha256(content.getvalue()).hexdigest()[:8]
        published = Path(ckpt_path).with_name(f'{Path(ckpt_path).stem}-{checksum}.pth')
        with replacing(published, durable=True) as beside:
            beside.write_bytes(content.getvalue())
        runner.logger.info(f'{ckpt_path} is published as {published}')


class _LaterRemoval:
    """A file backend that removes when it is told that what is to stay has been written."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self.outdated: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.backend, name)

    def remove(self, path: str) -> None:
        self.outdated.append(path)

    rmtree = remove

    def remove_now(self, but: set[str | None]) -> None:
        outdated, self.outdated = self.outdated, []
        for path in outdated:
            if path not in but:
                _remove(self.backend, path)


def _remove(backend: Any, path: str) -> None:
    if backend.isfile(path):
        backend.remove(path)
    elif backend.isdir(path):
        backend.rmtree(path)


def is_local(folder: str, backend_args: dict | None) -> bool:
    """Whether MMEngine writes to a folder of this machine's file system."""
    return isinstance(get_file_backend(folder, backend_args=backend_args), LocalBackend)
