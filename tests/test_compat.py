"""Each cure acts where its defect is and only there."""

import importlib.util
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch

from mmgsf import compat

from .videos import noise_clip, write_video


def python(program: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, **options
    )


def test_models_import_although_a_folder_is_missing():
    program = 'from mmgsf import compat; compat.apply(); import mmaction.models; {}'
    assert python(program.format('mmaction.models.TSNHead')).returncode == 0
    stub = python(program.format('mmaction.models.DRN()'))
    assert 'DRN needs a git checkout of MMAction2' in stub.stderr


def test_known_warnings_stay_off_the_terminal():
    program = (
        'from mmgsf import compat; compat.hush_dependencies(); '
        'import mmgsf.register; import pkg_resources'
    )
    assert python(program).stderr == ''


def fake_mmaction(root: Path) -> None:
    drn = root / 'mmaction' / 'models' / 'localizers' / 'drn'
    drn.mkdir(parents=True)
    for folder in (drn, *drn.parents[:3]):
        (folder / '__init__.py').touch()
    (drn / 'drn.py').write_text('class DRN: pass\n')


@pytest.mark.parametrize('torchvision', ['', 'raise RuntimeError("operator nms does not exist")'])
def test_checkout_is_left_alone_where_torchvision_imports(tmp_path, torchvision):
    fake_mmaction(tmp_path)
    (tmp_path / 'torchvision.py').write_text(torchvision)
    program = (
        f'import sys; sys.path.insert(0, {str(tmp_path)!r})\n'
        'from mmgsf import compat; compat.stub_missing_drn()\n'
        'from mmaction.models.localizers.drn.drn import DRN\n'
        'print(bool(DRN.__doc__))'
    )
    done = python(program)
    assert done.stdout.strip() == str(bool(torchvision)), done.stderr


@pytest.mark.parametrize('version', ['1.7.2', '2.2.0'])
def test_unfit_mmcv_names_both_pip_lines(monkeypatch, version):
    fake = types.ModuleType('mmcv')
    fake.__version__ = version
    fake.__spec__ = importlib.util.spec_from_loader('mmcv', loader=None)
    monkeypatch.setitem(sys.modules, 'mmcv', fake)
    with pytest.raises(ImportError, match=f'mmcv {version}.*mmcv-lite==2.1.0.*"mmcv==2.1.0"'):
        compat.require_mmcv()


def test_missing_mmcv_names_both_pip_lines(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, 'find_spec', lambda name: None if name == 'mmcv' else find_spec(name)
    )
    with pytest.raises(ImportError, match='mmcv is not installed.*mmcv-lite==2.1.0.*"mmcv==2.1.0"'):
        compat.require_mmcv()


@pytest.mark.parametrize('has_name', [True, False])
def test_multimodal_models_are_off_only_where_they_cannot_import(tmp_path, has_name):
    # A stand-in for transformers, with and without what VindLU imports.
    package = tmp_path / 'transformers'
    package.mkdir()
    (package / '__init__.py').touch()
    (package / 'modeling_utils.py').write_text('apply_chunking_to_forward = 1' if has_name else '')
    metadata = tmp_path / 'transformers-4.50.0.dist-info'
    metadata.mkdir()
    (metadata / 'METADATA').write_text(
        'Metadata-Version: 2.1\nName: transformers\nVersion: 4.50.0\n'
    )
    program = (
        f'import sys; sys.path.insert(0, {str(tmp_path)!r})\n'
        'from mmgsf import compat; compat.disable_unimportable_multimodal()\n'
        'from mmaction.utils import dependency; print(dependency.WITH_MULTIMODAL)'
    )
    assert python(program).stdout.strip() == str(has_name)


def test_import_of_mmgsf_cures_nothing():
    program = (
        'import mmgsf, mmgsf.layers, sys\n'
        "assert 'mmaction.models.localizers.drn' not in sys.modules\n"
        'from mmengine.runner.checkpoint import CheckpointLoader\n'
        "print(CheckpointLoader._get_checkpoint_loader('a.pth').__module__)"
    )
    assert python(program).stdout.strip() == 'mmengine.runner.checkpoint'


