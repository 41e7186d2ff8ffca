"""Stops a training whose numbers have gone wrong, before it writes them down."""

import inspect
import math
from collections.abc import Mapping
from typing import Any

import torch
from mmengine.dist import all_gather_object, all_reduce
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from mmgsf.datasets.pipelines import with_meta_keys

NAMES = ('filename', 'frame_dir')
LISTED = 32  # clips in a message


class FiniteHook(Hook):
    """Ends the training at the first loss, or gradient, that is not finite, on every rank at once.

    MMEngine has read the loss for its log by then, so the device is waited for no more than
    without. With a loss scaler an infinite gradient is ordinary, its step is skipped; the loss must
    be finite there too. A checkpoint with a weight that is not finite is not written.

    Raises:
        FloatingPointError: with iteration, learning rate, gradient norm and the clips of the batch.
    """

    # Behind MMEngine's RuntimeInfoHook, which reads the loss, before all that writes or averages.
    priority = 'HIGH'

    def before_train(self, runner: Runner) -> None:
        self.norm: Tensor | None = None
        self.gone_wrong_before = set(_not_finite(_network(runner).state_dict()))
        wrapper = runner.optim_wrapper
        if isinstance(wrapper, OptimWrapper) and not wrapper.clip_grad_kwargs:
            wrapper.optimizer.register_step_pre_hook(self._keep_norm)

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        loss = (outputs or {}).get('loss', 0.0)
        loss = loss.item() if isinstance(loss, Tensor) else loss
        norm = self._gradient_norm(runner)
        is_scaled = hasattr(runner.optim_wrapper, 'loss_scaler')
        is_wrong = not math.isfinite(loss) or not (is_scaled or math.isfinite(norm or 0.0))
        if runner.world_size > 1:
            wrong = torch.tensor(int(is_wrong))
            all_reduce(wrong, 'max')
            is_any_wrong = bool(wrong)
        else:
            is_any_wrong = is_wrong
        if not is_any_wrong:
            return
        report = {'loss': loss, 'norm': norm, 'clips': clip_names(data_batch), 'wrong': is_wrong}
        reports = all_gather_object(report) if runner.world_size > 1 else [report]
        raise FloatingPointError(_message(runner, reports))

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        wrong = [
            name
            for name in _not_finite(checkpoint['state_dict'])
            if name not in getattr(self, 'gone_wrong_before', ())
        ]
        if wrong:
            raise FloatingPointError(
                f'{len(wrong)} weights are not finite at {_place(runner)}, first {wrong[0]}; '
                f'{_rate(runner)}, {_norm(self._gradient_norm(runner))}; no checkpoint is written '
                f'of them: {_cure(runner)}'
            )

    def _keep_norm(self, optimizer: torch.optim.Optimizer, args: tuple, kwargs: dict) -> None:
        gradients = [
            parameter.grad
            for group in optimizer.param_groups
            for parameter in group['params']
            if parameter.grad is not None
        ]
        # Stays on the device; who asks for it waits.
        self.norm = nn.utils.get_total_norm(gradients)

    def _gradient_norm(self, runner: Runner) -> float | None:
        """Of the last step, before any clipping; None if it is not known."""
        if getattr(self, 'norm', None) is not None:
            return float(self.norm)
        name = f'train/{getattr(runner.optim_wrapper, "grad_name", "grad_norm")}'
        scalars = runner.message_hub.log_scalars
        return float(scalars[name].current()) if name in scalars else None


def clip_names(data_batch: Any) -> list[str]:
    """Paths of the clips of a batch, as far as their samples tell."""
    samples = data_batch.get('data_samples', ()) if isinstance(data_batch, Mapping) else ()
    metas = (sample.metainfo for sample in samples or () if hasattr(sample, 'metainfo'))
    return [str(meta[key]) for meta in metas for key in NAMES if key in meta]


def with_clip_names(dataloader: Any) -> Any:
    """The same config of a dataloader, its samples keeping the paths of their clips.

    One that is built already, or whose pipeline ends otherwise, comes back as it is.
    """
    if not isinstance(dataloader, Mapping) or not isinstance(dataloader.get('dataset'), Mapping):
        return dataloader
    return type(dataloader)({**dataloader, 'dataset': _with_clip_names(dataloader['dataset'])})


def _with_clip_names(dataset: Mapping) -> Mapping:
    if isinstance(dataset.get('dataset'), Mapping):
        return type(dataset)({**dataset, 'dataset': _with_clip_names(dataset['dataset'])})
    packing = [
        step
        for step in dataset.get('pipeline') or ()
        if isinstance(step, Mapping) and step.get('type') == 'PackActionInputs'
    ]
    if not packing:
        return dataset
    keys = packing[-1].get('meta_keys', _default_meta_keys())
    pipeline = with_meta_keys(dataset['pipeline'], (*keys, *NAMES))
    return type(dataset)({**dataset, 'pipeline': pipeline})


def _default_meta_keys() -> tuple[str, ...]:
    from mmaction.datasets.transforms import PackActionInputs

    return inspect.signature(PackActionInputs).parameters['meta_keys'].default


def _not_finite(state_dict: Mapping[str, Tensor]) -> list[str]:
    return [
        name
        for name, value in state_dict.items()
        if isinstance(value, Tensor) and value.is_floating_point() and not value.isfinite().all()
    ]


def _network(runner: Runner) -> nn.Module:
    return runner.model.module if is_model_wrapper(runner.model) else runner.model


def _message(runner: Runner, reports: list[dict]) -> str:
    # A gradient is the same on all ranks; the loss says whose batch it was.
    guilty = [rank for rank, report in enumerate(reports) if not math.isfinite(report['loss'])]
    ranks = guilty or [rank for rank, report in enumerate(reports) if report['wrong']]
    clips = [clip for rank in ranks for clip in reports[rank]['clips']]
    more = f' and {len(clips) - LISTED} more' if len(clips) > LISTED else ''
    listed = ', '.join(clips[:LISTED]) + more if clips else 'not known by name'
    where = f' on rank {", ".join(map(str, ranks))}' if len(reports) > 1 else ''
    first = reports[ranks[0]]
    return (
        f'the loss is {first["loss"]} at {_place(runner)}{where}; {_rate(runner)}, '
        f'{_norm(first["norm"])}; clips of the batch: {listed}; no checkpoint is written of it: '
        f'{_cure(runner)}, or look at these clips'
    )


def _place(runner: Runner) -> str:
    return f'iteration {runner.iter + 1} (epoch {runner.epoch + 1})'


def _rate(runner: Runner) -> str:
    rates = runner.optim_wrapper.get_lr()
    values = {f'{value:g}' for some in rates.values() for value in some}
    return f'learning rate {" to ".join(sorted(values, key=float))}'


def _norm(norm: float | None) -> str:
    return f'gradient norm {"not known" if norm is None else f"{norm:g}"}'


def _cure(runner: Runner) -> str:
    last = runner.message_hub.runtime_info.get('last_ckpt')
    kept = f'{last} is as it was; ' if last else ''
    return f'{kept}lower the learning rate, clip the gradient'
