"""MMEngine's Runner with checks before the start, whole T bookkeeping and CPU distribution.

A config asks for it by `runner_type = 'GSFRunner'`, which every tool of MMAction2 and mim honours.
"""

import os

import torch
from mmaction.registry import RUNNERS
from mmengine.dist import is_distributed
from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, Runner
from mmengine.visualization import Visualizer
from torch import nn
from torch.utils.data import DataLoader

from mmgsf import compat
from mmgsf.datasets.damaged import BadVideos

from .bad_videos import (
    BadVideosHook,
    begin_records,
    count_damaged_as_wrong,
    guard_loader,
    settings_of,
)
from .data_time import DataTimeHook
from .exact import ExactResume
from .plain_checkpoint import PlainCheckpointHook
from .preflight import (
    Finding,
    PreflightError,
    check_config,
    compare_classes,
    compare_num_segments,
    compare_weights,
    difference_remedy,
)
from .safeguards import Safeguards
from .trackers import with_trackers


@RUNNERS.register_module()
class GSFRunner(ExactResume, Safeguards, Runner):
    """Runner that refuses what would go wrong, and writes checkpoints that load without pickles.

    It reads eight keys of the config beyond MMEngine's: `num_segments`, `prepare_command` (named in
    errors about missing data), `reencode_command` (named where loading is slow),
    `allow_num_segments` (resume and test a checkpoint of another T), `allow_outside_paths` (take rows
    of lists that lead out of the data's folder), `fuse_conv_bn` (fold the norms before a test),
    `also_log_to` ('tensorboard', 'wandb' or both) and `bad_videos` (`Settings` of what happens with
    damaged videos).
    MMEngine's `compile` takes the same values as there and holds for validation and test too, but
    compiles the model's backbone alone.
    """

    # In resume and test a checkpoint must be of the same model; elsewhere it only lends weights.
    _is_exact = False
    _tests = False
    _infers = False

    def train(self) -> nn.Module:
        self._preflight('train', 'val')
        begin_records(self._bad_videos, resumes=self._resume)
        return super().train()

    def val(self) -> dict:
        self._preflight('val')
        self._is_exact = self._infers = True
        return super().val()

    def test(self) -> dict:
        self._preflight('test')
        self._is_exact = self._tests = self._infers = True
        return super().test()

    def load_or_resume(self) -> None:
        super().load_or_resume()
        if self._tests and self.cfg.get('fuse_conv_bn'):
            self._fuse_conv_bn()
        # Before the weights are there is too early: folding takes modules out.
        if self._infers:
            self._maybe_compile('test_step')

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
        self._bad_videos = BadVideos(self.work_dir, settings_of(self.cfg))
        self.register_hook(BadVideosHook(self._bad_videos))
        self.register_hook(PlainCheckpointHook())
        if not any(isinstance(hook, DataTimeHook) for hook in self.hooks):
            self.register_hook(DataTimeHook())

    def build_visualizer(self, visualizer: Visualizer | dict | None = None) -> Visualizer:
        trackers = self.cfg.get('also_log_to')
        if trackers and not isinstance(visualizer, Visualizer):
            visualizer = with_trackers(visualizer, trackers)
        return super().build_visualizer(visualizer)

    def build_train_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        self._split = 'train'
        return super().build_train_loop(loop)

    def build_val_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        self._split = 'val'
        return super().build_val_loop(loop)

    def build_test_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        self._split = 'test'
        return super().build_test_loop(loop)

    def build_dataloader(self, dataloader: DataLoader | dict, *args, **kwargs) -> DataLoader:
        loader = super().build_dataloader(dataloader, *args, **kwargs)
        guard_loader(loader, self._split, self._bad_videos)
        return loader

    def build_evaluator(self, evaluator: dict | list | Evaluator) -> Evaluator:
        evaluator = super().build_evaluator(evaluator)
        if self._bad_videos.settings.evaluation == 'wrong':
            count_damaged_as_wrong(evaluator)
        return evaluator

    def save_checkpoint(self, *args, meta: dict | None = None, **kwargs) -> None:
        meta = {'num_segments': self._num_segments, **(meta or {})}
        super().save_checkpoint(*args, meta=meta, **kwargs)

    def load_checkpoint(self, filename: str, *args, **kwargs) -> dict:
        checkpoint = super().load_checkpoint(filename, *args, **kwargs)
        meta = checkpoint.get('meta') or {}
        self._compare_num_segments(filename, meta)
        if not self._is_exact:
            weights = checkpoint.get('state_dict', checkpoint)
            for note in compare_weights(filename, weights, self._bare_model.state_dict()):
                self.logger.info(note)
        if self._tests:
            self._compare_classes(filename, meta)
        return checkpoint

    def _maybe_compile(self, target: str) -> None:
        # A step holds data samples, losses and the optimiser: minutes more to compile, and no gain.
        backbone = getattr(self._bare_model, 'backbone', None)
        if backbone is None:
            super()._maybe_compile(target)
            return
        options = self.cfg.get('compile') or False
        if options is False:
            return
        if not isinstance(options, bool | dict):
            raise TypeError(
                f'compile={options!r}; give True or a dict of arguments of torch.compile'
            )
        backbone.compile(**({} if options is True else options))
        self.logger.info(
            'The backbone is compiled at its first batch, which takes a minute or more.'
        )

    def _fuse_conv_bn(self) -> None:
        # Imports MMAction2's models, which register.py has prepared.
        from mmgsf.models import fold_batch_norm

        done = fold_batch_norm(self._bare_model.eval())
        self.logger.info(
            f'{done.folded} batch norms are folded into their convolutions, {done.left} stay'
        )

    @property
    def _bare_model(self) -> nn.Module:
        return self.model.module if is_model_wrapper(self.model) else self.model

    @property
    def _num_segments(self) -> int | None:
        return getattr(self._bare_model, 'num_segments', None)

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
