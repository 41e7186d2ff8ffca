"""Cures for defects of the stack below; all that is known of them stands in this file.

Each cure acts only where its defect is, and names the upstream issue and when it can go.
`mmgsf.register` calls `apply` before MMAction2's models are imported; the command-line tools call
`prepare_configs` before they read a config; `GSFRunner` calls the two for machines without a GPU.
"""

import contextlib
import functools
import importlib
import importlib.util
import os
import subprocess
import sys
import types
import warnings
from pathlib import Path

import torch

KNOWN_WARNINGS = (
    ('Fail to import ``MultiScaleDeformableAttention``', UserWarning),
    ('pkg_resources is deprecated as an API', UserWarning),
)
MMCV_RANGE = '>=2.0.0,<2.2.0'
MMCV_PIP_LINES = (
    'without compiled operators, which mmgsf does not need: pip install "mmcv-lite==2.1.0"; '
    'with them: pip install "mmcv==2.1.0"'
)


def apply() -> None:
    """Cures what would keep MMAction2's models from being imported or used here."""
    require_mmcv()
    stub_missing_drn()
    disable_unimportable_multimodal()
    load_pyav_before_decord()


def load_pyav_before_decord() -> None:
    """decord 0.6.0 brings a libvpx of 2020, and after it PyAV's VP8 and VP9 encoders bind to that one.

    They then fail with an ABI mismatch; in the other order both work. Can go with decord.
    """
    with contextlib.suppress(ImportError):
        import av  # noqa: F401


def require_mmcv() -> None:
    """MMAction2 1.2.0 takes mmcv or mmcv-lite below 2.2 (open-mmlab/mmaction2#2852), by an assert.

    Neither is a hard requirement of mmgsf: both unpack into the same folder, and who has one must
    not get the other. Can go when MMAction2 declares the dependency.

    Raises:
        ImportError: mmcv is missing or outside the range.
    """
    if importlib.util.find_spec('mmcv') is None:
        raise ImportError(f'mmcv is not installed; MMAction2 needs it. Install it {MMCV_PIP_LINES}')
    from mmcv import __version__
    from packaging.specifiers import SpecifierSet

    if not SpecifierSet(MMCV_RANGE, prereleases=True).contains(__version__):
        raise ImportError(
            f'mmcv {__version__} does not fit; MMAction2 takes {MMCV_RANGE}. '
            f'Uninstall it, then install {MMCV_PIP_LINES}'
        )


def stub_missing_drn() -> None:
    """MMAction2 1.2.0's wheel lacks mmaction.models.localizers.drn (open-mmlab/mmaction2#2714).

    A git checkout has it, but it imports torchvision. Where either is missing, a stand-in DRN keeps
    the other models importable. Can go with a MMAction2 wheel that holds the folder.
    """
    package = 'mmaction.models.localizers.drn'
    spec = importlib.util.find_spec('mmaction')
    if spec is None or package in sys.modules:
        return
    folder = Path(spec.submodule_search_locations[0]) / 'models' / 'localizers' / 'drn'
    if (folder / 'drn.py').exists() and _imports('torchvision'):
        return

    class DRN:
        """Stands in for the DRN localizer, which this installation of MMAction2 lacks."""

        def __init__(self, *args: object, **kwargs: object) -> None:
            raise ImportError('DRN needs a git checkout of MMAction2 and torchvision')

    stub, module = types.ModuleType(package), types.ModuleType(f'{package}.drn')
    stub.__path__ = []
    stub.drn, module.DRN = module, DRN
    sys.modules[package], sys.modules[f'{package}.drn'] = stub, module


def disable_unimportable_multimodal() -> None:
    """With transformers >= 4.28 installed MMAction2 imports VindLU, which fails on later releases.

    It uses names that transformers has since removed (no upstream issue known). Its own switch for
    "no transformers" turns that off. Can go when VindLU imports.
    """
    if importlib.util.find_spec('transformers') is None:
        return
    from mmaction.utils import dependency

    if dependency.WITH_MULTIMODAL and not _imports(
        'transformers.modeling_utils', 'apply_chunking_to_forward'
    ):
        dependency.WITH_MULTIMODAL = False


