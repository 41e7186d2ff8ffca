"""Weights come back as they were written, by loaders that run no code."""

import sys

import pytest
import torch

from mmgsf.checkpoints import load_from_local, save_weights

META = {'num_classes': 2, 'dataset_meta': {'classes': ['a', 'ä']}, 'backbone': {'ratio': 0.25}}


@pytest.fixture
def weights() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    matrix = torch.randn(4, 3)
    return {'a.weight': matrix.T, 'a.half': matrix.half(), 'a.count': torch.tensor(7)}


@pytest.mark.parametrize('name', ['w.pth', 'deep/er/w.safetensors'])
def test_round_trip(name, weights, tmp_path):
    save_weights(tmp_path / name, weights, META)
    loaded = load_from_local(str(tmp_path / name))
    assert loaded['meta'] == META
    assert loaded['state_dict'].keys() == weights.keys()
    for key, value in weights.items():
        assert torch.equal(loaded['state_dict'][key], value)
        assert loaded['state_dict'][key].dtype == value.dtype


@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
def test_same_values_give_the_same_bytes_under_any_name(suffix, weights, tmp_path):
    contents = set()
    for number in range(8):
        path = tmp_path / f'{number}{suffix}'
        save_weights(path, weights, META)
        contents.add(path.read_bytes())
    assert len(contents) == 1


def test_both_are_safe_for_other_loaders(weights, tmp_path):
    from safetensors.torch import load_file

    save_weights(tmp_path / 'w.pth', weights, META)
    save_weights(tmp_path / 'w.safetensors', weights, META)
    assert torch.load(tmp_path / 'w.pth', weights_only=True)['meta'] == META
    assert load_file(tmp_path / 'w.safetensors').keys() == weights.keys()


def test_failed_write_leaves_the_old_file(weights, tmp_path):
    path = tmp_path / 'w.safetensors'
    save_weights(path, weights, META)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_weights(path, weights, {'cannot': object()})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ['w.safetensors']


def test_other_suffix_is_refused(weights, tmp_path):
    with pytest.raises(ValueError, match=r"suffix '\.bin'"):
        save_weights(tmp_path / 'w.bin', weights, META)


@pytest.mark.parametrize('keep', [0, 5, 40])
def test_cut_off_safetensors_are_refused(keep, weights, tmp_path):
    path = tmp_path / 'w.safetensors'
    save_weights(path, weights, META)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match='no whole file of safetensors'):
        load_from_local(str(path))


def test_without_the_package_the_pip_line_is_said(weights, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'safetensors.torch', None)
    with pytest.raises(ImportError, match='pip install safetensors'):
        save_weights(tmp_path / 'w.safetensors', weights, META)
    assert not list(tmp_path.iterdir())
