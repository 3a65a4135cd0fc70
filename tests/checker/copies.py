"""Copies of the checker for those who have nothing else of this package: students, autograders."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
# What makes starters and packages, or measures the checker itself: it needs our solutions, or tells of them.
MAKERS = {"starter.py", "starter_notebooks.py", "packages.py", "copies.py", "margins.py"}


def checker_files():
    """The files of the checker that grade, below the package's root."""
    paths = sorted(path for path in HERE.rglob("*.py") if "__pycache__" not in path.parts and path.name not in MAKERS)
    return [path.relative_to(ROOT) for path in paths]


def copy_checker(folder):
    """Write the checker into a folder, as the package tests.checker."""
    for name in checker_files():
        target = Path(folder) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    (Path(folder) / "tests" / "__init__.py").write_text("", encoding="utf-8")


def copy_gan(folder):
    """Write gan/ into a folder: what solutions may import, and what the checker itself does."""
    shutil.copytree(ROOT / "gan", Path(folder) / "gan", ignore=shutil.ignore_patterns("__pycache__", ".*"))
