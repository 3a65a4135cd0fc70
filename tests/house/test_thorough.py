"""The list of tests that only `pytest tests --all` runs names tests that exist."""

import re

from tests.helpers import ROOT

LINES = [line.strip() for line in (ROOT / "tests" / "thorough.txt").read_text(encoding="utf-8").splitlines()]
NAMED = [line for line in LINES if line and not line.startswith("#")]


def test_every_line_names_a_test():
    """A test that was renamed would run in the quick tests again, or its case in none, and nobody would know."""
    for line in NAMED:
        file, name = re.fullmatch(r"([a-z_/]+\.py)::(\w+)(?:\[.+\])?", line).groups()
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), line


def test_no_line_stands_twice():
    assert len(set(NAMED)) == len(NAMED)
