"""Resuming without a path takes the newest whole checkpoint, and says which it skips and why."""

import mmgsf.register  # noqa: F401, I001

import logging
import os
import shutil
from pathlib import Path

import pytest
import torch

from mmgsf.engine.auto_resume import newest_whole
from mmgsf.files import remove_leftovers

from .toy import files, toy_runner, validated


@pytest.fixture(scope='module')
def trained(tmp_path_factory) -> Path:
    """Three epochs, each validated; the files are copied for each test."""
    folder = tmp_path_factory.mktemp('trained')
    toy_runner(folder, checkpoint={'save_best': 'auto'}, **validated()).train()
    return folder


@pytest.fixture
def folder(trained, tmp_path) -> Path:
    shutil.copytree(trained, tmp_path / 'work_dir')
    return tmp_path / 'work_dir'


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2000])


def emptied(path: Path) -> None:
    path.write_bytes(b'')


def no_zip(path: Path) -> None:
    path.write_bytes(b'x' * 1000)


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


REASONS = {
    cut_short: 'cut short',
    emptied: 'it is empty',
    no_zip: 'it is no file of torch.save',
    flipped: 'in it is damaged',
}


@pytest.mark.parametrize(('damaging', 'reason'), REASONS.items())
def test_a_damaged_one_is_skipped_with_its_reason(folder, damaging, reason):
    damaging(folder / 'epoch_3.pth')
    path, faults = newest_whole([folder])
    assert path == folder / 'epoch_2.pth'
    assert list(faults) == [folder / 'epoch_3.pth']
    assert reason in faults[folder / 'epoch_3.pth']


def test_training_goes_on_from_it_and_says_so(folder, monkeypatch):
    emptied(folder / 'epoch_3.pth')
    notes = []
    monkeypatch.setattr(logging.Logger, 'warning', lambda self, text, *args: notes.append(text))
    runner = toy_runner(folder, epochs=4, resume=True)
    runner.load_or_resume()
    assert runner.epoch == 2
    assert f'resume skips {folder / "epoch_3.pth"}: it is empty' in notes


def test_last_checkpoint_does_not_decide(folder):
    for content in (str(folder / 'epoch_1.pth'), str(folder / 'none.pth'), ''):
        (folder / 'last_checkpoint').write_text(content)
        runner = toy_runner(folder, resume=True)
        runner.load_or_resume()
        assert runner.epoch == 3
    (folder / 'last_checkpoint').unlink()
    assert newest_whole([folder])[0] == folder / 'epoch_3.pth'


def test_the_time_of_saving_decides_not_that_of_a_copy(folder):
    for age, number in enumerate((1, 3, 2)):
        os.utime(folder / f'epoch_{number}.pth', (1e9 + age, 1e9 + age))
    assert newest_whole([folder])[0] == folder / 'epoch_3.pth'
    # A new run in an old folder counts its epochs from 1.
    checkpoint = torch.load(folder / 'epoch_1.pth', weights_only=True)
    checkpoint['meta']['saved_at'] += 1000
    torch.save(checkpoint, folder / 'epoch_1.pth')
    assert newest_whole([folder])[0] == folder / 'epoch_1.pth'


def test_other_files_do_not_count(folder):
    newest = {'state_dict': {}, 'message_hub': {}, 'meta': {'epoch': 9, 'iter': 9, 'saved_at': 9e9}}
    torch.save({'a': torch.ones(1)}, folder / 'resnet.pth')
    torch.save(newest, folder / 'part-999999999-epoch_9.pth')
    torch.save(newest, folder / 'best_acc_epoch_9.pth')
    torch.save(newest, folder / 'epoch_9-0123abcd.pth')
    torch.save(newest, folder / 'epoch_9.txt')
    assert newest_whole([folder]) == (folder / 'epoch_3.pth', {})
    assert remove_leftovers(folder) == [folder / 'part-999999999-epoch_9.pth']


def test_with_none_whole_the_training_does_not_start_anew(folder):
    for number in (1, 2, 3):
        emptied(folder / f'epoch_{number}.pth')
    runner = toy_runner(folder, resume=True)
    with pytest.raises(
        ValueError, match=r'no checkpoint of .* is whole: .*epoch_1\.pth \(it is emp'
    ):
        runner.load_or_resume()


def test_without_any_it_starts_anew(tmp_path):
    runner = toy_runner(tmp_path, epochs=1, resume=True)
    runner.train()
    assert files(tmp_path) == ['epoch_1.pth']


def test_checkpoints_of_another_folder(tmp_path):
    options = {'checkpoint': {'out_dir': str(tmp_path / 'checkpoints')}}
    toy_runner(tmp_path / 'run', epochs=2, **options).train()
    assert files(tmp_path / 'checkpoints' / 'run') == ['epoch_1.pth', 'epoch_2.pth']
    runner = toy_runner(tmp_path / 'run', epochs=3, resume=True, **options)
    runner.load_or_resume()
    assert runner.epoch == 2


def test_a_checkpoint_given_by_its_path_is_not_passed_over(folder):
    flipped(folder / 'epoch_3.pth')
    runner = toy_runner(folder, resume=True, load_from=str(folder / 'epoch_3.pth'))
    with pytest.raises(ValueError, match=r'epoch_3\.pth is refused: .* in it is damaged'):
        runner.load_or_resume()
