"""What pip would do in an environment that has MMAction2."""

import subprocess
import sys
from configparser import ConfigParser
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

import mmgsf

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


def test_wheel_carries_class_names_and_weights(tmp_path):
    import zipfile

    pip('wheel', '--no-deps', '--no-build-isolation', '-w', str(tmp_path), '.')
    (wheel,) = tmp_path.glob('*.whl')
    names = zipfile.ZipFile(wheel).namelist()
    lists = sorted((ROOT / 'mmgsf/datasets/labels').glob('*.txt'))
    assert len(lists) == 7
    assert {f'mmgsf/datasets/labels/{path.name}' for path in lists} <= set(names)
    weights = sorted((ROOT / 'mmgsf/apis/weights').glob('*.safetensors'))
    assert weights
    assert {f'mmgsf/apis/weights/{path.name}' for path in weights} <= set(names)
    assert wheel.name.endswith('-py3-none-any.whl')
