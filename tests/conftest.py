"""Puts the repository's root on the path, draws without a screen, and closes the figures of each test."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "mains")]
os.environ["MPLBACKEND"] = "agg"


def pytest_configure(config):
    for warning in ("ignore:__array__ implementation doesn't accept:DeprecationWarning",  # Keras 3.15 beside NumPy 2
                    "ignore::DeprecationWarning:matplotlib",  # matplotlib 3.9 beside a new pyparsing
                    "ignore::DeprecationWarning:pyparsing"):
        config.addinivalue_line("filterwarnings", warning)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
