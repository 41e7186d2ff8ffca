"""mim runs a program of MMAction2 on a config of this package.

tests/tools/test_single_process.py trains and tests by mim, tests/test_packaging.py searches, installs and
trains from a wheel.
"""

import pytest

from .tools.running import ROOT, run


@pytest.mark.slow
def test_mim_runs_a_program_of_mmaction2(tmp_path):
    config = ROOT / 'configs' / 'gsf_r18_camera_motion.py'
    log = run('mim', 'run', 'mmaction', 'get_flops', config, '--shape', 8, 3, 64, 64, cwd=tmp_path)
    # As in the table of configs: 0.72 M parameters.
    assert 'Params: 0.717M' in log
