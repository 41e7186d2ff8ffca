"""Class names of the benchmarks, in MMAction2's class order, and the classes that a flip swaps."""

import re
from collections.abc import Sequence
from importlib.resources import files

# A name gives a direction by one of these forms; "pulling it right out" gives none.
_DIRECTIONS = (
    (re.compile(r'from left to right'), 'from right to left'),
    (re.compile(r'from right to left'), 'from left to right'),
    (re.compile(r'camera left\b'), 'camera right'),
    (re.compile(r'camera right\b'), 'camera left'),
    (re.compile(r'camera anticlockwise\b'), 'camera clockwise'),
    (re.compile(r'camera clockwise\b'), 'camera anticlockwise'),
)


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


def _mirror(name: str) -> str:
    for pattern, replacement in _DIRECTIONS:
        if pattern.search(name):
            return pattern.sub(replacement, name)
    return name
