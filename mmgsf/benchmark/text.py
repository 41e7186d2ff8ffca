"""Results as the program prints them."""

from collections.abc import Iterator

from .goals import outcomes
from .layer import per_frame
from .report import machine_line, overhead, ratio_to_baseline
from .timing import spread


def text_lines(results: dict) -> Iterator[str]:
    """All results for a terminal."""
    yield machine_line(results)
    for name, title in (('model', 'inference'), ('train', 'training step')):
        if name in results:
            yield from ('', *_section_lines(results[name], title))
    if 'layer' in results:
        yield from ('', *_layer_lines(results['layer']))
    if 'data' in results:
        yield from ('', *_data_lines(results['data']))
    yield from _goal_lines(results)
    for line in results.get('left_out', []):
        yield f'left out: {line}'


def _section_lines(section: dict, title: str) -> Iterator[str]:
    yield (
        f'{title}, {section["clips"]} x {section["frames"]} frames, {section["repeats"]} rounds; '
        'quartiles in brackets'
    )
    yield f'{"":32}      ms                   ratio               parameters   GMAC'
    for row in section['rows']:
        time, share = spread(row['seconds']), ratio_to_baseline(section, row)
        ms = f'{1e3 * time.median:8.1f} ({1e3 * time.low:.1f}-{1e3 * time.high:.1f})'
        of = f'{share.median:.3f} ({share.low:.3f}-{share.high:.3f})'
        memory = ''.join(
            f'   {name} {row[key] / 1e6:.1f} MB'
            for name, key in (('kept', 'saved_bytes'), ('peak', 'peak_bytes'))
            if row.get(key)
        )
        yield (
            f'{row["name"]:32}{ms:27}{of:20}{row["parameters"] / 1e6:8.2f} M {row["macs"] / 1e9:7.2f}'
            f'{memory}'
        )


def _layer_lines(section: dict) -> Iterator[str]:
    yield f'the layer alone, ms at each place of ResNet-50, {section["frames"]} frames'
    for row in section['places']:
        found = spread(row['seconds'])
        yield (
            f'{row["place"]} {row["task"]:6} {row["contestant"]:8}{1e3 * found.median:9.2f} '
            f'({1e3 * found.low:.2f}-{1e3 * found.high:.2f})'
        )
    yield 'inference of the 16 layers, ms a frame'
    for row in section['growth']:
        yield (
            f'{row["clips"]} x {row["frames"]:2} frames {row["contestant"]:8}'
            f'{1e3 * per_frame(row):9.3f}'
        )
    yield 'ResNet-50 by channel ratio, to the plain network'
    for row in section['ratios']:
        found = overhead(section, row)
        yield (
            f'{row["task"]:6} {row["contestant"]:8} {found.median:.3f} '
            f'({found.low:.3f}-{found.high:.3f})'
        )


def _data_lines(section: dict) -> Iterator[str]:
    yield f'{section["videos"]} videos on one core, medians of {section["repeats"]} rounds'
    for row in section['rows']:
        yield f'{row["name"]}: {row["clips_per_second"]:.1f} clips a second, {row["bytes"] / 1e6:.2f} MB'
        total = sum(row['steps'].values())
        for name, seconds in row['steps'].items():
            yield f'    {name:24}{1e3 * seconds:8.2f} ms {seconds / total:6.0%}'


def _goal_lines(results: dict) -> Iterator[str]:
    found = [outcome for outcome in outcomes(results) if outcome.reached is not None]
    if found:
        yield ''
        yield f'{"goals":58} bar   reached'
    for outcome in found:
        verdict = 'met' if outcome.met else 'missed'
        yield f'{outcome.text:58}{outcome.bar:.2f}    {outcome.reached:.3f}  {verdict}'
