"""Runs over damaged videos: logged, listed, replaced, stopped above the share, wrong in a test."""

import mmgsf.register  # noqa: F401, I001

import os
import signal

import pytest
import torch
from mmaction.registry import TRANSFORMS
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.structures import BaseDataElement

from mmgsf.datasets.damaged import BadVideosError
from mmgsf.datasets.decoding import decoding_process
from mmgsf.engine import GSFRunner
from mmgsf.engine.bad_videos import predict_wrong, settings_of

from ..videos import noise_clip, write_video


@TRANSFORMS.register_module()
class HangOver:
    """Stops the decoding process before it decodes one clip."""

    def __init__(self, name):
        self.name = name

    def __call__(self, data):
        if data['filename'].endswith(self.name):
            os.kill(decoding_process().process.pid, signal.SIGSTOP)
        return data


class Network(BaseModel):
    """Always predicts class 1 of 3."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def forward(self, inputs, data_samples=None, mode='loss'):
        if mode == 'loss':
            return {'loss': self.layer(torch.ones(1)).mean()}
        for sample in data_samples:
            sample.set_pred_score(torch.tensor([0.1, 0.8, 0.1]))
            sample.set_pred_label(torch.tensor([1]))
        return data_samples


@pytest.fixture(scope='module')
def clips(tmp_path_factory):
    """A list of ten clips of class 1."""
    folder = tmp_path_factory.mktemp('clips')
    for number in range(10):
        write_video(folder / f'{number}.mp4', noise_clip(number))
    (folder / 'list.txt').write_text(''.join(f'{n}.mp4 1\n' for n in range(10)))
    return folder


@pytest.fixture
def damaged(clips, tmp_path):
    """The same, of which 2 and 5 are damaged."""
    for file in clips.iterdir():
        (tmp_path / 'clips' / file.name).parent.mkdir(exist_ok=True)
        (tmp_path / 'clips' / file.name).write_bytes(file.read_bytes())
    (tmp_path / 'clips' / '2.mp4').write_bytes(b'text')
    (tmp_path / 'clips' / '5.mp4').unlink()
    return tmp_path / 'clips'


def runner(clips, work_dir, workers=0, between=(), resume=False, **bad_videos):
    """A run of two epochs over the clips."""

    def loader(test_mode):
        return {
            'batch_size': 2,
            'num_workers': workers,
            'persistent_workers': bool(workers),
            'sampler': {'type': 'DefaultSampler', 'shuffle': False},
            'collate_fn': {'type': 'pseudo_collate'},
            'dataset': {
                'type': 'VideoDataset',
                'ann_file': str(clips / 'list.txt'),
                'data_prefix': {'video': str(clips)},
                'test_mode': test_mode,
                'pipeline': [
                    {'type': 'DecordInit'},
                    {'type': 'SegmentSampleFrames', 'num_clips': 2},
                    *between,
                    {'type': 'DecordDecode'},
                    {'type': 'FormatShape', 'input_format': 'NCHW'},
                    {'type': 'PackActionInputs'},
                ],
            },
        }

    return GSFRunner(
        model=Network(),
        work_dir=str(work_dir),
        train_dataloader=loader(False),
        train_cfg={'by_epoch': True, 'max_epochs': 2},
        optim_wrapper={'optimizer': {'type': 'SGD', 'lr': 0.1}},
        test_dataloader=loader(True),
        test_cfg={},
        test_evaluator={'type': 'AccMetric', 'metric_list': ('top_k_accuracy',)},
        default_scope='mmaction',
        experiment_name=f'{work_dir.parent.name}_{work_dir.name}',
        resume=resume,
        cfg=Config({'bad_videos': bad_videos}),
    )


def warnings_of(run, monkeypatch):
    warnings = []
    monkeypatch.setattr(run.logger, 'warning', warnings.append)
    return warnings


def listed(work_dir):
    lines = (work_dir / 'bad_videos.txt').read_text().splitlines()
    return [tuple(line.split('\t')) for line in lines]


@pytest.mark.parametrize('workers', [0, 2])
def test_training_goes_on_and_tells_once(damaged, tmp_path, monkeypatch, workers):
    run = runner(damaged, tmp_path / 'run', workers, share=0.2)
    warnings = warnings_of(run, monkeypatch)
    run.train()
    assert run.iter == 10
    assert sorted(listed(tmp_path / 'run')) == [
        (str(damaged / '2.mp4'), 'train', 'no video can be opened in it'),
        (str(damaged / '5.mp4'), 'train', 'there is no such file'),
    ]
    for name in ('2.mp4', '5.mp4'):
        assert sum(f'damaged video, train: {damaged / name}: ' in text for text in warnings) == 1
    assert sum('2 of 10 training videos are damaged' in text for text in warnings) == 2


@pytest.mark.parametrize('workers', [0, 2])
def test_above_the_share_the_run_stops_with_the_list(damaged, tmp_path, workers):
    run = runner(damaged, tmp_path / 'run', workers, share=0.1)
    with pytest.raises(BadVideosError) as error:
        run.train()
    message = str(error.value).splitlines()[-1]
    assert '2 of 10 training videos (20.0%)' in message
    assert f'{damaged / "5.mp4"}: there is no such file' in message
    assert len(listed(tmp_path / 'run')) == 2


@pytest.mark.slow
def test_default_share_is_one_percent(damaged, tmp_path):
    with pytest.raises(BadVideosError, match=r'1 of 10 .*bad_videos.share=0.01'):
        runner(damaged, tmp_path / 'run').train()


@pytest.mark.parametrize('workers', [0, 1])
def test_hang_is_counted_and_the_run_goes_on(clips, tmp_path, workers):
    hang = [{'type': 'HangOver', 'name': '/3.mp4'}]
    run = runner(clips, tmp_path / 'run', workers, hang, share=0.2, timeout=1.0)
    run.train()
    assert run.iter == 10
    assert listed(tmp_path / 'run') == [
        (str(clips / '3.mp4'), 'train', 'decoding took longer than 1 s')
    ]


@pytest.mark.slow
def test_a_fresh_run_begins_a_new_list_and_a_resumed_one_goes_on(damaged, clips, tmp_path):
    runner(damaged, tmp_path / 'run', share=0.2).train()
    before = listed(tmp_path / 'run')
    runner(damaged, tmp_path / 'run', share=0.2, resume=True).train()
    assert listed(tmp_path / 'run') == before
    runner(clips, tmp_path / 'run', share=0.2).train()
    assert not (tmp_path / 'run' / 'bad_videos.txt').exists()


@pytest.mark.parametrize('workers', [0, 1])
def test_a_damaged_video_ends_a_test(damaged, tmp_path, workers):
    with pytest.raises(BadVideosError, match=r'test: .*/2\.mp4 cannot be decoded: .*; replace'):
        runner(damaged, tmp_path / 'run', workers).test()


@pytest.mark.slow
def test_damaged_videos_count_as_wrong_by_option(damaged, tmp_path, monkeypatch):
    run = runner(damaged, tmp_path / 'run', evaluation='wrong')
    warnings = warnings_of(run, monkeypatch)
    # Of ten clips of class 1, which is always predicted, two are damaged.
    assert run.test()['acc/top1'] == pytest.approx(0.8)
    assert any('test: 2 damaged videos count as wrong' in text for text in warnings)


def test_wrong_scores_rank_the_truth_last():
    sample = BaseDataElement(
        gt_label=torch.tensor([1, 0]),
        pred_score={'verb': torch.rand(3), 'noun': torch.rand(4)},
    )
    predict_wrong(sample)
    assert sample.pred_score['verb'].tolist() == [0, -1, 0]
    assert sample.pred_score['noun'].tolist() == [-1, 0, 0, 0]
    sample = BaseDataElement(gt_label=torch.tensor([2]), pred_score=torch.rand(5))
    predict_wrong(sample)
    assert sample.pred_score.argmin() == 2
    assert sample.pred_label.item() != 2


def test_unknown_keys_are_refused():
    with pytest.raises(ValueError, match="no key 'shares'; it has share, timeout"):
        settings_of({'bad_videos': {'shares': 0.1}})
