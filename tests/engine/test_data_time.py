"""Slow loading is said once, with the command that cures it; fast loading is not."""

import mmgsf.register  # noqa: F401, I001

import time

import pytest
import torch
from mmengine.config import Config
from mmengine.logging import HistoryBuffer
from mmengine.model import BaseModel
from torch.utils.data import Dataset

from mmgsf.engine import DataTimeHook, GSFRunner
from mmgsf.engine.data_time import data_time_remedy

from ..tools.running import ROOT

READS_VIDEO = {'pipeline': [{'type': 'DecordInit'}, {'type': 'DecordDecode'}]}
VIDEO = {
    'ann_file': 'data/mine/list.txt',
    'data_prefix': {'video': 'data/mine/videos'},
    **READS_VIDEO,
}
RAISE = 'raise train_dataloader.num_workers, now 4'


class Clips(Dataset):
    """Samples that take `seconds` to load."""

    def __init__(self, seconds, number=70):
        self.seconds, self.number = seconds, number
        self.metainfo = {}

    def __len__(self):
        return self.number

    def __getitem__(self, index):
        time.sleep(self.seconds)
        return torch.ones(1)


class Network(BaseModel):
    """A step takes `seconds`."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
        self.layer = torch.nn.Linear(1, 1)

    def forward(self, inputs, mode='loss'):
        time.sleep(self.seconds)
        return {'loss': self.layer(inputs).mean()}


def train(tmp_path, seconds, monkeypatch, step=0.005, **hook):
    """Warnings of a run of GSFRunner."""
    runner = GSFRunner(
        model=Network(step),
        work_dir=str(tmp_path),
        train_dataloader={
            'batch_size': 1,
            'num_workers': 0,
            'dataset': Clips(seconds),
            'sampler': {'type': 'DefaultSampler', 'shuffle': False},
        },
        train_cfg={'by_epoch': True, 'max_epochs': 2},
        optim_wrapper={'optimizer': {'type': 'SGD', 'lr': 0.1}},
        default_scope='mmaction',
        custom_hooks=[{'type': 'DataTimeHook', **hook}] if hook else None,
        experiment_name=tmp_path.name,
        cfg=Config(
            {'reencode_command': 'COMMAND --reencode', 'train_dataloader': {'dataset': READS_VIDEO}}
        ),
    )
    assert sum(isinstance(each, DataTimeHook) for each in runner.hooks) == 1
    warnings = []
    monkeypatch.setattr(runner.logger, 'warning', warnings.append)
    runner.train()
    return [text for text in warnings if 'waiting for data' in text]


def test_slow_loading_is_said_once(tmp_path, monkeypatch):
    (warning,) = train(tmp_path, 0.02, monkeypatch)
    share = int(warning.partition('%')[0])
    assert 30 < share < 100
    assert 'of the last 50 iterations' in warning
    assert 'by: COMMAND --reencode; or raise' in warning


def test_fast_loading_is_not_said(tmp_path, monkeypatch):
    # A busy machine's loading of nothing takes milliseconds too.
    assert train(tmp_path, 0, monkeypatch, step=0.04) == []


def test_share_and_window_can_be_set(tmp_path, monkeypatch):
    assert train(tmp_path, 0.001, monkeypatch, share=0.99) == []


class Run:
    """What the hook takes of a runner."""

    def __init__(self):
        self.message_hub = self.logger = self
        self.log_scalars = {name: HistoryBuffer() for name in ('train/data_time', 'train/time')}
        self.warnings = []
        self.warning = self.warnings.append
        self.cfg = {}

    def take(self, hook, loading, batch_idx=1):
        for name, seconds in zip(self.log_scalars, (loading, 1.0), strict=True):
            self.log_scalars[name].update(seconds)
        hook.after_train_iter(self, batch_idx)


def test_only_the_last_iterations_count_and_no_start_of_an_epoch():
    run, hook = Run(), DataTimeHook(window=4)
    for _ in range(10):
        run.take(hook, 0.29)
        run.take(hook, 0.9, batch_idx=0)
    assert run.warnings == []
    run.take(hook, 0.34)
    assert run.warnings[0].startswith('30% of the last 4 iterations')
    run.take(hook, 0.9)
    assert len(run.warnings) == 1


def test_short_runs_say_nothing():
    run, hook = Run(), DataTimeHook(window=4)
    for _ in range(3):
        run.take(hook, 0.9)
    assert run.warnings == []


@pytest.mark.parametrize('values', [{'window': 0}, {'share': 0.0}, {'share': 1.0}])
def test_values_outside_their_range_are_refused(values):
    with pytest.raises(ValueError, match='take 1 iteration or more'):
        DataTimeHook(**values)


def remedy(dataset, **cfg):
    return data_time_remedy({'train_dataloader': {'num_workers': 4, 'dataset': dataset}, **cfg})


@pytest.mark.parametrize('name', ['ssv2', 'k400', 'diving48'])
def test_remedy_of_our_videos_is_to_reencode_them(name):
    cfg = Config.fromfile(ROOT / 'configs' / f'gsf_r50_{name}.py')
    assert f'by: {cfg.prepare_command} --reencode; or raise' in data_time_remedy(cfg)
    dataset = cfg.train_dataloader.dataset
    dataset.ann_file = dataset.ann_file.replace(cfg.data_root, f'{cfg.data_root}/reencoded')
    assert data_time_remedy(cfg).startswith('raise train_dataloader.num_workers, now 8')


@pytest.mark.parametrize('name', ['ssv1', 'epic100', 'camera_motion'])
def test_remedy_of_what_reads_fast_already_is_more_workers(name):
    layer = 'gsf_r18' if name == 'camera_motion' else 'gsf_r50'
    cfg = Config.fromfile(ROOT / 'configs' / f'{layer}_{name}.py')
    assert data_time_remedy(cfg).startswith('raise train_dataloader.num_workers')


def test_remedy_of_own_videos_names_their_folder():
    assert 'by: python tools/reencode.py data/mine/videos ANOTHER_FOLDER' in remedy(VIDEO)
    wrapped = {'type': 'RepeatDataset', 'dataset': VIDEO}
    assert remedy(wrapped) == remedy(VIDEO)
    assert remedy({'pipeline': [{'type': 'RawFrameDecode'}]}).startswith(RAISE)
