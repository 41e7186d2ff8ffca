"""A small checkout to enter models in, and the two programs of publishing in this process."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from mmgsf.apis import index
from tests import zoo
from tests.trained import CHECKPOINT, NAME, leave_unformatted

from .running import ROOT

TRAINING = f'python tools/train.py configs/{NAME}.py --seed 3'
REQUIRED = ('--commands', TRAINING, '--licence', 'CC0-1.0')
PARAMETERS = 48836  # of the narrow network of tests.trained


def program(name: str) -> ModuleType:
    """A program of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / 'tools' / f'{name}.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(name: str, *arguments: object, patch: pytest.MonkeyPatch) -> int:
    """Exit code of a program with these arguments."""
    module = program(name)
    leave_unformatted(patch)
    patch.setattr('sys.argv', [f'{name}.py', *map(str, arguments)])
    try:
        return module.run(module.main, module.parse_args()) or 0
    except SystemExit as end:
        return end.code


def make_checkout(trained: Path, root: Path, patch: pytest.MonkeyPatch) -> Path:
    """A checkout whose index has NAME, and whose config is that of the training."""
    (root / 'docs' / 'logs').mkdir(parents=True)
    (root / 'configs').mkdir()
    shutil.copy(trained / 'run' / f'{NAME}.py', root / 'configs')
    entry = zoo.entry(NAME)
    entry['Metadata']['Parameters'] = PARAMETERS
    path = zoo.write_index(root / 'configs' / 'metafile.yml', zoo.entry(zoo.UNPUBLISHED), entry)
    patch.setattr(index, 'index_path', lambda: path)
    return root


def publish(*options: object, patch: pytest.MonkeyPatch, checkpoint: object = CHECKPOINT) -> int:
    """Exit code of tools/publish_model.py."""
    return call('publish_model', checkpoint, *REQUIRED, *options, patch=patch)
