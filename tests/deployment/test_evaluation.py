"""Accuracy over views and outputs, by programs whose answers are known."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mmgsf.deployment import ExportedModel
from mmgsf.deployment.evaluation import average_views, evaluate

from .test_description import described


def model_of(outputs: dict[str, int], **changes) -> ExportedModel:
    """A program that takes the first pixel of a clip for its class, in every output."""
    classes = {name: [str(i) for i in range(count)] for name, count in outputs.items()}
    about = described(classes=classes, num_segments=2, size=(4, 4), **changes)

    def program(clips: np.ndarray) -> list[np.ndarray]:
        best = clips[:, 0, 0, 0, 0]
        return [np.eye(count, dtype=np.float32)[best] for count in outputs.values()]

    return ExportedModel(Path('model.onnx'), about, program)


def batch_of(pixels: list[list[int]], labels: list) -> dict:
    """Videos whose views have these first pixels."""
    inputs = []
    for views in pixels:
        video = torch.zeros(2 * len(views), 3, 4, 4, dtype=torch.uint8)
        video[::2] += torch.tensor(views, dtype=torch.uint8).view(-1, 1, 1, 1)
        inputs.append(video)
    samples = [SimpleNamespace(gt_label=torch.tensor(label)) for label in labels]
    return {'inputs': inputs, 'data_samples': samples}


def test_top1_of_one_output():
    batches = [batch_of([[1], [2]], [[1], [0]]), batch_of([[3]], [[3]])]
    (score,) = evaluate([model_of({'probabilities': 5})], batches)
    assert score.correct == {'probabilities': pytest.approx(2 / 3)}
    assert score.videos == 3
    assert score.seconds > 0


def test_verbs_and_nouns_are_counted_apart():
    batches = [batch_of([[1], [2]], [[1, 0], [2, 2]])]
    (score,) = evaluate([model_of({'verb': 4, 'noun': 5})], batches)
    assert score.correct == {'verb': 1.0, 'noun': 0.5}


def test_views_of_a_video_are_averaged():
    batches = [batch_of([[1, 1, 2], [2, 2, 1]], [[1], [1]])]
    (score,) = evaluate([model_of({'probabilities': 5})], batches)
    assert score.correct == {'probabilities': 0.5}


@pytest.mark.parametrize('how', ['score', 'prob'])
def test_views_are_averaged_as_the_head_does_it(how):
    logits = torch.randn(6, 5, generator=torch.Generator().manual_seed(0)) * 3
    views = logits.unflatten(0, (2, 3))
    wanted = views.softmax(-1).mean(1) if how == 'prob' else views.mean(1).softmax(-1)
    about = described(average_clips=how)
    found = average_views(logits.softmax(-1).numpy(), 2, about)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_frames_that_are_no_whole_clip_are_refused():
    batch = batch_of([[1]], [[1]])
    batch['inputs'] = [batch['inputs'][0][:1]]
    with pytest.raises(ValueError, match='1 frames a video, no whole number of clips of 2'):
        evaluate([model_of({'probabilities': 5})], [batch])


def test_no_videos_are_an_error():
    with pytest.raises(ValueError, match='no videos'):
        evaluate([model_of({'probabilities': 5})], [])
