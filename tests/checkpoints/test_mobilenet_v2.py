"""torchvision's MobileNetV2 key names, in both of their forms, become MMAction2's."""

import mmgsf.register  # noqa: F401, I001

import pytest
import torch
from mmaction.registry import MODELS

from mmgsf.checkpoints.mobilenet_v2 import is_torchvision, rename_torchvision


def torchvision_names(nested: bool) -> list[str]:
    """The modules of torchvision's MobileNetV2, in order, as its source numbers them."""
    names = ['features.0.0', 'features.0.1']
    for block in range(1, 18):
        convs = 2 if block == 1 else 3
        for conv in range(convs):
            if not nested:
                places = [f'{3 * conv}', f'{3 * conv + 1}']
            elif conv < convs - 1:
                places = [f'{conv}.0', f'{conv}.1']
            else:
                places = [f'{conv}', f'{conv + 1}']
            names += [f'features.{block}.conv.{place}' for place in places]
    return [*names, 'features.18.0', 'features.18.1']


@pytest.mark.parametrize('nested', [True, False], ids=['nested', 'flat'])
def test_names_go_over_in_order(nested):
    ours = list(MODELS.build({'type': 'MobileNetV2'}).state_dict())
    modules = list(dict.fromkeys(key.rpartition('.')[0] for key in ours))
    renamed = {
        f'{theirs}.{key.rpartition(".")[2]}': key
        for theirs, module in zip(torchvision_names(nested), modules, strict=True)
        for key in ours
        if key.rpartition('.')[0] == module
    }
    weights = {key: torch.tensor(number) for number, key in enumerate(renamed)}
    weights['classifier.1.weight'] = torch.tensor(-1)
    assert is_torchvision(weights)
    assert not is_torchvision(dict.fromkeys(ours))
    result = rename_torchvision(weights)
    assert result.pop('classifier.1.weight') == -1
    assert list(result) == list(renamed.values()) == ours
    assert [value.item() for value in result.values()] == list(range(len(ours)))


def test_a_deeper_network_is_refused():
    with pytest.raises(ValueError, match='MobileNetV2 ends at features.18'):
        rename_torchvision({'features.19.conv.0.weight': torch.zeros(1)})
