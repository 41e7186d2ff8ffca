"""What the pages name is there: files, links, tests, options of configs, extras, lines of code."""

import re
from configparser import ConfigParser
from functools import cache

import pytest
from mmengine.config import Config

from mmgsf import compat

from .pages import NAMES, PAGES, ROOT, named_files, named_tests, tokens

# Parts of configs, and of the authors' commands.
NO_TESTS = {'test_cfg', 'test_dataloader', 'test_evaluator', 'test_pipeline'}
NO_TESTS |= {'test_models', 'test_segments', 'test_crops'}


def page_text(name: str) -> str:
    return (ROOT / name).read_text(encoding='utf-8')


def rows(name: str) -> list[list[str]]:
    """Cells of the tables of a page."""
    lines = [line for line in page_text(name).splitlines() if line.startswith('|')]
    return [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]


@cache
def known_tests() -> set[str]:
    """Names of all test functions and test files."""
    files = [*(ROOT / 'tests').rglob('test_*.py')]
    texts = '\n'.join(file.read_text(encoding='utf-8') for file in files)
    return {file.stem for file in files} | set(re.findall(r'def (test_\w+)', texts))


@pytest.mark.parametrize('page', [*PAGES, ROOT / 'CHANGELOG.md'], ids=lambda page: page.name)
def test_files_are_there(page):
    assert [name for name in sorted(named_files(page)) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize('page', PAGES, ids=NAMES.get)
def test_links_lead_somewhere(page):
    inline = [part for token in tokens(page) for part in token.children or ()]
    links = [part.attrs.get('href') or part.attrs.get('src') for part in inline if part.attrs]
    local = [link.partition('#')[0] for link in links if link and not re.match(r'\w+:', link)]
    assert [link for link in local if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize('page', PAGES, ids=NAMES.get)
def test_tests_are_there(page):
    for test in named_tests(page):
        file, _, name = test.partition('::')
        assert re.search(rf'^def {name}\(', page_text(file), re.MULTILINE), test
    mentioned = set(re.findall(r'\b(test_\w+)(?!\w*\.py)\b', page.read_text(encoding='utf-8')))
    assert sorted(mentioned - known_tests() - NO_TESTS) == []


def test_faq_shows_a_test_for_each_answer():
    answers = re.split(r'^\*\*', page_text('docs/faq.md'), flags=re.MULTILINE)[1:]
    assert len(answers) > 25
    assert [answer[:40] for answer in answers if '::test_' not in answer] == []


@pytest.mark.parametrize('page', PAGES, ids=NAMES.get)
def test_last_epochs_are_those_of_the_configs(page):
    compat.prepare_configs()
    # A training may go on from an earlier one.
    pattern = r'(?<!load_from=)work_dirs/(\w+)/epoch_(\d+)\.pth'
    found = re.findall(pattern, page.read_text(encoding='utf-8'))
    configs = {name: ROOT / 'configs' / f'{name}.py' for name, _ in found}
    for name, epoch in set(found):
        # Others are of a user's own config.
        if configs[name].exists():
            assert Config.fromfile(configs[name]).train_cfg.max_epochs == int(epoch), name


def test_extras_are_those_of_the_package():
    parser = ConfigParser()
    parser.read(ROOT / 'setup.cfg')
    extras = set(parser['options.extras_require'])
    page = page_text('docs/install.md')
    table = page.partition('## Extras')[2].partition('\n## ')[0]
    assert set(re.findall(r'^\| `([\w-]+)` \|', table, re.MULTILINE)) == extras


def test_layer_page_has_the_lines_of_the_code():
    code = page_text('mmgsf/layers/gate_shift_fuse.py')
    lines = {line.partition('  #')[0].strip() for line in code.splitlines()}
    table = [row for row in rows('docs/layer.md') if len(row) == 3 and row[2].startswith('`')]
    shown = [row[2].strip('`') for row in table]
    shown = [line for line in shown if ' = ' in line or line.startswith('return ')]
    assert len(shown) >= 12
    assert [line for line in shown if line not in lines] == []


def test_config_keys_of_the_authors_flags_are_there():
    compat.prepare_configs()
    config = Config.fromfile(ROOT / 'configs' / 'gsm_bninception_ssv1.py')
    config.optim_wrapper.setdefault('accumulative_counts', 1)
    keys = set()
    for row in rows('docs/authors_flags.md')[1:]:
        keys |= set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)(?:='gsm')?`", row[-1]))
    keys -= {key for key in keys if key.endswith(('.npz', '.py'))}
    assert len(keys) > 12
    missing = []
    for key in keys:
        value = config
        for part in key.split('.'):
            value = value.get(part) if hasattr(value, 'get') else None
        if value is None:
            missing.append(key)
    assert missing == []
