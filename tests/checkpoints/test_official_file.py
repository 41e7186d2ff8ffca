"""Of a file that is not the authors' it is said what it looks like, and nothing of it runs."""

import pickle
from pathlib import Path

import pytest
import torch

from mmgsf.checkpoints import read_official

from ..models.reference_network import load_case

WEIGHT = torch.zeros(2)


class Hostile:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize('key', ['model_state_dict', 'state_dict', None])
def test_state_dict_is_found_where_the_authors_have_it(key, tmp_path):
    weights = load_case('bninception_t8_r100')[1]
    whole = weights if key is None else {'epoch': 3, key: weights, 'best_prec1': WEIGHT}
    torch.save(whole, tmp_path / 'best.pth.tar')
    assert read_official(tmp_path / 'best.pth.tar').keys() == weights.keys()


@pytest.mark.parametrize(
    ('content', 'said'),
    [
        ({'backbone.a.gate_conv.bias': WEIGHT}, 'a checkpoint of this project'),
        ({'state_dict': {'backbone.conv1.conv.weight': WEIGHT}}, 'a checkpoint of MMAction2'),
        ({'layer1.0.conv1.net.weight': WEIGHT}, 'a network with TSM'),
        ({'features.0.0.weight': WEIGHT}, 'a MobileNet'),
        ({'Mixed_5b.branch1x1.conv.weight': WEIGHT}, "torchvision's InceptionV3"),
        ({'blocks.0.attn.qkv.weight': WEIGHT}, 'a vision transformer'),
        ({'foo.weight': WEIGHT}, "of another kind \\(names such as 'foo.weight'\\)"),
        ({'optimizer': {'lr': 1}}, "no model_state_dict or state_dict.*holds 'optimizer' and"),
        ({}, 'it holds nothing'),
        ([WEIGHT], 'holds a list'),
        (WEIGHT, 'holds a Tensor'),
    ],
)
def test_something_else(content, said, tmp_path):
    torch.save(content, tmp_path / 'other.pth')
    with pytest.raises(ValueError, match=said):
        read_official(tmp_path / 'other.pth')


def test_imagenet_weights_are_pointed_to_their_place(tmp_path):
    plain = {k: v for k, v in load_case('resnet50_t8_r25')[1].items() if 'gsf' not in k}
    torch.save(plain, tmp_path / 'imagenet.pth')
    with pytest.raises(ValueError, match='a plain ResNet without.*model.backbone.pretrained'):
        read_official(tmp_path / 'imagenet.pth')


@pytest.mark.parametrize('make', [pickle.dumps, None])
def test_hostile_file_is_refused_and_does_not_run(make, tmp_path):
    path, touched = tmp_path / 'hostile.pth', tmp_path / 'was_here'
    if make is None:
        torch.save({'state_dict': Hostile(touched)}, path)
    else:
        path.write_bytes(make(Hostile(touched)))
    with pytest.raises(ValueError, match='is refused'):
        read_official(path)
    assert not touched.exists()


def test_page_of_an_error_and_missing_file(tmp_path):
    (tmp_path / 'page.pth.tar').write_text('<html>Not Found</html>')
    with pytest.raises(ValueError, match='no file of torch.save'):
        read_official(tmp_path / 'page.pth.tar')
    with pytest.raises(FileNotFoundError, match='check the path'):
        read_official(tmp_path / 'missing.pth.tar')
