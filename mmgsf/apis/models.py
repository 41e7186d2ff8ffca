"""Recognizers that are ready to look at videos."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from .configs import read_config

if TYPE_CHECKING:
    from mmengine.config import Config

VERBS_AND_NOUNS = (
    '{} scores verbs and nouns apart; test it with tools/test.py and tools/epic_eval.py'
)


def load_model(
    config: 'str | Path | Config',
    checkpoint: str | Path | None = None,
    device: str | torch.device | None = None,
) -> nn.Module:
    """Builds the recognizer of a config and loads a checkpoint into it, whole.

    Args:
        config: config file, or the config itself.
        checkpoint: file of this project's, MMEngine's or safetensors' form; None leaves the weights
            as they are drawn for training from nothing.
        device: where it runs; None takes a GPU if there is one.

    Returns:
        The recognizer in evaluation mode with its config as `cfg`, as MMAction2's `init_recognizer`
        gives it, and its name as `name`.

    Raises:
        FileNotFoundError: a file is not there.
        ValueError: the checkpoint is refused, or belongs to another model.
    """
    device = usable_device(device)
    if isinstance(config, str | Path):
        config = read_config(config)
    from mmaction.registry import MODELS
    from mmengine.registry import init_default_scope

    init_default_scope(config.get('default_scope', 'mmaction'))
    described = config.model.copy()
    # The checkpoint has these weights; nothing is downloaded for it.
    if (described.get('backbone') or {}).get('pretrained'):
        described.backbone = {**described.backbone, 'pretrained': None}
    model = MODELS.build(described)
    if checkpoint is None:
        with _quiet():
            model.init_weights()
    else:
        _load(model, config, str(checkpoint))
    model.cfg = config
    model.name = Path(config.filename).stem if config.filename else type(model).__name__
    return model.to(device).eval()


def usable_device(device: str | torch.device | None = None) -> torch.device:
    """The device of that name; for None a GPU if there is one, else the CPU.

    Raises:
        ValueError: there is none of that name on this machine.
    """
    if device is None:
        return torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    try:
        # Also where the name is right and the device is missing, or torch is built without it.
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError) as error:
        fault = str(error).strip().splitlines()[0]
        raise ValueError(f'device={str(device)!r} cannot be used ({fault}); take cpu') from error


@contextmanager
def _quiet() -> Iterator[None]:
    """MMEngine prints how each parameter was drawn, hundreds of lines on stdout."""
    from mmengine.logging import MMLogger

    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel('WARNING')
    try:
        yield
    finally:
        logger.setLevel(level)


def _load(model: nn.Module, config: 'Config', checkpoint: str) -> None:
    from mmgsf.checkpoints import load_from_local
    from mmgsf.engine.preflight.checkpoint import check_checkpoint

    for _ in check_checkpoint(config, checkpoint):
        pass
    loaded = load_from_local(checkpoint, map_location='cpu')
    weights = loaded.get('state_dict', loaded)
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        fault = ' '.join(str(error).split())
        raise ValueError(
            f'{checkpoint} does not fit {Path(config.filename or "the config").name} '
            f'({fault[:300]}); give the config that it was trained with'
        ) from error


def model_classes(model: nn.Module) -> list[str]:
    """Class names in label order.

    Raises:
        ValueError: the model's config names none, or has verbs and nouns in their place.
    """
    for loader in ('test_dataloader', 'val_dataloader', 'train_dataloader'):
        dataset = (model.cfg.get(loader) or {}).get('dataset') or {}
        metainfo = dataset.get('metainfo') or {}
        classes = metainfo.get('classes')
        if classes:
            return list(classes)
        if metainfo.get('verb_classes'):
            raise ValueError(VERBS_AND_NOUNS.format(model.name))
    raise ValueError(
        f'the config of {model.name} names no classes; give them as metainfo=dict(classes=[...]) of '
        'its test data'
    )
