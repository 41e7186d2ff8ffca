"""What pip would do in an environment that has MMAction2."""

import ast
import json
import re
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import mmgsf
from mmgsf.apis.index import read_index
from mmgsf.datasets import CameraMotion

from .tools.running import run, small
from .videos import noise_clip, write_video

ROOT = Path(__file__).parents[1]


def pip(*arguments: str) -> str:
    command = [sys.executable, '-m', 'pip', *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_install_brings_only_mmgsf():
    output = pip('install', '--dry-run', '--no-build-isolation', '.')
    would = [line for line in output.splitlines() if line.startswith('Would install')]
    assert would == [f'Would install mmgsf-{mmgsf.__version__}']


def test_environment_is_sound():
    # decord's wheel runs on every Python 3 but is labelled for 3.6, which pip >= 24 remarks on.
    remark = 'decord 0.6.0 is not supported on this platform'
    command = [sys.executable, '-m', 'pip', 'check']
    output = subprocess.run(command, capture_output=True, text=True).stdout
    assert set(output.splitlines()) <= {remark, 'No broken requirements found.'}
    assert output


def test_neither_mmcv_is_required():
    parser = ConfigParser()
    parser.read(ROOT / 'setup.cfg')
    required = parser['options']['install_requires']
    assert 'mmengine' in required
    assert 'mmcv' not in required


def test_tested_set_is_what_is_installed():
    lines = (ROOT / 'requirements' / 'tested.txt').read_text().splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith('#')]
    pins = [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]
    assert len(pins) > 5
    assert [str(pin) for pin in pins if version(pin.name) not in pin.specifier] == []


@pytest.fixture(scope='module')
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp('wheel')
    pip('wheel', '--no-deps', '--no-build-isolation', '-w', str(folder), '.')
    (wheel,) = folder.glob('*.whl')
    return wheel


@pytest.fixture(scope='module')
def installed(wheel) -> Path:
    """A folder with the wheel's content, as site-packages would have it."""
    folder = wheel.parent / 'site'
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def outside(site: Path, *command: object, cwd: Path) -> str:
    """Output of a Python program that finds what is installed in `site` first."""
    return run(sys.executable, *command, cwd=cwd, PYTHONPATH=str(site), COLUMNS='200')


def test_wheel_carries_class_names_and_weights(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    lists = sorted((ROOT / 'mmgsf/datasets/labels').glob('*.txt'))
    assert len(lists) == 7
    assert {f'mmgsf/datasets/labels/{path.name}' for path in lists} <= set(names)
    assert {f'mmgsf/web/static/{name}' for name in ('index.html', 'page.css', 'page.js')} <= set(
        names
    )
    for entry in read_index().values():
        if entry.weights is not None and entry.weights.startswith('package://'):
            assert entry.weights.removeprefix('package://') in names
    assert wheel.name.endswith('-py3-none-any.whl')


def test_wheel_carries_what_mim_reads(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if '/.mim/' in name}
    wanted = {'model-index.yml', 'configs/metafile.yml'}
    for folder, patterns in (('configs', ['*.py']), ('tools', ['*.py', '*.sh'])):
        for pattern in patterns:
            found = (ROOT / folder).rglob(pattern)
            wanted |= {path.relative_to(ROOT).as_posix() for path in found}
    assert {f'mmgsf/.mim/{name}' for name in wanted} <= names
    assert not any('__pycache__' in name for name in names)
    assert not (ROOT / 'mmgsf' / '.mim').exists()


def test_nothing_of_an_earlier_build_is_carried(tmp_path):
    stale = ROOT / 'build' / 'lib' / 'mmgsf' / 'stale.py'
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.touch()
    pip('wheel', '--no-deps', '--no-build-isolation', '-w', str(tmp_path), '.')
    (again,) = tmp_path.glob('*.whl')
    assert 'mmgsf/stale.py' not in zipfile.ZipFile(again).namelist()


def test_source_distribution_builds_the_same_wheel(wheel, tmp_path):
    build = 'from setuptools.build_meta import build_sdist; import sys; build_sdist(sys.argv[1])'
    run(sys.executable, '-c', build, tmp_path, cwd=ROOT)
    (sdist,) = tmp_path.glob('*.tar.gz')
    pip('wheel', '--no-deps', '--no-build-isolation', '-w', str(tmp_path), str(sdist))
    (again,) = tmp_path.glob('*.whl')
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(wheel).namelist()


def test_installed_wheel_knows_its_models_and_recognises(installed, tmp_path):
    write_video(tmp_path / 'a.mp4', noise_clip(0))
    program = (
        'import mmgsf, sys\n'
        f'assert mmgsf.__file__.startswith({str(installed)!r})\n'
        "config = mmgsf.get_config('gsf_r50_ssv2')\n"
        f'assert config.filename.startswith({str(installed)!r})\n'
        "assert config.num_segments == 8 and 'gsf_r50_ssv2' in mmgsf.list_models()\n"
        "model = mmgsf.get_model('gsf_r18_camera_motion', pretrained=False)\n"
        "print(mmgsf.recognize('a.mp4', model).to_json())"
    )
    output = outside(installed, '-c', program, cwd=tmp_path)
    found = json.loads(output[output.index('{') :])
    assert found['source'] == 'a.mp4'
    assert len(found['top']) == 5


def test_mim_searches_the_installed_index(installed, tmp_path):
    search = ('-m', 'mim', 'search', 'mmgsf')
    output = outside(installed, *search, '--valid-config', cwd=tmp_path)
    assert ast.literal_eval(output.splitlines()[-1]) == list(read_index())
    output = outside(
        installed, *search, '--model', 'tsm', '--field', 'frames', 'parameters', cwd=tmp_path
    )
    shown = re.findall(r'config id: (\w+)\nframes +(\d+)\nparameters +(\d+)\n', output)
    wanted = [entry for entry in read_index().values() if entry.collection == 'TSM']
    assert shown == [
        (entry.name, str(entry.num_segments), str(entry.parameters)) for entry in wanted
    ]


@pytest.mark.slow
def test_mim_trains_and_tests_from_the_wheel(installed, tmp_path):
    CameraMotion(num_train=56, num_val=24).write(tmp_path / 'data' / 'camera_motion')
    config = 'gsf_r18_camera_motion.py'
    options = small(8, train_cfg__max_epochs=1)
    log = outside(
        installed, '-m', 'mim', 'train', 'mmgsf', config, '--work-dir', 'w', *options, cwd=tmp_path
    )
    assert f'{installed}/mmgsf/.mim/tools/train.py' in log
    assert f'{installed}/mmgsf/.mim/configs/{config}' in log
    assert (tmp_path / 'w' / 'epoch_1.pth').is_file()
    checkpoint = ('--checkpoint', 'w/epoch_1.pth')
    log = outside(
        installed, '-m', 'mim', 'test', 'mmgsf', config, *checkpoint, *options, cwd=tmp_path
    )
    assert 'acc/top1' in log
