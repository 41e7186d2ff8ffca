"""One video through a model's own pipeline: the frames, their order, and the probabilities."""

import numpy as np
import pytest
import torch
from mmengine.dataset import Compose

from mmgsf.apis import get_config, load_model, model_classes, read_clip, score_clips

from ..videos import noise_clip, write_video


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    model = load_model(get_config('gsf_r18_camera_motion'))
    model.cls_head.fc_cls.weight.data.normal_()
    return model


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp('video') / 'a clip.mp4', noise_clip(0, 24), crf='10')


def test_a_file_goes_through_the_test_pipeline(model, video):
    clip = read_clip(model, video)
    sample = {'filename': str(video), 'label': -1, 'start_index': 0, 'modality': 'RGB'}
    assert torch.equal(clip.inputs, Compose(model.cfg.test_pipeline)(sample)['inputs'])
    assert clip.inputs.shape == (8, 3, 64, 64)
    assert clip.frame_indices.tolist() == [1, 4, 7, 10, 13, 16, 19, 22]
    assert (clip.total_frames, clip.fps) == (24, 12.0)
    assert np.array_equal(clip.frames[3], clip.inputs[3].permute(1, 2, 0))


def test_frames_give_what_their_file_gives(model, video):
    import decord

    frames = decord.VideoReader(str(video)).get_batch(range(24)).asnumpy()
    of_file = read_clip(model, video)
    for given in (frames, torch.from_numpy(frames), list(frames)):
        clip = read_clip(model, given)
        assert torch.equal(clip.inputs, of_file.inputs)
        assert np.array_equal(clip.frame_indices, of_file.frame_indices)


def test_probabilities_are_the_softmax_of_what_the_recognizer_scores(model, video):
    from mmaction.apis import inference_recognizer

    clips = [read_clip(model, video), read_clip(model, noise_clip(1))]
    found = score_clips(model, clips)
    assert torch.allclose(found.sum(1), torch.ones(2))
    sample = inference_recognizer(model, str(video))
    assert torch.allclose(found[0], sample.pred_score.softmax(-1), atol=1e-6)
    assert torch.allclose(found, torch.cat([score_clips(model, [clip]) for clip in clips]))
    assert len(model_classes(model)) == found.shape[1]


@pytest.mark.parametrize(
    ('frames', 'error', 'words'),
    [
        (np.zeros((8, 64, 64), np.uint8), ValueError, r'\(8, 64, 64\)'),
        (np.zeros((8, 64, 64, 3)), ValueError, 'float64'),
        (np.zeros((0, 64, 64, 3), np.uint8), ValueError, 'one or more'),
        ([np.zeros((4, 4, 3), np.uint8), np.zeros((5, 4, 3), np.uint8)], ValueError, 'different'),
        (7, TypeError, 'int is neither'),
        ('nowhere.mp4', FileNotFoundError, 'nowhere.mp4 is no file'),
    ],
)
def test_other_sources_are_refused(model, frames, error, words):
    with pytest.raises(error, match=words):
        read_clip(model, frames)
