"""mim installs this package and runs MMAction2's programs on its configs, without a network.

tests/tools/test_single_process.py trains and tests by mim.
"""

import zipfile
from pathlib import Path

import pytest

from .tools.running import ROOT, run


def test_mim_installs_a_wheel(tmp_path):
    # --target leaves this environment as it is.
    run(
        *('python', '-m', 'pip', 'wheel', '-q', '--no-deps', '--no-build-isolation'),
        *('-w', tmp_path, ROOT),
        cwd=tmp_path,
    )
    (wheel,) = tmp_path.glob('mmgsf-*.whl')
    run('mim', 'install', '--no-deps', '--target', tmp_path / 'site', wheel, cwd=tmp_path)
    said = run('python', '-c', 'import mmgsf; print(mmgsf.__file__)', cwd=tmp_path / 'site')
    assert Path(said.strip()) == tmp_path / 'site' / 'mmgsf' / '__init__.py'
    files = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith('.py')}
    assert all((tmp_path / 'site' / name).is_file() for name in files)


@pytest.mark.slow
def test_mim_runs_a_program_of_mmaction2(tmp_path):
    config = ROOT / 'configs' / 'gsf_r18_camera_motion.py'
    log = run('mim', 'run', 'mmaction', 'get_flops', config, '--shape', 8, 3, 64, 64, cwd=tmp_path)
    # As in the table of configs: 0.72 M parameters.
    assert 'Params: 0.717M' in log
