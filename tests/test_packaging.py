"""What pip would do in an environment that has MMAction2, and what works from the built wheel."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
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
# Where a wheel has configs, tools and index.
MIM = 'mmgsf/.mim/'


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
def built(tmp_path_factory) -> Path:
    """What `python -m build` gives: a source distribution, and a wheel that is made from it."""
    folder = tmp_path_factory.mktemp('built')
    # A list of files that an earlier build left is added to MANIFEST.in's.
    shutil.rmtree(ROOT / 'mmgsf.egg-info', ignore_errors=True)
    run('python', '-m', 'build', '--no-isolation', '--outdir', folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope='module')
def wheel(built) -> Path:
    (wheel,) = built.glob('*.whl')
    return wheel


@pytest.fixture(scope='module')
def installed(wheel) -> Path:
    """A new environment with the wheel; all else it finds in the present one."""
    folder = wheel.parent / 'environment'
    venv.create(folder, symlinks=os.name != 'nt')
    site = Path(sysconfig.get_path('purelib', vars={'base': str(folder)}))
    # Files .pth over there, such as that of an editable mmgsf, are not followed.
    (site / 'present.pth').write_text(sysconfig.get_path('purelib') + '\n')
    alone = ('--ignore-installed', '--no-deps', '--no-index')
    inside(folder, '-m', 'pip', 'install', *alone, wheel, cwd=folder)
    return folder


def inside(environment: Path, *command: object, cwd: Path, code: int = 0) -> str:
    """Output of the environment's Python, as after its `activate`."""
    programs = Path(sysconfig.get_path('scripts', vars={'base': str(environment)}))
    path = f'{programs}{os.pathsep}{os.environ["PATH"]}'
    return run(
        programs / 'python',
        *command,
        cwd=cwd,
        code=code,
        PATH=path,
        PYTHONPATH='',
        COLUMNS='200',
    )


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


def of_mim(names: list[str]) -> list[str]:
    """The files of a wheel that mim looks for, as they are called in the checkout."""
    return [name.removeprefix(MIM) for name in names if name.startswith(MIM)]


def test_wheel_carries_what_mim_reads(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    wanted = {'model-index.yml', 'configs/metafile.yml'}
    for folder, patterns in (('configs', ['*.py']), ('tools', ['*.py', '*.sh'])):
        for pattern in patterns:
            found = (ROOT / folder).rglob(pattern)
            wanted |= {path.relative_to(ROOT).as_posix() for path in found}
    assert wanted <= set(of_mim(names))
    assert not any('__pycache__' in name for name in names)
    assert not (ROOT / 'mmgsf' / '.mim').exists()


def test_source_distribution_carries_the_same(built, wheel):
    (sdist,) = built.glob('*.tar.gz')
    names = of_mim(zipfile.ZipFile(wheel).namelist())
    with tarfile.open(sdist) as source, zipfile.ZipFile(wheel) as made:
        top = source.getnames()[0]
        for name in names:
            assert source.extractfile(f'{top}/{name}').read() == made.read(f'{MIM}{name}'), name


def test_checkout_builds_the_same_wheel_whatever_an_earlier_build_left(wheel, tmp_path):
    stale = ROOT / 'build' / 'lib' / 'mmgsf' / 'stale.py'
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.touch()
    pip('wheel', '--no-deps', '--no-build-isolation', '-w', str(tmp_path), '.')
    (again,) = tmp_path.glob('*.whl')
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(wheel).namelist()


def test_mim_installs_the_wheel(wheel, tmp_path):
    # --target leaves this environment as it is.
    run('mim', 'install', '--no-deps', '--target', tmp_path / 'site', wheel, cwd=tmp_path)
    names = [name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith('/RECORD')]
    assert [name for name in names if not (tmp_path / 'site' / name).is_file()] == []


def test_installed_wheel_knows_its_models_and_recognises(installed, tmp_path):
    write_video(tmp_path / 'a.mp4', noise_clip(0))
    program = (
        'import mmgsf\n'
        f'assert mmgsf.__file__.startswith({str(installed)!r})\n'
        "config = mmgsf.get_config('gsf_r50_ssv2')\n"
        f'assert config.filename.startswith({str(installed)!r})\n'
        "assert config.num_segments == 8 and 'gsf_r50_ssv2' in mmgsf.list_models()\n"
        "model = mmgsf.get_model('gsf_r18_camera_motion', pretrained=False)\n"
        "print(mmgsf.recognize('a.mp4', model).to_json())\n"
        '# The table of packages that mmengine itself takes configs from.\n'
        'from mmengine.config.utils import MODULE2PACKAGE\n'
        "assert 'mmgsf' not in MODULE2PACKAGE"
    )
    output = inside(installed, '-c', program, cwd=tmp_path)
    found, _ = json.JSONDecoder().raw_decode(output[output.index('{') :])
    assert found['source'] == 'a.mp4'
    assert len(found['top']) == 5


def test_installed_wheel_lists_its_models(installed, tmp_path):
    (program,) = installed.glob('*/mmgsf*')
    output = inside(installed, program, 'models', cwd=tmp_path)
    assert [line.split()[0] for line in output.splitlines()[1:]] == list(read_index())


def test_mim_searches_the_installed_index(installed, tmp_path):
    search = ('-m', 'mim', 'search', 'mmgsf')
    output = inside(installed, *search, '--valid-config', cwd=tmp_path)
    assert ast.literal_eval(output.splitlines()[-1]) == list(read_index())
    output = inside(
        installed, *search, '--model', 'tsm', '--field', 'frames', 'parameters', cwd=tmp_path
    )
    shown = re.findall(r'config id: (\w+)\nframes +(\d+)\nparameters +(\d+)\n', output)
    wanted = [entry for entry in read_index().values() if entry.collection == 'TSM']
    assert shown == [
        (entry.name, str(entry.num_segments), str(entry.parameters)) for entry in wanted
    ]


@pytest.mark.slow
def test_mim_trains_a_benchmark_until_its_data_is_missing(installed, tmp_path):
    train = ('-m', 'mim', 'train', 'mmgsf', 'gsf_r50_ssv2.py')
    log = inside(installed, *train, cwd=tmp_path, code=1)
    assert f'{MIM}configs/gsf_r50_ssv2.py' in log
    assert 'preflight: 174 classes, the same in all splits' in log
    (error,) = re.findall('^error: .*', log, re.MULTILINE)
    assert 'data/sthv2/sthv2_train_list_videos.txt is not there; make it by: python' in error
    # Below it mim says what it ran; nothing of ours does.
    assert '/mim/commands/train.py' in log
    assert 'mmgsf/engine' not in log


@pytest.mark.slow
def test_mim_trains_and_tests_from_the_wheel(installed, tmp_path):
    CameraMotion(num_train=56, num_val=24).write(tmp_path / 'data' / 'camera_motion')
    config = 'gsf_r18_camera_motion.py'
    mim = ('-m', 'mim')
    less = small(8, train_cfg__max_epochs=1)
    train = (*mim, 'train', 'mmgsf', config, '--work-dir', 'w', *less)
    log = inside(installed, *train, cwd=tmp_path)
    site = next(installed.glob(f'**/{MIM}'))
    assert f'{site}/tools/train.py' in log
    assert f'{site}/configs/{config}' in log
    assert (tmp_path / 'w' / 'epoch_1.pth').is_file()
    test = (*mim, 'test', 'mmgsf', config, '--checkpoint', 'w/epoch_1.pth', *less)
    assert 'acc/top1' in inside(installed, *test, cwd=tmp_path)
