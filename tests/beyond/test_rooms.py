"""The rooms of `beyond`: one module a system, with all of it; the catalogue that is read from them."""

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow import keras

from beyond import __main__ as catalogue_main
from beyond.common import catalogue
from tests.helpers import ROOT

RECORDS = catalogue.systems()
WITH_TOTALS = [name for name, record in RECORDS.items() if record["totals"]]


def run(*arguments, cwd=ROOT, root=ROOT):
    """A Python of its own with the package's root on its path: what it printed, and on the error output."""
    environment = {key: value for key, value in os.environ.items() if key not in ("TF_CPP_MIN_LOG_LEVEL", "DISPLAY")}
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True,
                          env={**environment, "PYTHONPATH": str(root)})
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def imported(path):
    """The modules that a file imports anywhere, and the names that it takes from packages, with dots."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_is_a_room():
    """Each file beside the catalogue's has its record, its `main`, and ends by calling it."""
    names = {path.stem for path in (ROOT / "beyond").glob("*.py")} - {"__init__", "__main__"}
    assert names <= set(RECORDS) and len(names) >= 14
    for name in RECORDS:
        assert callable(catalogue.room(name).main)
        module = importlib.import_module(f"beyond.{name}")
        assert module.SYSTEM == RECORDS[name]
        assert re.search(rf"^    python -m beyond\.{name}( |$)", module.__doc__, flags=re.MULTILINE)


def test_every_room_says_what_one_sees():
    """Who looks at pictures of a system for the first time is told how to read them, by it or by what it ends with."""
    ends = {"script.finish_GAN(": "script", "class_script": "class_script", "unpaired.run(": "unpaired"}
    for name in set(RECORDS) - {"claims"}:  # it draws nothing
        text = Path(catalogue.room(name).__file__).read_text()
        shared = [(ROOT / "beyond" / "common" / f"{module}.py").read_text() for call, module in ends.items()
                  if call in text]
        assert any("What you see: " in part for part in (text, *shared)), name


@pytest.fixture
def nothing_drawn(monkeypatch):
    """All weights start as zeros: to draw millions takes long, and here only their number counts."""
    for kind in vars(keras.initializers).values():
        if isinstance(kind, type) and "__call__" in vars(kind):
            monkeypatch.setattr(kind, "__call__", lambda self, shape, dtype=None, **options: tf.zeros(
                shape, dtype or tf.float32))


@pytest.mark.parametrize("name", WITH_TOTALS)
def test_totals(name, nothing_drawn):
    """The networks that a system builds have the totals that its source prints."""
    assert catalogue.built_totals(name) == RECORDS[name]["totals"]


def test_printed_totals(capsys, monkeypatch):
    """`--totals` prints name, network and total, a line for each network and nothing else."""
    monkeypatch.setattr(catalogue, "built_totals", lambda name: RECORDS[name]["totals"])
    catalogue_main.main(["--totals"])
    lines = [line.split(" ") for line in capsys.readouterr().out.splitlines()]
    assert lines == [[name, network, str(total)] for name, record in RECORDS.items()
                     for network, total in record["totals"].items()] and len(lines) > 20


def test_the_catalogue_needs_no_TensorFlow():
    """`python -m beyond` prints every system with its family, line, totals and time, and does not load TensorFlow."""
    out, error = run("-X", "importtime", "-m", "beyond")
    assert "tensorflow" not in error and "numpy" not in error
    words = " ".join(out.split())
    for name, record in RECORDS.items():
        assert f"{name} {record['family']} {record['line']} ({record['quick']})" in words
        for network, total in record["totals"].items():
            assert f"{network} {total:,}" in words
    assert [name for name in re.findall(r"^(\w+)  ", out, flags=re.MULTILINE) if name != "name"] == list(RECORDS)


def test_a_class_loads_no_command_line_and_no_plotting():
    """Who imports a system gets its class; scripts and figures come when it runs. (Keras 3 loads matplotlib itself.)"""
    code = "import sys, importlib; [importlib.import_module('beyond.' + name) for name in sys.argv[1:]]; " \
           "print(*sys.modules)"
    loaded = set(run("-c", code, *RECORDS)[0].split())
    assert {"beyond.acgan", "gan.model"} <= loaded
    assert not loaded & {"gan.script", "gan.figures", "beyond.common.script", "beyond.common.class_script",
                         "beyond.common.figures", "beyond.__main__"}


def test_a_system_runs_from_any_folder_without_a_word_too_many(tmp_path):
    """`python -m beyond.NAME` elsewhere: pictures in `outputs` there, by its name; TensorFlow is quiet."""
    out, error = run("-m", "beyond.lsgan", "--epochs", "1", "--steps", "1", "--batch", "2", "--no-show", cwd=tmp_path)
    assert error == ""
    assert out.startswith("TensorFlow ") and out.count("saved outputs") == 2
    assert sorted(path.name for path in (tmp_path / "outputs").iterdir()) == [
        "lsgan", "lsgan-losses.png", "lsgan-samples.png"]


