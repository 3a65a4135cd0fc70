"""The pages for people: what they name is there, and the first one stays short."""

import ast
import functools
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path for path in ROOT.rglob("*.md") if path.name != "CHANGELOG.md"  # which tells of what is no more
               and not any(part.startswith(".") or part == "outputs" for part in path.relative_to(ROOT).parts))
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def text_of(name):
    return (ROOT / name).read_text()


@functools.lru_cache
def options():
    """Every text in the code that looks like an option."""
    found = set()
    for path in (*ROOT.glob("*/*.py"), *ROOT.glob("*/*/*.py"), *ROOT.glob("*/*/*/*.py")):
        if ".venv" not in path.parts:
            found |= {node.value for node in ast.walk(ast.parse(path.read_text()))
                      if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("--")}
    return found


def test_the_first_page_is_short():
    """A README that ends before one is tired."""
    assert len(text_of("README.md").splitlines()) <= 150


@pytest.mark.parametrize("name", NAMES)
def test_what_a_page_names_is_there(name):
    """Folders, files, links and pictures: a reader never looks for something that has moved."""
    text = text_of(name)
    links = [link for link in re.findall(r"\]\(([^)#\s]+)\)", text) if not link.startswith("http")]
    missing = [link for link in links if not ((ROOT / name).parent / link).exists()]
    marked = re.findall(r"`((?:gan|beyond|mains|tests|data|\.ci)/[a-z0-9_./-]*)`", text)
    missing += [path for path in marked if not (ROOT / path).exists()]
    pages = re.findall(r"`([\w/]+\.md)`", text)
    missing += [page for page in pages if not ((ROOT / page).exists() or ((ROOT / name).parent / page).exists())]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_the_commands_of_a_page_exist(name):
    """`python -m tests.golden`, `python mains/0-main_02.py`: each module and script that a page quotes."""
    text = text_of(name)
    modules = {module.rstrip(".") for module in re.findall(r"python3? -m ([\w.]+)", text)}
    ours = [module for module in modules if module.split(".")[0] in ("gan", "beyond", "tests") and "NAME" not in module]
    missing = [module for module in ours if importlib.util.find_spec(module) is None]
    scripts = re.findall(r"((?:mains|data)/[a-z0-9_-]+\.py)", text)
    assert missing + [script for script in scripts if not (ROOT / script).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_options_of_a_command_exist(name):
    """An option that a page quotes for the checker or a main script is one that the program has."""
    known = options()
    commands = re.compile(r"python3? (-m (tests|beyond|gan)|mains/|data/)")
    lines = [line for line in text_of(name).splitlines() if commands.search(line)]
    used = {option for line in lines for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", line)}
    assert used - known - {"--dist"} == set()
