"""What `pytest tests` and `pytest tests --all` run, and what the second one takes for a failure."""

import re
import subprocess
import sys

from tests.helpers import ROOT

LINES = [line.strip() for line in (ROOT / "tests" / "thorough.txt").read_text(encoding="utf-8").splitlines()]
NAMED = [line for line in LINES if line and not line.startswith("#")]


def test_every_line_names_a_test():
    """A test that was renamed would run in the quick tests again, or its case in none, and nobody would know."""
    for line in NAMED:
        file, name = re.fullmatch(r"([a-z0-9_/]+\.py)::(\w+)(?:\[.+\])?", line).groups()
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), line


def test_no_line_stands_twice():
    assert len(set(NAMED)) == len(NAMED)


TESTS = """
import pytest

def test_quick(): pass

@pytest.mark.thorough
def test_thorough(): pass

@pytest.mark.skip(reason="Keras 2 cannot do that")
def test_allowed(): pass

@pytest.mark.skip(reason="no chromium here")
def test_skipped(): pass

@pytest.mark.xfail(reason="known")
def test_expected(): assert False
"""


def run(folder, *arguments):
    """Outcome -> names, of the tests above and of a file that needs what is not there."""
    (folder / "test_some.py").write_text(TESTS)
    (folder / "test_other.py").write_text("import pytest\npytest.importorskip('no_such_module')\ndef test_it(): pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-n", "0", "-q", "-rA", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True)
    assert "rror" not in done.stderr, done.stderr
    found = re.findall(r"^(PASSED|FAILED|ERROR) \S*?(?:::(\w+)|test_other\.py)", done.stdout, re.M)
    return {outcome: {name or "test_other.py" for kind, name in found if kind == outcome} for outcome, _ in found}


def test_quick_tests_may_be_skipped(tmp_path):
    """Without --all the thorough test is left out, and nothing fails; named, it runs."""
    assert run(tmp_path, tmp_path) == {"PASSED": {"test_quick"}}
    assert run(tmp_path, f"{tmp_path / 'test_some.py'}::test_thorough") == {"PASSED": {"test_thorough"}}


def test_with_all_a_skipped_test_fails(tmp_path):
    """But for the reasons that tests/README.md names; a whole file that cannot be imported fails as well."""
    found = run(tmp_path, tmp_path, "--all", "--continue-on-collection-errors")
    assert found == {"PASSED": {"test_quick", "test_thorough"}, "ERROR": {"test_skipped", "test_other.py"}}
