"""No accuracy on a page or in a config without its log, or the index's word on whose it is."""

import json
import re
from collections.abc import Iterator

import pytest

from mmgsf.apis.index import read_index
from mmgsf.study.results import PARTS, accuracies, mean_and_spread

from .pages import NAMES, ROOT

FILES = NAMES | {path: f'configs/{path.name}' for path in ROOT.glob('configs/*.py')}
# Sentences, and columns of tables, on how often a model is right.
ABOUT = re.compile(r'top-1|accurac|correct|chance|were right|recognised|, %$', re.IGNORECASE)
COUNT, SHARE = r'\d+ of \d+', r'\d+(?:\.\d+)?'
# Figures that nobody measured, or of something else.
REASONS = {
    '12.5': 'chance among eight classes',
    '50': 'the most that a network without order can reach',
    '95': 'what the quick start asks of gsf_r18_camera_motion, GSF_AT_LEAST in its program',
    '229 of 261': 'pixels of a crop',
    '10 of 14': 'epochs',
}
PUBLISHED = [figure for entry in read_index().values() for figure in entry.published]


def figures(text: str) -> Iterator[str]:
    """'98.8' of percentages, and '237 of 240'."""
    for block in re.split(r'\n\s*\n', text):
        lines = block.splitlines()
        prose = ' '.join(line for line in lines if not line.startswith('|'))
        yield from re.findall(COUNT, prose)
        if ABOUT.search(prose):
            yield from re.findall(rf'({SHARE}) ?(?:%|per ?cent)', prose)
        table = [re.split(r'(?<!\\)\|', line)[1:-1] for line in lines if line.startswith('|')]
        for name, *cells in zip(*table, strict=True):
            for cell in cells if ABOUT.search(name.strip()) else ():
                # Names of metrics hold numbers too.
                yield from re.findall(f'{COUNT}|{SHARE}', re.sub(r'Top \d+', '', cell))


def counted(item: object) -> Iterator[float | str]:
    """What a log counts: percentages, means and spreads of seeds, and counts as '237 of 240'."""
    inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    for value in inner:
        yield from counted(value)
    if not isinstance(item, dict):
        return
    for field in ('Metrics', 'Spread'):
        yield from item.get(field, {}).values()
    for field in ('correct', 'correct_backwards'):
        if field in item:
            yield f'{item[field]} of {item["clips"]}'
            yield 100 * item[field] / item['clips']
    for part in PARTS if 'runs' in item else ():
        yield from filter(None, mean_and_spread(accuracies(item['runs'], part)))


def known_of(text: str) -> set[float | str]:
    """What the logs that a text names count, by path or model, and what the index has of others."""
    logs = [log for log in ROOT.glob('docs/logs/*.json') if log.stem in text]
    return {*counted([json.loads(log.read_text('utf-8')) for log in logs]), *counted(PUBLISHED)}


def is_known(figure: str, known: set[float | str]) -> bool:
    """As it stands, or rounded to as many digits after the point, if it has one."""
    digits = len(figure.partition('.')[2])
    if ' of ' in figure or not digits:
        return figure in known or ' ' not in figure and float(figure) in known
    return any(f'{value:.{digits}f}' == figure for value in known if isinstance(value, float))


def unlogged(text: str) -> list[str]:
    known = known_of(text)
    return [one for one in figures(text) if one not in REASONS and not is_known(one, known)]


@pytest.mark.parametrize('path', FILES, ids=FILES.values())
def test_accuracies_have_a_log_that_is_named(path):
    assert unlogged(f'{path.stem}: {path.read_text(encoding="utf-8")}') == []


def test_each_exception_is_still_on_a_page():
    found = {one for path in FILES for one in figures(path.read_text(encoding='utf-8'))}
    assert set(REASONS) <= found


def test_an_accuracy_without_a_log_is_found():
    made = """
The gates of 25 % of the channels.

It reached 91.9 % top-1 (chance 12.5 %)
and 99.2 per cent later, 16 of
16 windows; elsewhere 294 of 320, and at first 3 %.

| clips | top-1 (%) | share, 7 % |
|---|---|---|
| all | 98.7, 98.8 ± 1.7 | 5 |
"""
    found = ['16 of 16', '294 of 320', '91.9', '12.5', '99.2', '3', '98.7', '98.8', '1.7']
    assert list(figures(made)) == found
    assert unlogged(made) == [one for one in found if one != '12.5']
    wrong = ['16 of 16', '99.2', '3', '98.7', '1.7']
    assert unlogged(f'{made} logs/gsf_r18_footage_camera_motion.json') == wrong
