"""tools/extract_features.py: over lists and folders, on after a kill, and past damaged videos."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from mmgsf.apis import get_config, load_model
from mmgsf.checkpoints import save_weights
from mmgsf.checkpoints.whole import sha256
from mmgsf.files import is_beside
from mmgsf.programs import run as run_program

from ..videos import noise_clip, write_video
from .running import ROOT, environment, run

TOOL = ROOT / 'tools/extract_features.py'
CONFIG = ROOT / 'configs/gsf_r18_camera_motion.py'


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """A checkpoint, twelve videos in two folders and a list of them."""
    folder = tmp_path_factory.mktemp('features')
    torch.manual_seed(0)
    model = load_model(get_config('gsf_r18_camera_motion'), device='cpu')
    save_weights(folder / 'gsf.pth', model.state_dict(), {'num_segments': 8})
    rows = []
    for number in range(12):
        name = f'{"first half" if number < 6 else "second"}/{number}.mp4'
        write_video(folder / 'videos' / name, noise_clip(number, 20))
        rows.append(f'{name}\t{number % 2}\n')
    (folder / 'list.txt').write_text(''.join(rows))
    return folder


@pytest.fixture(scope='module')
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location('extract_features', TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def extract(folder, tool, monkeypatch, capsys):
    """Runs the program in this process; gives what it says, and fails at another exit code."""
    monkeypatch.chdir(folder)
    # The program's own way with SIGTERM is not for this process.
    monkeypatch.setattr(tool, 'leave_on_sigterm', lambda: None)

    def call(*arguments: object, code: int = 0) -> str:
        words = [str(CONFIG), 'gsf.pth', '--device', 'cpu', *map(str, arguments)]
        monkeypatch.setattr('sys.argv', [str(TOOL), *words])
        found = 0
        try:
            run_program(tool.main, tool.parse_args())
        except SystemExit as stopped:
            found = stopped.code
        said = ''.join(capsys.readouterr())
        assert found == code, said
        return said

    return call


def files(folder: Path) -> dict[str, np.ndarray]:
    found = [path for path in sorted(folder.rglob('*.npz')) if not is_beside(path)]
    return {path.relative_to(folder).as_posix(): read(path)['features'] for path in found}


def read(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as loaded:
        return dict(loaded)


@pytest.fixture(scope='module')
def whole(folder) -> dict[str, np.ndarray]:
    """Of all videos, by one run as a user starts it."""
    command = ('python', TOOL, CONFIG, 'gsf.pth', '--list', 'list.txt', '--data-prefix', 'videos')
    log = run(*command, '--out', 'whole', cwd=folder)
    assert '12 videos: 12 written to whole, 0 there already, 0 cannot be read' in log
    return files(folder / 'whole')


def test_file_holds_features_and_all_they_follow_from(folder, whole):
    assert sorted(whole) == sorted(
        f'{"first half" if n < 6 else "second"}/{n}.npz' for n in range(12)
    )
    loaded = read(folder / 'whole/second/7.npz')
    assert loaded['features'].shape == (1, 128)
    assert loaded['features'].dtype == np.float32
    assert loaded['frame_indices'].tolist() == [[1, 3, 6, 8, 11, 13, 16, 18]]
    assert loaded['fps'] == 12
    meta = json.loads(str(loaded['meta']))
    assert meta['checkpoint_sha256'] == sha256(folder / 'gsf.pth')
    wanted = {
        'model': 'gsf_r18_camera_motion',
        'num_segments': 8,
        'stride': None,
        'layer': 'backbone',
        'mode': 'pooled',
        'video': '7.mp4',
        'total_frames': 20,
    }
    assert {key: meta[key] for key in wanted} == wanted
    steps = [step['type'] for step in meta['preprocessing']['pipeline']]
    assert steps[:2] == ['DecordInit', 'SegmentSampleFrames']
    assert meta['preprocessing']['data_preprocessor']['mean'] == [123.675, 116.28, 103.53]
    assert len(np.unique(np.stack([features[0] for features in whole.values()]), axis=0)) == 12


def test_kill_leaves_no_half_file_and_the_next_run_does_the_rest(folder, whole, extract):
    command = [sys.executable, TOOL, CONFIG, 'gsf.pth', '--videos', 'videos', '--out', 'killed']
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env=environment(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    while not files(folder / 'killed'):
        assert process.poll() is None
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    some = files(folder / 'killed')
    assert 0 < len(some) <= 12
    times = {name: (folder / 'killed' / name).stat().st_mtime_ns for name in some}
    assert f'{len(some)} there already' in extract('--videos', 'videos', '--out', 'killed')
    rest = files(folder / 'killed')
    assert rest.keys() == whole.keys()
    assert all(np.array_equal(rest[name], whole[name]) for name in whole)
    assert (
        times.items()
        <= {name: (folder / 'killed' / name).stat().st_mtime_ns for name in rest}.items()
    )
    assert not [path for path in (folder / 'killed').rglob('*') if is_beside(path)]


def test_other_settings_are_refused_until_forced(folder, whole, extract):
    shutil.copytree(folder / 'whole', folder / 'other')
    command = ('--list', 'list.txt', '--data-prefix', 'videos', '--out', 'other')
    options = ('--mode', 'frames', '--stride', 6, '--half')
    log = extract(*command, *options, code=1)
    assert log.splitlines()[-1].startswith(
        'error: other/first half/0.npz was made with mode=pooled'
    )
    assert 'Traceback' not in log
    extract(*command, *options, '--force')
    loaded = read(folder / 'other/second/7.npz')
    assert loaded['features'].shape == (3, 8, 128)
    assert loaded['features'].dtype == np.float16
    assert loaded['frame_indices'][:, 0].tolist() == [0, 6, 12]


def test_damaged_videos_are_listed_and_the_others_done(folder, whole, extract):
    rows = (folder / 'list.txt').read_text().splitlines()[:3]
    (folder / 'videos/bad one.mp4').write_bytes(b'no video')
    (folder / 'some.txt').write_text('\n'.join([*rows, 'bad one.mp4\t0', 'gone.mp4\t1']))
    command = ('--list', 'some.txt', '--data-prefix', 'videos', '--out', 'some')
    log = extract(*command, code=1)
    (folder / 'videos/bad one.mp4').unlink()
    assert log.splitlines()[-1].startswith(
        'error: 2 of 5 videos cannot be read; some/bad_videos.txt lists them'
    )
    assert 'Traceback' not in log
    assert len(files(folder / 'some')) == 3
    listed = (folder / 'some/bad_videos.txt').read_text().splitlines()
    fields = sorted(line.split('\t') for line in listed)
    assert [row[0] for row in fields] == ['videos/bad one.mp4', 'videos/gone.mp4']
    assert fields[1][2] == 'it is not there'
    assert fields[0][2]
    (folder / 'some.txt').write_text('\n'.join(rows))
    extract(*command)
    assert not (folder / 'some/bad_videos.txt').exists()


def test_model_may_be_named_where_its_weights_are_published(tool, monkeypatch):
    asked = []
    monkeypatch.setattr('mmgsf.apis.hub.weights_file', lambda name: asked.append(name) or 'a.pth')
    assert tool.published('gsf_r18_camera_motion') == 'a.pth'
    assert asked == ['gsf_r18_camera_motion']
    with pytest.raises(ValueError, match='give a checkpoint behind the config own.py'):
        tool.published('own.py')
    assert Path(tool.named_or_file('gsf_r18_camera_motion')) == CONFIG
    assert tool.named_or_file('own.py') == 'own.py'


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ([], 'give videos or folders of videos by --videos, or a list'),
        (['--videos', 'none.mp4'], 'none.mp4 is not there'),
        (['--list', 'none.txt'], 'list none.txt is not there'),
        (
            ['--videos', 'videos', '--layer', 'backbone.layer9'],
            "the model has no layer 'backbone.layer9'",
        ),
    ],
)
def test_bad_input_ends_with_one_line(folder, extract, arguments, message):
    log = extract(*arguments, '--out', 'never', code=1)
    last = log.splitlines()[-1]
    assert last.startswith('error: ')
    assert message in last
    assert 'Traceback' not in log
    assert not (folder / 'never').exists()