def _imports(module: str, name: str | None = None) -> bool:
    # A broken torchvision raises RuntimeError beside a torch that it was not built for.
    try:
        imported = importlib.import_module(module)
    except (ImportError, RuntimeError, OSError):
        return False
    return name is None or hasattr(imported, name)


def prepare_configs() -> None:
    """Makes `_base_ = 'mmaction::...'` work, which is read before any custom import.

    mmengine 0.10 needs pkg_resources, gone from setuptools 82, and a `.mim` folder in
    MMAction2, which an editable install of a git checkout lacks; its configs then lie beside the
    package (no upstream issues known). Can go when mmengine reads importlib.metadata and importlib.resources.

    Raises:
        ImportError: pkg_resources or MMAction2 is missing.
    """
    if importlib.util.find_spec('pkg_resources') is None:
        raise ImportError(
            'pkg_resources is missing, which mmengine needs to read configs; '
            'pip install "setuptools>=77.0.3,<82"'
        )
    spec = importlib.util.find_spec('mmaction')
    if spec is None:
        raise ImportError('MMAction2 is not installed; pip install "mmaction2==1.2.0"')
    package = Path(spec.submodule_search_locations[0])
    checkout = package.parent / 'configs'
    if (package / '.mim').exists() or not checkout.is_dir():
        return
    from mmengine.config import config

    original = config._get_external_cfg_base_path

    def base_path(package_path: str, name: str) -> str:
        beside = checkout / name
        return str(beside) if beside.is_file() else original(package_path, name)

    def cfg_path(package_path: str, name: str) -> str:
        raise ValueError(f'{package_path} has no metafile; {name} is looked up by its path')

    config._get_external_cfg_base_path = base_path
    config._get_external_cfg_path = cfg_path


def hush_dependencies() -> None:
    """Keeps known warnings of dependencies, which ask nothing of a user, off the terminal.

    mmcv says at import that an operator is missing that mmcv-lite leaves out and nothing here needs;
    mmengine imports pkg_resources, whose deprecation is announced (no upstream issues known). Can go
    when they are silent.
    """
    for message, category in KNOWN_WARNINGS:
        warnings.filterwarnings('ignore', message, category)


def init_process_group_on_cpu(launcher: str) -> None:
    """mmengine calls torch.cuda.set_device while it joins the ranks.

    On a machine without a GPU that fails, so the group is made here, with gloo (no upstream issue
    known). Can go when
    mmengine's init_dist leaves CUDA alone for gloo.

    Raises:
        ValueError: a launcher that has no CPU form.
    """
    if launcher == 'slurm':
        nodes = os.environ['SLURM_NODELIST']
        names = subprocess.run(
            ['scontrol', 'show', 'hostname', nodes], capture_output=True, text=True, check=True
        ).stdout.split()
        os.environ.setdefault('MASTER_ADDR', names[0])
        os.environ.setdefault('MASTER_PORT', '29500')
        os.environ['RANK'] = os.environ['SLURM_PROCID']
        os.environ['WORLD_SIZE'] = os.environ['SLURM_NTASKS']
        os.environ['LOCAL_RANK'] = os.environ.get('SLURM_LOCALID', '0')
    elif launcher != 'pytorch':
        raise ValueError(
            f"launcher={launcher!r} needs GPUs; on a machine without, use 'pytorch' or 'slurm'"
        )
    torch.distributed.init_process_group('gloo')


def cpu_model_wrapper(find_unused_parameters: bool) -> dict:
    """mmengine hands DDP a CUDA device id even on CPU (no upstream issue known).

    Returns:
        The `model_wrapper_cfg` that it needs there.
    """
    return {
        'type': 'MMDistributedDataParallel',
        'device_ids': None,
        'broadcast_buffers': False,
        'find_unused_parameters': find_unused_parameters,
    }


def plain_param_groups(optimizer: torch.optim.Optimizer) -> None:
    """mmengine builds parameter groups as ConfigDict, on which torch.compile trips.

    No upstream issue is known. Can go when it copies them to dicts.
    """
    optimizer.param_groups[:] = [dict(group) for group in optimizer.param_groups]


def register_cures() -> None:
    """Puts stand-ins into the registries, where upstream's own part cannot work."""
    load_checkpoints_safely()
    read_yaml_safely()
    keep_programs_in_checkpoints_inert()
    decode_without_decord()
    decode_apart()


