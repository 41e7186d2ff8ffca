"""The fine-tuning configs, and what tools/prepare_data.py folder writes for a folder of videos."""

import mmgsf.register  # noqa: F401, I001

import shutil

import pytest
from mmengine.config import Config
from mmgsf.datasets.preparation import Finetuning
from mmgsf.datasets.preparation.finetune import CONFIG, config_lines

from .test_configs import FOLDER


def written(root, finetuning, classes=('a', 'turn left', 'turn right')) -> Config:
    root.mkdir(parents=True, exist_ok=True)
    (root / 'classes.txt').write_text('\n'.join([*classes, '']))
    (root / 'train_list_videos.txt').write_text('a/0.mp4\t0\n')
    (root / CONFIG).write_text('\n'.join([*config_lines(root, finetuning), '']))
    return Config.fromfile(root / CONFIG)


def test_small_model_is_that_of_camera_motion():
    own = Config.fromfile(FOLDER / 'gsf_r18_finetune.py')
    source = Config.fromfile(FOLDER / 'gsf_r18_camera_motion.py')
    assert own.model.backbone.pop('frozen_stages') == 1
    assert own.model.cls_head.pop('num_classes') == 2
    assert source.model.cls_head.pop('num_classes') == 8
    assert own.model == source.model


def test_large_model_is_that_of_the_benchmarks():
    own = Config.fromfile(FOLDER / 'gsf_r50_finetune.py')
    source = Config.fromfile(FOLDER / 'gsf_r50_ssv2.py')
    assert own.model.backbone.pop('frozen_stages') == 2
    for config in (own, source):
        config.model.cls_head.pop('num_classes')
    assert own.model == source.model
    # Trained weights move slower than in the recipe, by the linear rule of the batch.
    own_rate = own.optim_wrapper.optimizer.lr / own.auto_scale_lr.base_batch_size
    assert own_rate < source.optim_wrapper.optimizer.lr / source.auto_scale_lr.base_batch_size


@pytest.mark.parametrize('place', ['own', "it's own"])
def test_config_names_everything_by_its_own_place(tmp_path, monkeypatch, place):
    root = tmp_path / place
    checkpoint = tmp_path / 'c.pth'
    checkpoint.touch()
    monkeypatch.chdir(tmp_path)
    config = written(root, Finetuning('gsf_r50_finetune', 'c.pth'))
    monkeypatch.chdir('/')
    config = Config.fromfile(root / CONFIG)
    assert config.load_from == str(checkpoint)
    assert config.work_dir == f'./work_dirs/gsf_finetune-{place}'
    assert config.model.backbone.pretrained is None
    assert config.model.backbone.frozen_stages == 2
    assert config.model.cls_head.num_classes == 3
    for split, name in (('train', 'train'), ('val', 'val'), ('test', 'val')):
        dataset = config[f'{split}_dataloader'].dataset
        assert dataset.ann_file == f'{root}/{name}_list_videos.txt'
        assert dataset.data_prefix.video == str(root)
        assert dataset.metainfo.classes == ['a', 'turn left', 'turn right']
    assert config.train_dataloader.dataset.delimiter == '\t'
    flip = next(s for s in config.train_dataloader.dataset.pipeline if s.type == 'Flip')
    assert flip.flip_label_map == {1: 2, 2: 1}


def test_folder_may_be_moved(tmp_path):
    written(tmp_path / 'a', Finetuning())
    shutil.move(tmp_path / 'a', tmp_path / 'b')
    config = Config.fromfile(tmp_path / 'b' / CONFIG)
    assert config.train_dataloader.dataset.ann_file == f'{tmp_path}/b/train_list_videos.txt'


def test_without_a_checkpoint_nothing_is_frozen(tmp_path):
    config = written(tmp_path, Finetuning('gsf_r50_finetune'))
    assert config.load_from is None
    assert config.model.backbone.frozen_stages == -1
    assert config.model.backbone.pretrained


@pytest.mark.parametrize(('classes', 'flip'), [(('a', 'b'), False), (('a', 'turn left'), True)])
def test_flip_goes_where_it_would_change_the_meaning(tmp_path, classes, flip):
    config = written(tmp_path, Finetuning('gsf_r18_finetune', flip=flip), classes)
    types = [step.type for step in config.train_dataloader.dataset.pipeline]
    assert 'Flip' not in types
    assert types[-2:] == ['FormatShape', 'PackActionInputs']
