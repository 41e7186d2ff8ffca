"""Videos in, classes out: alone, in batches, from a folder; damaged ones named."""

import numpy as np
import pytest
import torch

from mmgsf.apis import (
    Recognition,
    Recognitions,
    get_model,
    model_classes,
    read_clip,
    recognize,
    score_clips,
)
from mmgsf.apis.recognition import recognize_each

from ..videos import noise_clip, write_video
from ..zoo import NAME


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    model = get_model(NAME, pretrained=False, device='cpu')
    model.cls_head.fc_cls.weight.data.normal_()
    return model


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('videos')
    for seed in range(3):
        write_video(folder / f'{seed}.mp4', noise_clip(seed, 12 + 4 * seed))
    return folder


def test_one_video(model, folder):
    result = recognize(folder / '0.mp4', model, topk=3)
    assert isinstance(result, Recognition)
    wanted = score_clips(model, [read_clip(model, folder / '0.mp4')])[0]
    assert torch.allclose(torch.tensor(result.probabilities), wanted)
    best = int(wanted.argmax())
    assert result.top[0] == (best, model_classes(model)[best], pytest.approx(float(wanted.max())))
    assert len(result.top) == 3
    assert (result.source, result.model) == (str(folder / '0.mp4'), NAME)


def test_frames_give_what_their_file_gives(model, folder):
    import decord

    frames = decord.VideoReader(str(folder / '1.mp4')).get_batch(range(16)).asnumpy()
    of_file = recognize(folder / '1.mp4', model)
    assert recognize(frames, model).probabilities == of_file.probabilities
    assert recognize(list(frames), model).source == 'frames'


@pytest.mark.parametrize('batch_size', [1, 2, 8])
def test_batches_give_what_single_videos_give(model, folder, batch_size):
    results = recognize(folder, model, batch_size=batch_size)
    assert isinstance(results, Recognitions)
    assert [result.source for result in results] == [str(folder / f'{i}.mp4') for i in range(3)]
    for result in results:
        alone = recognize(result.source, model)
        assert np.allclose(result.probabilities, alone.probabilities, atol=1e-6)
    assert results.failed == []


def test_topk_none_shows_all_and_too_many_show_all(model, folder):
    classes = len(model_classes(model))
    for topk in (None, classes + 1):
        assert len(recognize(folder / '0.mp4', model, topk=topk).top) == classes


@pytest.fixture
def damaged(folder, tmp_path):
    (tmp_path / 'text.mp4').write_text('this is no video\n' * 50)
    (tmp_path / 'empty.mp4').touch()
    (tmp_path / 'sound.mp4').write_bytes((folder / '0.mp4').read_bytes()[:200])
    return sorted(tmp_path.iterdir())


def test_damaged_files_are_named(model, folder, damaged):
    for path in damaged:
        with pytest.raises(ValueError, match=path.name):
            recognize(path, model)
        with pytest.raises(ValueError, match=path.name):
            recognize([folder / '0.mp4', path], model)


def test_damaged_files_are_skipped_if_asked_and_listed(model, folder, damaged):
    nowhere = folder / 'nowhere.mp4'
    odd = np.zeros((8, 8))
    sources = [damaged[0], folder / '0.mp4', *damaged[1:], nowhere, odd, folder / '1.mp4']
    results = recognize(sources, model, on_error='skip', batch_size=2)
    assert [result.source for result in results] == [str(folder / '0.mp4'), str(folder / '1.mp4')]
    assert results[1].probabilities == pytest.approx(
        recognize(folder / '1.mp4', model).probabilities
    )
    assert [one.source for one in results.failed] == [*map(str, [*damaged, nowhere]), 'frames']
    assert all(one.error and '\n' not in one.error for one in results.failed)
    with pytest.raises(FileNotFoundError, match=r'nowhere\.mp4'):
        recognize(nowhere, model, on_error='skip')


def test_results_come_while_later_videos_are_unread(model, folder):
    def endless():
        while True:
            yield folder / '0.mp4'

    names = []
    results = recognize_each(endless(), model, batch_size=2, done=names.append)
    assert next(results).top == next(results).top
    assert names == [str(folder / '0.mp4')] * 2


@pytest.mark.parametrize(
    ('arguments', 'error', 'words'),
    [
        ({'topk': 0}, ValueError, 'topk=0: take 1 or more'),
        ({'batch_size': 0}, ValueError, 'batch_size=0'),
        ({'on_error': 'ignore'}, ValueError, "on_error='ignore'"),
        ({'model': torch.nn.Linear(1, 1)}, TypeError, 'Linear has no config'),
        ({'model': 'gsf_r50_ssv2'}, ValueError, 'no weights of gsf_r50_ssv2'),
    ],
)
def test_other_arguments_are_refused(model, folder, arguments, error, words):
    with pytest.raises(error, match=words):
        recognize(folder / '0.mp4', **{'model': model, **arguments})
