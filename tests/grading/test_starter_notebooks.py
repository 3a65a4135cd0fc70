"""The starter's notebooks, run as Jupyter runs them: untouched, and with the hole filled in."""

import json
import shutil
from pathlib import Path

import pytest

from tests.checker import check as checking
from tests.checker import copies, notebook_code, starter
from tests.checker.submission import Submission

ROOT = Path(copies.ROOT)
NAMES = list(starter.HOLES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("notebooks") / "gans"
    starter.write(target)
    return target


def read(folder, name):
    return json.loads((folder / "notebooks" / f"{name[:-3]}.ipynb").read_text())


def sources(document, kind):
    return ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("name", NAMES)
def test_it_has_theory_the_hole_a_picture_and_the_check(folder, name):
    """Made from the task file: the same text, and no path of a machine."""
    document, task = read(folder, name), int(name[0])
    theory, *_ = sources(document, "markdown")
    setup, hole, picture, check, *watch = sources(document, "code")
    assert theory.startswith(f"# Task {task}: ") and "starter.zip" in setup
    assert hole == f"%%taskfile {name}\n{(folder / name).read_text()}".rstrip("\n")
    assert (picture, check) == (f"picture({task})", f"check({task})")
    assert watch == ([f"watch({task});"] if task < 3 else [])  # the others train for longer than one watches
    assert str(ROOT) not in json.dumps(document) and "/tmp" not in json.dumps(document)
    if task in (1, 2):
        assert "mean D(fake)" not in json.dumps(document)


def test_a_notebook_alone_can_be_handed_in(folder, tmp_path):
    """Untouched it is not started; filled in it is the task file, whatever its other cells do."""
    name = NAMES[0]
    shutil.copy(folder / "notebooks" / f"{name[:-3]}.ipynb", tmp_path)
    found = Submission(tmp_path)
    assert found.tasks == [0] and b"train_step is not filled in yet" in found.graded[name]
    document = read(folder, name)
    document["cells"][3]["source"] = f"%%taskfile {name}\n{(ROOT / name).read_text()}"
    text = notebook_code.code(json.dumps(document).encode())
    assert "class Simple_GAN" in text and "apply_gradients" in text and "picture(" not in text
    # The grader has no check.py, nor what else a notebook is equipped with.
    assert "check" not in text.split("class Simple_GAN")[0] and "import tensorflow as tf" in text


def test_what_only_the_notebook_needs_is_not_imported():
    """Widgets or Colab in a first cell cost nobody the task; what the class needs is imported, there or not."""
    source = ("import __main__\nimport sys\nimport keras.nope\nimport nope.a as b\nimport nope_widgets\n"
              "from google.colab_nope import drive\n")
    cell = {"cell_type": "code", "source": source + "class Simple_GAN:\n    def f(self):\n        return b"}
    text = notebook_code.code(json.dumps({"cells": [cell]}).encode())
    assert "import nope.a as b" in text and "class Simple_GAN" in text
    assert "widgets" not in text and "colab" not in text


def test_the_cell_keeps_what_somebody_else_has_written(tmp_path, capsys):
    """Work in the file is never lost; the starter's own text, and the cell's, need not be kept."""
    name, ours = NAMES[0], (ROOT / NAMES[0]).read_text()
    path = tmp_path / name
    path.write_text(starter.starter_text(name))
    for cell, kept in ((ours, 0), (ours + "# 2\n", 0), (ours, 0)):
        checking.taskfile(f" {name} ", cell, tmp_path)
        assert path.read_text() == cell and len(list(tmp_path.glob("*.bak"))) == kept
    for number in (1, 2):
        path.write_text(f"mine = {number}\n")
        checking.taskfile(name, ours, tmp_path)
        assert (tmp_path / f"{name}.{number}.bak").read_text() == f"mine = {number}\n" and path.read_text() == ours
    assert Submission(tmp_path).graded[name].decode() == ours
    checking.taskfile("elsewhere.py", "x", tmp_path)
    assert "expected the name of a task file" in capsys.readouterr().out and not (tmp_path / "elsewhere.py").exists()


def test_a_script_that_stops_is_one_line(folder, capsys):
    checking.picture(0, folder=folder)
    out = capsys.readouterr().out
    assert "The script stopped: NotImplementedError: train_step is not filled in yet" in out and "Traceback" not in out


@pytest.mark.parametrize("task", [True, 3, "0"])
def test_what_can_be_watched(task):
    """The faces take too long to be watched: the sentence names what can be."""
    with pytest.raises(ValueError, match="task: expected one of 0, 1, 2, which train on points, got "):
        checking.watch(task)


@pytest.mark.parametrize("filled", [pytest.param(False, id="untouched"),
                                    pytest.param(True, marks=pytest.mark.thorough, id="filled in")])  # fmt: skip
def test_jupyter_runs_it(folder, tmp_path, monkeypatch, filled):
    """Every cell of task 0, in a kernel, from the folder of the notebooks. Messages of TensorFlow's start stay away."""
    # A student's kernel has none of these. With the last one it would show nothing that is written by C++.
    for variable in ("TF_CPP_MIN_LOG_LEVEL", "MPLBACKEND", "PYTEST_CURRENT_TEST"):
        monkeypatch.delenv(variable, raising=False)
    nbclient = pytest.importorskip("nbclient")
    nbformat, name = pytest.importorskip("nbformat"), NAMES[0]
    pytest.importorskip("ipykernel")
    target = tmp_path / "gans"
    shutil.copytree(folder, target)
    document = nbformat.reads(json.dumps(read(target, name)), as_version=4)
    nbformat.validate(document)
    if filled:
        document.cells[3].source = f"%%taskfile {name}\n{(ROOT / name).read_text()}"
    document.cells[5].source = 'picture(0, "--epochs", "1", "--steps", "2")'
    document.cells[-1].source = "watch(0, epochs=2, steps=2);"
    document.metadata.kernelspec.name = "python3"
    client = nbclient.NotebookClient(document, timeout=600, kernel_name="python3",
                                     resources={"metadata": {"path": str(target / "notebooks")}})  # fmt: skip
    client.execute()
    outputs = [cell.outputs for cell in document.cells if cell.cell_type == "code"]
    text = ["".join(one.get("text", "") for one in cell if one.output_type == "stream") for cell in outputs]
    pictures, watched = ([one for one in cell if "image/png" in one.get("data", {})] for cell in outputs[2:5:2])
    assert f"Written: {name}" in text[1] and not [one for cell in outputs for one in cell if one.output_type == "error"]
    if filled:
        assert len(pictures) == 1 and "all passed" in text[3]
        assert len(watched) == 1 and not text[4]  # drawn twice, in one place
        assert (target / name).read_text() == (ROOT / name).read_text()
    else:
        assert not pictures and "The script stopped: " in text[2] and "Not started: train_step" in text[3]
        assert not watched and text[4] == "The training stopped: NotImplementedError: train_step is not filled in yet\n"
    assert text[3].count("Task 0") == 1
