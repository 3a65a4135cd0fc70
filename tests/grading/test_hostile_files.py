"""Files that no reader survives, or that lie about what they are: the grader's own process reads them, and goes on."""

import io
import json
import os
import warnings
import zipfile

import pytest

from tests.checker import holes, notebook_code
from tests.checker.submission import Submission
from tests.zoo import bases

NAME = "0-simple_gan.py"
# What is nested so deeply that Python 3.9 ends in a crash of its parser, and later ones in an exception.
DEEP = {
    "a sum": "x = 1" + "+1" * 300_000,
    "signs": "x = " + "-" * 1_000_000 + "1",
    "attributes": "x = a" + ".b" * 300_000,
    "calls": "x = a" + "()" * 300_000,
    "brackets": "x = " + "(" * 100_000 + ")" * 100_000,
    "elif": "if 1: pass\n" + "elif 1: pass\n" * 50_000,
    "indentation": "".join(" " * i + "if 1:\n" for i in range(3000)),
    "a sum that ast.parse can read": "x = 1" + "+1" * 5_000,
}


def notebook(*cells):
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}).encode()


@pytest.mark.parametrize("name", DEEP)
def test_text_that_is_nested_too_deeply_ends_no_grading(tmp_path, name):
    """A crash of the parser is no exception: it ended the grading of the whole class, without a report."""
    text = f"class Simple_GAN:\n    pass\n\n\n{DEEP[name]}\n"
    (tmp_path / NAME).write_text(text)
    found = Submission(tmp_path)
    assert found.tasks == [0] and found.archive() and not holes.of(0, found.graded).open
    inside = "class Simple_GAN:\n    def f():\n" + "".join(f"        {x}\n" for x in DEEP[name].splitlines()[:9])
    assert b"class Simple_GAN" in notebook_code.code(notebook("import os", inside)).encode()


def test_a_notebook_of_many_cells_is_read_once():
    """Each function needs the next one: looking for what is needed anew after each took hours for 8 MB."""
    cells = [f"def f{i}():\n    return f{i + 1}()\n" for i in range(3000)]
    looked, bound = [], notebook_code.bound
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook_code, "bound", lambda node: looked.append(node) or bound(node))
        text = notebook_code.code(notebook(*cells, "class Simple_GAN:\n    x = f0()\n", "def unused():\n    pass\n"))
    assert text.count("def f") == 3000 and "unused" not in text
    assert len(looked) == 3002


@pytest.mark.parametrize("name", [NAME, "0-simple_gan.ipynb", "1-wgan_clip.txt"])
def test_an_archive_under_another_name_is_called_an_archive(tmp_path, name):
    """An archive of zeros was called text in UTF-16, and its student told to save it as UTF-8."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, b"\0" * 50_000_000)
    (tmp_path / name).write_bytes(data.getvalue())
    found = Submission(tmp_path)
    said = " ".join([*found.notes(), found.no_python(0) or ""])
    assert "zip archive" in said and "UTF-16" not in said


@pytest.mark.parametrize("source", ["'\ud800'", "'\0'", "'\\d'", ["'a", 3, None, "'"], {"a": 1}, 7])
def test_strange_sources_of_a_cell(tmp_path, source):
    """Halves of characters, zeros, other types than text: a task file is made of them, or none, without a traceback."""
    cell = source if not isinstance(source, str) else f"class Simple_GAN:\n    x = {source}\n"
    (tmp_path / "0-simple_gan.ipynb").write_bytes(notebook("import os", cell))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as on '\d', told to the grader with a place in "<unknown>"
        found = Submission(tmp_path)
        assert found.archive() and len(found.remarks) < 2
        holes.of(0, found.graded)


def test_folders_and_modules_with_misleading_names(tmp_path):
    """A folder under a task's name is no task file, and what is named like a library is a file like any other."""
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / NAME).write_text(bases.plain(0))
    for name in ("numpy.py", "tensorflow.py", "sitecustomize.py", "keras/__init__.py", "tests/checker/inputs.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("raise SystemExit\n")
    found = Submission(tmp_path)
    assert found.tasks == [0] and found.graded[NAME] == bases.plain(0).encode()
    assert f"{NAME}/{NAME} is graded as {NAME}" in " ".join(found.notes())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such device or limit")
def test_a_pipe_under_the_name_of_a_task_beside_a_right_copy(tmp_path):
    """Nobody writes to the pipe. What is meant is said; the copy is not graded in its place without a word."""
    os.mkfifo(tmp_path / NAME)
    (tmp_path / "0-simple_gan (1).py").write_text(bases.plain(0))
    found = Submission(tmp_path)
    assert found.tasks == [0]
    assert "no regular file" in " ".join(map(str, found.refused.values())) or NAME in " ".join(found.notes())
