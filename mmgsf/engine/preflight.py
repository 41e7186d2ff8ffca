"""Checks of a config that end a run before its first iteration, with what to do about it."""

from collections.abc import Iterator
from pathlib import Path

from mmgsf.datasets.pipelines import SAMPLERS

SAMPLED_FILES = 16


class PreflightError(ValueError):
    """The run cannot start; the message says what was looked for, where, and what makes it."""


def check_config(cfg: dict, splits: tuple[str, ...]) -> None:
    """Checks T and the data of the dataloaders that a run will use.

    Args:
        cfg: the whole config.
        splits: of 'train', 'val' and 'test', those that the run uses.

    Raises:
        PreflightError: T differs between model and sampler, an annotation list or a folder is
            missing or is not what it should be, or a label exceeds num_classes.
    """
    model = cfg.get('model') or {}
    num_classes = (model.get('cls_head') or {}).get('num_classes')
    for split in splits:
        dataset = (cfg.get(f'{split}_dataloader') or {}).get('dataset')
        # A dataset built by hand, or wrapped in another, is its owner's to check.
        if not isinstance(dataset, dict) or 'ann_file' not in dataset:
            continue
        check_num_segments(cfg, split, dataset)
        check_data(cfg, split, dataset, num_classes)


def check_num_segments(cfg: dict, split: str, dataset: dict) -> None:
    """The sampler's clips must have the model's T frames, and the config's own value, if any."""
    model = cfg.get('model') or {}
    stated = model.get('num_segments')
    if stated is None:
        return
    if cfg.get('num_segments', stated) != stated:
        raise PreflightError(
            f'num_segments={cfg["num_segments"]} differs from model.num_segments={stated}; a config '
            'has one value: set it in the config file, where model and pipelines take it'
        )
    for transform in dataset.get('pipeline') or ():
        if transform.get('type') not in SAMPLERS:
            continue
        frames = transform.get('num_clips', 1) * transform.get('clip_len', 1)
        if frames != stated and transform.get('clip_len', 1) == 1:
            raise PreflightError(
                f'{split}_dataloader samples num_clips={frames} frames a clip, but '
                f'model.num_segments={stated}; give both the same value'
            )


def check_data(cfg: dict, split: str, dataset: dict, num_classes: int | None) -> None:
    """The annotation list must be there, its rows whole, its labels in range and its files there."""
    root = Path(dataset.get('data_root') or '')
    ann_file = root / dataset['ann_file']
    remedy = _remedy(cfg)
    if not ann_file.exists():
        raise PreflightError(f'{split} annotation list {ann_file} is not there; {remedy}')
    if ann_file.is_dir():
        raise PreflightError(f'{split} annotation list {ann_file} is a folder; {remedy}')
    prefix = dataset.get('data_prefix') or {}
    folder = root / (prefix.get('video') or prefix.get('img') or '')
    if not folder.is_dir():
        raise PreflightError(
            f'{split} videos are looked for in {folder}, which is no folder; {remedy}'
        )
    # EpicKitchens100 checks its own kind of list as it reads it.
    if dataset.get('multi_class') or dataset.get('type') == 'EpicKitchens100':
        return
    names = list(_rows(ann_file, dataset.get('delimiter', ' '), num_classes))
    if not names:
        raise PreflightError(f'{split} annotation list {ann_file} is empty; {remedy}')
    step = max(1, len(names) // SAMPLED_FILES)
    missing = [name for name in names[::step] if not (folder / name).exists()]
    if missing:
        raise PreflightError(
            f'{len(missing)} of {len(names[::step])} files sampled from {ann_file} are not in '
            f'{folder}, first {missing[0]}; {remedy}'
        )


def _rows(ann_file: Path, delimiter: str, num_classes: int | None) -> Iterator[str]:
    """File names of an annotation list; every row is checked."""
    for number, line in enumerate(ann_file.read_text(encoding='utf-8').splitlines(), start=1):
        if not line.strip():
            continue
        name, *rest = line.strip().split(delimiter)
        label = rest[-1] if rest else ''
        if not label.isdecimal():
            raise PreflightError(
                f'{ann_file} line {number}: {line.strip()!r} is not a file and a label from 0 up, '
                f'split by {delimiter!r}'
            )
        if num_classes is not None and int(label) >= num_classes:
            raise PreflightError(
                f'{ann_file} line {number}: label {label} is outside 0..{num_classes - 1}, the '
                f'range of model.cls_head.num_classes={num_classes}; use the list that belongs to '
                'this config, or set num_classes'
            )
        yield name


def _remedy(cfg: dict) -> str:
    command = cfg.get('prepare_command')
    return f'make it by: {command}' if command else "set the config's data paths"
