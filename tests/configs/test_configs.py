"""Every config parses, builds, and says one thing in one place."""

import mmgsf.register  # noqa: F401, I001

import ast
from pathlib import Path

import pytest
import torch
from mmaction.registry import MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.optim.scheduler import CosineAnnealingLR, LinearLR
from mmengine.registry import init_default_scope

from mmgsf.datasets import flip_label_map
from mmgsf.datasets.pipelines import SAMPLERS

FOLDER = Path(__file__).parents[2] / 'configs'
CONFIGS = sorted(FOLDER.glob('*.py'))
BENCHMARKS = [path for path in CONFIGS if not path.stem.endswith(('camera_motion', 'finetune'))]
SPLITS = ('train', 'val', 'test')


@pytest.fixture(params=CONFIGS, ids=lambda path: path.stem)
def config(request) -> Config:
    init_default_scope('mmaction')
    return Config.fromfile(request.param)


def sampler(config: Config, split: str) -> dict:
    pipeline = config[f'{split}_dataloader'].dataset.pipeline
    return next(step for step in pipeline if step.type in SAMPLERS)


def classes(config: Config) -> list[str]:
    """What the logits stand for: one list of names, or EPIC's verbs and then its nouns."""
    metainfo = config.train_dataloader.dataset.metainfo
    return metainfo.get('classes') or [*metainfo.verb_classes, *metainfo.noun_classes]


def test_one_num_segments(config):
    frames = config.num_segments
    assert [sampler(config, split).num_clips for split in SPLITS] == [frames] * 3
    assert sampler(config, 'train').get('test_mode', False) is False
    assert all(sampler(config, split).test_mode for split in ('val', 'test'))
    stem = Path(config.filename).stem
    assert (f'_{frames}f_' in stem) == (frames != (16 if 'diving48' in stem else 8))
    assert config.test_pipeline == config.test_dataloader.dataset.pipeline


def test_model_builds_and_predicts(config):
    config.model.backbone.pretrained = None
    model = MODELS.build(config.model).eval()
    assert getattr(model, 'num_segments', config.num_segments) == config.num_segments
    size = 75 if 'inceptionv3' in config.filename else 32  # InceptionV3 takes 75 and more
    with torch.no_grad():
        logits = model(torch.zeros(1, config.num_segments, 3, size, size), stage='head')
    assert logits.shape == (1, len(classes(config)))


def test_flip_swaps_the_classes_that_name_a_direction(config):
    steps = [s for s in config.train_dataloader.dataset.pipeline if s.type == 'Flip']
    expected = flip_label_map(classes(config))
    assert all(step.get('flip_label_map', {}) == expected for step in steps)


def test_pipelines_build(config):
    for split in SPLITS:
        for step in config[f'{split}_dataloader'].dataset.pipeline:
            assert TRANSFORMS.build(dict(step)) is not None


def test_effective_batch_is_stated(config):
    # As the docstring's command starts it.
    command = ast.get_docstring(ast.parse(Path(config.filename).read_text()))
    processes = int(command.split('tools/dist_train.sh ')[1].split()[1])
    batch = config.train_dataloader.batch_size * processes
    assert config.auto_scale_lr.base_batch_size == batch


def test_docstring_names_the_command_and_this_file(config):
    path = Path(config.filename)
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert f'tools/dist_train.sh configs/{path.name} ' in docstring


def test_checkpoints_and_runner_are_ours(config):
    assert config.runner_type == 'GSFRunner'
    assert config.custom_imports.imports == ['mmgsf.register']


@pytest.fixture
def ssv2() -> Config:
    init_default_scope('mmaction')
    return Config.fromfile(FOLDER / 'gsf_r50_ssv2.py')


def test_recipe(ssv2):
    optimizer = {'type': 'SGD', 'lr': 0.01, 'momentum': 0.9, 'weight_decay': 5e-4}
    assert ssv2.optim_wrapper.optimizer == optimizer
    assert ssv2.optim_wrapper.clip_grad == {'max_norm': 20, 'norm_type': 2}
    assert ssv2.train_cfg.max_epochs == 60
    assert ssv2.auto_scale_lr.base_batch_size == 32
    assert ssv2.model.cls_head.dropout_ratio == 0.5
    steps = {step.type: step for step in ssv2.train_dataloader.dataset.pipeline}
    assert steps['MultiScaleCrop'].scales == (1, 0.875, 0.75, 0.66)
    assert steps['MultiScaleCrop'].num_fixed_crops == 13
    assert steps['Flip'].flip_ratio == 0.5
    augment = TRANSFORMS.build(dict(steps['ClipRandAugment']))
    assert (augment.magnitude, augment.magnitude_std, augment.num_layers) == (9, 0.5, 2)


