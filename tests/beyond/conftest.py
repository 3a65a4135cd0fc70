"""Fixtures of several systems' tests."""

import pytest

from beyond.common import pairs


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Where the faces are kept that the tests of a module draw, so that they are drawn once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def cached(monkeypatch, cache):
    """No file in the user's cache: however few the faces are, they are kept in the module's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setattr(pairs, "KEPT", 1)
