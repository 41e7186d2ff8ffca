"""Weights of a plain 2D network, loaded strictly into the network with temporal layers in it."""

from collections.abc import Iterable

from torch import Tensor, nn

from mmgsf.layers import TemporalConv

# Names that classifiers have in the files of torchvision, timm and OpenMMLab.
CLASSIFIERS = ('fc', 'classifier', 'head', 'cls_head')
BACKBONE = 'backbone.'
LISTED = 5


def plain_state_dict(checkpoint: object) -> dict[str, Tensor]:
    """The tensors of a network, out of a loaded checkpoint.

    Takes a bare state dict, or one under 'state_dict' as OpenMMLab and timm save it; of a whole
    classifier or recognizer ('backbone.*' among the keys) the backbone alone.

    Raises:
        ValueError: the checkpoint is none of these.
    """
    weights = checkpoint
    if isinstance(weights, dict) and isinstance(weights.get('state_dict'), dict):
        weights = weights['state_dict']
    if not isinstance(weights, dict) or not all(isinstance(v, Tensor) for v in weights.values()):
        raise ValueError(
            'it holds no state dict (names and tensors, bare or under state_dict); save that alone'
        )
    backbone = {
        key.removeprefix(BACKBONE): value
        for key, value in weights.items()
        if key.startswith(BACKBONE)
    }
    return backbone or dict(weights)


def load_plain_weights(
    model: nn.Module, weights: dict[str, Tensor], removed: Iterable[str] = ()
) -> None:
    """Loads a state dict strictly, but for temporal layers' keys and a classifier.

    Args:
        model: a network, with or without temporal layers.
        weights: state dict of the network without temporal layers, or with them.
        removed: names of modules that the file may hold and the model lacks. Those in
            `CLASSIFIERS` may always be in it.

    Raises:
        ValueError: keys are missing, unexpected or of another shape, by name; the model is left
            as it was.
    """
    own = model.state_dict()
    wrapped = [name for name, module in model.named_modules() if isinstance(module, TemporalConv)]
    plain = {key: _plain_key(key, wrapped) for key in own}
    source = {key: name if name in weights else key for key, name in plain.items()}
    temporal = tuple(f'{name}.temporal.' for name in wrapped)
    ignored = tuple(f'{name}.' for name in (*removed, *CLASSIFIERS))
    # Files of old torch count no batches; BatchNorm keeps its own count then.
    missing = [
        plain[key]
        for key, name in source.items()
        if name not in weights
        and not key.startswith(temporal)
        and not key.endswith('num_batches_tracked')
    ]
    known = set(source.values())
    unexpected = [key for key in weights if key not in known and not key.startswith(ignored)]
    shapes = [
        f'{name} of {tuple(weights[name].shape)}, not {tuple(own[key].shape)}'
        for key, name in source.items()
        if name in weights and weights[name].shape != own[key].shape
    ]
    if missing or unexpected or shapes:
        faults = {'missing': missing, 'unexpected': unexpected, 'of another shape': shapes}
        raise ValueError(
            'the weights are not those of this network; '
            + '; '.join(f'{_listed(names)} {fault}' for fault, names in faults.items() if names)
        )
    loaded = {key: weights[name] for key, name in source.items() if name in weights}
    model.load_state_dict({**own, **loaded}, strict=True)


def _plain_key(key: str, wrapped: list[str]) -> str:
    for name in wrapped:
        if key.startswith(f'{name}.net.'):
            return f'{name}.{key.removeprefix(f"{name}.net.")}'
    return key


def _listed(names: list[str]) -> str:
    more = len(names) - LISTED
    return ', '.join(names[:LISTED]) + (f' and {more} more' if more > 0 else '')
