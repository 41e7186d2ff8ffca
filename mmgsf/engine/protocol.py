"""Makes a config test by one of the named protocols, in bounded memory."""

from mmengine.config import Config

from mmgsf.datasets.protocols import (
    CROPS,
    find_crop,
    find_protocol,
    find_sampler,
    with_protocol,
)
from mmgsf.models.complexity import measure_complexity


def apply_protocol(config: Config, name: str) -> None:
    """Makes a config's test give the views of a protocol and average their raw scores.

    The test pipeline changes as by `with_protocol`; where it has crops of another kind, as those of
    MMAction2's own configs, the validation pipeline takes its place first. RecognizerGSF gets as
    many frames at once as a batch of single views has, unless the config sets `max_testing_views`
    itself.

    Args:
        config: with model and test_dataloader; changed in place.
        name: '1x1', '2x1' or '2x3'.

    Raises:
        ValueError: the protocol is unknown, does not fit the pipeline, or the head averages
            anything but raw scores.
    """
    views = find_protocol(name).views
    head = config.model.get('cls_head') or {}
    average = head.setdefault('average_clips', 'score')
    if average != 'score' and views > 1:
        raise ValueError(
            f'model.cls_head.average_clips={average!r}: protocol {name} averages raw scores, before '
            'any softmax; add --cfg-options model.cls_head.average_clips=score'
        )
    pipeline = with_protocol(_centre_crop_pipeline(config), name)
    config.test_dataloader.dataset.pipeline = pipeline
    if 'test_pipeline' in config:
        config.test_pipeline = pipeline
    if _takes_chunks(config):
        frames = config.model.num_segments * config.test_dataloader.get('batch_size', 1)
        config.model.test_cfg = {
            'max_testing_views': frames,
            **(config.model.get('test_cfg') or {}),
        }
    config.protocol = name


def describe_protocol(config: Config) -> str:
    """One line on what the test of a config with a protocol computes: views, frames and cost."""
    pipeline = config.test_dataloader.dataset.pipeline
    views = find_protocol(config.protocol).views
    frames = find_sampler(pipeline)['num_clips']
    size = find_crop(pipeline)['crop_size']
    size = size if isinstance(size, int) else size[0]
    gmacs = measure_complexity(config.model, frames, size).macs / 1e9
    line = (
        f'protocol {config.protocol}: {views} view{"s" * (views > 1)} of {frames} frames at '
        f'{size}x{size}, {views} x {_number(gmacs)} = {_number(views * gmacs)} GMAC a video'
    )
    if views > 1 and not _takes_chunks(config):
        line += f'; {config.model.type} computes all views at once, in as much more memory'
    return line


def _centre_crop_pipeline(config: Config) -> list[dict]:
    loaders = [config.get(f'{split}_dataloader') or {} for split in ('test', 'val')]
    test, val = [(loader.get('dataset') or {}).get('pipeline') for loader in loaders]
    if test is None:
        raise ValueError(
            'the config has no test_dataloader.dataset.pipeline, which a protocol changes'
        )
    for pipeline in (test, val or []):
        if any(step['type'] in CROPS for step in pipeline):
            return pipeline
    raise ValueError(
        f'neither the test nor the validation pipeline has one of {CROPS}, from which a protocol '
        'takes the size of its crops; give the test pipeline a CenterCrop'
    )


def _takes_chunks(config: Config) -> bool:
    """MMAction2's Recognizer2D has max_testing_views too, but asks the backbone for a `get`."""
    return config.model.type == 'RecognizerGSF' and config.model.get('neck') is None


def _number(gmacs: float) -> str:
    return f'{gmacs:.1f}' if gmacs >= 10 else f'{gmacs:.2g}'
