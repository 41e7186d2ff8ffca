"""A config under a protocol: its scores are the mean over views worked out by hand."""

import mmgsf.register  # noqa: F401, I001

from pathlib import Path

import mmcv
import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS, MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from PIL import Image

from mmgsf.datasets import with_frame_folders
from mmgsf.engine.protocol import apply_protocol

from ..epic_tree import make_clips, make_frames
from ..videos import noise_clip, write_video

T, SHORT_SIDE, CROP = 4, 40, 32
VIEWS = {'1x1': 1, '2x1': 2, '2x3': 6}
# Frames, height and width of a landscape and a portrait video; decord cannot read 48 pixels wide.
SIZES = ((19, 48, 64), (11, 96, 64))
CLASSES = {'verb_classes': ['v'] * 97, 'noun_classes': ['n'] * 300}
PIPELINE = [
    {'type': 'DecordInit'},
    {'type': 'SegmentSampleFrames', 'num_clips': T, 'test_mode': True},
    {'type': 'DecordDecode'},
    {'type': 'Resize', 'scale': (-1, SHORT_SIDE)},
    {'type': 'CenterCrop', 'crop_size': CROP},
    {'type': 'FormatShape', 'input_format': 'NCHW'},
    {'type': 'PackActionInputs'},
]
HEADS = {
    'one': {'type': 'GSFHead', 'num_classes': 5, 'in_channels': 64},
    'epic': {'type': 'VerbNounHead', 'num_verbs': 97, 'num_nouns': 300, 'in_channels': 64},
}


@pytest.fixture(scope='module', autouse=True)
def scope():
    init_default_scope('mmaction')


def make_config(dataset: dict, head: str = 'one', **test_cfg) -> Config:
    backbone = {'type': 'ResNetGSF', 'depth': 18, 'base_channels': 8, 'channel_ratio': 1.0}
    return Config(
        {
            'model': {
                'type': 'RecognizerGSF',
                'num_segments': T,
                'backbone': backbone,
                'cls_head': {**HEADS[head], 'average_clips': 'score'},
                'data_preprocessor': {
                    'type': 'ActionDataPreprocessor',
                    'mean': [128.0],
                    'std': [64.0],
                    'format_shape': 'NCHW',
                },
                'test_cfg': test_cfg or None,
            },
            'test_dataloader': {'batch_size': 2, 'dataset': dataset},
            'test_pipeline': dataset.get('pipeline'),
        }
    )


def build_model(config: Config) -> torch.nn.Module:
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    # Logits of freshly made weights are all but equal.
    for parameter in model.cls_head.parameters():
        torch.nn.init.normal_(parameter)
    return model.eval()


def predict(config: Config) -> list:
    """Scores of all videos, in one batch through the real pipeline."""
    dataset = DATASETS.build(config.test_dataloader.dataset)
    model = build_model(config)
    with torch.no_grad():
        samples = model.test_step(pseudo_collate([dataset[i] for i in range(len(dataset))]))
    return [sample.pred_score for sample in samples]


def by_hand(config: Config, frames: np.ndarray, protocol: str) -> torch.Tensor:
    """Mean of the logits of single views of a video's frames (F, H, W, 3)."""
    clips, crops = map(int, protocol.split('x'))
    length = len(frames) / T
    starts = [0.5, 0.0][:clips]
    indices = [[int((i + start) * length) for i in range(T)] for start in starts]
    logits = []
    model = build_model(config)
    for clip in indices:
        resized = np.stack([mmcv.imrescale(frames[i], (1000, SHORT_SIDE)) for i in clip])
        for view in slices(resized, crops):
            inputs = torch.from_numpy((view.astype(np.float32) - 128) / 64).permute(0, 3, 1, 2)
            with torch.no_grad():
                logits.append(model(inputs[None], stage='head'))
    assert len(logits) == VIEWS[protocol]
    return torch.cat(logits).mean(0)


