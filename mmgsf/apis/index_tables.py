"""Tables of the zoo index in Markdown, row by row; `tools/model_table.py` puts them into the pages."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from .index import Entry

TOP_1 = 'Top 1 Accuracy'
STEPS = ('data', 'training', 'test')
_ADDRESS = re.compile(r'https?://[^\s,;]+')
_NONE = 'None yet.'


def config_rows(entries: Iterable[Entry]) -> Iterator[str]:
    """What each config costs."""
    yield from _head('config', 'frames', 'parameters', 'GMAC a clip', 'data')
    for entry in entries:
        yield _row(
            f'`{entry.name}.py`',
            entry.num_segments,
            _parameters(entry),
            _gmac(entry),
            entry.dataset,
        )


def zoo_rows(entries: Iterable[Entry]) -> Iterator[str]:
    """The models with weights or measured results; links from the root of the repository."""
    yield from _head(
        'model', 'measured on', 'T', 'parameters', 'GMAC a view', 'top-1, %', 'seeds', 'log'
    )
    for entry in entries:
        cost = (entry.num_segments, _parameters(entry), _gmac(entry))
        model = f'[`{entry.name}`]({entry.config})'
        for result in entry.results:
            figure = _figure(result, TOP_1) if TOP_1 in result['Metrics'] else ''
            log = _link(result['Log'])
            yield _row(model, result['Dataset'], *cost, figure, len(result['Seeds']), log)
        if entry.weights is not None and not entry.results:
            yield _row(model, '', *cost, '', '', '')


def measured_rows(entries: Iterable[Entry]) -> Iterator[str]:
    """What was measured here; links from docs/."""
    measured = [(entry, result) for entry in entries for result in entry.results]
    if not measured:
        yield _NONE
        return
    yield from _head(
        *('model', 'measured on', 'clips', 'views', 'figures, %', 'seeds', 'epochs', 'batch'),
        *('data', 'licence', 'log'),
    )
    for entry, result in measured:
        data = result['Data']
        yield _row(
            f'`{entry.name}`',
            result['Dataset'],
            result['Clips'],
            result['Protocol'],
            _figures(result),
            ', '.join(map(str, result['Seeds'])),
            result['Epochs'],
            result['Batch'],
            data.get('Rendered') or f'`{data["List"]}`, sha256 `{data["SHA256"][:8]}`',
            result['Licence'],
            _link(result['Log'], 'docs'),
        )


def rebuilding_rows(entries: Iterable[Entry]) -> Iterator[str]:
    """The commands of each model's results in their order; what several need stands once."""
    measured = [entry for entry in entries if entry.results]
    if not measured:
        yield _NONE
        return
    yield from _head('model', 'for', 'step', 'command')
    for entry in measured:
        steps = {}
        for result in entry.results:
            for step in _steps(result):
                steps.setdefault(step, []).append(result['Dataset'])
        for number, command in sorted(steps, key=lambda step: step[0]):
            sets = ', '.join(dict.fromkeys(steps[number, command]))
            yield _row(f'`{entry.name}`', sets, STEPS[number], f'`{command}`')


def _steps(result: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Number of the step and command."""
    if 'Prepared By' in result['Data']:
        yield 0, result['Data']['Prepared By']
    for command in result['Training']:
        yield 1, command
    yield 2, result['Test']


def published_rows(entries: Iterable[Entry]) -> Iterator[str]:
    """Figures of others, each with whose it is."""
    figures = [(entry, figure) for entry in entries for figure in entry.published]
    if not figures:
        yield _NONE
        return
    yield from _head('model here', 'set', 'views', 'their figures, %', 'whose', 'source', 'remark')
    for entry, figure in figures:
        yield _row(
            f'`{entry.name}`',
            figure['Dataset'],
            figure.get('Protocol', 'not stated'),
            _figures(figure),
            figure['By'],
            _addresses(figure['Source']),
            figure.get('Remark', ''),
        )


def recipe_rows(entries: Iterable[Entry]) -> Iterator[str]:
    """How files of others become models here."""
    recipes = [(entry, entry.recipe) for entry in entries if entry.recipe is not None]
    if not recipes:
        yield _NONE
        return
    yield from _head('model', 'file', 'commands', 'status')
    for entry, recipe in recipes:
        status = '; '.join(filter(None, (recipe['Status'], recipe.get('Remark'))))
        commands = '<br>'.join(f'`{command}`' for command in recipe['Commands'])
        yield _row(f'`{entry.name}`', _addresses(recipe['Source']), commands, status)


def _head(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield '|---' * len(names) + '|'


def _row(*cells: object) -> str:
    escaped = (' '.join(str(cell).split()).replace('|', '\\|') for cell in cells)
    return f'| {" | ".join(escaped)} |'


def _parameters(entry: Entry) -> str:
    return f'{entry.parameters / 1e6:.2f} M'


def _gmac(entry: Entry) -> str:
    return f'{entry.macs / 1e9:.{1 if entry.macs > 1e9 else 2}f}'


def _figures(result: Mapping[str, Any]) -> str:
    return ', '.join(f'{name} {_figure(result, name)}' for name in result['Metrics'])


def _figure(result: Mapping[str, Any], name: str) -> str:
    """A mean with its standard deviation, or the one value."""
    figure = _number(result['Metrics'][name])
    if 'Spread' in result:
        figure += f' ± {_number(result["Spread"][name])}'
    return figure


def _number(value: float) -> str:
    """Two digits after the point, or one where the second is 0."""
    return re.sub(r'(\.\d)0$', r'\1', f'{value:.2f}')


def _link(log: str, folder: str = '.') -> str:
    return f'[log]({PurePosixPath(log).relative_to(folder)})'


def _addresses(source: str) -> str:
    return _ADDRESS.sub(lambda match: f'<{match[0]}>', source)
