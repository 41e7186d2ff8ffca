"""Models from configs and checkpoints: whole, of the right kind, or refused."""

import pytest
import torch

from mmgsf.apis import get_config, load_model
from mmgsf.apis.configs import config_names, config_path
from mmgsf.checkpoints import save_weights

NAME = 'gsf_r18_camera_motion'


def test_all_configs_have_names():
    assert {NAME, 'gsf_r50_ssv2'} <= set(config_names())
    assert get_config(NAME).num_segments == 8


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="no model 'gsf_r50_ssv3'; did you mean gsf_r50_ssv"):
        config_path('gsf_r50_ssv3')


@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
def test_a_checkpoint_is_loaded_whole(tmp_path, suffix):
    torch.manual_seed(0)
    model = load_model(config_path(NAME))
    assert not model.training
    assert model.name == NAME
    meta = {'num_segments': 8, 'dataset_meta': {'classes': list(model.cfg.classes)}}
    save_weights(tmp_path / f'a{suffix}', model.half().state_dict(), meta)
    loaded = load_model(get_config(NAME), tmp_path / f'a{suffix}')
    assert all(
        torch.equal(value.float(), loaded.state_dict()[name].float())
        for name, value in model.state_dict().items()
    )
    assert next(loaded.parameters()).dtype is torch.float32


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        (lambda weights, meta: weights.pop('cls_head.fc_cls.bias'), 'cls_head.fc_cls.bias'),
        (lambda weights, meta: meta.update(num_segments=16), 'num_segments=16'),
        (lambda weights, meta: meta['dataset_meta']['classes'].reverse(), 'class 0'),
    ],
)
def test_a_checkpoint_of_another_model_is_refused(tmp_path, change, words):
    model = load_model(config_path(NAME))
    meta = {'num_segments': 8, 'dataset_meta': {'classes': list(model.cfg.classes)}}
    weights = model.state_dict()
    change(weights, meta)
    save_weights(tmp_path / 'a.pth', weights, meta)
    with pytest.raises(ValueError, match=words):
        load_model(config_path(NAME), tmp_path / 'a.pth')


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'nowhere\.py'):
        load_model(tmp_path / 'nowhere.py')
    with pytest.raises(ValueError, match=r'nowhere\.pth'):
        load_model(config_path(NAME), tmp_path / 'nowhere.pth')
