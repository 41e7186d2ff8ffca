"""Reads the authors' files, and says of other files what they look like."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from torch import Tensor

from .convert import describe_official
from .load import load_from_local

# What a file is, by a pattern that some of its names match; asked in this order.
_LOOKS = (
    (r'^backbone\..*\.gate_conv\.', 'a checkpoint of this project, which needs no conversion'),
    (r'^(backbone|cls_head)\.', 'a checkpoint of MMAction2, which needs no conversion'),
    (r'\.net\.(weight|bias)$', 'a network with TSM, whose shift has no weights; not one with GSF'),
    (r'(^|\.)blocks\.\d+\.attn\.', 'a vision transformer'),
    (r'^(visual|transformer)\.', 'a vision-language model'),
    (r'^features\.\d+\.', 'a MobileNet, an EfficientNet or a VGG of torchvision'),
    (r'^Mixed_5b\.', "torchvision's InceptionV3, which differs from the one of Caffe"),
    (r'^s5?[1-5]\.pathway', 'a SlowFast network'),
)


def read_official(path: str | Path) -> dict[str, Tensor]:
    """The state dict of a file of the authors, GSF's or GSM's, as it lies on disk.

    Args:
        path: a '.pth.tar' of torch.save: a dict with `model_state_dict` (GSF) or `state_dict`
            (GSM), or the state dict alone.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no checkpoint, would run code, or holds something else than a
            network with GSF or GSM; what it looks like is said.
    """
    loaded = load_from_local(str(path))
    state_dict = _state_dict(loaded, path)
    names = [re.sub(r'^(module\.)?(base_model\.)?', '', key) for key in state_dict]
    try:
        network = describe_official(state_dict)
    except ValueError as error:
        raise ValueError(f'{path} looks like {looks_like(names)}: {error}') from error
    if network.backbone['layer'] is None:
        raise ValueError(
            f'{path} looks like a plain {network.backbone["type"].removesuffix("GSF")} without '
            'temporal layers, such as ImageNet weights: name it as model.backbone.pretrained'
        )
    return state_dict


def looks_like(names: Iterable[str]) -> str:
    """What a state dict of these names is, in a few words."""
    names = list(names)
    for pattern, what in _LOOKS:
        if any(re.search(pattern, name) for name in names):
            return what
    return f'a state dict of another kind (names such as {", ".join(map(repr, names[:3]))})'


def _state_dict(loaded: Any, path: str | Path) -> dict[str, Tensor]:
    if not isinstance(loaded, dict):
        raise ValueError(f'{path} holds a {type(loaded).__name__}, not a dict of weights')
    for key in ('model_state_dict', 'state_dict'):
        if isinstance(loaded.get(key), dict):
            loaded = loaded[key]
            break
    others = [key for key, value in loaded.items() if not isinstance(value, Tensor)]
    if others or not loaded:
        found = f'{others[0]!r} and the like' if others else 'nothing'
        raise ValueError(
            f'{path} has no model_state_dict or state_dict of tensors (it holds {found}); '
            "give the authors' file of a trained network"
        )
    return dict(loaded)
