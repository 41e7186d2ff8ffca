"""tools/train.py and tools/test.py, MMAction2's own, mim and the inferencer: one config, one file."""

import pickle
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from mmgsf.datasets import class_names
from mmgsf.evaluation.ensemble import accuracies
from mmgsf.evaluation.score_dump import read_dump

from .running import ROOT, options, run, small

CONFIG = ROOT / 'configs' / 'gsf_r18_camera_motion.py'
UPSTREAM = Path(find_spec('mmaction').origin).parent / '.mim' / 'tools'


def train(program: object, folder: Path, *arguments: object, code: int = 0) -> str:
    return run('python', program, CONFIG, *arguments, cwd=folder, code=code)


@pytest.fixture(scope='module')
def checkpoint(camera_motion) -> Path:
    """One epoch by our own train.py."""
    log = train(
        ROOT / 'tools/train.py',
        camera_motion,
        *('--seed', 3, '--work-dir', 'ours', '--auto-scale-lr'),
        *small(8, train_cfg__max_epochs=1),
    )
    assert 'LR is set based on batch size' in log
    return camera_motion / 'ours' / 'epoch_1.pth'


@pytest.mark.slow
@pytest.mark.parametrize('constructor', ['TSNPolicyConstructor', 'DefaultOptimWrapperConstructor'])
def test_training_compiled_with_either_optimiser(camera_motion, constructor):
    log = train(
        ROOT / 'tools/train.py',
        camera_motion,
        *('--compile', '--seed', 3, '--work-dir', constructor),
        *small(
            8,
            train_cfg__max_epochs=1,
            compile__backend='eager',
            optim_wrapper__constructor=constructor,
        ),
    )
    assert 'The backbone is compiled' in log
    loaded = torch.load(camera_motion / constructor / 'epoch_1.pth', weights_only=True)
    assert loaded['log_scalars']['train/loss']['values'].isfinite().all()
    # One group, or one for each rule of the policy.
    groups = loaded['optimizer']['param_groups']
    assert (len(groups) > 1) == (constructor == 'TSNPolicyConstructor')


def test_checkpoint_holds_plain_values(checkpoint):
    loaded = torch.load(checkpoint, weights_only=True)
    assert loaded['meta']['epoch'] == 1
    assert loaded['meta']['seed'] == 3
    assert loaded['log_scalars']['train/loss']['values'].isfinite().all()


@pytest.mark.slow
def test_dump_of_our_test(camera_motion, checkpoint):
    log = run(
        *('python', ROOT / 'tools/test.py', CONFIG, checkpoint, '--dump', 'ours.pkl'),
        *small(8),
        cwd=camera_motion,
    )
    assert 'acc/top1' in log
    results = pickle.loads((camera_motion / 'ours.pkl').read_bytes())
    scores = torch.stack([result['pred_score'] for result in results])
    assert scores.shape == (24, 8)
    labels = torch.cat([result['gt_label'] for result in results])
    accuracy = (scores.argmax(1) == labels).double().mean()
    assert f'acc/top1: {accuracy:.4f}' in log


@pytest.mark.slow
def test_raw_scores_of_our_test(camera_motion, checkpoint):
    log = run(
        *('python', ROOT / 'tools/test.py', CONFIG, checkpoint, '--dump', 'ours.npz'),
        *small(8),
        cwd=camera_motion,
    )
    dump = read_dump(camera_motion / 'ours.npz')
    assert (dump.names[0], dump.scores.shape) == ('val/00000.mp4', (24, 8))
    assert dump.classes == class_names('camera_motion')
    measured = accuracies(dump.scores, dump.labels)
    assert f'acc/top1: {measured["top1"] / 100:.4f}' in log
    assert f'acc/top5: {measured["top5"] / 100:.4f}' in log
    assert f'acc/mean1: {measured["mean_class"] / 100:.4f}' in log


@pytest.mark.slow
@pytest.mark.parametrize(
    ('flags', 'values', 'near'),
    [
        (('--compile', '--fuse-conv-bn', '--channels-last'), {'compile__backend': 'eager'}, 1e-5),
        (('--amp',), {}, 0.03),
    ],
)
def test_faster_forms_of_our_test(camera_motion, checkpoint, flags, values, near):
    test = ('python', ROOT / 'tools/test.py', CONFIG, checkpoint, '--dump')
    run(*test, 'plain.npz', *small(8), cwd=camera_motion)
    log = run(*test, 'fast.npz', *flags, *small(8, **values), cwd=camera_motion)
    assert ('The backbone is compiled' in log) == ('--compile' in flags)
    assert ('12 batch norms are folded' in log) == ('--fuse-conv-bn' in flags)
    plain, fast = (read_dump(camera_motion / f'{name}.npz').scores for name in ('plain', 'fast'))
    difference = abs(fast - plain).max() / abs(plain).max()
    assert 0 < difference < near


