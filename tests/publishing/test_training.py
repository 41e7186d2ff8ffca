"""What a work_dir tells of the training that ran in it."""

import pytest

from mmgsf.publishing.training import published_config, read_training
from tests.trained import NAME, copy_run


def test_facts_of_a_training(trained):
    found = read_training(trained / 'run' / 'epoch_1.pth', {'seed': 3, 'epoch': 1}, None, None)
    assert (found.name, found.seed, found.epoch, found.epochs) == (NAME, 3, 1, 1)
    assert found.config.model.backbone.base_channels == 4
    assert found.batch == 8
    assert [row['epoch'] for row in found.log['epochs']] == [1]


def test_batch_is_that_of_all_processes_and_steps(trained, tmp_path):
    checkpoint = copy_run(trained, tmp_path)
    (log,) = checkpoint.parent.glob('*/*.log')
    log.write_text(log.read_text().replace('GPU number: 1', 'GPU number: 4'))
    (config,) = checkpoint.parent.glob('*/vis_data/config.py')
    with config.open('a') as file:
        file.write('\noptim_wrapper["accumulative_counts"] = 2\n')
    assert read_training(checkpoint, {'seed': 3}, None, None).batch == 8 * 4 * 2
    log.unlink()
    with pytest.raises(FileNotFoundError, match="a line 'GPU number'"):
        read_training(checkpoint, {'seed': 3}, None, None)


def test_tests_in_the_same_folder_change_nothing(trained, tmp_path):
    """They leave their config in the place of the training's, and a newer log."""
    checkpoint = copy_run(trained, tmp_path)
    expected = read_training(checkpoint, {'seed': 3}, None, None)
    config = checkpoint.with_name(f'{NAME}.py')
    with config.open('a') as file:
        file.write('\ntest_evaluator = dict(type="other")\ntrain_dataloader["batch_size"] = 99\n')
    tested = checkpoint.parent / '20991231_235959'
    (tested / 'vis_data').mkdir(parents=True)
    (tested / f'{tested.name}.log').write_text('    GPU number: 64\n')
    (tested / 'vis_data' / 'scalars.json').write_text('{"acc/top1": 0.5, "step": 0}\n')
    found = read_training(checkpoint, {'seed': 3}, None, None)
    assert (found.name, found.batch) == (NAME, 8)
    assert found.config.to_dict() == expected.config.to_dict()
    assert read_training(checkpoint, {'seed': 3}, config, None).batch == 99


def test_what_is_missing_is_named(trained, tmp_path):
    checkpoint = copy_run(trained, tmp_path)
    with pytest.raises(ValueError, match='does not say the seed .* --seed'):
        read_training(checkpoint, {}, None, None)
    config = checkpoint.with_name(f'{NAME}.py')
    checkpoint.with_name('other.py').write_text(config.read_text())
    with pytest.raises(ValueError, match=rf'several configs \({NAME}\.py, other\.py\)'):
        read_training(checkpoint, {'seed': 3}, None, None)
    assert read_training(checkpoint, {}, config, seed=7).seed == 7
    for path in checkpoint.parent.glob('*.py'):
        path.unlink()
    with pytest.raises(FileNotFoundError, match='no config beside the checkpoint .* --config'):
        read_training(checkpoint, {'seed': 3}, None, None)


def test_published_config_loads_alone_and_is_of_no_run(trained, tmp_path):
    from mmengine.config import Config

    config = read_training(trained / 'run' / 'epoch_1.pth', {'seed': 3}, None, None).config
    path = tmp_path / 'net.py'
    path.write_text(published_config(config))
    found = Config.fromfile(path)
    assert found.model == config.model
    assert found.test_dataloader == config.test_dataloader
    assert not {'work_dir', 'load_from', 'resume', 'launcher'} & found.keys()
