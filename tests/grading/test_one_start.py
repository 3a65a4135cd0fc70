"""TensorFlow starts once for a class: one server grades folder after folder, each as if it were the first."""

import contextlib
import io
import shutil
import sys
import types
from pathlib import Path

import pytest

from tests.checker import __main__ as command
from tests.checker import batch, grading, process, sandbox

ROOT = Path(__file__).resolve().parents[2]
LIMITS = grading.Limits(probe=20, task=120)
NAME = "3-generate_faces.py"  # graded soonest
RIGHT = (ROOT / NAME).read_text()
needs_a_sandbox = pytest.mark.skipif(
    not shutil.which("bwrap") or sandbox.wall().kind != "sandbox", reason="bubblewrap does not work here")
# The one kills what it can reach, the next one looks for its neighbours and for what the first has left.
KILLS = """
import os, signal
open(os.path.join(os.environ["HOME"], "left"), "w").write("here")
open("/tmp/left", "w").write("here")
for process in (os.getppid(), 1):
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        pass
"""
LOOKS = """
import os
seen = [path for path in ("/tmp/left", os.path.join(os.environ["HOME"], "left"), @CLASS@) if os.path.exists(path)
        and (os.path.isfile(path) or os.listdir(path))]
if seen:
    raise RuntimeError(f"seen: {seen}")
"""


@pytest.fixture
def started(monkeypatch):
    """The servers that are started."""
    found = []

    class Counted(process.Server):
        def __init__(self, *args):
            super().__init__(*args)
            found.append(self)

    monkeypatch.setattr(process, "Server", Counted)
    monkeypatch.setattr(grading, "Server", Counted)
    return found


@pytest.fixture
def students(tmp_path):
    """Folder -> student: one who kills, one who looks around, one more."""
    codes = {"ann": KILLS, "bob": LOOKS.replace("@CLASS@", repr(str(tmp_path))), "eve": ""}
    for name, code in codes.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / NAME).write_text(code + RIGHT)
    return [types.SimpleNamespace(folder=str(tmp_path / name), key=name, label=name, notes=[],
                                  owner=types.SimpleNamespace(platform="")) for name in codes]


def graded(students, tmp_path):
    options = types.SimpleNamespace(resume=False, seed=3, jobs=1, json=None, csv=str(tmp_path / "class.csv"))
    settings = batch.Settings([sys.executable], [3], LIMITS, 3)
    return command.grade_all(students, options, settings, stream=io.StringIO())


@needs_a_sandbox
def test_one_start_for_a_class(students, started, tmp_path):
    """Each start takes as long as a task; the second student sees nothing of the first, or of the class."""
    results = graded(students, tmp_path)
    assert [result.trouble for result in results] == [""] * 3
    assert [result.points(3) == result.total(3) for result in results] == [True] * 3, [
        verdict.sentence for result in results for verdict in result.verdicts[3]]
    assert len(started) == 1 and [result.starts for result in results] == [1, 0, 0]
    assert started[0].process.poll() is not None and not Path(started[0].home).exists(), "it has ended with the command"


@needs_a_sandbox
def test_a_server_that_is_gone_is_replaced(students, started, tmp_path):
    """Whatever happens to it between two folders: the next student does not pay for that."""
    servers = process.Servers([tmp_path])
    with contextlib.closing(servers):
        for student in students[1:]:
            result = grading.grade(student.folder, limits=LIMITS, servers=servers, seed=3)
            assert not result.trouble and result.points(3) == result.total(3) and result.starts == 1
            started[-1].process.kill()
            started[-1].process.wait()
    assert len(started) == 2


def test_without_a_sandbox_each_folder_has_its_own(students, started, tmp_path, monkeypatch):
    """Where a solution can reach the server, none is used again."""
    wall = sandbox.Wall(sys.executable, "none", "not tried here")
    monkeypatch.setattr(sandbox, "wall", lambda python: wall)
    results = graded(students[1:], tmp_path)
    assert len(started) == 2 and [result.starts for result in results] == [1, 1]
    assert all(server.process.poll() is not None for server in started)