def test_configs_of_a_checkout_are_found_beside_the_package(tmp_path):
    base = tmp_path / 'configs' / '_base_'
    base.mkdir(parents=True)
    (base / 'own.py').write_text('value = 3\n')
    (tmp_path / 'mmaction').mkdir()
    (tmp_path / 'mmaction' / '__init__.py').touch()
    (tmp_path / 'a.py').write_text("_base_ = 'mmaction::_base_/own.py'\n")
    program = (
        f'import sys; sys.path.insert(0, {str(tmp_path)!r})\n'
        'from mmgsf import compat; compat.prepare_configs()\n'
        'from mmengine.config import Config\n'
        f'print(Config.fromfile({str(tmp_path / "a.py")!r}).value)'
    )
    done = python(program)
    assert done.stdout.strip().endswith('3'), done.stderr


def test_missing_pkg_resources_names_the_cure(monkeypatch):
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(ImportError, match='setuptools>=77.0.3,<82'):
        compat.prepare_configs()


def test_other_launchers_are_refused_without_gpus():
    with pytest.raises(ValueError, match="launcher='mpi' needs GPUs"):
        compat.init_process_group_on_cpu('mpi')


@pytest.mark.slow
def test_opencv_stands_in_for_decord_with_the_same_frames(tmp_path):
    video = write_video(tmp_path / 'a.mp4', noise_clip(0, num_frames=20))
    program = (
        'import importlib.util, sys, numpy\n'
        'find_spec = importlib.util.find_spec\n'
        'if sys.argv[1] == "without":\n'
        '    importlib.util.find_spec = lambda n, *a: None if n == "decord" else find_spec(n, *a)\n'
        'import mmgsf.register\n'
        'from mmaction.registry import TRANSFORMS\n'
        'steps = [dict(type="DecordInit", num_threads=1),\n'
        '         dict(type="SegmentSampleFrames", num_clips=6, test_mode=True),\n'
        '         dict(type="DecordDecode")]\n'
        'results = dict(filename=sys.argv[2], start_index=0)\n'
        'for step in steps: results = TRANSFORMS.build(step)(results)\n'
        'opened = any(c.__name__ == "OpenCVInit" for c in TRANSFORMS.get("DecordInit").__mro__)\n'
        'assert opened == (sys.argv[1] == "without")\n'
        'numpy.save(sys.argv[3], numpy.stack(results["imgs"]))\n'
    )
    frames = []
    for mode in ('with', 'without'):
        file = tmp_path / f'{mode}.npy'
        command = [sys.executable, '-c', program, mode, str(video), str(file)]
        subprocess.run(command, check=True, capture_output=True)
        frames.append(np.load(file).astype(int))
    assert frames[0].shape == (6, 48, 64, 3)
    # The two turn YUV into RGB with another rounding.
    assert np.abs(frames[0] - frames[1]).max() <= 3


def test_groups_become_plain_dicts():
    class Group(dict):
        pass

    parameter = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    optimizer.param_groups[0] = Group(optimizer.param_groups[0])
    compat.plain_param_groups(optimizer)
    assert type(optimizer.param_groups[0]) is dict


@pytest.mark.parametrize('suffix', ['yaml', 'yml'])
def test_yaml_builds_no_objects(tmp_path, suffix):
    import mmgsf.register  # noqa: F401, I001
    from mmengine.config import Config
    from yaml import YAMLError

    touched, file = tmp_path / 'touched', tmp_path / f'config.{suffix}'
    file.write_text(f'work_dir: !!python/object/apply:os.mkdir [{touched}]\n')
    with pytest.raises(YAMLError, match='could not determine a constructor'):
        Config.fromfile(file)
    assert not touched.exists()
    file.write_text('model: {type: TSN}\n')
    assert Config.fromfile(file).model.type == 'TSN'


def test_inferencers_do_not_run_the_config_of_a_checkpoint(tmp_path):
    import mmgsf.register  # noqa: F401, I001
    from mmaction.apis.inferencers import ActionRecogInferencer

    program = f'import os\nos.mkdir({str(tmp_path / "touched")!r})\n'
    torch.save({'meta': {'cfg': program}, 'state_dict': {}}, tmp_path / 'a.pth')
    with pytest.raises(ValueError, match='is Python, which is not run; give the path'):
        ActionRecogInferencer(None, str(tmp_path / 'a.pth'), device='cpu')
    assert not (tmp_path / 'touched').exists()


def test_openvino_reports_nothing():
    program = (
        'import sys\n'
        'from mmgsf.deployment.optional import require\n'
        'require("openvino")\n'
        'from openvino.tools.ovc import telemetry_utils\n'
        'print(telemetry_utils.tm.__name__, "openvino_telemetry.main" in sys.modules)'
    )
    done = python(program)
    assert done.stdout.split() == ['openvino.tools.ovc.telemetry_stub', 'False'], done.stderr
