"""What an import brings in."""

import subprocess
import sys

import pytest

FRAMEWORKS = ('mmengine', 'mmcv', 'mmaction', 'decord', 'torchvision', 'av', 'skimage', 'cv2')


def modules_after(statement: str) -> set[str]:
    program = f'import sys\n{statement}\nprint(*sys.modules)'
    output = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=True
    )
    return set(output.stdout.split())


@pytest.mark.parametrize(
    'package',
    [
        'mmgsf',
        'mmgsf.apis.hub',
        'mmgsf.cli',
        'mmgsf.layers',
        'mmgsf.checkpoints',
        'mmgsf.datasets',
        'mmgsf.evaluation.epic_scores',
    ],
)
def test_layers_bring_in_torch_at_most(package):
    assert modules_after(f'import {package}').isdisjoint(FRAMEWORKS)


def test_register_registers():
    program = (
        'import mmgsf.register\n'
        'from mmaction.registry import MODELS, TRANSFORMS, RUNNERS\n'
        "assert MODELS.get('ResNetGSF') and TRANSFORMS.get('ClipRandAugment')\n"
        "assert RUNNERS.get('GSFRunner') and MODELS.get('TSN') is None"
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_parent_is_imported_for_the_sake_of_a_layer():
    assert 'mmgsf.compat' not in modules_after('import mmgsf.layers')
