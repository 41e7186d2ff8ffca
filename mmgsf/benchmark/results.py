"""The file of results: what stands in it, and how it is written and read."""

import json
from pathlib import Path

from mmgsf.datasets.lists import write_lines

VERSION = 1
SECTIONS = ('model', 'train', 'layer', 'data')
REMEDY = 'write it with tools/benchmark.py ... --json FILE'


def write_results(path: Path, results: dict) -> None:
    """Writes results whole or not at all; lists of numbers take one line."""
    write_lines(path, _lines({'version': VERSION, **results}))


def read_results(path: Path) -> dict:
    """Results as they were written.

    Raises:
        FileNotFoundError: the file is not there.
        ValueError: it is no file of results, or one of another version.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'{path} is not there; {REMEDY}')
    try:
        results = json.loads(Path(path).read_text(encoding='utf-8'))
    except ValueError as error:
        raise ValueError(f'{path} is no JSON ({error}); {REMEDY}') from error
    if not isinstance(results, dict) or results.get('version') != VERSION:
        raise ValueError(f'{path} holds no results of version {VERSION}; {REMEDY}')
    missing = [key for key in ('machine', 'command') if key not in results]
    if missing or not any(section in results for section in SECTIONS):
        raise ValueError(f'{path} lacks {missing or "all of " + ", ".join(SECTIONS)}; {REMEDY}')
    return results


def row_named(rows: list[dict], name: str) -> dict | None:
    """The row of a contestant, if it was measured."""
    return next((row for row in rows if row['name'] == name), None)


def _lines(value: dict) -> list[str]:
    """JSON with an object or a list of objects a block, and what they hold on one line each."""
    parts = []
    for key, part in value.items():
        rows = part if isinstance(part, list) else None
        if isinstance(part, dict):
            text = '\n'.join(_lines(part))
        elif rows and isinstance(rows[0], dict):
            text = '[\n' + ',\n'.join(json.dumps(row) for row in rows) + '\n]'
        else:
            text = json.dumps(part)
        parts.append(f'{json.dumps(key)}: {text}')
    return ['{', *',\n'.join(parts).splitlines(), '}']