def slices(clip: np.ndarray, crops: int) -> list[np.ndarray]:
    height, width = clip.shape[1:3]
    if height > width:
        return [view.swapaxes(1, 2) for view in slices(clip.swapaxes(1, 2), crops)]
    band = clip[:, (height - CROP) // 2 :][:, :CROP]
    middle = (width - CROP) // 2
    corners = [middle] if crops == 1 else [0, middle, width - CROP]
    return [band[:, :, x : x + CROP] for x in corners]


def decoded(path: Path, number: int) -> np.ndarray:
    results = {'filename': str(path), 'frame_inds': np.arange(number)}
    for step in ('DecordInit', 'DecordDecode'):
        results = TRANSFORMS.build({'type': step})(results)
    return np.stack(results['imgs'])


@pytest.fixture(scope='module')
def videos(tmp_path_factory) -> tuple[dict, list[np.ndarray]]:
    """A dataset of a landscape and a portrait video, and their frames as they are decoded."""
    folder = tmp_path_factory.mktemp('videos')
    for i, (number, height, width) in enumerate(SIZES):
        write_video(folder / f'{i}.mp4', noise_clip(i, number, height, width))
    (folder / 'list.txt').write_text('0.mp4 0\n1.mp4 1\n')
    dataset = {
        'type': 'VideoDataset',
        'ann_file': str(folder / 'list.txt'),
        'data_prefix': {'video': str(folder)},
        'pipeline': PIPELINE,
        'test_mode': True,
    }
    frames = [decoded(folder / f'{i}.mp4', size[0]) for i, size in enumerate(SIZES)]
    return dataset, frames


@pytest.fixture(scope='module')
def folders(tmp_path_factory) -> tuple[dict, list[np.ndarray]]:
    """The same as frame folders, without loss."""
    root = tmp_path_factory.mktemp('folders')
    clips = [noise_clip(i, *size) for i, size in enumerate(SIZES)]
    for i, clip in enumerate(clips):
        (root / str(i)).mkdir()
        for number, frame in enumerate(clip, start=1):
            Image.fromarray(frame).save(root / str(i) / f'{number:05}.png')
    rows = [f'{i} {len(clip)} {i}\n' for i, clip in enumerate(clips)]
    (root / 'list.txt').write_text(''.join(rows))
    dataset = {
        'type': 'RawframeDataset',
        'ann_file': str(root / 'list.txt'),
        'data_prefix': {'img': str(root)},
        'filename_tmpl': '{:05}.png',
        'pipeline': with_frame_folders(PIPELINE),
        'test_mode': True,
    }
    return dataset, clips


@pytest.mark.parametrize('protocol', VIEWS)
@pytest.mark.parametrize('kind', ['videos', 'folders'])
def test_scores_are_the_mean_over_views(request, kind, protocol):
    dataset, frames = request.getfixturevalue(kind)
    config = make_config(dataset)
    apply_protocol(config, protocol)
    assert config.test_pipeline == config.test_dataloader.dataset.pipeline
    for scores, clip in zip(predict(config), frames, strict=True):
        expected = by_hand(config, clip, protocol)
        assert expected.std() > 0.1
        torch.testing.assert_close(scores, expected)


def test_views_differ(videos):
    config = make_config(videos[0])
    one, two, six = (by_hand(config, videos[1][0], protocol) for protocol in VIEWS)
    for a, b in ((one, two), (two, six), (one, six)):
        assert (a - b).abs().max() > 0.01


@pytest.mark.parametrize('kind', ['video', 'img'])
@pytest.mark.parametrize('protocol', VIEWS)
def test_verbs_and_nouns_of_epic_kitchens(tmp_path, kind, protocol):
    make = make_clips if kind == 'video' else make_frames
    pack = {'type': 'PackActionInputs', 'meta_keys': ('narration_id', 'participant_id')}
    pipeline = [*PIPELINE[:-1], pack]
    dataset = {
        'type': 'EpicKitchens100',
        'ann_file': str(make(tmp_path) / 'epic100_val_list.tsv'),
        'data_prefix': {kind: str(tmp_path)},
        'pipeline': pipeline if kind == 'video' else with_frame_folders(pipeline),
        'metainfo': CLASSES,
    }
    config = make_config(dataset, 'epic')
    apply_protocol(config, protocol)
    info = DATASETS.build(dataset).get_data_info(0)
    if kind == 'video':
        frames = decoded(info['filename'], 9)
    else:
        path = Path(info['frame_dir'])
        names = [path / info['filename_tmpl'].format(i) for i in range(1, 10)]
        frames = np.stack([mmcv.imread(str(name), channel_order='rgb') for name in names])
    expected = by_hand(config, frames, protocol).split([97, 300])
    scores = predict(config)[0]
    torch.testing.assert_close((scores['verb'], scores['noun']), expected)


def test_memory_is_that_of_single_views(videos):
    config = make_config(videos[0])
    apply_protocol(config, '2x3')
    # Two videos a batch, one view of T frames each.
    assert config.model.test_cfg.max_testing_views == 2 * T
    bounded = predict(config)
    config.model.test_cfg = None
    torch.testing.assert_close(bounded, predict(config))


def test_chunk_of_the_user_stays(videos):
    config = make_config(videos[0], max_testing_views=T)
    apply_protocol(config, '2x3')
    assert config.model.test_cfg.max_testing_views == T


def test_head_that_says_nothing_averages_scores_and_another_average_is_refused(videos):
    config = make_config(videos[0])
    del config.model.cls_head.average_clips
    apply_protocol(config, '2x1')
    assert config.model.cls_head.average_clips == 'score'
    config = make_config(videos[0])
    config.model.cls_head.average_clips = 'prob'
    with pytest.raises(
        ValueError, match=r"average_clips='prob': protocol 2x1 averages raw.*=score"
    ):
        apply_protocol(config, '2x1')


def test_config_without_a_test_pipeline_is_refused():
    with pytest.raises(ValueError, match=r'no test_dataloader\.dataset\.pipeline'):
        apply_protocol(make_config({'type': 'ConcatDataset'}), '2x3')
    with pytest.raises(ValueError, match='give the test pipeline a CenterCrop'):
        apply_protocol(make_config({'pipeline': PIPELINE[:4]}), '2x3')
