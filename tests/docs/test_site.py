"""`mkdocs build --strict` writes the whole site, without a warning and from this repository alone."""

import re
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import mmgsf.register  # noqa: F401

from ..tools.running import run
from .pages import ROOT

PACKAGES = ('layers', 'models', 'apis', 'checkpoints', 'datasets', 'engine')
PACKAGES += ('visualization', 'deployment')


class Loaded(HTMLParser):
    """What a browser fetches for a page by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.anchors: list[str] = []

    def handle_starttag(self, tag: str, attributes: list) -> None:
        values = dict(attributes)
        if values.get('id'):
            self.anchors.append(values['id'])
        if tag in ('script', 'img', 'iframe', 'source', 'video') and values.get('src'):
            self.addresses.append(values['src'])
        if tag == 'link' and values.get('rel') in ('stylesheet', 'preconnect', 'icon', 'preload'):
            self.addresses.append(values['href'])


def read(page: Path) -> Loaded:
    loaded = Loaded()
    loaded.feed(page.read_text(encoding='utf-8'))
    return loaded


@pytest.fixture(scope='module')
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp('site')
    output = run('mkdocs', 'build', '--strict', '--site-dir', folder, cwd=ROOT)
    assert not re.search(r'^(WARNING|ERROR) ', output, re.MULTILINE)
    return folder


def navigation(entries: list) -> list[str]:
    """Pages of the navigation, in its order."""
    pages = []
    for entry in entries:
        (target,) = entry.values()
        pages += navigation(target) if isinstance(target, list) else [target]
    return pages


def test_every_page_is_in_the_navigation_once():
    pages = navigation(yaml.safe_load((ROOT / 'mkdocs.yml').read_text())['nav'])
    there = {page.name for page in (ROOT / 'docs').glob('*.md')}
    assert sorted(pages) == sorted(set(pages))
    assert there == set(pages)


def test_every_page_is_built(site):
    for page in (ROOT / 'docs').glob('*.md'):
        assert '<h1' in (site / page.with_suffix('.html').name).read_text()
    # Pages that are made of files beside docs/.
    assert 'tools/run_tests.sh' in (site / 'contributing.html').read_text()
    assert 'gsf_r50_ssv2' in (site / 'configs.html').read_text()
    assert '0.1.0' in (site / 'changelog.html').read_text()


def test_nothing_comes_from_elsewhere(site):
    for page in site.rglob('*.html'):
        addresses = read(page).addresses
        assert addresses
        assert [one for one in addresses if re.match(r'\w+:|//', one)] == []


def test_every_picture_is_there(site):
    pictures = [one for one in read(site / 'index.html').addresses if one.endswith('.png')]
    assert 'film_strip.png' in pictures
    assert [one for one in pictures if not (site / one).is_file()] == []


@pytest.mark.parametrize('package', PACKAGES)
def test_every_public_name_is_in_the_api(site, package):
    anchors = read(site / 'api.html').anchors
    module = import_module(f'mmgsf.{package}')
    constants = {name for name in module.__all__ if name.isupper()}
    ends = {anchor.rpartition('.')[2] for anchor in anchors if anchor.startswith('mmgsf.')}
    assert sorted(set(module.__all__) - constants - ends) == []
