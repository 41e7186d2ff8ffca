"""A stream equals the windows of a file, frame by frame and bit by bit."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mmgsf.apis import get_config, score_clips
from mmgsf.apis.frame_sources import FileFrames, FileWindows
from mmgsf.apis.models import VERBS_AND_NOUNS
from mmgsf.apis.streaming import Latency, Stream
from mmgsf.apis.window_buffer import WindowBuffer, WindowPlan, windows
from mmgsf.datasets.protocols import with_protocol

from ..small_model import NAME, small_model, with_config
from ..videos import noise_clip, write_video


@pytest.fixture(scope='module')
def model():
    return small_model()


def with_pipeline(change):
    """The model with another test pipeline."""
    config = get_config(NAME)
    config.test_pipeline = change(config.test_pipeline)
    return with_config(small_model(), config)


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    """Long groups of pictures with B-frames, so that reading by number has to seek."""
    path = tmp_path_factory.mktemp('video') / 'a.mp4'
    return write_video(path, noise_clip(0, 45, 96, 136), crf='20', g='30', bf='3')


def pushed(model, video, stride, every, all_frames=False):
    buffer = WindowBuffer(model, stride, every)
    needs = (lambda index: True) if all_frames else buffer.plan.needs
    for frame, seconds in FileFrames(model, video).read(needs):
        window = buffer.push(frame, seconds)
        if window is not None:
            yield window


def three_crops(pipeline):
    return with_protocol(pipeline, '2x3')


def odd_transforms(pipeline):
    """Of the steps behind the decoder none but the first looks at single frames."""
    flip = {'type': 'Flip', 'flip_ratio': 1.0}
    return [*pipeline[:4], flip, *pipeline[4:]]


@pytest.mark.parametrize('change', [list, three_crops, odd_transforms])
@pytest.mark.parametrize(('stride', 'every'), [(1, 1), (3, 5), (2, 8), (5, 40)])
def test_stream_gives_the_windows_of_the_file(video, change, stride, every):
    model = with_pipeline(change)
    found = list(pushed(model, video, stride, every))
    offline = list(windows(model, video, stride, every))
    assert len(found) == len(offline) == (45 - 7 * stride - 1) // every + 1
    for one, other in zip(found, offline, strict=True):
        assert torch.equal(one.clip.inputs, other.clip.inputs)
        assert np.array_equal(one.clip.frame_indices, other.clip.frame_indices)
        assert (one.start, one.end) == (other.start, other.end)


def test_stream_gives_the_scores_of_the_file(model, video):
    stream, found = Stream(model, stride=3, every=4), []
    for frame, seconds in FileFrames(model, video).read(lambda index: True):
        found.append(stream.push(frame, seconds))
    results = [one for one in found if one is not None]
    # Frame 21 completes the first window of 8 frames, 3 apart.
    assert [index for index, one in enumerate(found) if one] == [21, 25, 29, 33, 37, 41]
    for one, window in zip(results, windows(model, video, 3, 4), strict=True):
        assert np.array_equal(one.scores, score_clips(model, [window.clip])[0].numpy())
        assert (one.first_frame, one.last_frame) == (one.last_frame - 21, one.last_frame)
    assert len({one.top(1)[0] for one in results}) > 1


def test_windows_are_those_of_their_own_frames(model, video):
    import decord

    frames = decord.VideoReader(str(video)).get_batch(range(45)).asnumpy()
    window = list(pushed(model, video, 3, 5))[2]
    assert window.clip.frame_indices.tolist() == list(range(10, 32, 3))
    assert (window.start, window.end) == (10 / 12, 31 / 12)
    # The pipeline makes 91x64 of 136x96, and takes the 64x64 in the middle.
    small = torch.nn.functional.interpolate(
        torch.from_numpy(frames[10:32:3]).permute(0, 3, 1, 2).float(),
        size=(64, 91),
        mode='bilinear',
    )[..., 13:77]
    assert (window.clip.inputs.float() - small).abs().mean() < 6


def test_frames_that_no_window_takes_change_nothing(model, video):
    sparse, full = (list(pushed(model, video, 2, 11, every)) for every in (False, True))
    for one, other in zip(sparse, full, strict=True):
        assert torch.equal(one.clip.inputs, other.clip.inputs)
    plan = WindowPlan(8, 2, 11)
    taken = {index for last in range(14, 100, 11) for index in plan.frames(last)}
    assert {index for index in range(80) if plan.needs(index)} == {i for i in taken if i < 80}
    assert not plan.needs(1)


def test_memory_is_that_of_one_window(model):
    buffer = WindowBuffer(model, stride=3, every=1)
    for _ in range(200):
        buffer.push(np.zeros((200, 300, 3), np.uint8))
    images = [image for frame in buffer.kept for image in frame.sample['imgs']]
    assert len(images) == buffer.plan.span == 22
    assert all(image.base is None and image.nbytes == 64 * 64 * 3 for image in images)


def test_a_window_is_the_callers_and_so_is_a_frame(model):
    """A camera writes into one array again and again; a user may change what is given out."""
    frames = noise_clip(3, 16, 64, 64)
    expected = WindowBuffer(model, 1, 1)
    expected = [window for frame in frames if (window := expected.push(frame.copy()))]
    buffer, same, found = WindowBuffer(model, 1, 1), np.empty((64, 64, 3), np.uint8), []
    for frame in frames:
        same[:] = frame
        window = buffer.push(same)
        if window is not None:
            found.append(window.clip.inputs.clone())
            window.clip.inputs.zero_()
    assert all(torch.equal(a, b.clip.inputs) for a, b in zip(found, expected, strict=True))


def test_no_window_spans_a_gap(model):
    stream = Stream(model, stride=1, every=3)
    frames = noise_clip(0, 40, 64, 64)
    ends = [i for i in range(10) if stream.push(frames[i])]
    stream.restart()
    after = [result for i in range(10, 40) if (result := stream.push(frames[i]))]
    assert ends == [7]
    assert [(one.first_frame, one.last_frame) for one in after[:2]] == [(10, 17), (13, 20)]


def test_latency_is_the_window_and_the_model(model):
    stream = Stream(model, stride=2, every=4)
    assert str(stream.latency) == 'no window was scored'
    results = [stream.push(frame, index / 25) for index, frame in enumerate(noise_clip(0, 40))]
    latency = stream.latency
    assert latency.windows == sum(one is not None for one in results) == 7
    assert latency.window == pytest.approx(14 / 25)
    computed = sorted(one.compute_seconds for one in results if one)
    assert latency.compute == computed[3]
    assert latency.total == latency.window + latency.compute
    assert str(Latency(0.56, 0.012, 7)) == (
        'latency 0.57 s from the first frame of a window to its scores: 0.56 s of frames, '
        '12 ms to score one (median of 7 windows)'
    )


@pytest.mark.parametrize(
    ('frame', 'words'),
    [
        (np.zeros((4, 4), np.uint8), r'shape \(4, 4\)'),
        (np.zeros((4, 4, 3)), 'float64'),
        ([[0]], 'list'),
        (None, 'frame 1 is in a window'),
        (np.zeros((64, 80, 3), np.uint8), r'frame 1 has shape \(64, 80, 3\), those before'),
    ],
)
def test_other_frames_are_refused(model, frame, words):
    stream = Stream(model, stride=1)
    stream.push(np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(ValueError, match=words):
        stream.push(frame)


@pytest.mark.parametrize('numbers', [{'stride': 0}, {'every': -1}])
def test_numbers_below_one_are_refused(model, numbers):
    with pytest.raises(ValueError, match=f'{next(iter(numbers))}={next(iter(numbers.values()))}'):
        Stream(model, **numbers)


def test_models_that_give_no_such_scores_are_refused(model):
    from mmgsf.models.verb_noun_head import VerbNounHead

    head = VerbNounHead(num_verbs=2, num_nouns=3, in_channels=4)
    verbs_and_nouns = SimpleNamespace(name='epic', cls_head=head)
    with pytest.raises(ValueError, match='scores verbs and nouns apart') as refused:
        Stream(verbs_and_nouns)
    # As score_clips says it.
    assert str(refused.value) == VERBS_AND_NOUNS.format('epic')
    dense = with_pipeline(
        lambda steps: [{**step, 'clip_len': 2} if 'num_clips' in step else step for step in steps]
    )
    with pytest.raises(ValueError, match='T single frames'):
        Stream(dense)


def test_a_file_that_is_too_short_is_refused(model, video):
    with pytest.raises(ValueError, match='gives 45 frames, and a window takes 50'):
        FileWindows(WindowBuffer(model, 7), FileFrames(model, video))
    assert not list(windows(model, video, stride=7))