def test_a_system_imports_no_other_one():
    """It stands on `beyond.common`, `gan` and the tasks; what it is built on otherwise, its text says."""
    rooms = {name: [*(ROOT / "beyond").glob(f"{name}.py"), *(ROOT / "beyond" / name).rglob("*.py")] for name in RECORDS}
    for name, paths in rooms.items():
        parts = {part for path in paths for part in imported(path) if part.startswith("beyond.")}
        others = {part.split(".")[1] for part in parts} & set(rooms) - {name}
        text = importlib.import_module(f"beyond.{name}").__doc__
        built_on = re.search(r"^Built on (.*?)(\n\n|\Z)", text, flags=re.DOTALL | re.MULTILINE)
        assert others == (set(re.findall(r"`beyond\.(\w+)`", built_on[1])) - {"common"} if built_on else set()), name
    for path in (ROOT / "beyond" / "common").glob("*.py"):
        assert not {part.split(".")[1] for part in imported(path) if part.startswith("beyond.")} & set(rooms), path.name


def test_nothing_imports_a_main_script():
    """The mains are 01 to 45, and only modules whose names start with a digit come by `__import__`."""
    mains = sorted(path.stem for path in (ROOT / "mains").glob("0-main_*.py"))
    assert mains[0] == "0-main_01" and mains[-1] == "0-main_45"
    for folder in ("beyond", "gan", "mains"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "__import__":
                    assert re.fullmatch(r"'[0-4]-(?!main)\w+'", ast.unparse(node.args[0])), path.name


def test_files_are_short():
    """No file of `beyond` is over 700 lines."""
    for path in (ROOT / "beyond").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 700, path.name


def test_the_README_is_the_catalogue():
    """beyond/README.md has an entry for each system, in order, with its record; all say the same things."""
    text = (ROOT / "beyond" / "README.md").read_text()
    entries = re.findall(r"^#### `(\w+)`\n\n(.*?)(?=^#|\Z)", text, flags=re.DOTALL | re.MULTILINE)
    assert [name for name, _ in entries] == list(RECORDS)
    for name, entry in entries:
        record, entry = RECORDS[name], " ".join(entry.split())
        assert entry.lower().startswith(record["line"].lower() + ". ")
        totals = ", ".join(f"{network} {total:,}" for network, total in record["totals"].items()) or "none of its own"
        labels = re.findall(r"\* ([a-z' ]+): ", entry)
        assert labels == ["idea", "networks", "run", "source's training", "shows", "options", "paper"], name
        assert f"* networks: {totals} * run: `python -m beyond.{name} --quick` ({record['quick']}) * " in entry
    families = re.findall(r"^### Family: (.*)$", text, flags=re.MULTILINE)
    assert families == list(dict.fromkeys(record["family"] for record in RECORDS.values()))


# ------------------------------------------------------------------ a new one

RECORD = '"""Text."""\nimport nothing_there\nSYSTEM = {"family": "theory", "line": "a line", ' \
         '"totals": {"net": 12345}, "quick": "1 minute"}\n'


def test_a_file_is_enough(tmp_path):
    """A new file, or a folder, is in the catalogue by its record alone; a file without one is not; nothing is run."""
    (tmp_path / "one.py").write_text(RECORD)
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "__init__.py").write_text(RECORD.replace("theory", "growing"))
    (tmp_path / "three.py").write_text("raise SystemExit\n")
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "__init__.py").write_text("")
    found = catalogue.systems(tmp_path)
    assert list(found) == ["two", "one"], "families in their order"
    lines = catalogue.table(found).splitlines()
    assert lines[2].split() == ["two", "growing", "a", "line", "(1", "minute)"]
    assert lines[3].split() == ["net", "12,345"]


def test_a_folder_is_a_room(tmp_path):
    """A large system is a folder: its record alone is read for the catalogue, its `__main__.py` runs, quietly."""
    for name in ("gan", *(path.name for path in ROOT.glob("[0-4]-*.py"))):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "beyond").mkdir()
    for path in (ROOT / "beyond").iterdir():
        (tmp_path / "beyond" / path.name).symlink_to(path)
    (tmp_path / "beyond" / "common").unlink()  # by its path a module of it tells where the systems are
    shutil.copytree(ROOT / "beyond" / "common", tmp_path / "beyond" / "common")
    (tmp_path / "beyond" / "large").mkdir()
    (tmp_path / "beyond" / "large" / "__init__.py").write_text(RECORD.replace("import nothing_there", ""))
    (tmp_path / "beyond" / "large" / "__main__.py").write_text(
        'if __name__ == "__main__":\n    import gan.script  # noqa: F401\n\nfrom beyond.acgan import keras\n\n'
        'def networks():\n    return {"net": keras.Sequential([keras.Input((12344,)), keras.layers.Dense(1)])}\n\n'
        'def main():\n    from beyond.common import catalogue\n'
        '    print("it runs", catalogue.systems()["large"]["totals"], catalogue.built_totals("large"))\n\n'
        'if __name__ == "__main__":\n    main()\n')
    found = run("-m", "beyond.large", cwd=tmp_path, root=tmp_path)
    assert found == ("it runs {'net': 12345} {'net': 12345}\n", "")


@pytest.mark.parametrize("record, message", [
    ("SYSTEM = dict(family='theory')", "expected a literal dict with family, line, totals, quick"),
    ("SYSTEM = 3", "expected a literal dict"), ("SYSTEM = {'family': 'theory'}", "expected a literal dict"),
    (RECORD.replace('"1 minute"', "1"), "expected a literal dict"),
    (RECORD.replace("theory", "practice"), "expected one of latent to picture, .* as family, got 'practice'")])
def test_bad_record(tmp_path, record, message):
    """A record that cannot be read is named with its file."""
    (tmp_path / "wrong.py").write_text(record)
    with pytest.raises(ValueError, match=rf"wrong\.py: SYSTEM: {message}"):
        catalogue.systems(tmp_path)
