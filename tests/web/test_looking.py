"""What a look shows, and that a picture which cannot be drawn leaves the rest."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from mmgsf.apis import get_config, load_model, read_clip
from mmgsf.datasets import class_names
from mmgsf.datasets.decoding import decoding_process
from mmgsf.web import looking
from mmgsf.web.examples import NUM_FRAMES, SIZE, make_examples
from mmgsf.web.limits import Limits

from ..videos import noise_clip, write_video


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp('video') / 'a.mp4', noise_clip(0, 24))


def picture(url):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition('base64,')[2]))))


def test_a_model_without_gates_shows_the_rest(video, monkeypatch):
    def missing(*args):
        raise ImportError('saliency is computed by captum: pip install "mmgsf[visualize]"')

    monkeypatch.setattr(looking, 'saliency_picture', missing)
    model = load_model(get_config('tsn_r18_camera_motion'), device='cpu')
    steps = []
    shown = looking.look(model, video, 'a.mp4', Limits(), steps.append)
    assert [step.split()[0] for step in steps] == ['Reading', 'Recognising', 'Drawing']
    assert shown['gates'] is shown['saliency'] is None
    assert 'no Gate-Shift layer' in shown['notes']['gates']
    assert 'pip install' in shown['notes']['saliency']
    assert len(shown['recognition']['top']) == 5
    clip = read_clip(model, video)
    assert shown['times'] == pytest.approx((clip.frame_indices / 12).tolist())
    for url, frame in zip(shown['frames'], clip.frames, strict=True):
        assert np.array_equal(picture(url), frame)


def test_there_is_an_example_of_each_class(tmp_path):
    examples = make_examples(tmp_path)
    assert [example.title for example in examples] == class_names('camera_motion')
    for example in examples:
        assert example.content == example.path.read_bytes()
    video = decoding_process().open(str(examples[0].path))
    assert len(video) == NUM_FRAMES
    frames = np.stack(video.frames([0, NUM_FRAMES - 1]))
    assert frames.shape == (2, SIZE, SIZE, 3)
    assert np.abs(np.int32(frames[0]) - frames[1]).mean() > 5


def test_there_are_none_without_their_packages(tmp_path, monkeypatch):
    from mmgsf.web import examples

    monkeypatch.setattr(examples, 'find_spec', lambda name: None if name == 'skimage' else name)
    assert make_examples(tmp_path) == []
