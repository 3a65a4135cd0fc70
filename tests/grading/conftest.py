"""One start of TensorFlow for the gradings of several files: what a solution does is gone with its own process."""

import sys
from contextlib import closing

import pytest

from tests.checker import grading, process


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server for tests that are not about its start, its walls or its end."""
    home = tmp_path_factory.mktemp("home")
    with closing(process.Server(sys.executable, str(home), grading.Limits().memory)) as one:
        yield one
