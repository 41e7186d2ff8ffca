"""No code of the project reads a file in a way that could run what lies in it, or unpack it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path for folder in ('mmgsf', 'tools', 'configs') for path in (ROOT / folder).rglob('*.py')
)
MODULES = {'pickle', 'cPickle', 'dill', 'joblib', 'marshal', 'shelve', 'cloudpickle'}
CALLS = {'eval', 'exec', 'extract', 'extractall', 'unpack_archive', 'load_state_dict_from_url'}
YAML = {'load', 'load_all', 'full_load', 'unsafe_load'}


def faults(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        owner = getattr(getattr(node.func, 'value', None), 'id', '')
        name = getattr(node.func, 'attr', getattr(node.func, 'id', ''))
        keywords = {word.arg: getattr(word.value, 'value', None) for word in node.keywords}
        # Of the rest of `eval`: a network's mode has no argument.
        if (
            (owner in MODULES and name in ('load', 'loads', 'Unpickler', 'open'))
            or (name in CALLS and node.args)
            or name == 'extractall'
            or (owner == 'yaml' and name in YAML)
            or (owner == 'torch' and name == 'load' and keywords.get('weights_only') is not True)
            or (owner == 'jit' and name == 'load')
            or (owner == 'mmengine' and name == 'load')
            or keywords.get('allow_pickle') is True
        ):
            yield f'line {node.lineno}: {owner}.{name}'


@pytest.mark.parametrize(
    'source',
    [
        'pickle.loads(x)',
        'torch.load(x)',
        'torch.load(x, weights_only=False)',
        'yaml.load(x, Loader=L)',
        'eval(x)',
        'archive.extractall(x)',
        'archive.extract(m, x)',
        'np.load(x, allow_pickle=True)',
        'mmengine.load(x)',
    ],
)
def test_what_would_be_found(source):
    assert list(faults(source))


def test_nothing_is_read_unsafely():
    assert len(SOURCES) > 100
    found = {str(path): list(faults(path.read_text(encoding='utf-8'))) for path in SOURCES}
    assert {path: some for path, some in found.items() if some} == {}
