"""tools/convert_checkpoint.py takes whole files of the authors' layout, and nothing else."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mmgsf.checkpoints import load_from_local, ordered_class_names

from ..models.building import build_recognizer
from ..models.reference_network import fill, load_case
from .running import ROOT, run

TOOL = ROOT / 'tools' / 'convert_checkpoint.py'


def official_file(name: str, path: Path, num_classes: int = 174) -> dict[str, torch.Tensor]:
    """Writes a trained network as the authors' code does; returns its state dict."""
    weights = {
        f'module.base_model.{key}': value
        for key, value in load_case(name)[1].items()
        if not key.startswith(('fc.', 'top_cls_fc.'))
    }
    width = 1024 if 'bninception' in name else 2048
    for leaf, shape in (('weight', [num_classes, width]), ('bias', [num_classes])):
        weights[f'module.new_fc.{leaf}'] = fill(f'module.new_fc.{leaf}', shape)
    if name.startswith('gsm'):
        whole = {'epoch': 60, 'arch': 'BNInception', 'state_dict': weights}
    else:
        scaler = {'scale': 65536.0, 'growth_factor': 2.0, '_growth_tracker': 17}
        whole = {'epoch': 60, 'arch': 'resnet50', 'model_state_dict': weights, 'lr': [1e-5]}
        whole |= {'scaler_state_dict': scaler}
    # What torch and numpy make of an accuracy.
    whole['best_prec1'] = torch.tensor(51.5) if 'r25' in name else np.float64(51.5)
    torch.save(whole, path)
    return weights


def convert(*arguments: object, folder: Path, code: int = 0) -> str:
    return run('python', TOOL, *arguments, cwd=folder, code=code)


@pytest.mark.parametrize(
    ('name', 'suffix', 'found'),
    [
        ('resnet50_t8_r25', '.pth', "type='ResNetGSF', layer='gsf', channel_ratio=0.25, depth=50"),
        ('bninception_t8_r100', '.safetensors', "type='BNInceptionGSF', layer='gsf', channel_"),
        ('gsm_inceptionv3_t4', '.pth', "type='InceptionV3GSF', layer='gsm', channel_ratio=1.0"),
    ],
)
def test_whole_files(name, suffix, found, tmp_path):
    official = official_file(name, tmp_path / 'model_best.pth.tar')
    target = tmp_path / f'converted{suffix}'
    log = convert('model_best.pth.tar', target, folder=tmp_path)
    assert f'found {found}' in log
    assert '174 classes; fits any num_segments' in log
    loaded = load_from_local(str(target))
    backbone = dict(loaded['meta']['backbone'])
    width = official['module.new_fc.weight'].shape[1]
    # The weights do not know T: any number of frames takes them.
    model = build_recognizer(backbone, num_segments=5, num_classes=174, in_channels=width)
    model.load_state_dict(loaded['state_dict'], strict=True)
    values = sorted(value.double().sum().item() for value in loaded['state_dict'].values())
    assert values == sorted(value.double().sum().item() for value in official.values())


@pytest.mark.slow
def test_class_order(tmp_path):
    official = official_file('bninception_t8_r100', tmp_path / 'best.pth.tar')
    rows = official['module.new_fc.weight']
    for order in ('mmaction2', 'sorted'):
        convert(
            *('best.pth.tar', f'{order}.pth', '--dataset', 'ssv1', '--class-order', order),
            folder=tmp_path,
        )
        loaded = load_from_local(str(tmp_path / f'{order}.pth'))
        names = ordered_class_names('ssv1', order)
        assert loaded['meta']['dataset_meta']['classes'] == names
        weight = loaded['state_dict']['cls_head.fc_cls.weight']
        for label in (0, 2, 100, 173):
            of_authors = sorted(names).index(names[label])
            assert torch.equal(weight[label], rows[of_authors])


@pytest.mark.slow
def test_converted_checkpoint_tests_through_the_tool(camera_motion, tmp_path):
    """The file goes through test.py as any other, and through MMEngine's loader."""
    official_file('bninception_t8_r100', tmp_path / 'best.pth.tar', num_classes=8)
    convert('best.pth.tar', tmp_path / 'eight.safetensors', folder=tmp_path)
    clips = camera_motion / 'data/camera_motion/camera_motion_val_list_videos.txt'
    (tmp_path / 'four.txt').write_text(''.join(clips.read_text().splitlines(True)[:4]))
    log = run(
        *('python', ROOT / 'tools/test.py', ROOT / 'configs/gsf_bninception_ssv2.py'),
        tmp_path / 'eight.safetensors',
        '--cfg-options',
        'model.cls_head.num_classes=8',
        'test_dataloader.dataset.metainfo.classes=None',
        'test_dataloader.dataset.data_prefix.video=data/camera_motion/videos',
        f'test_dataloader.dataset.ann_file={tmp_path}/four.txt',
        'test_dataloader.num_workers=0',
        'test_dataloader.persistent_workers=False',
        cwd=camera_motion,
    )
    assert 'acc/top1' in log


def test_other_file_is_refused_in_one_line(tmp_path):
    torch.save({'state_dict': {'backbone.conv1.conv.weight': torch.zeros(2)}}, tmp_path / 'a.pth')
    log = convert('a.pth', 'out.pth', folder=tmp_path, code=1)
    error = [line for line in log.splitlines() if line.startswith('error: ')]
    assert len(error) == 1, log
    assert 'a.pth looks like a checkpoint of MMAction2, which needs no conversion' in error[0]
    assert 'Traceback' not in log
    assert not (tmp_path / 'out.pth').exists()


def test_half_a_network_is_refused(tmp_path):
    weights = official_file('bninception_t8_r100', tmp_path / 'best.pth.tar')
    del weights['module.base_model.inception_4c_3x3_bn.weight']
    torch.save({'model_state_dict': weights}, tmp_path / 'half.pth.tar')
    log = convert('half.pth.tar', 'out.pth', folder=tmp_path, code=1)
    assert 'error: the network is not whole' in log
    assert 'inception_4c.branch_3x3.conv1.bn.weight' in log
    assert not (tmp_path / 'out.pth').exists()


@pytest.mark.slow
def test_class_order_of_another_set_is_refused(tmp_path):
    official_file('bninception_t8_r100', tmp_path / 'best.pth.tar', num_classes=48)
    log = convert('best.pth.tar', 'out.pth', '--dataset', 'ssv1', folder=tmp_path, code=1)
    assert 'error: the classifier has 48 classes and the list 174' in log
    log = convert('best.pth.tar', 'out.pth', '--class-order', 'sorted', folder=tmp_path, code=2)
    assert '--class-order needs --dataset' in log
    log = convert('best.pth.tar', 'out.bin', folder=tmp_path, code=2)
    assert 'ends in none of .pth, .safetensors' in log
