"""Class names of the benchmarks, in MMAction2's class order, and the classes that a flip swaps."""

import os
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

# A name gives a direction by one of these forms; "pulling it right out" gives none.
_DIRECTIONS = (
    (re.compile(r'from left to right'), 'from right to left'),
    (re.compile(r'from right to left'), 'from left to right'),
    (re.compile(r'camera left\b'), 'camera right'),
    (re.compile(r'camera right\b'), 'camera left'),
    (re.compile(r'camera anticlockwise\b'), 'camera clockwise'),
    (re.compile(r'camera clockwise\b'), 'camera anticlockwise'),
)

# A user's names: whole words, which underscores may divide too.
_OPPOSITES = {
    'left': 'right',
    'right': 'left',
    'leftwards': 'rightwards',
    'rightwards': 'leftwards',
    'clockwise': 'anticlockwise',
    'anticlockwise': 'clockwise',
}
_SIDES = re.compile(
    rf'(?<![^\W\d_])(?:{"|".join(sorted(_OPPOSITES, key=len, reverse=True))})(?![^\W\d_])'
)
_ANTICLOCKWISE = re.compile(r'\bcounter[-_ ]?clockwise')


def class_names(dataset: str) -> list[str]:
    """Class names of a benchmark in the order of its labels.

    Args:
        dataset: 'ssv1' (order of the provider's labels file), 'ssv2' and 'k400' (sorted names),
            'diving48' (order of the vocabulary, its words joined by '+'), 'epic100_verbs' and
            'epic100_nouns' (order of the class files), or 'camera_motion'.

    Raises:
        ValueError: no list of that name.
    """
    lists = {
        path.name.removesuffix('.txt'): path for path in (files(__package__) / 'labels').iterdir()
    }
    if dataset not in lists:
        raise ValueError(f'dataset={dataset!r} has no class names here; known: {sorted(lists)}')
    return lists[dataset].read_text(encoding='utf-8').splitlines()


def flip_label_map(classes: Sequence[str]) -> dict[int, int]:
    """Labels that a horizontal flip swaps, found by the names; for MMAction2's `Flip`.

    Args:
        classes: class names in label order.

    Returns:
        Label to label, both ways; empty if no name gives a direction.

    Raises:
        ValueError: a name gives a direction and its mirror image is no class.
    """
    labels = {name: label for label, name in enumerate(classes)}
    pairs = {}
    for name, label in labels.items():
        mirrored = _mirror(name)
        if mirrored == name:
            continue
        if mirrored not in labels:
            raise ValueError(
                f'class {label} {name!r} names a direction, but its mirror image {mirrored!r} is no '
                'class; train without Flip, or add the class'
            )
        pairs[label] = labels[mirrored]
    return pairs


def mirrored_classes(classes: Sequence[str]) -> dict[int, int] | None:
    """Labels that a horizontal flip swaps, by any name that holds left, right or a sense of rotation.

    For names that a user gave; `flip_label_map` knows the forms of the benchmarks.

    Args:
        classes: class names in label order.

    Returns:
        Label to label, both ways; None if the mirror image of a class is no class, so that frames
        must not be flipped.
    """
    names = [_ANTICLOCKWISE.sub('anticlockwise', name.lower()) for name in classes]
    labels = {name: label for label, name in enumerate(names)}
    pairs = {}
    for label, name in enumerate(names):
        mirrored = _SIDES.sub(lambda found: _OPPOSITES[found[0]], name)
        if mirrored == name:
            continue
        if mirrored not in labels:
            return None
        pairs[label] = labels[mirrored]
    return pairs


def read_class_names(path: str | os.PathLike, stand_ins: Sequence[str] | None = None) -> list[str]:
    """Class names of a text file, one a line in the order of the labels.

    Args:
        path: the file, in UTF-8.
        stand_ins: names to take where there is no such file yet.

    Raises:
        FileNotFoundError: there is no such file, and there are no stand-ins.
        ValueError: it names no class, or one twice.
    """
    if not Path(path).is_file():
        if stand_ins is not None:
            return list(stand_ins)
        raise FileNotFoundError(
            f'class names {path} are not there; make them by: python tools/prepare_data.py folder '
            f'{Path(path).parent}'
        )
    names = Path(path).read_text(encoding='utf-8').splitlines()
    if not names or '' in names or len(set(names)) < len(names):
        raise ValueError(f'{path} has an empty line, a name twice, or none; give one name a line')
    return names


def _mirror(name: str) -> str:
    for pattern, replacement in _DIRECTIONS:
        if pattern.search(name):
            return pattern.sub(replacement, name)
    return name