def recipe(path: Path) -> tuple[float, int, int, float]:
    """Rate, effective batch, epochs and dropout: one recipe, and GSM's author's for Diving48."""
    return (0.0025, 8, 20, 0.7) if 'diving48' in path.stem else (0.01, 32, 60, 0.5)


@pytest.mark.parametrize('path', BENCHMARKS, ids=lambda path: path.stem)
def test_every_benchmark_follows_its_recipe(path):
    config = Config.fromfile(path)
    optimizer = config.optim_wrapper.optimizer
    found = (optimizer.lr, config.auto_scale_lr.base_batch_size, config.train_cfg.max_epochs)
    assert (*found, config.model.cls_head.dropout_ratio) == recipe(path)
    assert (optimizer.type, optimizer.momentum, optimizer.weight_decay) == ('SGD', 0.9, 5e-4)
    assert config.optim_wrapper.clip_grad.max_norm == 20
    rates = learning_rates(config)
    assert rates[0] == pytest.approx(optimizer.lr / 10)
    assert max(rates) == pytest.approx(optimizer.lr)
    assert rates[-1] < optimizer.lr / 50


@pytest.mark.parametrize('layer', ['tsn', 'tsm', 'gsm'])
@pytest.mark.parametrize('dataset', ['ssv1', 'ssv2', 'k400', 'diving48', 'epic100'])
def test_baselines_differ_in_the_backbone_only(dataset, layer):
    gsf = Config.fromfile(FOLDER / f'gsf_r50_{dataset}.py')
    baseline = Config.fromfile(FOLDER / f'{layer}_r50_{dataset}.py')
    ours, theirs = gsf.model.pop('backbone'), baseline.model.pop('backbone')
    assert theirs.pretrained == ours.pretrained
    assert theirs.depth == ours.depth == 50
    expected = {'tsn': ('ResNetGSF', None), 'tsm': ('ResNetTSM', None), 'gsm': ('ResNetGSF', 'gsm')}
    assert (theirs.type, theirs.get('layer')) == expected[layer]
    for key in ('model', 'train_dataloader', 'test_dataloader', 'optim_wrapper', 'train_cfg'):
        assert baseline[key] == gsf[key]


def test_dense_sampling_differs_in_the_sampler_only():
    sparse = Config.fromfile(FOLDER / 'gsf_r50_k400.py')
    dense = Config.fromfile(FOLDER / 'gsf_r50_dense_k400.py')
    assert dense.model == sparse.model
    for split in SPLITS:
        assert sampler(dense, split).type == 'DenseSampleFrames'
        assert sampler(dense, split).num_clips == 8


def learning_rates(config: Config) -> list[float]:
    """The learning rate of every epoch, as the config's schedulers step it."""
    model = torch.nn.Linear(1, 1)
    optimizer = build_optim_wrapper(model, config.optim_wrapper).optimizer
    kinds = {'LinearLR': LinearLR, 'CosineAnnealingLR': CosineAnnealingLR}
    schedulers = []
    for scheduler in config.param_scheduler:
        arguments = dict(scheduler)
        schedulers.append(kinds[arguments.pop('type')](optimizer, **arguments))
    rates = []
    for _ in range(config.train_cfg.max_epochs):
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
    return rates


def test_learning_rate_of_every_epoch(ssv2):
    from math import cos, pi

    warm_up = [0.01 * (0.1 + 0.9 * epoch / 10) for epoch in range(10)]
    cosine = [0.01 * (1 + cos(pi * (epoch - 10) / 50)) / 2 for epoch in range(10, 60)]
    rates = learning_rates(ssv2)
    assert rates == pytest.approx([*warm_up, *cosine], rel=1e-3)
    # The four values of the authors' run.
    assert [rates[0], rates[9], rates[10]] == pytest.approx([0.001, 0.0091, 0.01])
    assert rates[59] == pytest.approx(9.87e-6, rel=1e-3)


LONGER = [path for path in CONFIGS if '_16f_' in path.stem]


@pytest.mark.parametrize('path', LONGER, ids=lambda path: path.stem)
def test_16_frames_differ_in_num_segments_only(path):
    longer = Config.fromfile(path)
    shorter = Config.fromfile(path.with_name(path.name.replace('_16f_', '_')))
    assert longer.num_segments == 16
    for split in SPLITS:
        sampler(longer, split).num_clips = 8
    longer.model.num_segments = 8
    assert longer.model == shorter.model
    for split in SPLITS:
        assert longer[f'{split}_dataloader'] == shorter[f'{split}_dataloader']


