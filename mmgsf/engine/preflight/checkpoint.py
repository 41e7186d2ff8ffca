"""Does a checkpoint belong to the model and the data?"""

from collections.abc import Iterator, Mapping
from typing import Any

from .config import dataset_of, num_segments_of
from .findings import Finding, PreflightError

# Class names in a dataset's metainfo, and what one of them is; EPIC-Kitchens-100 has two lists.
CLASS_NAMES = {'classes': 'class', 'verb_classes': 'verb class', 'noun_classes': 'noun class'}
CLASSIFIER = 'cls_head.fc_cls.weight'
BACKBONE = 'backbone.'


def check_checkpoint(cfg: dict, filename: str) -> Iterator[Finding]:
    """T, the classes and their number must be those of the config."""
    from mmgsf.checkpoints import load_from_local

    try:
        checkpoint = load_from_local(filename, map_location='cpu')
    except (ValueError, OSError) as error:
        raise PreflightError(str(error)) from error
    meta = checkpoint.get('meta') or {}
    difference = compare_num_segments(filename, meta, num_segments_of(cfg))
    if difference and not cfg.get('allow_num_segments'):
        raise PreflightError(difference_remedy(difference))
    if difference:
        yield Finding('info', f'{difference}; the weights do not depend on it')
    classifier = checkpoint.get('state_dict', checkpoint).get(CLASSIFIER)
    wanted = ((cfg.get('model') or {}).get('cls_head') or {}).get('num_classes')
    if classifier is not None and wanted is not None and len(classifier) != wanted:
        raise PreflightError(
            f'{filename} has {len(classifier)} classes, model.cls_head.num_classes is {wanted}; '
            'its last layer would not be loaded: use the config that it was trained with'
        )
    dataset = dataset_of(cfg, 'test') or dataset_of(cfg, 'val') or {}
    metainfo = dataset.get('metainfo') or {}
    # A string would be a file of names.
    names = {key: some for key, some in metainfo.items() if not isinstance(some, str)}
    compare_classes(filename, meta, names)
    if (meta.get('dataset_meta') or {}).keys() & CLASS_NAMES.keys():
        yield Finding('ok', f'{filename}: T and classes of the config')
    else:
        yield Finding('info', f'{filename} holds no class names, so their order is not compared')


def compare_num_segments(filename: str, meta: Mapping[str, Any], wanted: int | None) -> str:
    """In what a checkpoint's T differs from the model's, '' if it does not or is not known."""
    trained = meta.get('num_segments')
    if trained is None or wanted is None or trained == wanted:
        return ''
    return f'{filename} was trained with num_segments={trained}, the config has {wanted}'


def compare_weights(filename: str, weights: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    """What of a model a checkpoint that only lends weights does not fill, by name and shape.

    Args:
        filename: of the checkpoint.
        weights: its state dict.
        own: that of the model.

    Raises:
        PreflightError: it fills nothing of the backbone.
    """
    weights = {_plain(name): value for name, value in weights.items()}
    parts = {name: value for name, value in own.items() if name.startswith(BACKBONE)}
    # Of a norm's running numbers and one-dimensional weights many networks have the same.
    parts = {name: value for name, value in parts.items() if value.dim() > 1}
    filled = [name for name, value in parts.items() if _fits(weights.get(_plain(name)), value)]
    if parts and not filled:
        raise PreflightError(
            f'{filename} holds no weights of this backbone, and the model would stay as it is; take '
            'a checkpoint of the same network'
        )
    notes = []
    if len(filled) < len(parts):
        notes.append(f'{filename} fills {len(filled)} of {len(parts)} weights of the backbone')
    there, wanted = weights.get(CLASSIFIER), own.get(CLASSIFIER)
    if wanted is not None and not _fits(there, wanted):
        classes = 'none' if there is None else f'one of {len(there)} classes'
        notes.append(
            f'the classifier of {len(wanted)} classes starts anew: {filename} has {classes}'
        )
    return notes


def _plain(name: str) -> str:
    """A weight's name without what DataParallel and the temporal layers' wrappers add."""
    return name.removeprefix('module.').replace('.net.', '.')


def _fits(value: Any, wanted: Any) -> bool:
    return value is not None and value.shape == wanted.shape


def difference_remedy(difference: str) -> str:
    """The error for another T, where the model must be the same."""
    return (
        f'{difference}; the weights fit any T, but the result is another model. '
        'Pass --allow-num-segments if that is meant'
    )


def compare_classes(filename: str, meta: Mapping[str, Any], metainfo: Mapping[str, Any]) -> None:
    """Labels of another order would test at chance, without a word.

    Raises:
        PreflightError: the checkpoint's class names are others, or in another order.
    """
    for key, kind in CLASS_NAMES.items():
        trained, wanted = (meta.get('dataset_meta') or {}).get(key), metainfo.get(key)
        if not trained or not wanted:
            continue
        if len(trained) != len(wanted):
            raise PreflightError(
                f'{filename} knows {len(trained)} {key}, the test data has {len(wanted)}; '
                'test it on the data of its own kind'
            )
        for label, (theirs, ours) in enumerate(zip(trained, wanted, strict=True)):
            if theirs != ours:
                raise PreflightError(
                    f'{kind} {label} is {theirs!r} in {filename} and {ours!r} in the test data; '
                    'use annotation lists in the label order of the checkpoint'
                )
