"""The tables of the pages, and what they share with the picture and the program's own output."""

from collections.abc import Iterable, Iterator

from .contestants import BFLOAT16, COMPILED, EAGER, LAYER_COMPILED, PLAIN
from .goals import Outcome, outcomes, ratio_of
from .results import row_named
from .timing import Spread, ratio, spread

TITLES = {'r50': 'ResNet-50', 'bninception': 'BNInception', 'inceptionv3': 'InceptionV3'}
LAYERS = {PLAIN: 'none', 'tsm': 'TSM', 'gsf25': 'GSF 25 %', 'gsf100': 'GSF 100 %'}
TASKS = {'model': 'inference', 'train': 'training'}
# At one place of a network.
PLACED = LAYERS | {'conv': 'convolution', 'shift': "TSM's shift"}
# Column, section, mode, figure.
COLUMNS = (
    ('inference', 'model', EAGER, 'seconds'),
    ('network compiled', 'model', COMPILED, 'seconds'),
    ('layers compiled', 'model', LAYER_COMPILED, 'seconds'),
    ('bf16', 'model', BFLOAT16, 'seconds'),
    ('training step', 'train', EAGER, 'seconds'),
    ('kept for backward', 'train', EAGER, 'saved_bytes'),
    ('peak memory', 'train', EAGER, 'peak_bytes'),
)


def machine_line(results: dict) -> str:
    """Where and how it was measured."""
    machine = results['machine']
    native = ', '.join(machine['bfloat16']) or 'no bf16'
    return (
        f'{machine["processor"]} ({machine["architecture"]}, {native}), '
        f'{machine["cores"]} cores, {machine["threads"]} threads, torch {machine["torch"]}, '
        f'Python {machine["python"]}, {machine["date"]}'
    )


def readme_lines(results: dict) -> Iterator[str]:
    """The README's table: each network's ratios to the plain one run the same way."""
    columns = [column for column in COLUMNS if _has(results, *column[1:])]
    yield f'| network | layer | parameters | GMAC | {" | ".join(c[0] for c in columns)} |'
    yield '|---' * (4 + len(columns)) + '|'
    for network, layer, row in _networks(results):
        cells = [TITLES[network], LAYERS[layer]]
        cells += [f'{row["parameters"] / 1e6:.2f} M', f'{row["macs"] / 1e9:.1f}']
        cells += [_cell(results, network, layer, *column[1:]) for column in columns]
        yield f'| {" | ".join(cells)} |'
    yield ''
    yield from _below(results)


def _below(results: dict) -> Iterator[str]:
    sections = [results[name] for name in ('model', 'train') if name in results]
    first = sections[0]
    rounds = max(section['repeats'] for section in sections)
    side = first['rows'][0]['size']
    yield f'{first["clips"]} x {first["frames"]} frames of {side}x{side} (InceptionV3 5 pixels more); medians of'
    yield f'{rounds} rounds, whose quartiles lie within {_widest(sections):.0%} of them. Measured on'
    yield f'{machine_line(results)}.'
    if {row['mode'] for row in results.get('train', {}).get('rows', [])} == {EAGER}:
        yield 'Training and its memory were measured in eager mode only; `tools/benchmark.py train --compile`'
        yield 'measures the other modes too.'


def _widest(sections: Iterable[dict]) -> float:
    """The largest distance of a quartile from its median, as a share of it, over all ratios."""
    widest = 0.0
    for section in sections:
        for row in section['rows']:
            found = ratio_to_baseline(section, row)
            widest = max(widest, *(abs(end / found.median - 1) for end in found[1:]))
    return widest


def ratio_to_baseline(section: dict, row: dict) -> Spread:
    """Of a row of networks."""
    return ratio(row['seconds'], row_named(section['rows'], row['baseline'])['seconds'])


