"""MMAction2's own ways to recognise a video take our configs and checkpoints."""

import mmgsf.register  # noqa: F401, I001

import json
from pathlib import Path

import decord
import numpy as np
import pytest
import torch
from mmaction.apis import inference_recognizer, init_recognizer
from mmaction.apis.inferencers import MMAction2Inferencer
from mmengine.config import Config
from mmengine.dataset import Compose

from mmgsf.apis import load_model
from mmgsf.checkpoints import save_weights

from ..videos import noise_clip, write_video

CONFIGS = Path(__file__).parents[2] / 'configs'
# The networks of the benchmarks, made small; data and head stay as they are.
SMALL = 'model = dict(backbone=dict(depth=18, base_channels=16, pretrained=None), cls_head=dict(in_channels=128))'


@pytest.fixture(scope='module')
def video(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp('video') / 'a clip.mp4'
    return str(write_video(path, noise_clip(0, 20), crf='10'))


@pytest.fixture
def trained(tmp_path, request) -> tuple[str, str, torch.nn.Module]:
    """A small form of a config, a checkpoint of it, and its model."""
    config, checkpoint = tmp_path / 'small.py', tmp_path / 'small.pth'
    config.write_text(f"_base_ = '{CONFIGS / request.param}.py'\n{SMALL}\n")
    torch.manual_seed(0)
    model = load_model(config, device='cpu')
    for name, parameter in model.cls_head.named_parameters():
        if name.endswith('weight'):
            parameter.data.normal_()
    save_weights(checkpoint, model.state_dict(), {})
    return str(config), str(checkpoint), model


def scores_by_hand(model, video: str) -> torch.Tensor:
    """Of the frames at the centres of eight segments, by torch and decord alone."""
    steps = Compose(model.cfg.test_pipeline).transforms
    indices = [int((t + 0.5) * 20 / 8) for t in range(8)]
    frames = decord.VideoReader(video).get_batch(indices).asnumpy()
    sample = {'imgs': list(frames), 'num_clips': 8, 'clip_len': 1}
    sample |= {'img_shape': (48, 64), 'original_shape': (48, 64), 'modality': 'RGB'}
    names = [type(step).__name__ for step in steps]
    start = next(i for i, name in enumerate(names) if name.endswith('Decode')) + 1
    for step in steps[start:]:
        sample = step(sample)
    mean = model.data_preprocessor.mean.view(3, 1, 1)
    std = model.data_preprocessor.std.view(3, 1, 1)
    with torch.no_grad():
        features = model.backbone((sample['inputs'] - mean) / std).mean((2, 3))
        return model.cls_head.fc_cls(features).mean(0)


@pytest.mark.parametrize('trained', ['gsf_r50_ssv2', 'gsf_r50_ssv1'], indirect=True)
def test_inferencer_gives_the_scores_of_the_network(trained, video):
    config, checkpoint, model = trained
    inferencer = MMAction2Inferencer(rec=config, rec_weights=checkpoint, device='cpu')
    # A config of frame folders too: the inferencer puts a decoder of videos into its place.
    (prediction,) = inferencer(video)['predictions']
    expected = scores_by_hand(model, video)
    assert prediction['rec_labels'] == [[int(expected.argmax())]]
    assert prediction['rec_scores'][0] == pytest.approx(expected.tolist(), abs=1e-4)


@pytest.mark.parametrize('trained', ['gsf_r50_epic100'], indirect=True)
def test_inferencer_takes_models_of_verbs_and_nouns(trained, video, tmp_path):
    config, checkpoint, _ = trained
    inferencer = MMAction2Inferencer(rec=config, rec_weights=checkpoint, device='cpu')
    written = tmp_path / 'predictions.json'
    (prediction,) = inferencer(video, pred_out_file=str(written))['predictions']
    (scores,), (labels,) = prediction['rec_scores'], prediction['rec_labels']
    assert {kind: len(some) for kind, some in scores.items()} == {'verb': 97, 'noun': 300}
    assert labels == [int(np.argmax(scores['verb'])), int(np.argmax(scores['noun']))]
    assert json.loads(written.read_text())['predictions'] == [prediction]
    sample = inference_recognizer(init_recognizer(config, checkpoint, device='cpu'), video)
    assert sample.pred_score['verb'].tolist() == pytest.approx(scores['verb'])


@pytest.mark.parametrize('trained', ['gsf_r50_ssv2'], indirect=True)
def test_inference_recognizer_takes_a_path_a_sample_and_frames(trained, video):
    config, checkpoint, model = trained
    network = init_recognizer(config, checkpoint, device='cpu')
    expected = scores_by_hand(model, video)
    of_path = inference_recognizer(network, video)
    torch.testing.assert_close(of_path.pred_score, expected, atol=1e-4, rtol=1e-4)
    sample = {'filename': video, 'label': -1, 'start_index': 0, 'modality': 'RGB'}
    assert torch.equal(inference_recognizer(network, sample).pred_score, of_path.pred_score)
    frames = decord.VideoReader(video).get_batch(range(20)).asnumpy()
    given = {'array': frames, 'total_frames': 20, 'label': -1, 'start_index': 0, 'modality': 'RGB'}
    steps = [
        {'type': 'ArrayDecode'} if step.type == 'DecordDecode' else step
        for step in Config.fromfile(config).test_pipeline
        if step.type != 'DecordInit'
    ]
    of_frames = inference_recognizer(network, given, Compose(steps))
    assert torch.equal(of_frames.pred_score, of_path.pred_score)


@pytest.mark.parametrize('trained', ['gsf_r50_ssv2'], indirect=True)
def test_inferencer_takes_frames(trained, video):
    config, checkpoint, model = trained
    frames = decord.VideoReader(video).get_batch(range(20)).asnumpy()
    inferencer = MMAction2Inferencer(config, checkpoint, 'cpu', input_format='array')
    (prediction,) = inferencer(frames)['predictions']
    expected = scores_by_hand(model, video)
    assert prediction['rec_scores'][0] == pytest.approx(expected.tolist(), abs=1e-4)
