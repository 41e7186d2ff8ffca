"""MMEngine's Runner with checks before the start, whole T bookkeeping and CPU distribution.

A config asks for it by `runner_type = 'GSFRunner'`, which every tool of MMAction2 and mim honours.
"""

import os

import torch
from mmaction.registry import RUNNERS
from mmengine.dist import is_distributed
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from mmgsf import compat

from .data_time import DataTimeHook
from .exact import ExactResume
from .plain_checkpoint import PlainCheckpointHook
from .preflight import (
    Finding,
    PreflightError,
    check_config,
    compare_classes,
    compare_num_segments,
    difference_remedy,
)
from .safeguards import Safeguards


@RUNNERS.register_module()
class GSFRunner(ExactResume, Safeguards, Runner):
    """Runner that refuses what would go wrong, and writes checkpoints that load without pickles.

    It reads five keys of the config beyond MMEngine's: `num_segments`, `prepare_command` (named in
    errors about missing data), `reencode_command` (named where loading is slow),
    `allow_num_segments` (resume and test a checkpoint of another T) and `allow_outside_paths` (take
    rows of lists that lead out of the data's folder).
    """

    # In resume and test a checkpoint must be of the same model; elsewhere it only lends weights.
    _is_exact = False
    _tests = False

    def train(self) -> nn.Module:
        self._preflight('train', 'val')
        return super().train()

    def val(self) -> dict:
        self._preflight('val')
        self._is_exact = True
        return super().val()

    def test(self) -> dict:
        self._preflight('test')
        self._is_exact = self._tests = True
        return super().test()

    def resume(self, filename: str, *args, **kwargs) -> None:
        self._is_exact = True
        super().resume(filename, *args, **kwargs)

    def setup_env(self, env_cfg: dict) -> None:
        if self.distributed:
            self._check_processes()
            if not torch.cuda.is_available() and not is_distributed():
                compat.init_process_group_on_cpu(self.launcher)
        super().setup_env(env_cfg)

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        if self.distributed and model_wrapper_cfg is None and not torch.cuda.is_available():
            unused = self.cfg.get('find_unused_parameters', False)
            model_wrapper_cfg = compat.cpu_model_wrapper(unused)
        return super().wrap_model(model_wrapper_cfg, model)

    def register_hooks(
        self, default_hooks: dict | None = None, custom_hooks: list[Hook | dict] | None = None
    ) -> None:
        super().register_hooks(default_hooks, custom_hooks)
        self.register_hook(PlainCheckpointHook())
        if not any(isinstance(hook, DataTimeHook) for hook in self.hooks):
            self.register_hook(DataTimeHook())

    def save_checkpoint(self, *args, meta: dict | None = None, **kwargs) -> None:
        meta = {'num_segments': self._num_segments, **(meta or {})}
        super().save_checkpoint(*args, meta=meta, **kwargs)

    def load_checkpoint(self, filename: str, *args, **kwargs) -> dict:
        checkpoint = super().load_checkpoint(filename, *args, **kwargs)
        meta = checkpoint.get('meta') or {}
        self._compare_num_segments(filename, meta)
        if self._tests:
            self._compare_classes(filename, meta)
        return checkpoint

    @property
    def _num_segments(self) -> int | None:
        model = self.model.module if is_model_wrapper(self.model) else self.model
        return getattr(model, 'num_segments', None)

    def _preflight(self, *splits: str) -> None:
        check_config(self.cfg, splits, self.world_size, self._report)

    def _report(self, finding: Finding) -> None:
        log = self.logger.warning if finding.level == 'warning' else self.logger.info
        log(f'preflight: {finding.text}')

    def _check_processes(self) -> None:
        gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
        wanted = int(os.environ.get('LOCAL_WORLD_SIZE', 0))
        if gpus and wanted > gpus:
            raise PreflightError(
                f'{wanted} processes on a machine with {gpus} GPUs: each process needs a GPU of its '
                f'own; start at most {gpus}, or hide the GPUs (CUDA_VISIBLE_DEVICES=) to use the CPU'
            )

    def _compare_num_segments(self, filename: str, meta: dict) -> None:
        difference = compare_num_segments(filename, meta, self._num_segments)
        if not difference:
            return
        if self._is_exact and not self.cfg.get('allow_num_segments'):
            raise PreflightError(difference_remedy(difference))
        self.logger.info(f'{difference}; the weights do not depend on it')

    def _compare_classes(self, filename: str, meta: dict) -> None:
        compare_classes(filename, meta, self.test_dataloader.dataset.metainfo)