def _networks(results: dict) -> Iterator[tuple[str, str, dict]]:
    seen = set()
    for section in ('model', 'train'):
        for row in results.get(section, {}).get('rows', []):
            key = row['network'], row['layer']
            if key not in seen:
                seen.add(key)
                yield *key, row


def _has(results: dict, section: str, mode: str, value: str) -> bool:
    rows = results.get(section, {}).get('rows', [])
    return any(row['mode'] == mode and row.get(value) for row in rows)


def _cell(results: dict, network: str, layer: str, section: str, mode: str, value: str) -> str:
    rows = results[section]['rows']
    row = row_named(rows, f'{network}/{layer}/{mode}')
    if row is None or not row.get(value):
        return ''
    if layer == PLAIN:
        return _absolute(row, value)
    return f'{ratio_of(row, row_named(rows, row["baseline"]), value):.2f}'


def _absolute(row: dict, value: str) -> str:
    if value == 'seconds':
        return f'{1e3 * spread(row[value]).median:.0f} ms'
    return f'{row[value] / 1e6:.0f} MB'


def goal_lines(results: dict) -> Iterator[str]:
    """Every bar, what was reached, and whether that is enough."""
    yield '| ratio | bar | reached (quartiles) | |'
    yield '|---|---|---|---|'
    for outcome in outcomes(results):
        yield f'| {outcome.text} | {outcome.bar:.2f} | {" | ".join(_reached(outcome))} |'
    yield ''
    yield f'Measured on {machine_line(results)}.'


def _reached(outcome: Outcome) -> tuple[str, str]:
    if outcome.reached is None:
        return '', 'not measured'
    quartiles = ''
    if outcome.quartiles:
        quartiles = ' ({:.3f}-{:.3f})'.format(*outcome.quartiles)
    return f'{outcome.reached:.3f}{quartiles}', 'met' if outcome.met else '**missed**'


def bfloat16_lines(results: dict) -> Iterator[str]:
    """Inference in bf16 against fp32; their rounds are not the same ones, hence medians alone."""
    yield '| network | layer | fp32, ms | bf16, ms | bf16 / fp32 |'
    yield '|---|---|---|---|---|'
    rows = results['model']['rows']
    for network, layer, _ in _networks(results):
        found = [row_named(rows, f'{network}/{layer}/{mode}') for mode in (EAGER, BFLOAT16)]
        if all(found):
            full, low = (1e3 * spread(row['seconds']).median for row in found)
            cells = f'{full:.0f} | {low:.0f} | {low / full:.2f}'
            yield f'| {TITLES[network]} | {LAYERS[layer]} | {cells} |'


def place_lines(results: dict) -> Iterator[str]:
    """Milliseconds of the layer alone at its places in ResNet-50, beside the convolution there."""
    rows = results['layer']['places']
    kinds = list(dict.fromkeys((row['task'], row['contestant']) for row in rows))
    yield f'| ms | {" | ".join(f"{TASKS[task]}: {PLACED[what]}" for task, what in kinds)} |'
    yield '|---' * (1 + len(kinds)) + '|'
    blocks = {row['place']: row['blocks'] for row in rows}
    medians = {
        (row['place'], (row['task'], row['contestant'])): 1e3 * spread(row['seconds']).median
        for row in rows
    }
    for place, number in blocks.items():
        cells = [f'{medians[place, kind]:.1f}' for kind in kinds]
        yield f'| {place}, each of {number} | {" | ".join(cells)} |'
    sums = [
        sum(number * medians[place, kind] for place, number in blocks.items()) for kind in kinds
    ]
    yield f'| all {sum(blocks.values())} | {" | ".join(f"{total:.0f}" for total in sums)} |'


def overhead(section: dict, row: dict) -> Spread:
    """Spread of the ratio of a row by channel ratio to the plain network."""
    plain = next(
        other
        for other in section['ratios']
        if other['task'] == row['task'] and other['contestant'] == PLAIN
    )
    return ratio(row['seconds'], plain['seconds'])
