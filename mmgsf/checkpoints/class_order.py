"""Class orders of Something-Something: the authors sort the names, MMAction2 keeps V1's file order."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from mmgsf.datasets.class_names import class_names

CLASS_ORDERS = ('mmaction2', 'sorted')
# Where the order is a question; the others have one.
DATASETS = ('ssv1', 'ssv2')
_CLASSIFIER = 'cls_head.fc_cls.'


def ordered_class_names(dataset: str, order: str) -> list[str]:
    """Class names in MMAction2's order, which this project's lists have, or sorted.

    Args:
        dataset: 'ssv1' or 'ssv2'; the latter is sorted in MMAction2 as well.
        order: 'mmaction2' or 'sorted'.

    Raises:
        ValueError: an unknown dataset or order.
    """
    if dataset not in DATASETS:
        raise ValueError(f'dataset={dataset!r} has no two class orders; choose one of {DATASETS}')
    if order not in CLASS_ORDERS:
        raise ValueError(f'order={order!r} is not known; choose one of {CLASS_ORDERS}')
    names = class_names(dataset)
    return sorted(names) if order == 'sorted' else names


def reorder_classes(
    state_dict: Mapping[str, Tensor], source: Sequence[str], target: Sequence[str]
) -> dict[str, Tensor]:
    """The same state dict with the classifier's rows in another order.

    Args:
        state_dict: of a recognizer.
        source: class names in the order of the rows.
        target: the same names in the order wanted.

    Raises:
        ValueError: the names differ, their number is not that of the rows, or there is no
            classifier.
    """
    if sorted(source) != sorted(target):
        differing = sorted(set(source) ^ set(target))
        raise ValueError(f'the two lists have different classes, such as {differing[:3]}')
    rows = state_dict.get(f'{_CLASSIFIER}weight')
    if rows is None:
        raise ValueError('there is no classifier whose classes could be put in order')
    if len(rows) != len(source):
        raise ValueError(
            f'the classifier has {len(rows)} classes and the list {len(source)}; '
            'give the data set that it was trained on'
        )
    place = {name: row for row, name in enumerate(source)}
    order = [place[name] for name in target]
    return {
        key: value[order] if key.startswith(_CLASSIFIER) else value
        for key, value in state_dict.items()
    }
