"""Checks of the config alone: T, the classes, and the batch that the learning rate is for."""

from collections.abc import Iterator, Mapping

from mmgsf.datasets.pipelines import SAMPLERS

from .findings import Finding, PreflightError

# Class names in a dataset's metainfo, and the head's argument that says how many there are.
CLASS_COUNTS = {
    'classes': 'num_classes',
    'verb_classes': 'num_verbs',
    'noun_classes': 'num_nouns',
}


def dataset_of(cfg: dict, split: str) -> dict | None:
    """The dataset of a split, out of a RepeatDataset; None if it is built by hand or has no list."""
    dataset = (cfg.get(f'{split}_dataloader') or {}).get('dataset')
    while isinstance(dataset, dict) and isinstance(dataset.get('dataset'), dict):
        dataset = dataset['dataset']
    return dataset if isinstance(dataset, dict) and 'ann_file' in dataset else None


def type_name(cfg: dict) -> str:
    """The class that a part of a config asks for, without a registry's scope."""
    kind = cfg.get('type')
    return getattr(kind, '__name__', str(kind)).split('.')[-1]


def num_segments_of(cfg: dict) -> int | None:
    """T by the model's config, None if it has none."""
    return next(iter(_stated_num_segments(cfg).values()), None)


def check_num_segments(cfg: dict, splits: tuple[str, ...]) -> Iterator[Finding]:
    """Model, backbone, head and config must have one T, and the samplers' clips T frames."""
    stated = _stated_num_segments(cfg)
    if not stated:
        yield Finding('info', 'the model has no num_segments')
        return
    place, frames = next(iter(stated.items()))
    for other, value in {**stated, 'num_segments': cfg.get('num_segments', frames)}.items():
        if value != frames:
            raise PreflightError(
                f'{other}={value} differs from {place}={frames}; a config has one value: set it in '
                'the config file, where model and pipelines take it'
            )
    for split in splits:
        for transform in (dataset_of(cfg, split) or {}).get('pipeline') or ():
            clips, length = transform.get('num_clips', 1), transform.get('clip_len', 1)
            if type_name(transform) in SAMPLERS and length == 1 and clips != frames:
                raise PreflightError(
                    f'{split}_dataloader samples num_clips={clips} frames a clip, but '
                    f'{place}={frames}; give both the same value'
                )
    yield Finding('ok', f'{frames} frames a clip in the model and in the samplers')


def check_classes(cfg: dict, splits: tuple[str, ...]) -> Iterator[Finding]:
    """Names should be as many as the head has classes, and must be the same in all splits."""
    head = (cfg.get('model') or {}).get('cls_head') or {}
    names: dict[str, tuple[str, list[str]]] = {}
    for split in splits:
        metainfo = (dataset_of(cfg, split) or {}).get('metainfo') or {}
        for key, argument in CLASS_COUNTS.items():
            some, count = metainfo.get(key), head.get(argument)
            # A string would be a file of names.
            if not isinstance(some, list | tuple):
                continue
            first, known = names.setdefault(key, (split, list(some)))
            if first == split and count is not None and len(some) != count:
                yield Finding(
                    'warning',
                    f'{split} data names {len(some)} {key}, model.cls_head.{argument} is {count}; '
                    f"the checkpoint's names would be wrong: set metainfo=dict({key}=[...]) of the "
                    'dataset, or the number',
                )
            if known != list(some):
                raise PreflightError(
                    f'{key} of the {split} data differ from those of the {first} data; labels '
                    'would mean different things: give both the same metainfo'
                )
    if names:
        counts = ', '.join(f'{len(known)} {key}' for key, (_, known) in names.items())
        yield Finding('ok', f'{counts}, the same in all splits')
    else:
        yield Finding('info', 'the data has no class names, so their order cannot be compared')


def check_batch(cfg: dict, processes: int) -> Iterator[Finding]:
    """The clips that one optimiser step sees must be those that the learning rate is for."""
    batch = (cfg.get('train_dataloader') or {}).get('batch_size')
    wrapper, scale = cfg.get('optim_wrapper') or {}, cfg.get('auto_scale_lr') or {}
    steps, base = wrapper.get('accumulative_counts', 1), scale.get('base_batch_size')
    if not batch:
        return
    effective = batch * processes * steps
    text = f'effective batch {effective} ({batch} clips x {processes} processes x {steps} steps)'
    rate = (wrapper.get('optimizer') or {}).get('lr')
    if not base:
        yield Finding(
            'info', f'{text}; auto_scale_lr.base_batch_size says not what lr {rate} is for'
        )
    elif scale.get('enable') and steps == 1:
        yield Finding('ok', f'{text}: --auto-scale-lr makes lr {rate} for {base} fit')
    elif scale.get('enable'):
        # MMEngine scales by batch and processes alone.
        fitting = _times(rate, effective / base)
        yield Finding(
            'warning',
            f'{text}: --auto-scale-lr overlooks accumulative_counts={steps}, so lr {rate}, which '
            f'is for {base}, becomes {_times(rate, effective / steps / base)} where {fitting} '
            f'would fit; leave it out and set optim_wrapper.optimizer.lr={fitting}',
        )
    elif effective == base:
        yield Finding('ok', f'{text}: the learning rate is for {base}')
    else:
        # Scaling is right without accumulation only.
        cure = '' if steps > 1 else 'pass --auto-scale-lr, or '
        yield Finding(
            'warning',
            f'{text} differs from {base}, which the learning rate is for; {cure}set '
            f'accumulative_counts, or optim_wrapper.optimizer.lr={_times(rate, effective / base)}',
        )


def check_frozen_stages(cfg: dict) -> Iterator[Finding]:
    """Frozen weights must come from somewhere: nothing trains them any more."""
    backbone = (cfg.get('model') or {}).get('backbone') or {}
    frozen = backbone.get('frozen_stages', -1)
    if frozen is None or frozen < 0 or cfg.get('load_from') or cfg.get('resume'):
        return
    place = f'model.backbone.frozen_stages={frozen}'
    remedy = 'set load_from to a checkpoint, or model.backbone.frozen_stages=-1'
    if not (backbone.get('pretrained') or backbone.get('init_cfg')):
        raise PreflightError(f'{place} would freeze random weights; {remedy}')
    stages = backbone.get('gsf_stages') or (1,)
    if (
        type_name(backbone) == 'ResNetGSF'
        and backbone.get('layer', 'gsf')
        and min(stages) <= frozen
    ):
        raise PreflightError(
            f'{place} would freeze temporal layers, which weights of images do not hold; {remedy}'
        )
    yield Finding('ok', f'{place}, filled by pretrained weights')


def _stated_num_segments(cfg: dict) -> dict[str, int]:
    model = cfg.get('model') or {}
    parts = {'model': model, 'model.backbone': model.get('backbone')}
    parts['model.cls_head'] = model.get('cls_head')
    return {
        f'{name}.num_segments': part['num_segments']
        for name, part in parts.items()
        if isinstance(part, Mapping) and part.get('num_segments') is not None
    }


def _times(rate: float | None, factor: float) -> str:
    return f'{factor:g} of it' if rate is None else f'{rate * factor:g}'