@pytest.mark.slow
def test_mmaction2s_own_tools(camera_motion):
    train(
        UPSTREAM / 'train.py',
        camera_motion,
        '--work-dir',
        'theirs',
        *small(8, train_cfg__max_epochs=1),
    )
    file = camera_motion / 'theirs' / 'epoch_1.pth'
    assert torch.load(file, weights_only=True)['meta']['num_segments'] == 8
    assert 'acc/top1' in run(
        'python', UPSTREAM / 'test.py', CONFIG, file, *small(8), cwd=camera_motion
    )


@pytest.mark.slow
def test_mim(camera_motion):
    command = ('mim', 'train', 'mmaction', CONFIG, '--gpus', 0, '--work-dir', 'mim')
    run(*command, *small(8, train_cfg__max_epochs=1), cwd=camera_motion)
    assert (camera_motion / 'mim' / 'epoch_1.pth').exists()
    command = ('mim', 'test', 'mmaction', CONFIG, '--checkpoint', 'mim/epoch_1.pth', '--gpus', 0)
    assert 'acc/top1' in run(*command, *small(8), cwd=camera_motion)


def test_inferencer(camera_motion, checkpoint):
    from mmaction.apis.inferencers import MMAction2Inferencer

    video = next((camera_motion / 'data' / 'camera_motion' / 'videos' / 'val').iterdir())
    inferencer = MMAction2Inferencer(rec=str(CONFIG), rec_weights=str(checkpoint), device='cpu')
    scores = inferencer(str(video))['predictions'][0]['rec_scores'][0]
    assert len(scores) == 8


@pytest.mark.slow
def test_checkpoint_of_another_num_segments(camera_motion, checkpoint):
    other = camera_motion / 'four_frames.py'
    other.write_text(
        f"_base_ = '{CONFIG}'\n"
        'from mmgsf.datasets import with_num_segments\n'
        'num_segments = 4\n'
        'model = dict(num_segments=num_segments)\n'
        + ''.join(
            f'{split}_pipeline = with_num_segments(_base_.{split}_pipeline, num_segments)\n'
            f'{split}_dataloader = dict(dataset=dict(pipeline={split}_pipeline))\n'
            for split in ('train', 'val', 'test')
        )
    )
    test = ('python', ROOT / 'tools/test.py', other, checkpoint, *small(8))
    refused = run(*test, cwd=camera_motion, code=1)
    assert 'num_segments=8, the config has 4' in refused
    assert '--allow-num-segments' in refused.splitlines()[-1]
    allowed = run(*test[:-1], test[-1], '--allow-num-segments', cwd=camera_motion)
    assert 'acc/top1' in allowed
    resume = ('python', ROOT / 'tools/train.py', other, '--work-dir', 'four')
    refused = run(*resume, '--resume', checkpoint, *small(8), cwd=camera_motion, code=1)
    assert 'the config has 4' in refused.splitlines()[-1]
    tuned = run(
        *resume, *small(8, load_from=checkpoint, train_cfg__max_epochs=1), cwd=camera_motion
    )
    assert 'the weights do not depend on it' in tuned


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (
            options(train_dataloader__dataset__ann_file='no.txt'),
            'train annotation list no.txt is not',
        ),
        (options(model__cls_head__num_classes=3), 'is outside 0..2'),
        (options(num_segments=16), 'num_segments=16 differs from model.num_segments=8'),
        (['--resume', 'none.pth'], 'checkpoint none.pth is not there'),
    ],
)
def test_what_a_user_may_do_wrong_ends_with_one_line(camera_motion, arguments, message):
    output = train(ROOT / 'tools/train.py', camera_motion, *arguments, code=1)
    last = output.splitlines()[-1]
    assert last.startswith('error: ')
    assert message in last
    assert 'Traceback' not in output


def test_mixed_precision_without_a_gpu_is_refused(camera_motion):
    train = ('python', ROOT / 'tools/train.py', CONFIG, '--amp')
    output = run(*train, cwd=camera_motion, code=1, CUDA_VISIBLE_DEVICES='')
    assert output.splitlines()[-1].startswith('error: --amp trains on a GPU only')


def test_no_data_names_the_command_that_makes_it(tmp_path):
    last = train(ROOT / 'tools/train.py', tmp_path, code=1).splitlines()[-1]
    assert 'data/camera_motion' in last
    assert 'python tools/prepare_data.py camera_motion data/camera_motion' in last


def test_missing_config(tmp_path):
    output = run('python', ROOT / 'tools/test.py', 'none.py', 'a.pth', cwd=tmp_path, code=1)
    assert output.splitlines()[-1].startswith('error: config none.py is not there')
