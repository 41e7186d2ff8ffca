"""What a source is taken for, and a file's frames: all of them, in order, a chunk at a time."""

import numpy as np
import pytest
import torch

from mmgsf.apis import frame_sources, get_config, read_clip, windows
from mmgsf.apis.frame_sources import (
    ADDRESS,
    CAMERA,
    FILE,
    FileFrames,
    FileWindows,
    find_source,
)
from mmgsf.apis.window_buffer import WindowBuffer
from mmgsf.datasets.decoding import DamagedClip

from ..small_model import small_model, with_config
from ..videos import noise_clip, write_video


@pytest.fixture(scope='module')
def model():
    return small_model()


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp('video') / 'a.mp4'
    return write_video(path, noise_clip(0, 40), rate=25, g='15', bf='3')


@pytest.mark.parametrize(
    ('text', 'kind', 'place'),
    [
        ('0', CAMERA, '/dev/video0'),
        ('/dev/video12', CAMERA, '/dev/video12'),
        ('rtsp://10.0.0.9/live', ADDRESS, 'rtsp://10.0.0.9/live'),
        ('https://example.org/a.mp4', ADDRESS, 'https://example.org/a.mp4'),
    ],
)
def test_sources_are_told_apart(text, kind, place):
    assert find_source(text) == (kind, place)


def test_a_file_comes_before_a_camera_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / '3').write_bytes(b'')
    assert find_source('3') == (FILE, '3')


@pytest.mark.parametrize('text', ['file:///etc/passwd', 'concat://a', 'crypto://x', 'data://x'])
def test_other_schemes_are_refused(text):
    with pytest.raises(ValueError, match='addresses are not read'):
        find_source(text)


@pytest.mark.parametrize('text', ['nowhere.mp4', 'concat:a.ts|b.ts', 'file:a.mp4', 'pipe:0', '-1'])
def test_what_is_not_there_is_refused(text):
    with pytest.raises(FileNotFoundError, match='no camera .* and no address'):
        find_source(text)


def test_a_password_is_not_shown():
    source = find_source('rtsp://me:secret@10.0.0.9:554/live?token=secret')
    assert source.place.count('secret') == 2
    assert source.name == 'rtsp://10.0.0.9:554/live'


def test_frames_are_those_of_the_file_in_order(model, video, monkeypatch):
    import decord

    expected = decord.VideoReader(str(video)).get_batch(range(40)).asnumpy()
    asked = []
    decode = FileFrames._decode
    monkeypatch.setattr(
        FileFrames, '_decode', lambda self, some: asked.append(len(some)) or decode(self, some)
    )
    monkeypatch.setattr(frame_sources, 'CHUNK_BYTES', 7 * expected[0].nbytes)
    file = FileFrames(model, video)
    assert (file.total_frames, file.fps) == (40, 25.0)
    found = list(file.read(lambda index: True))
    assert np.array_equal(np.stack([frame for frame, _ in found]), expected)
    assert [seconds for _, seconds in found] == [index / 25 for index in range(40)]
    assert asked == [1, 7, 7, 7, 7, 7, 4]


def test_frames_that_are_not_needed_are_not_decoded(model, video, monkeypatch):
    asked = []
    decode = FileFrames._decode
    monkeypatch.setattr(
        FileFrames, '_decode', lambda self, some: asked.extend(some) or decode(self, some)
    )
    found = list(FileFrames(model, video).read(lambda index: index % 7 == 2))
    assert asked == [2, 9, 16, 23, 30, 37]
    assert [index for index, (frame, _) in enumerate(found) if frame is not None] == asked
    assert len(found) == 40


def test_damage_in_the_middle_ends_in_an_error(model, video, tmp_path):
    content = bytearray(video.read_bytes())
    place = content.index(b'mdat') + 3 * len(content) // 5
    content[place : place + 300] = bytes(300)
    path = tmp_path / 'damaged.mp4'
    path.write_bytes(content)
    with pytest.raises(DamagedClip, match=r'damaged\.mp4 cannot be decoded'):
        list(FileFrames(model, path).read(lambda index: True))


def test_a_file_that_is_not_there_is_named(model):
    with pytest.raises(FileNotFoundError, match=r'nowhere\.mp4 is no file'):
        FileFrames(model, 'nowhere.mp4')


def test_a_model_of_frame_folders_reads_files_too(video):
    model = with_config(small_model(), get_config('gsf_r50_ssv1'))
    assert 'DecordInit' not in str(model.cfg.test_pipeline)
    assert FileFrames(model, video).total_frames == 40
    clip = read_clip(model, video, frame_indices=range(3, 11))
    assert clip.inputs.shape == (8, 3, 224, 224)
    frames = np.stack([frame for frame, _ in FileFrames(model, video).read(lambda index: True)])
    assert torch.equal(clip.inputs, read_clip(model, frames[3:11]).inputs)


def test_other_decoders_give_frames_without_times(video):
    """OpenCV's, which stands in for decord where there is none, states no rate."""
    config = get_config('gsf_r18_camera_motion')
    for step in config.test_pipeline:
        step['type'] = step['type'].replace('Decord', 'OpenCV')
    model = with_config(small_model(), config)
    file = FileFrames(model, video)
    assert file.fps is None
    found = list(FileWindows(WindowBuffer(model, 2, 9), file))
    assert [window.clip.frame_indices[-1] for window in found] == [14, 23, 32]
    assert all(window.start is None for window in found)
    for one, other in zip(found, windows(model, video, 2, 9), strict=True):
        assert torch.equal(one.clip.inputs, other.clip.inputs)
