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

from .plain_checkpoint import PlainCheckpointHook
from .preflight import PreflightError, check_config

# Class names in a dataset's metainfo, and what one of them is; EPIC-Kitchens-100 has two lists.
CLASS_NAMES = {'classes': 'class', 'verb_classes': 'verb class', 'noun_classes': 'noun class'}


@RUNNERS.register_module()
class GSFRunner(Runner):
    """Runner that refuses what would go wrong, and writes checkpoints that load without pickles.

    It reads three keys of the config beyond MMEngine's: `num_segments`, `prepare_command` (named in
    errors about missing data) and `allow_num_segments` (resume and test a checkpoint of another T).
    """

    # In resume and test a checkpoint must be of the same model; elsewhere it only lends weights.
    _is_exact = False
    _tests = False

    def train(self) -> nn.Module:
        self._preflight('train', 'val')
        self._log_effective_batch()
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
        check_config(self.cfg, splits)

    def _check_processes(self) -> None:
        gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
        wanted = int(os.environ.get('LOCAL_WORLD_SIZE', 0))
        if gpus and wanted > gpus:
            raise PreflightError(
                f'{wanted} processes on a machine with {gpus} GPUs: each process needs a GPU of its '
                f'own; start at most {gpus}, or hide the GPUs (CUDA_VISIBLE_DEVICES=) to use the CPU'
            )

    def _log_effective_batch(self) -> None:
        """The batch that one optimiser step sees, beside the one that the learning rate is for."""
        loader = self.cfg.get('train_dataloader') or {}
        steps = (self.cfg.get('optim_wrapper') or {}).get('accumulative_counts', 1)
        batch = loader.get('batch_size', 0) * self.world_size * steps
        scale = self.cfg.get('auto_scale_lr') or {}
        base = scale.get('base_batch_size', batch)
        self.logger.info(f'effective batch {batch}: the learning rate is for {base}')
        if batch != base and not scale.get('enable'):
            self.logger.warning(
                f'effective batch {batch} differs from {base}, which the learning rate is for; '
                'pass --auto-scale-lr, or set accumulative_counts'
            )

    def _compare_num_segments(self, filename: str, meta: dict) -> None:
        trained, wanted = meta.get('num_segments'), self._num_segments
        if trained is None or wanted is None or trained == wanted:
            return
        difference = f'{filename} was trained with num_segments={trained}, the config has {wanted}'
        if self._is_exact and not self.cfg.get('allow_num_segments'):
            raise PreflightError(
                f'{difference}; the weights fit any T, but the result is another model. '
                'Pass --allow-num-segments if that is meant'
            )
        self.logger.info(f'{difference}; the weights do not depend on it')

    def _compare_classes(self, filename: str, meta: dict) -> None:
        """Labels of another order would test at chance, without a word."""
        metainfo = self.test_dataloader.dataset.metainfo
        for key in CLASS_NAMES:
            trained, wanted = (meta.get('dataset_meta') or {}).get(key), metainfo.get(key)
            if trained and wanted:
                _compare_names(filename, key, trained, wanted)


def _compare_names(filename: str, key: str, trained: list[str], wanted: list[str]) -> None:
    if len(trained) != len(wanted):
        raise PreflightError(
            f'{filename} knows {len(trained)} {key}, the test data has {len(wanted)}; '
            'test it on the data of its own kind'
        )
    for label, (theirs, ours) in enumerate(zip(trained, wanted, strict=True)):
        if theirs != ours:
            raise PreflightError(
                f'{CLASS_NAMES[key]} {label} is {theirs!r} in {filename} and {ours!r} in the test '
                'data; use annotation lists in the label order of the checkpoint'
            )
