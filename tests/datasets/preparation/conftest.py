"""Keeps pytest out of the workers."""

import sys

import pytest


@pytest.fixture(autouse=True)
def _no_script(monkeypatch):
    """A worker imports the calling script, here pytest, which takes longer than its work."""
    main = sys.modules['__main__']
    monkeypatch.setattr(main, '__spec__', None)
    monkeypatch.delattr(main, '__file__', raising=False)
