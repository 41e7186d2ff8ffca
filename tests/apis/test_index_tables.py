"""The pages' tables are those of the zoo index; what is measured has a log, the rest its owner."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmgsf.apis import index_tables
from mmgsf.apis.index import read_index
from mmgsf.files import replaced

from ..tools.running import ROOT
from ..zoo import NAME, UNPUBLISHED, entry, result, write_index

TABLES = {
    'zoo': ('README.md', index_tables.zoo_rows),
    'configs': ('configs/README.md', index_tables.config_rows),
    'measured': ('docs/zoo.md', index_tables.measured_rows),
    'rebuilding': ('docs/zoo.md', index_tables.rebuilding_rows),
    'published by others': ('docs/zoo.md', index_tables.published_rows),
    'recipes': ('docs/zoo.md', index_tables.recipe_rows),
}
# Page, table and the column of its figures.
MEASURED = (('README.md', 'zoo', 'top-1, %'), ('docs/zoo.md', 'measured', 'figures, %'))
SEVERAL = {
    'Metrics': {'Top 1 Accuracy': 95.4, 'Top 5 Accuracy': 100.0},
    'Spread': {'Top 1 Accuracy': 0.25, 'Top 5 Accuracy': 0},
    'Seeds': [0, 1, 2],
}


def cells(text: str, table: str) -> Iterator[dict[str, str]]:
    """Rows of a table by the names of the columns."""
    inside = text.split(f'<!-- {table} -->\n')[1].split(f'<!-- end of {table} -->')[0]
    rows = [
        [cell.strip() for cell in re.split(r'(?<!\\)\|', line)[1:-1]]
        for line in inside.splitlines()
        if line.startswith('|')
    ]
    for row in rows[2:]:
        yield dict(zip(rows[0], row, strict=True))


def unlogged(page: Path, table: str, column: str) -> Iterator[str]:
    """Figures of a table whose row links no log, or one that does not hold them."""
    for row in cells(page.read_text(encoding='utf-8'), table):
        # Names of metrics hold numbers too.
        figures = re.findall(r'[\d.]+', re.sub(r'Top \d+', '', row[column]))
        link = re.fullmatch(r'\[log\]\((.+)\)', row['log'])
        if not figures:
            continue
        if link is None or not (page.parent / link[1]).is_file():
            yield f'{row["model"]}: {row[column]} has no log'
            continue
        log = json.loads((page.parent / link[1]).read_text(encoding='utf-8'))
        logged = {
            value
            for item in log.get('results', ())
            for field in ('Metrics', 'Spread')
            for value in item.get(field, {}).values()
        }
        for figure in figures:
            if not any(abs(float(figure) - value) < 0.0051 for value in logged):
                yield f'{row["model"]}: {figure} is not in {link[1]}'


@pytest.fixture
def pages(tmp_path) -> Path:
    """A folder with README, docs/zoo.md and log of an index of two models."""
    measured = result(**SEVERAL)
    figure = {
        'Dataset': 'CameraMotion',
        'Metrics': {'Top 1 Accuracy': 50.63},
        'By': 'others',
        'Source': 'table 1 of https://example.org/a, page 2',
    }
    recipe = {
        'Source': 'https://example.org/b',
        'Commands': ['convert a | b', 'test'],
        'Status': 'never run',
        'Remark': 'a remark',
    }
    other = entry(UNPUBLISHED, Published=[figure], Recipe=recipe)
    index = write_index(tmp_path / 'a.yml', entry(NAME, Results=[measured]), other)
    entries = list(read_index(index).values())
    (tmp_path / 'docs' / 'logs').mkdir(parents=True)
    (tmp_path / measured['Log']).write_text(json.dumps({'results': [measured]}))
    for name, (file, rows) in TABLES.items():
        page = tmp_path / file
        page.parent.mkdir(exist_ok=True)
        old = page.read_text() if page.exists() else ''
        mark = f'<!-- {name} -->\n<!-- end of {name} -->\n'
        page.write_text(old + replaced(mark, name, rows(entries)))
    return tmp_path


@pytest.mark.parametrize('table', TABLES)
def test_a_table_is_what_the_index_gives(table):
    page, rows = TABLES[table]
    text = (ROOT / page).read_text(encoding='utf-8')
    assert text == replaced(text, table, rows(list(read_index().values()))), (
        f'{page} is stale; run: python tools/model_table.py'
    )


@pytest.mark.parametrize(('page', 'table', 'column'), MEASURED)
def test_measured_figures_stand_in_their_logs(page, table, column):
    assert list(unlogged(ROOT / page, table, column)) == []


def test_figures_without_a_log_are_found(pages):
    for page, table, column in MEASURED:
        assert list(unlogged(pages / page, table, column)) == []
        right = (pages / page).read_text()
        (pages / page).write_text(right.replace('95.4', '95.5'))
        (problem,) = unlogged(pages / page, table, column)
        assert '95.5 is not in' in problem
        (pages / page).write_text(re.sub(r'\[log\]\(.+?\)', '', right))
        (problem,) = unlogged(pages / page, table, column)
        assert problem.endswith('has no log')
        (pages / page).write_text(right)
    (pages / result()['Log']).unlink()
    for page, table, column in MEASURED:
        assert len(list(unlogged(pages / page, table, column))) == 1


def test_a_measured_row_has_all_of_it(pages):
    (row,) = cells((pages / 'README.md').read_text(), 'zoo')
    assert row['model'] == f'[`{NAME}`](configs/{NAME}.py)'
    assert (row['measured on'], row['T']) == ('CameraMotion (validation)', '8')
    assert (row['top-1, %'], row['seeds']) == ('95.4 ± 0.25', '3')
    assert row['log'] == f'[log](docs/logs/{NAME}.json)'
    text = (pages / 'docs/zoo.md').read_text()
    (row,) = cells(text, 'measured')
    assert row['figures, %'] == 'Top 1 Accuracy 95.4 ± 0.25, Top 5 Accuracy 100.0 ± 0.0'
    assert (row['clips'], row['views'], row['seeds']) == ('240', '1x1', '0, 1, 2')
    assert (row['epochs'], row['batch'], row['licence']) == ('14', '32', 'CC0-1.0')
    assert row['data'] == '`camera_motion_val_list_videos.txt`, sha256 `01234567`'
    commands = [(row['step'], row['command'].strip('`')) for row in cells(text, 'rebuilding')]
    measured = result()
    assert commands == [
        ('data', measured['Data']['Prepared By']),
        ('training', measured['Training'][0]),
        ('test', measured['Test']),
    ]


def test_commands_of_several_results_stand_once(tmp_path):
    other = result(Dataset='Backwards', Test='python tools/test.py other')
    index = write_index(tmp_path / 'a.yml', entry(NAME, Results=[result(), other]))
    rows = list(index_tables.rebuilding_rows(read_index(index).values()))[2:]
    both = 'CameraMotion (validation), Backwards'
    assert [row.split(' | ')[1:3] for row in rows] == [
        [both, 'data'],
        [both, 'training'],
        ['CameraMotion (validation)', 'test'],
        ['Backwards', 'test'],
    ]


def test_figures_of_others_are_marked_as_theirs(pages):
    text = (pages / 'docs/zoo.md').read_text()
    (row,) = cells(text, 'published by others')
    assert row['model here'] == f'`{UNPUBLISHED}`'
    assert (row['their figures, %'], row['whose']) == ('Top 1 Accuracy 50.63', 'others')
    assert (row['views'], row['source']) == (
        'not stated',
        'table 1 of <https://example.org/a>, page 2',
    )
    others = text.split('<!-- published by others -->')
    assert text.count('50.63') == others[1].count('50.63') == 1
    assert '50.63' not in (pages / 'README.md').read_text()
    (row,) = cells(text, 'recipes')
    assert row['commands'] == r'`convert a \| b`<br>`test`'
    assert row['status'] == 'never run; a remark'


def test_weights_without_a_result_have_no_figure(tmp_path):
    weights = {'Weights': 'package://mmgsf/a.safetensors', 'SHA256': '0' * 64}
    index = write_index(tmp_path / 'a.yml', entry(NAME, **weights), entry(UNPUBLISHED))
    entries = list(read_index(index).values())
    *_, row = index_tables.zoo_rows(entries)
    assert row == f'| [`{NAME}`](configs/{NAME}.py) |  | 8 | 0.72 M | 0.09 |  |  |  |'
    assert list(index_tables.measured_rows(entries)) == ['None yet.']
    assert list(index_tables.published_rows(entries)) == ['None yet.']


def test_rendered_clips_have_no_list(tmp_path):
    rendered = result(Data={'Rendered': '240 clips, seed 1'})
    index = write_index(tmp_path / 'a.yml', entry(NAME, Results=[rendered]))
    entries = list(read_index(index).values())
    *_, row = index_tables.measured_rows(entries)
    assert '| 240 clips, seed 1 |' in row
    rows = list(index_tables.rebuilding_rows(entries))
    assert len(rows) == 4
    assert not any('| data |' in row for row in rows)
