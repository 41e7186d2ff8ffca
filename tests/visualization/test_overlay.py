"""A video with its classes drawn on it: readable, of the same frames, the rest untouched."""

import av
import numpy as np
import pytest

from mmgsf.apis import Recognition
from mmgsf.visualization.overlay import ClassBox, check_target, save_overlay

from ..videos import noise_clip, write_video

ROWS = [('approaching something with your camera', 0.75), ('turning the camera left', 0.05)]


def result(source: object) -> Recognition:
    return Recognition(str(source), 'net', [name for name, _ in ROWS], [0.75, 0.05], 2)


def read(path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format='rgb24') for frame in container.decode(video=0)])


def test_the_box_is_dark_with_light_text_and_a_bar_as_long_as_the_probability():
    frame = np.full((360, 640, 3), 200, np.uint8)
    drawn = ClassBox(ROWS, 360, 640).draw(frame)
    changed = np.argwhere((drawn != frame).any(-1))
    (bottom, right), below = changed.max(0), drawn[-1]
    assert bottom < 180
    assert right < 640
    assert np.array_equal(below, frame[-1])
    inside = drawn[: bottom + 1, : right + 1].astype(int)
    dark = (inside.max(-1) < 90).mean()
    white = (inside.min(-1) > 240).mean()
    assert dark > 0.6
    assert 0.01 < white < 0.3
    yellow = (inside[..., 0] > 240) & (inside[..., 2] < 110)
    lengths = [row.sum() for row in yellow if row.sum() > 3]
    assert max(lengths) / min(lengths) == pytest.approx(15, rel=0.2)


@pytest.mark.parametrize('size', [(240, 320), (240, 100), (1080, 1920), (24, 24)])
def test_the_box_stays_within_the_frame(size):
    long = [('a class name that is much too long for any video ' * 3, 1.0)] * 5
    frame = np.zeros((*size, 3), np.uint8)
    assert ClassBox(long, *size).draw(frame).shape == frame.shape


def test_all_frames_are_written_in_order(tmp_path):
    clip = noise_clip(0, 20, 256, 320)
    source = write_video(tmp_path / 'a.mp4', clip, crf='10')
    assert save_overlay(result(source), tmp_path / 'b.mp4') == 20
    before, after = read(source).astype(int), read(tmp_path / 'b.mp4').astype(int)
    assert after.shape == before.shape
    # Below the box the picture is the same, and another frame's is not.
    same = np.abs(after - before)[:, 128:].mean()
    assert same < 6
    assert np.abs(after[:-1] - before[1:])[:, 128:].mean() > 2 * same
    assert np.abs(after - before)[:, :60, :120].mean() > 30
    with av.open(str(tmp_path / 'b.mp4')) as container:
        assert container.streams.video[0].average_rate == 12


def test_small_videos_are_written_larger(tmp_path):
    source = write_video(tmp_path / 'a.mp4', noise_clip(0))
    save_overlay(result(source), tmp_path / 'b.mp4')
    assert read(tmp_path / 'b.mp4').shape == (12, 240, 320, 3)


def test_nothing_is_left_of_what_cannot_be_drawn_on(tmp_path):
    (tmp_path / 'text.mp4').write_text('this is no video\n' * 50)
    with pytest.raises(ValueError, match=r'text\.mp4 cannot be drawn on'):
        save_overlay(result(tmp_path / 'text.mp4'), tmp_path / 'b.mp4')
    with pytest.raises(FileNotFoundError, match='frames have no video'):
        save_overlay(result('frames'), tmp_path / 'b.mp4')
    assert [path.name for path in tmp_path.iterdir()] == ['text.mp4']


def test_unfit_targets(tmp_path):
    source = write_video(tmp_path / 'a.mp4', noise_clip(0, 2))
    with pytest.raises(ValueError, match=r'b\.gif: the video is written as H\.264'):
        check_target(source, tmp_path / 'b.gif')
    with pytest.raises(ValueError, match='is the video itself'):
        check_target(source, tmp_path / '.' / 'a.mp4')
    check_target(tmp_path / 'nowhere.mp4', source)


def test_without_pyav_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(ImportError, match=r'pip install "mmgsf\[video\]"'):
        save_overlay(result('a.mp4'), 'b.mp4')
