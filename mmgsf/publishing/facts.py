"""What a published file says of its model, read off the config; for the file, its card and its log."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from mmgsf.datasets.protocols import NUM_CROPS, SAMPLERS, VIEW_SAMPLERS, describe_views
from mmgsf.deployment.describe import class_names_of, normalisation

# Of a test pipeline, what decides which pixels the network sees.
_STEPS = (*SAMPLERS, *VIEW_SAMPLERS, 'Resize', 'CenterCrop', *NUM_CROPS)


def describe_published(model: nn.Module, name: str, seed: int, licence: str) -> dict[str, Any]:
    """The meta of a published file, of plain values that JSON and weights-only files take.

    Args:
        model: as `load_model` gives it.
        name: of the model.
        seed: of its training.
        licence: of the weights, by its SPDX identifier.

    Returns:
        `name`, `num_segments`, `dataset_meta` with the class names, `protocol` (clips x crops of the
        config's test), `preprocessing`, `seed` and `licence`. Not 'config', which loaders drop.

    Raises:
        ValueError: the config names no classes, or its test pipeline has no one sampler.
    """
    pipeline = model.cfg.test_dataloader.dataset.pipeline
    return {
        'name': name,
        'num_segments': model.num_segments,
        'dataset_meta': class_names_of(model),
        'protocol': describe_views(pipeline),
        'preprocessing': describe_preprocessing(model, pipeline),
        'seed': seed,
        'licence': licence,
    }


def describe_preprocessing(model: nn.Module, pipeline: Sequence[Mapping]) -> dict[str, Any]:
    """How frames come to the network.

    Returns:
        `steps`: the transforms of the test pipeline that sample, resize and crop, in order, with their
        arguments; `channel_order`, and in it `mean` and `std` of values from 0 to 255.
    """
    order, mean, std = normalisation(model.data_preprocessor)
    return {
        'steps': [_plain({'type': s['type'], **s}) for s in pipeline if s['type'] in _STEPS],
        'channel_order': order,
        'mean': list(mean),
        'std': list(std),
    }


def frame_size(pipeline: Sequence[Mapping]) -> int | None:
    """Height and width of the square frames that a test pipeline gives, in pixels, if they are."""
    for step in reversed(pipeline):
        if 'crop_size' in step:
            size = step['crop_size']
            return size if isinstance(size, int) else size[0]
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
