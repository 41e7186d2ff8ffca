"""CITATION.cff, the licences and the Dockerfile agree with the project's other files."""

import re
from configparser import ConfigParser
from importlib.metadata import requires

import pytest
import yaml

import mmgsf

from .pages import ROOT


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding='utf-8')


@pytest.fixture(scope='module')
def citation() -> dict:
    return yaml.safe_load(text_of('CITATION.cff'))


@pytest.fixture(scope='module')
def setup() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / 'setup.cfg')
    return parser


def test_citation_has_what_the_format_requires(citation, setup):
    # https://github.com/citation-file-format: required keys, and those of a reference.
    assert {'cff-version', 'message', 'title', 'authors'} <= citation.keys()
    assert citation['cff-version'] == '1.2.0'
    assert citation['type'] == 'software'
    assert citation['title'] == setup['metadata']['name']
    assert citation['license'] == setup['metadata']['license']
    assert citation['version'] == mmgsf.__version__
    for author in citation['authors']:
        assert author.keys() == {'name'} or {'family-names', 'given-names'} <= author.keys()


def test_citation_names_the_paper(citation):
    paper = citation['preferred-citation']
    assert {'type', 'title', 'authors'} <= paper.keys()
    assert [author['family-names'] for author in paper['authors']] == [
        'Sudhakaran', 'Escalera', 'Lanz'
    ]  # fmt: skip
    assert (paper['year'], paper['volume'], paper['issue']) == (2023, 45, 9)
    (identifier,) = paper['identifiers']
    assert identifier['value'] == 'arXiv:2203.08897'
    for name in ('README.md', 'docs/index.md'):
        assert f'*{paper["title"]}*' in ' '.join(text_of(name).split())
        assert '2203.08897' in text_of(name)
    assert f'doi.org/{paper["doi"]})' in text_of('docs/licences.md')


def test_licences_are_named_by_their_identifiers(setup):
    assert 'Apache License' in text_of('LICENSE')
    (name,) = re.findall(r'SPDX-License-Identifier: (\S+)', text_of('LICENSE-WEIGHTS'))
    assert name == 'CC0-1.0'
    assert setup['metadata']['license_files'].split() == ['LICENSE', 'LICENSE-WEIGHTS']
    assert name in text_of('docs/licences.md')


def pip_lines(text: str) -> list[str]:
    """Arguments of `pip install`, with the extras and the torch as placeholders."""
    lines = re.findall(r'pip install ([^\n\\]+)', text)
    lines = [re.sub(r'\[[^]]*\]', '[EXTRAS]', line.strip()) for line in lines]
    return [line.replace('"$TORCH"', 'torch') for line in lines]


def test_dockerfile_installs_as_the_environment_does(setup):
    dockerfile = text_of('Dockerfile')
    assert len(pip_lines(dockerfile)) == 2
    assert pip_lines(dockerfile) == pip_lines(text_of('tools/environment.sh'))
    # What the quick start takes.
    (extras,) = re.findall(r'make_environment (\S+)', text_of('tools/quickstart.sh'))
    assert f'".[{extras}]"' in dockerfile
    assert re.search(r'^ARG TORCH=torch$', dockerfile, re.MULTILINE)


def test_python_of_the_image_is_the_one_that_is_pinned():
    (version,) = re.findall(r'^FROM python:([\d.]+)-slim$', text_of('Dockerfile'), re.MULTILINE)
    pinned = set(re.findall(r'python_version == "([\d.]+)"', text_of('requirements/tested.txt')))
    assert pinned == {version}


def test_what_a_build_makes_stays_out_of_the_image():
    ignored = text_of('.dockerignore').split()
    made = re.findall(r'^/(\w+|\.venv)/$', text_of('.gitignore'), re.MULTILINE)
    assert set(made) <= set(ignored)


def test_opencv_is_the_one_that_needs_its_libraries():
    # The Dockerfile's apt packages are for opencv-python, which MMEngine asks for.
    assert any(line.startswith('opencv-python') for line in requires('mmengine'))
    assert 'libgl1' in text_of('Dockerfile')
