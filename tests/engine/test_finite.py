"""A loss or a gradient that is not finite ends the training before it is written down."""

import mmgsf.register  # noqa: F401, I001

import re
from types import SimpleNamespace

import pytest
import torch
from mmengine.hooks import Hook
from torch import nn

from mmgsf.checkpoints.whole import damage
from mmgsf.engine.finite import LISTED, FiniteHook, clip_names, with_clip_names

from .toy import Network, files, toy_runner

PLACE = r'iteration (\d+) \(epoch (\d+)\)'
CLIPPED = {'clip_grad': {'max_norm': 1e30}}


def training(tmp_path, **options) -> str:
    """The message with which a training ends."""
    with pytest.raises(FloatingPointError) as raised:
        toy_runner(tmp_path, epochs=5, **options).train()
    return str(raised.value)


@pytest.mark.parametrize('clipping', [{}, CLIPPED], ids=['plain', 'clipped'])
def test_a_loss_that_is_not_finite_ends_the_training(tmp_path, clipping):
    message = training(tmp_path, dataset={'type': 'ToyClips', 'bad': 6}, optim_wrapper=clipping)
    assert message.startswith('the loss is nan at iteration 2 (epoch 1); learning rate 1e-05, ')
    assert 'gradient norm nan; clips of the batch: clip_4.mp4, clip_5.mp4, clip_6.mp4' in message
    assert 'clip_3.mp4' not in message
    assert files(tmp_path) == []


def test_the_last_good_checkpoint_is_untouched(tmp_path):
    class Diverge(Hook):
        def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
            if runner.iter == 5:
                runner.model.last.weight.data.fill_(1e38)

    message = training(tmp_path, hooks=[Diverge()])
    assert re.search(PLACE, message).groups() == ('6', '3')
    assert files(tmp_path) == ['epoch_1.pth', 'epoch_2.pth']
    assert f'{tmp_path / "epoch_2.pth"} is as it was' in message
    state = torch.load(tmp_path / 'epoch_2.pth', weights_only=True)['state_dict']
    assert damage(tmp_path / 'epoch_2.pth') == ''
    assert all(value.isfinite().all() for value in state.values())


@pytest.mark.parametrize('clipping', [{}, CLIPPED], ids=['plain', 'clipped'])
def test_a_gradient_that_is_not_finite_ends_it_too(tmp_path, monkeypatch, clipping):
    forward = Network.forward

    def steep(self, inputs, data_samples=None, mode='tensor') -> dict:
        # The root's value at 0 is finite, its slope is not.
        losses = forward(self, inputs, data_samples, mode)
        return {'loss': losses['loss'] + (0 * self.last.weight).abs().sqrt().sum()}

    monkeypatch.setattr(Network, 'forward', steep)
    message = training(tmp_path, optim_wrapper=clipping)
    assert re.search(PLACE, message).groups() == ('1', '1')
    assert 'gradient norm nan' in message


def test_with_a_loss_scaler_an_infinite_gradient_is_ordinary():
    scalars = {'train/grad_norm': SimpleNamespace(current=lambda: float('inf'))}
    runner = SimpleNamespace(
        optim_wrapper=SimpleNamespace(loss_scaler=object(), get_lr=lambda: {'lr': [0.1]}),
        message_hub=SimpleNamespace(log_scalars=scalars, runtime_info={}),
        world_size=1,
        iter=0,
        epoch=0,
    )
    FiniteHook().after_train_iter(runner, 0, outputs={'loss': torch.tensor(1.0)})
    with pytest.raises(FloatingPointError, match='the loss is inf at iteration 1'):
        FiniteHook().after_train_iter(runner, 0, outputs={'loss': torch.tensor(float('inf'))})


def test_broken_weights_are_not_written(tmp_path):
    class Break(Hook):
        def after_train_epoch(self, runner) -> None:
            if runner.epoch == 1:
                runner.model.last.bias.data.fill_(float('nan'))

    message = training(tmp_path, hooks=[Break()])
    assert message.startswith('1 weights are not finite at iteration 5 (epoch 2), first last.bias')
    assert 'learning rate 1e-05, gradient norm ' in message
    assert files(tmp_path) == ['epoch_1.pth']


def test_buffers_that_are_infinite_by_design_may_stay_so(tmp_path, monkeypatch):
    init = Network.__init__

    def with_mask(self) -> None:
        init(self)
        self.register_buffer('mask', torch.tensor(float('-inf')))

    monkeypatch.setattr(Network, '__init__', with_mask)
    toy_runner(tmp_path, epochs=1).train()
    assert files(tmp_path) == ['epoch_1.pth']


def test_names_come_from_every_pipeline_that_packs():
    inner = {'type': 'VideoDataset', 'pipeline': [{'type': 'Flip'}, {'type': 'PackActionInputs'}]}
    loader = {'batch_size': 2, 'dataset': {'type': 'RepeatDataset', 'dataset': inner}}
    keys = with_clip_names(loader)['dataset']['dataset']['pipeline'][-1]['meta_keys']
    assert keys == ('img_shape', 'img_key', 'video_id', 'timestamp', 'filename', 'frame_dir')
    assert inner['pipeline'][-1] == {'type': 'PackActionInputs'}
    inner['pipeline'][-1]['meta_keys'] = ('narration_id',)
    keys = with_clip_names(loader)['dataset']['dataset']['pipeline'][-1]['meta_keys']
    assert keys == ('narration_id', 'filename', 'frame_dir')
    for other in ({'dataset': {'type': 'Other', 'pipeline': []}}, nn.Identity(), None):
        assert with_clip_names(other) is other or with_clip_names(other) == other


def test_many_clips_are_counted():
    names = [f'{i}.mp4' for i in range(LISTED + 3)]
    samples = [SimpleNamespace(metainfo={'filename': name}) for name in names]
    assert clip_names({'data_samples': samples}) == names
    assert clip_names(['something else']) == []
    runner = SimpleNamespace(
        optim_wrapper=SimpleNamespace(get_lr=lambda: {'lr': [0.1]}),
        message_hub=SimpleNamespace(log_scalars={}, runtime_info={}),
        world_size=1,
        iter=0,
        epoch=0,
    )
    with pytest.raises(FloatingPointError, match=f'{names[LISTED - 1]} and 3 more; no checkpoint'):
        FiniteHook().after_train_iter(
            runner, 0, {'data_samples': samples}, {'loss': torch.tensor(float('nan'))}
        )
