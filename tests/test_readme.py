"""What the README states is so."""

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from mmgsf.apis.index import DEFAULT_MODEL

from .tools.running import run

ROOT = Path(__file__).parents[1]
README = (ROOT / 'README.md').read_text(encoding='utf-8')
CONFIGS = (ROOT / 'configs' / 'README.md').read_text(encoding='utf-8')
ROWS = {
    name: row
    for name, *row in re.findall(
        r'^\| `(\w+\.py)` \| (\d+) \| ([\d.]+ M) \| ([\d.]+) \|', CONFIGS, re.MULTILINE
    )
}
# Parameters, GMAC a frame, at 8 and at 16 frames, as counted on the authors' networks.
AUTHORS = {
    'BNInception | GSF | 100%': '10.50 M | 2.04 | 16.3 | 32.7',
    'InceptionV3 | GSF | 100%': '22.22 M | 3.34 | 26.7 | 53.4',
    'ResNet-50 | GSF | 25%': '23.97 M | 4.12 | 33.0 | 66.0',
    'ResNet-50 | GSF | 100%': '24.30 M | 4.24 | 33.9 | 67.8',
    'ResNet-101 | GSF | 25%': '43.09 M | 7.86 | 62.9 | 125.8',
}


@pytest.fixture
def model_table() -> ModuleType:
    spec = importlib.util.spec_from_file_location('model_table', ROOT / 'tools/model_table.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_tables_are_what_the_program_writes():
    run('python', ROOT / 'tools/model_table.py', '--check', cwd=ROOT)


def test_stale_tables_are_refused(model_table, tmp_path, monkeypatch):
    tables = {'README': ('backbones', 'zoo'), 'CONFIGS': ('configs',)}
    tables['ZOO'] = ('measured', 'rebuilding', 'published by others', 'recipes')
    for name, marks in tables.items():
        path = tmp_path / f'{name}.md'
        path.write_text('above\n' + ''.join(f'<!-- {m} -->\n<!-- end of {m} -->\n' for m in marks))
        monkeypatch.setattr(model_table, name, path)
    monkeypatch.setattr(model_table, 'backbone_rows', lambda: ['| a | 1 |'])
    monkeypatch.setattr(model_table, 'ROOT', tmp_path)
    monkeypatch.setattr('sys.argv', ['model_table.py'])
    model_table.main()
    text = model_table.README.read_text()
    assert text.splitlines()[1:3] == ['<!-- backbones -->', '| a | 1 |']
    assert f'| [`{DEFAULT_MODEL}`](configs/' in text
    monkeypatch.setattr('sys.argv', ['model_table.py', '--check'])
    model_table.main()
    for name, old, new in (
        ('README', '| 0.72 M |', '| 0.71 M |'),
        ('CONFIGS', '| 8 |', '| 9 |'),
        ('ZOO', ' 50.63 ', ' 60.63 '),
    ):
        path = getattr(model_table, name)
        right = path.read_text()
        path.write_text(right.replace(old, new, 1))
        with pytest.raises(SystemExit, match=rf'in {name}\.md; run: python tools/model_table\.py'):
            model_table.main()
        path.write_text(right)


@pytest.mark.parametrize('network', AUTHORS)
def test_cost_is_that_of_the_authors_networks(network):
    assert f'| {network} | {AUTHORS[network]} |' in README


def test_all_configs_are_in_the_table():
    assert ROWS.keys() == {path.name for path in (ROOT / 'configs').glob('*.py')}


@pytest.mark.parametrize('name', ROWS)
def test_docstrings_state_the_cost_of_the_table(name):
    docstring = ast.get_docstring(ast.parse((ROOT / 'configs' / name).read_text()))
    stated = re.search(
        r'([\d.]+) GMAC and ([\d.]+ M) parameters\sfor\sa\sclip\sof\s(\d+)\sframes', docstring
    )
    if stated or name.endswith(('_ssv1.py', '_ssv2.py')) and 'Cost as there' not in docstring:
        assert [stated[3], stated[2], stated[1]] == ROWS[name]


def test_files_that_it_names_are_there():
    named = set(re.findall(r'\b((?:tools|configs|docs|requirements|tests)/[\w./-]+\.\w+)', README))
    assert {'tools/quickstart.sh', 'tools/run_tests.sh', 'docs/film_strip.png'} <= named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_layer_example_runs(capsys):
    example = next(
        block
        for block in re.findall(r'```python\n(.*?)```', README, re.DOTALL)
        if 'insert' in block
    )
    exec(example, {})
    assert capsys.readouterr().out == 'torch.Size([16, 32, 60, 60])\n'
