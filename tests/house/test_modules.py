"""The maps of modules are true, and who wants a class does not pay for scripts and pictures."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from beyond.common import catalogue

ROOT = Path(__file__).resolve().parents[2]

TASKS = sorted(path.stem for path in ROOT.glob("[0-4]-*.py"))
SYSTEMS = sorted(catalogue.systems())

# Notes which modules of this package import something of the command line or of plotting, and what is loaded at all.
PROBE = """
import builtins, sys
from tensorflow import keras
keras.Model, keras.losses
before, asked, original = set(sys.modules), set(), builtins.__import__
def noting(name, globals=None, *rest):
    importer = (globals or {}).get("__name__") or ""
    if name.split(".")[0] in ("argparse", "matplotlib") and (
            importer.split(".")[0] in ("gan", "beyond") or importer[0] in "01234"):
        asked.add(f"{importer} imports {name}")
    return original(name, globals, *rest)
builtins.__import__ = noting
for name in sys.argv[1:]:
    original(name, fromlist=["anything"])
print(*sorted(asked), *sorted({name.split(".")[0] for name in set(sys.modules) - before
                               } & {"argparse", "matplotlib"}),
      *sorted({"gan.script", "gan.options", "gan.figures", "gan.backend", "beyond.common.script",
               "beyond.common.class_script", "beyond.common.figures", "beyond.__main__"} & set(sys.modules)), sep="; ")
"""


@pytest.mark.parametrize("folder", ["gan", "gan/engine", "gan/faces", "beyond/common"])
def test_the_map_is_true(folder):
    """The list in `__init__.py` names every module of the folder, once, and nothing else."""
    text = (ROOT / folder / "__init__.py").read_text()
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"^\* ((?:`\w+`(?:, )?)+):", text, flags=re.MULTILINE)))
    there = {path.stem for path in (ROOT / folder).glob("*.py")} | {
        path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}
    assert sorted(named) == sorted(there - {"__init__"})


def test_a_class_loads_neither_the_command_line_nor_plotting():
    """Importing a class imports no argparse and no matplotlib but what TensorFlow and Keras load by themselves."""
    assert len(TASKS) >= 6 and len(SYSTEMS) >= 6
    names = [*TASKS, *(f"beyond.{name}" for name in SYSTEMS)]
    done = subprocess.run([sys.executable, "-c", PROBE, *names], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stdout + done.stderr
