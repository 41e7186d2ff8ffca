"""A training that is killed and resumed ends as one that was left alone, bit by bit."""

import shutil
from types import SimpleNamespace

import pytest
import torch

from mmgsf.engine.exact import resume as resume_module
from mmgsf.engine.exact.compare import differences
from mmgsf.engine.exact.loop import ExactEpochBasedTrainLoop
from mmgsf.engine.exact.resume import KEY, ExactResume
from mmgsf.engine.exact.soak import small_training

from .training import build, names, train, train_until_killed


@pytest.mark.slow
def test_killed_anywhere(tmp_path, data, alone):
    """Before the first checkpoint, inside an epoch, in a validation, at the end of an epoch."""
    train_until_killed(small_training(data, tmp_path, workers=2), 1)
    assert names(tmp_path) == []
    train_until_killed(small_training(data, tmp_path, workers=0), 3)
    assert names(tmp_path) == ['in_epoch.pth']
    train_until_killed(small_training(data, tmp_path, workers=1), 4, in_validation=True)
    train_until_killed(small_training(data, tmp_path, workers=2), 7)
    runner = train(small_training(data, tmp_path, workers=2))
    assert isinstance(runner.train_loop, ExactEpochBasedTrainLoop)
    assert differences(alone, tmp_path) == []
    assert 'best_acc_top1' in ' '.join(names(tmp_path))


@pytest.mark.slow
def test_resume_decodes_only_what_is_left(tmp_path, data):
    train_until_killed(small_training(data, tmp_path), 3)
    seen = []
    runner = build(small_training(data, tmp_path))
    dataset = runner.train_dataloader.dataset.dataset
    dataset.pipeline.transforms.insert(
        0, lambda sample: seen.append(sample['sample_idx']) or sample
    )
    runner.train()
    whole, rest = 56, 14  # three of the first epoch's four batches are done
    assert len(seen) == rest + whole
    assert len(set(seen[:rest])) == rest


@pytest.mark.slow
def test_gradients_of_an_accumulation_under_way_are_kept(tmp_path, data):
    def accumulating(name):
        config = small_training(data, tmp_path / name, epochs=1)
        config['optim_wrapper']['accumulative_counts'] = 3
        config['custom_hooks'][1]['iterations'] = 2
        return config

    train(accumulating('alone'))
    train_until_killed(accumulating('killed'), 2)
    checkpoint = torch.load(tmp_path / 'killed' / 'in_epoch.pth', weights_only=True)
    assert checkpoint[KEY]['ranks'][0]['gradients']
    train(accumulating('killed'))
    assert differences(tmp_path / 'alone', tmp_path / 'killed') == []


@pytest.mark.slow
def test_a_seed_that_nobody_gave_is_kept(tmp_path, data):
    def unseeded(name):
        config = small_training(data, tmp_path / name, epochs=1)
        config['randomness'] = {'seed': None, 'deterministic': True}
        return config

    train_until_killed(unseeded('killed'), 3)
    shutil.copytree(tmp_path / 'killed', tmp_path / 'copy')
    assert [train(unseeded(name)).train_loop.batch for name in ('killed', 'copy')] == [0, 0]
    assert differences(tmp_path / 'killed', tmp_path / 'copy') == []


def test_restart_by_torchrun_goes_on_from_its_own_checkpoint_only(tmp_path, data, monkeypatch):
    config = small_training(data, tmp_path)
    monkeypatch.setenv(resume_module.LAUNCH, 'this run')
    train_until_killed(config, 3)
    assert build(config, resume=False)._checkpoint_of_this_launch() is None
    monkeypatch.setenv('TORCHELASTIC_RESTART_COUNT', '1')
    again = build(config, resume=False)
    assert again._checkpoint_of_this_launch() == str(tmp_path / 'in_epoch.pth')
    monkeypatch.setenv(resume_module.LAUNCH, 'another run')
    assert again._checkpoint_of_this_launch() is None


def layout(processes, batch_size, samples=56):
    return {'processes': processes, 'batch size': batch_size, 'samples': samples}


@pytest.mark.parametrize(
    ('new', 'batch', 'said'),
    [
        (layout(2, 7), 3, None),
        (layout(1, 7), 6, '2 processes, now 1'),
        (layout(4, 7), 2, '2 processes, now 4'),
        (layout(2, 14), 2, '7 batch size, now 14'),
        (layout(2, 7, 60), 3, '56 samples, now 60'),
    ],
)
def test_other_layouts_go_on_at_the_same_share_and_say_so(new, batch, said):
    warnings = []
    runner = SimpleNamespace(
        layout=new,
        logger=SimpleNamespace(warning=warnings.append),
        train_dataloader=range(-(-new['samples'] // (new['processes'] * new['batch size']))),
    )
    state = {'layout': layout(2, 7), 'batch': 3}
    assert ExactResume._batch_to_go_on_from(runner, 'a.pth', state) == batch
    assert len(warnings) == bool(said)
    assert all(said in warning and 'not the one' in warning for warning in warnings)


def test_checkpoint_without_the_state_is_resumed_with_a_warning(tmp_path, data, alone):
    checkpoint = torch.load(alone / 'epoch_1.pth', weights_only=True)
    del checkpoint[KEY]
    torch.save(checkpoint, tmp_path / 'epoch_1.pth')
    runner = build(small_training(data, tmp_path))
    warnings = []
    runner.logger.warning = warnings.append
    runner.train()
    assert any('does not hold all that an exact resume needs' in text for text in warnings)
    assert runner.epoch == 2
