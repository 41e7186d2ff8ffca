"""`mmgsf stream`: what it prints and writes, and how it ends."""

import json
import time
from functools import partial

import pytest

from mmgsf.apis import windows
from mmgsf.apis.capture import BrokenSource
from mmgsf.apis.streaming import Scorer
from mmgsf.checkpoints import save_weights

from ..apis.rtsp_server import RtspServer
from ..small_model import small_model
from ..videos import noise_clip, write_video


@pytest.fixture(scope='module')
def model():
    return small_model()


@pytest.fixture(scope='module')
def files(model, tmp_path_factory):
    """Arguments for the model, and a video of 60 frames at 12 a second."""
    folder = tmp_path_factory.mktemp('stream')
    meta = {'num_segments': 8, 'dataset_meta': {'classes': list(model.cfg.classes)}}
    save_weights(folder / 'weights.pth', model.state_dict(), meta)
    video = write_video(folder / 'a clip.mp4', noise_clip(0, 60), g='20')
    return ['--model', model.cfg.filename, str(folder / 'weights.pth')], str(video)


@pytest.fixture
def stream(run):
    """Runs `mmgsf stream ARGUMENTS`; gives exit code, stdout and stderr."""
    return partial(run, 'stream')


def test_json_lines_are_the_windows_of_the_file(stream, model, files):
    weights, video = files
    code, out, err = stream(video, *weights, '--every', 9, '--topk', 2, '--json')
    *rows, summary = map(json.loads, out.splitlines())
    expected = [Scorer(model)(window).to_dict(2) for window in windows(model, video, 2, 9)]
    assert len(rows) == len(expected) == 6
    for row, other in zip(rows, expected, strict=True):
        assert row.pop('type') == 'window'
        assert row.pop('compute_seconds') > 0
        other.pop('compute_seconds')
        assert row == other
    assert summary['type'] == 'summary'
    assert summary['latency']['window'] == pytest.approx(14 / 12)
    assert (summary['frames'], summary['dropped'], summary['latency']['windows']) == (60, 0, 6)
    assert (code, err) == (0, '')


def test_lines_and_summary_for_the_eye(stream, files):
    weights, video = files
    # What follows the model may be the source.
    code, out, err = stream('--every', 20, '--topk', 1, *weights, video)
    lines = out.splitlines()
    assert code == 0
    assert [line.split('s  ')[0].strip() for line in lines] == [
        '0.00 to 1.17',
        '1.67 to 2.83',
        '3.33 to 4.50',
    ]
    assert all('camera' in line for line in lines)
    assert '60 frames; latency ' in err
    assert '1.17 s of frames' in err


def test_timeline_and_picture_are_written(stream, files, tmp_path):
    weights, video = files
    written = [tmp_path / 'new' / name for name in ('a.json', 'a.png')]
    code, out, _ = stream(video, *weights, '--timeline', written[0], '--picture', written[1])
    assert code == 0
    read = json.loads((tmp_path / 'new' / 'a.json').read_text())
    assert read['source'] == video
    assert len(read['windows']) == len(out.splitlines()) == 6
    assert sum(one['windows'] for one in read['segments']) == 6
    assert (tmp_path / 'new' / 'a.png').read_bytes()[1:4] == b'PNG'


def test_max_frames_ends_it(stream, files):
    weights, video = files
    code, out, _ = stream(video, *weights, '--every', 5, '--max-frames', 25, '--json')
    *rows, summary = map(json.loads, out.splitlines())
    assert code == 0
    assert [row['last_frame'] for row in rows] == [14, 19, 24]
    assert summary['frames'] == 25


def test_rtsp_on_the_loopback(stream, files):
    """The server hangs up: a live source that ends is an error, and says so behind its results."""
    weights, _ = files
    with RtspServer(noise_clip(0, 60), rate=100) as server:
        code, out, err = stream(server.address, *weights, '--json', '--timeout', 5)
    *rows, summary = map(json.loads, out.splitlines())
    assert code == 1
    assert len(rows) + summary['dropped'] >= 5
    assert all(row['last_frame'] - row['first_frame'] == 14 for row in rows)
    assert summary['frames'] >= 58
    assert err.startswith(f'error: {server.address} ended')
    assert err.count('\n') == 1


