"""The checker's rooms: how large its files are, what the worker may load, and what `--resume` compares."""

import ast
import shutil
from pathlib import Path

import pytest

from tests.checker import batch, sandbox

HERE = Path(batch.__file__).parent
FILES = sorted(path.relative_to(HERE).as_posix() for path in HERE.rglob("*.py"))


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_the_checker_is_too_long_to_read(name):
    """Whoever looks for a judge finds it in a file of its subject."""
    assert len((HERE / name).read_text().splitlines()) <= 700


def siblings(name):
    """The names that a file of the worker loads by `load` or `sibling`."""
    for node in ast.walk(ast.parse((HERE / name).read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("load", "sibling"):
            if isinstance(node.args[0], ast.Constant):
                yield f"{node.args[0].value}.py"


def test_the_sandbox_shows_the_worker_its_own_files_and_no_judge():
    """Everything that the worker loads is visible to it; nothing that knows an expected number is."""
    loaded = {"server.py"} | {other for name in sandbox.WORKERS for other in siblings(name)}
    assert loaded == set(sandbox.WORKERS)
    for name in sandbox.WORKERS:
        tree = ast.parse((HERE / name).read_text())
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
        assert not [module for module in modules if str(module).startswith(("tests", "gan"))]
    assert not {"reference.py", "effects.py", "records.py", "rubric.py", "verdicts.py"} & set(sandbox.WORKERS)


@pytest.fixture
def checker(tmp_path):
    """A copy of the checker's folder."""
    return Path(shutil.copytree(HERE, tmp_path / "checker", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.mark.parametrize("name", ["judges/losses.py", "judges/adam.py", "rubric.py", "verdicts.py", "reference.py",
                                  "effects.py", "inputs.py", "worker.py", "watching.py", "messages.py", "new.py",
                                  "judges/new.py"])  # fmt: skip
def test_what_decides_a_mark_changes_what_resume_compares(checker, name):
    """A judge in a folder of its own, the table of points, the worker: old marks are not taken over after a change."""
    before = batch.checker_version(checker)
    assert before == batch.checker_version()
    with open(checker / name, "a") as file:
        file.write("\n")
    assert batch.checker_version(checker) != before


def test_a_judge_that_moves_changes_it_too(checker):
    """The names below the folder count, not only those of the files."""
    before = batch.checker_version(checker)
    (checker / "judges" / "adam.py").rename(checker / "adam.py")
    assert batch.checker_version(checker) != before


@pytest.mark.parametrize("name", ["hints.py", "reports.py", "__main__.py", "__init__.py", "margins.csv", "margins.py",
                                  "README.md", "starter.py", "judges/__pycache__/adam.pyc"])  # fmt: skip
def test_what_decides_no_mark_does_not(checker, name):
    """Another word in a hint grades no class anew."""
    before = batch.checker_version(checker)
    (checker / name).parent.mkdir(exist_ok=True)
    with open(checker / name, "a") as file:
        file.write("\n")
    assert batch.checker_version(checker) == before


def test_every_file_that_decides_nothing_is_there():
    """A file that is renamed takes its place in the list with it."""
    assert set(batch.REPORTING) <= set(FILES)