def load_checkpoints_safely() -> None:
    """mmengine cannot load its own checkpoints with torch >= 2.6 (open-mmlab/mmengine#1655).

    It leaves `weights_only` to torch's default, which refuses them; with older torch, and with
    what torch.hub downloads, it runs what a file says. Ours load files of any torch with
    weights_only=True, for every scheme. Can go when mmengine writes plain values and passes
    weights_only.
    """
    from mmengine.runner import CheckpointLoader

    from .checkpoints.remote import LOADERS

    for prefixes, loader in LOADERS.items():
        CheckpointLoader.register_scheme(prefixes=prefixes, loader=loader, force=True)


def read_yaml_safely() -> None:
    """mmengine reads YAML, config files too, by PyYAML's full loader (no upstream issue known).

    That builds any Python object a file names. Can go when it takes a safe one.
    """
    from mmengine.fileio.handlers import YamlHandler, file_handlers
    from yaml import SafeLoader

    class SafeYamlHandler(YamlHandler):
        """Reads plain values only."""

        def load_from_fileobj(self, file: object, **kwargs: object) -> object:
            return super().load_from_fileobj(file, **{**kwargs, 'Loader': SafeLoader})

    file_handlers.update(yaml=SafeYamlHandler(), yml=SafeYamlHandler())


def keep_programs_in_checkpoints_inert() -> None:
    """mmengine's inferencers run the config, Python, that a checkpoint holds if none is given.

    No upstream issue is known. Can go when they ask.
    """
    from mmengine.infer.infer import BaseInferencer

    original = BaseInferencer._init_model
    if getattr(original, 'needs_config', False):
        return

    @functools.wraps(original)
    def init_model(self: object, cfg: dict, *args: object, **kwargs: object) -> torch.nn.Module:
        if not cfg:
            raise ValueError(
                'the model has no config: the one inside a checkpoint is Python, which is not run; '
                'give the path of its config file'
            )
        return original(self, cfg, *args, **kwargs)

    init_model.needs_config = True
    BaseInferencer._init_model = init_model


def decode_without_decord() -> None:
    """Where decord is missing, MMAction2's Decord transforms decode with OpenCV instead.

    decord 0.6.0 has wheels for x86-64 Linux and Windows only (dmlc/decord#213); OpenCV, which
    MMAction2 requires, gives the same frames. Can go with decord wheels for every platform.
    """
    if importlib.util.find_spec('decord') is not None:
        return
    from mmaction.datasets.transforms import OpenCVDecode, OpenCVInit
    from mmaction.registry import TRANSFORMS

    class DecordInit(OpenCVInit):
        """OpenCVInit under the name that configs use; thread counts are decord's alone."""

        def __init__(
            self, io_backend: str = 'disk', num_threads: int = 1, **kwargs: object
        ) -> None:
            super().__init__(io_backend, **kwargs)

    class DecordDecode(OpenCVDecode):
        """OpenCVDecode under the name that configs use; seeking modes are decord's alone."""

        def __init__(self, mode: str = 'accurate') -> None:
            super().__init__()

    TRANSFORMS.register_module(module=DecordInit, force=True)
    TRANSFORMS.register_module(module=DecordDecode, force=True)


def decode_apart() -> None:
    """Makes MMAction2's Decord and raw frame transforms work in a process of their own.

    decord 0.6.0 crashes on some damaged files, hangs on others (dmlc/decord#269, #373), takes a cut
    webm for a shorter one, and hands out what its codec made up; OpenCV hands out half an image. Can
    go when both raise errors.
    """
    from .datasets.decoding import is_available

    if not is_available():
        return
    from mmaction.registry import TRANSFORMS

    from .datasets.transforms import decoding

    for transform in (decoding.DecordInit, decoding.DecordDecode, decoding.RawFrameDecode):
        TRANSFORMS.register_module(module=transform, force=True)


def keep_openvino_silent() -> None:
    """OpenVINO and NNCF report every import and use to their makers, unless told not to on the machine.

    By openvino_telemetry, which both do without where it is missing; here it is hidden from them (no
    upstream issue known). Can go when they ask first.
    """
    if 'openvino' not in sys.modules:
        sys.modules.setdefault('openvino_telemetry', None)
