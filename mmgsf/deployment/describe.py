"""Reads off a model and its config what an exported file has to say of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

import mmgsf
from mmgsf.datasets.protocols import CROPS, SAMPLERS

from .description import BGR, DENSE_STRETCHES, INSIDE, OUTSIDE, RGB, SEGMENT_CENTRES, Description

OUTPUT = 'probabilities'


def describe_model(model: nn.Module, preprocessing: bool = True) -> Description:
    """Description of a model's exported program.

    Args:
        model: a RecognizerGSF with its config as `cfg`.
        preprocessing: it is inside the program.

    Raises:
        ValueError: the config has no test pipeline of the usual form, or its class names are not
            those of the head.
    """
    config = model.cfg
    frames = _frames(config.get('test_pipeline') or [])
    channel_order, mean, std = normalisation(model.data_preprocessor)
    name = Path(config.filename).stem if config.filename else type(model).__name__
    return Description(
        config=name,
        mmgsf_version=mmgsf.__version__,
        classes=_classes(model),
        num_segments=model.num_segments,
        sampling=frames.sampling,
        short_side=frames.short_side,
        size=frames.size,
        preprocessing=INSIDE if preprocessing else OUTSIDE,
        channel_order=channel_order,
        mean=mean,
        std=std,
        average_clips='prob' if model.cls_head.average_clips == 'prob' else 'score',
    )


@dataclass(frozen=True)
class _Frames:
    sampling: str
    short_side: int
    size: tuple[int, int]


def _frames(pipeline: Sequence[dict]) -> _Frames:
    """How the test pipeline comes to the frames of one clip."""
    samplers = [step for step in pipeline if step['type'] in (*SAMPLERS, 'DenseSampleFrames')]
    resizes = [step for step in pipeline if step['type'] == 'Resize']
    crops = [step for step in pipeline if step['type'] in CROPS]
    usual = len(samplers) == len(resizes) == len(crops) == 1
    if not usual or not _is_short_side(resizes[0]):
        raise ValueError(
            f'the test_pipeline {[dict(step) for step in pipeline]} is not of the form that can be '
            f'written into a file: one sampler, one Resize(scale=(-1, SHORT_SIDE)), one of {CROPS}'
        )
    crop = crops[0]['crop_size']
    width, height = (crop, crop) if isinstance(crop, int) else crop
    dense = samplers[0]['type'] == 'DenseSampleFrames'
    sampling = DENSE_STRETCHES if dense else SEGMENT_CENTRES
    return _Frames(sampling, max(resizes[0]['scale']), (height, width))


def _is_short_side(resize: dict) -> bool:
    scale = resize['scale']
    return (
        not isinstance(scale, float)
        and min(scale) == -1
        and resize.get('keep_ratio', True)
        and resize.get('interpolation', 'bilinear') == 'bilinear'
    )


def normalisation(preprocessor: nn.Module) -> tuple[str, tuple, tuple]:
    """Channel order, mean and standard deviation that a data_preprocessor brings frames to.

    Raises:
        ValueError: it takes clips of another form than NCHW.
    """
    if preprocessor.format_shape != 'NCHW':
        raise ValueError(
            f'data_preprocessor.format_shape={preprocessor.format_shape!r}: only NCHW is exported'
        )
    mean, std = (0.0,) * 3, (1.0,) * 3
    if preprocessor._enable_normalize:
        mean, std = _values(preprocessor.mean), _values(preprocessor.std)
    # Decoders give RGB, so MMAction2's `to_rgb` turns it to BGR.
    return BGR if preprocessor.to_rgb else RGB, mean, std


def _values(channels: Tensor) -> tuple[float, ...]:
    """The shortest numbers that are the same in float32, as the config has them."""
    return tuple(float(str(value)) for value in channels.flatten().numpy())


def _classes(model: nn.Module) -> dict[str, list[str]]:
    """Output name to class names."""
    names = class_names_of(model)
    return {
        OUTPUT if key == 'classes' else key.removesuffix('_classes'): names[key] for key in names
    }


def class_names_of(model: nn.Module) -> dict[str, list[str]]:
    """Class names in label order by the config's keys: `classes`, or `verb_` and `noun_classes`.

    Args:
        model: a RecognizerGSF with its config as `cfg`.

    Raises:
        ValueError: the config does not name them, or not as many as the head has.
    """
    head = model.cls_head
    if hasattr(head, 'num_verbs'):
        counts = {'verb_classes': head.num_verbs, 'noun_classes': head.num_nouns}
    else:
        counts = {'classes': head.num_classes}
    known = _metainfo(model.cfg)
    classes = {}
    for key, count in counts.items():
        names = known.get(key)
        if names is None:
            raise ValueError(
                f'the config names no {key}; give the {count} names by metainfo=dict('
                f'{key}=[...]) of the data set of test_dataloader'
            )
        if len(names) != count:
            raise ValueError(
                f'the config has {len(names)} {key} and the head {count}; give the config '
                'that the model was trained with'
            )
        classes[key] = list(names)
    return classes


def _metainfo(config: dict) -> dict:
    for loader in ('test_dataloader', 'val_dataloader', 'train_dataloader'):
        dataset = (config.get(loader) or {}).get('dataset') or {}
        if dataset.get('metainfo'):
            return dataset['metainfo']
    return {}