def test_rtsp_with_an_end_of_ones_own(stream, files, tmp_path):
    weights, _ = files
    with RtspServer(noise_clip(0, 60), rate=100) as server:
        arguments = ['--max-frames', 40, '--timeline', tmp_path / 'a.json']
        assert stream(server.address, *weights, *arguments)[0] == 0
    assert json.loads((tmp_path / 'a.json').read_text())['windows']


class FakeCamera:
    """Frames at a pace; then it is unplugged, or the user presses Ctrl-C."""

    is_recording, damaged, opened = False, 0, 0

    def __init__(self, source, timeout):
        assert source == ('camera', '/dev/video0')
        FakeCamera.opened += 1

    def read(self, needs_next):
        for frame in noise_clip(0, 40):
            time.sleep(0.002)
            yield frame, None
        raise BrokenSource('/dev/video0: No such device')

    def close(self):
        pass


@pytest.fixture
def camera(monkeypatch):
    monkeypatch.setattr('mmgsf.apis.capture.Capture', FakeCamera)
    monkeypatch.setattr('mmgsf.apis.live.FIRST_WAIT', 0.01)
    monkeypatch.setattr(FakeCamera, 'opened', 0)


def test_a_camera_that_is_unplugged_ends_in_an_error(stream, files, camera):
    weights, _ = files
    code, _, err = stream(0, *weights)
    lines = err.splitlines()
    assert code == 1
    assert lines[0].startswith('40 frames; latency ')
    assert lines[-1] == 'error: /dev/video0: No such device (--debug shows where)'


def test_a_camera_is_opened_again(stream, files, camera):
    weights, _ = files
    code, _, err = stream(0, *weights, '--reconnect', 3, '--max-frames', 100)
    assert (code, FakeCamera.opened) == (0, 3)
    assert err.startswith('warning: /dev/video0: No such device; reconnecting, 1 of 3\n')


def test_a_slow_model_says_what_it_dropped(stream, files, camera, monkeypatch):
    weights, _ = files
    score = Scorer.__call__
    monkeypatch.setattr(Scorer, '__call__', lambda *args: time.sleep(0.05) or score(*args))
    code, out, err = stream(0, *weights, '--every', 1, '--max-frames', 40)
    dropped = 40 - 14 - len(out.splitlines())
    assert code == 0
    assert dropped > 5
    assert f'{dropped} windows dropped: the model was still busy' in err


def test_ctrl_c_ends_it_with_the_summary(stream, files, camera, monkeypatch):
    weights, _ = files

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Scorer, '__call__', interrupted)
    code, _, err = stream(0, *weights)
    assert code == 130
    assert err.endswith(' frames; no window was scored\nstopped\n')


@pytest.mark.parametrize(
    ('arguments', 'code', 'words'),
    [
        (['{video}', '--stride', '0'], 2, '--stride 0: give 1 or more'),
        (['{video}', '--timeout', '0'], 2, '--timeout 0: give seconds above 0'),
        (['{video}', 'another.mp4'], 2, 'another.mp4'),
        ([], 2, '0 sources; name one SOURCE'),
        (['0', '--timeline', 'a.json'], 2, 'need --max-frames'),
        (['{video}', '--picture', 'a.xyz'], 2, 'give a name in .png'),
        (['nowhere.mp4'], 1, 'error: nowhere.mp4 is no file, no camera'),
        (['ftp://a/b'], 1, 'error: ftp:// addresses are not read'),
        (['{video}', '--stride', '9'], 1, 'gives 60 frames, and a window takes 64'),
        (['/dev/video987'], 1, 'error: /dev/video987: there is no such camera'),
    ],
)
def test_what_cannot_be_ends_with_one_line(stream, files, arguments, code, words):
    weights, video = files
    given = [one.format(video=video) for one in arguments]
    found, out, err = stream(*given, *weights)
    assert (found, out) == (code, '')
    assert words in err
    assert 'Traceback' not in err


def test_nothing_is_kept_without_a_timeline(stream, files, monkeypatch):
    """A camera may run for weeks."""
    import weakref

    weights, video = files
    alive, most = [], 0
    score = Scorer.__call__

    def scored(self, window):
        nonlocal most
        result = score(self, window)
        alive.append(weakref.ref(result))
        most = max(most, sum(one() is not None for one in alive))
        return result

    monkeypatch.setattr(Scorer, '__call__', scored)
    assert stream(video, *weights, '--every', 2)[0] == 0
    assert len(alive) == 23
    assert most <= 2
