"""Says why a checkpoint was refused; a pickle is read for that, never carried out."""

import io
import pickle
import pickletools
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

CURE = (
    'only tensors and plain values are loaded, since anything else could run code: save its '
    'state_dict alone'
)
_NAMED = re.compile(r'\bGLOBAL ([\w.]+)|(?:function|class) ([\w.]+\.\w+)')
# Of what torch.save writes itself; whatever else a file names is what makes it odd.
_TORCH = ('torch.', 'collections.OrderedDict')


def refusal(path: Path, error: Exception) -> str:
    """Why torch.load(weights_only=True) gave up on a file.

    Args:
        path: the file.
        error: what it raised.
    """
    if 'TorchScript' in str(error):
        return f'it is a program of TorchScript; {CURE}'
    named = _NAMED.search(str(error)) if isinstance(error, pickle.UnpicklingError) else None
    found = named[1] or named[2] if named else _odd_global(path)
    if found:
        return f'it holds {found}; {CURE}'
    with path.open('rb') as file:
        if file.read(2) == b'PK':
            reason = ' '.join(str(error).split())[:200]
            return f'the file is damaged or cut short ({reason}); copy it again'
    return 'it is no file of torch.save; check the path'


def _odd_global(path: Path) -> str | None:
    """The first class or function that a pickle names and torch.save would not."""
    names = _globals(io.BytesIO(_pickled(path)))
    return next((name for name in names if not name.startswith(_TORCH)), None)


def _pickled(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith('data.pkl')]
        return archive.read(names[0]) if names else b''


def _globals(stream: io.BytesIO) -> Iterator[str]:
    """Names of classes and functions, 'module.name', as the opcodes of pickles state them.

    The format before torch 1.6 is several pickles, one after another.
    """
    strings: list[str] = []
    memo: dict[int, str] = {}
    try:
        while True:
            for opcode, argument, _ in pickletools.genops(stream):
                if opcode.name in ('GLOBAL', 'INST'):
                    yield argument.replace(' ', '.')
                elif opcode.name == 'STACK_GLOBAL':
                    yield '.'.join(strings[-2:])
                elif opcode.name == 'MEMOIZE':
                    memo[len(memo)] = strings[-1] if strings else ''
                elif opcode.name in ('BINGET', 'LONG_BINGET'):
                    strings.append(memo.get(argument, ''))
                elif isinstance(argument, str):
                    strings.append(argument)
    except ValueError:  # its end, or no pickle
        return