def test_tsn_policy_differs_in_the_constructor_only(ssv2):
    policy = Config.fromfile(FOLDER / 'gsf_r50_tsn_policy_ssv2.py')
    assert policy.optim_wrapper.pop('constructor') == 'TSNPolicyConstructor'
    assert policy.optim_wrapper == ssv2.optim_wrapper
    assert policy.model == ssv2.model


SIZES = {
    'inceptionv3': (229, 261),
}


@pytest.mark.parametrize('path', BENCHMARKS, ids=lambda path: path.stem)
def test_input_size_is_the_networks(path):
    config = Config.fromfile(path)
    crop, short_side = SIZES.get(path.stem.split('_')[1], (224, 256))
    train = {step.type: step for step in config.train_dataloader.dataset.pipeline}
    resizes = [step for step in config.train_dataloader.dataset.pipeline if step.type == 'Resize']
    assert train['MultiScaleCrop'].input_size == crop
    assert [tuple(step.scale) for step in resizes] == [(-1, short_side), (crop, crop)]
    for split in ('val', 'test'):
        steps = {step.type: step for step in config[f'{split}_dataloader'].dataset.pipeline}
        assert steps['CenterCrop'].crop_size == crop
        assert tuple(steps['Resize'].scale) == (-1, short_side)


@pytest.mark.parametrize('path', BENCHMARKS, ids=lambda path: path.stem)
def test_preprocessing_is_the_networks(path):
    """A frame of one colour, as a decoder gives it, comes to the network in the form it learned."""
    config = Config.fromfile(path)
    preprocessor = MODELS.build(config.model.data_preprocessor)
    red, green, blue = 200.0, 100.0, 50.0
    frame = torch.tensor([red, green, blue])[:, None, None].expand(1, 3, 4, 4)
    ready = preprocessor({'inputs': [frame], 'data_samples': None})['inputs'].mean((-2, -1))
    if 'inception' in path.stem:
        expected = [blue - 104, green - 117, red - 128]
    else:
        expected = [(red - 123.675) / 58.395, (green - 116.28) / 57.12, (blue - 103.53) / 57.375]
    assert ready.flatten().tolist() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize('network', ['bninception', 'inceptionv3'])
def test_gsm_differs_in_the_layer_only(network):
    gsf = Config.fromfile(FOLDER / f'gsf_{network}_ssv1.py')
    gsm = Config.fromfile(FOLDER / f'gsm_{network}_ssv1.py')
    assert gsm.model.backbone.pop('layer') == 'gsm'
    assert gsm.model == gsf.model
    assert gsm.optim_wrapper == gsf.optim_wrapper


def test_ssv1_reads_mmaction2s_frame_folders():
    config = Config.fromfile(FOLDER / 'gsf_bninception_ssv1.py')
    for split, name in (('train', 'train'), ('val', 'val'), ('test', 'val')):
        dataset = config[f'{split}_dataloader'].dataset
        assert dataset.type == 'RawframeDataset'
        assert dataset.ann_file == f'data/sthv1/sthv1_{name}_list_rawframes.txt'
        assert dataset.data_prefix == {'img': 'data/sthv1/rawframes'}
        assert dataset.filename_tmpl == '{:05}.jpg'


def test_epic_differs_from_ssv2_in_data_and_head_only(ssv2):
    epic = Config.fromfile(FOLDER / 'gsf_r50_epic100.py')
    assert epic.optim_wrapper == ssv2.optim_wrapper
    assert epic.param_scheduler == ssv2.param_scheduler
    assert epic.model.backbone == ssv2.model.backbone
    head, other = epic.model.cls_head, ssv2.model.cls_head
    for key in ('dropout_ratio', 'init_std', 'average_clips', 'in_channels'):
        assert head[key] == other[key]
    assert (head.num_verbs, head.num_nouns) == (97, 300)


def test_epic_frames_differ_in_the_decoder_only():
    init_default_scope('mmaction')
    clips = Config.fromfile(FOLDER / 'gsf_r50_epic100.py')
    frames = Config.fromfile(FOLDER / 'gsf_r50_frames_epic100.py')
    assert frames.model == clips.model
    for split in SPLITS:
        theirs, ours = clips[f'{split}_dataloader'].dataset, frames[f'{split}_dataloader'].dataset
        assert ours.data_prefix == {'img': theirs.data_prefix.video}
        assert ours.ann_file == theirs.ann_file
        steps = [step.type for step in ours.pipeline]
        assert steps[:2] == ['SegmentSampleFrames', 'RawFrameDecode']
        assert steps[2:] == [step.type for step in theirs.pipeline[3:]]
