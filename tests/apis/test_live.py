"""Live windows: never late, never with a gap inside, what was lost is counted, and they end."""

import threading
import time

import numpy as np
import pytest

from mmgsf.apis import live
from mmgsf.apis.capture import BrokenSource
from mmgsf.apis.live import LiveWindows
from mmgsf.apis.window_buffer import WindowBuffer

from ..small_model import small_model


@pytest.fixture(scope='module')
def model():
    return small_model()


class FakeCamera:
    """Gives frames of one grey, that of their number, at a pace; then it breaks, ends or hangs."""

    def __init__(self, first, frames, pace=0.0, end='break', is_recording=False):
        self.first, self.frames, self.pace, self.end = first, frames, pace, end
        self.is_recording, self.damaged, self.closed = is_recording, 1, False

    def read(self, needs_next):
        for number in range(self.first, self.first + self.frames):
            time.sleep(self.pace)
            needed = needs_next()
            yield np.full((64, 64, 3), number, np.uint8) if needed else None, number / 10
        if self.end == 'hang':
            time.sleep(60)
        if self.end == 'break':
            raise BrokenSource('camera: unplugged')

    def close(self):
        self.closed = True


def greys(window):
    return window.clip.inputs[:, 0, 0, 0].tolist()


def watch(model, *captures, stride=1, every=1, **options):
    waiting = list(captures)
    buffer = WindowBuffer(model, stride, every)
    return LiveWindows('camera', buffer, lambda: waiting.pop(0), **{'timeout': 5.0, **options})


def test_a_recording_waits_for_the_model_and_ends(model):
    camera = FakeCamera(0, 20, end='stop', is_recording=True)
    windows, found = watch(model, camera, every=3), []
    for window in windows:
        time.sleep(0.02)
        found.append((greys(window), window.start, window.end))
    assert found == [
        (list(range(first, first + 8)), first / 10, (first + 7) / 10) for first in (0, 3, 6, 9, 12)
    ]
    assert (windows.frames, windows.dropped, camera.closed) == (20, 0, True)


def test_a_slow_model_gets_the_newest_window_whole(model):
    windows, ends = watch(model, FakeCamera(0, 100, pace=0.001), stride=2, max_frames=100), []
    before = 0
    for window in windows:
        shown = greys(window)
        assert shown == list(range(shown[0], shown[0] + 15, 2))
        # The newest there was when it was asked for; one frame may have been on its way.
        assert shown[-1] >= before - 2
        ends.append(shown[-1])
        time.sleep(0.1)
        before = windows.frames
    assert len(ends) < 30
    assert ends == sorted(set(ends))
    # Frame 14 completes the first window, and each one after it another.
    assert windows.dropped + len(ends) == 100 - 14
    assert windows.damaged == 1


def test_a_broken_source_gives_its_last_window_first(model):
    windows, found = watch(model, FakeCamera(0, 10), every=2), []
    with pytest.raises(BrokenSource, match='camera: unplugged'):
        found.extend(greys(window)[-1] for window in windows)
    assert found[-1] == 9


def test_live_times_are_those_of_arrival(model):
    windows = watch(model, FakeCamera(50, 30, pace=0.01), max_frames=30)
    window = next(iter(windows))
    assert window.end - window.start >= 0.07
    # The camera itself would say 5.0 to 5.7.
    assert window.end < 4


def test_a_broken_source_is_opened_again(model, monkeypatch):
    monkeypatch.setattr(live, 'FIRST_WAIT', 0.01)
    said, taken = [], threading.Event()
    cameras = [FakeCamera(0, 10), FakeCamera(0, 0), FakeCamera(100, 12, pace=0.001)]

    def notice(text):
        said.append(text)
        taken.wait(10)

    windows, found = watch(model, *cameras, every=20, reconnect=2, notice=notice, max_frames=22), []
    for window in windows:
        found.append((greys(window), window.clip.frame_indices.tolist()))
        taken.set()
    assert found == [
        (list(range(8)), list(range(8))),
        # None of its frames is from before the gap, and the numbers go on.
        (list(range(100, 108)), list(range(10, 18))),
    ]
    assert said == [
        'camera: unplugged; reconnecting, 1 of 2',
        'camera: unplugged; reconnecting, 2 of 2',
    ]
    assert (windows.reconnected, windows.damaged) == (2, 3)
    assert all(camera.closed for camera in cameras)


def test_after_so_many_times_it_stays_broken(model, monkeypatch):
    monkeypatch.setattr(live, 'FIRST_WAIT', 0.01)
    windows = watch(model, *(FakeCamera(0, 0) for _ in range(3)), reconnect=2)
    with pytest.raises(BrokenSource, match='unplugged'):
        list(windows)


def test_a_live_source_that_ends_is_broken(model):
    with pytest.raises(BrokenSource, match='camera ended'):
        list(watch(model, FakeCamera(0, 3, end='stop')))


def test_a_driver_that_hangs_is_left(model, monkeypatch):
    monkeypatch.setattr(live, 'GRACE', 0.1)
    begin = time.monotonic()
    with pytest.raises(BrokenSource, match=r'camera: no frame for 0\.3 s'):
        list(watch(model, FakeCamera(0, 3, end='hang'), timeout=0.2))
    assert time.monotonic() - begin < 20


def test_other_errors_come_through(model):
    class Changing(FakeCamera):
        def read(self, needs_next):
            yield from ((np.zeros((64, side, 3), np.uint8), None) for side in (64, 80))

    with pytest.raises(ValueError, match=r'frame 1 has shape \(64, 80, 3\)'):
        list(watch(model, Changing(0, 0), reconnect=5))


def test_who_stops_watching_stops_the_camera(model):
    camera = FakeCamera(0, 10_000, pace=0.001)
    stream = iter(watch(model, camera))
    next(stream)
    stream.close()
    assert camera.closed
