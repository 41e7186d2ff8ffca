"""Recognizers that are ready to look at videos."""

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from .configs import read_config

if TYPE_CHECKING:
    from mmengine.config import Config


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
        model.init_weights()
    else:
        _load(model, config, str(checkpoint))
    model.cfg = config
    model.name = Path(config.filename).stem if config.filename else type(model).__name__
    if device is None:
        device = 'cuda' if torch.cuda.is_available() else 'cpu'
    return model.to(device).eval()


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
        classes = (dataset.get('metainfo') or {}).get('classes')
        if classes:
            return list(classes)
    raise ValueError(
        f'the config of {model.name} names no classes; give them as metainfo=dict(classes=[...]) of '
        'its test data'
    )
