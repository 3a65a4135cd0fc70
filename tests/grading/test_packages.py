"""The packages for Gradescope and Classroom 50, each run in a folder laid out as the service lays it."""

import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from tests.checker import __main__ as command
from tests.checker import packages
from tests.checker.rubric import RUBRIC

ROOT = Path(packages.ROOT)
NAME = "0-simple_gan.py"
RIGHT = (ROOT / NAME).read_text()
WRONG = RIGHT.replace("for _ in range(self.disc_iter):", "for _ in range(1):")
HOSTILE = """
import glob, os, signal
for path in ["results/results.json", "/autograder/results/results.json", "result.json", "../results/results.json"]:
    try:
        open(path, "w").write('{"score": 1000}')
    except OSError:
        pass
for path in glob.glob(os.environ.get("HOME", "/") + "/**/result*.json", recursive=True):
    os.remove(path)
try:
    os.kill(os.getppid(), signal.SIGKILL)
finally:
    os._exit(0)
"""
MOST = sum(behaviour.points for behaviour in RUBRIC[0])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Both packages, written by the command; the archive as the service unpacks it, without the rights of files."""
    folder = tmp_path_factory.mktemp("packages")
    for service, target in (("gradescope", "new/gs.zip"), ("classroom50", "new/c50")):
        assert command.run(["--package", service, str(folder / target)]) == 0
    with zipfile.ZipFile(folder / "new" / "gs.zip") as archive:
        archive.extractall(folder / "source")
    assert sorted(path.name for path in (folder / "new").iterdir()) == ["c50", "gs.zip"]  # nothing temporary is left
    return {"gradescope": folder / "source", "classroom50": folder / "new" / "c50"}


# ----------------------------------------------------------------------- what is in them


@pytest.mark.parametrize("service", packages.SERVICES)
def test_it_has_all_that_the_grading_imports_and_no_solution(built, service):
    """A student who gets at the package finds no solution; the instructor needs nothing else of ours."""
    folder = built[service]
    held = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {"tests/checker/__main__.py", "gan/model.py", "requirements.txt", "README.md"} <= held
    assert not [name for name in held if re.match(r"(\d-|mains|beyond|data)", name) or name.endswith(".pyc")]
    assert not {"starter.py", "packages.py", "margins.py"} & {Path(name).name for name in held}
    texts = "\n".join(path.read_text() for path in folder.rglob("*.py"))
    for name in ("class Simple_GAN", "class WGAN_clip", "class WGAN_GP", "def convolutional_GenDiscr"):
        assert not re.search(rf"^{name}\b", texts, re.M)
    done = subprocess.run([sys.executable, "-m", "tests.checker", "--list"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0 and "Task 0" in done.stdout


def test_what_the_services_ask_for_is_there_and_can_be_run(built):
    with zipfile.ZipFile(built["gradescope"].parent / "new" / "gs.zip") as archive:
        rights = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    assert rights["setup.sh"] == rights["run_autograder"] == 0o755
    for name in ("setup.sh", "run_autograder"):
        assert (built["gradescope"] / name).read_text().startswith("#!/usr/bin/env bash")
        subprocess.run(["bash", "-n", str(built["gradescope"] / name)], check=True)
    assert (built["classroom50"] / "autograder.py").is_file()


def test_requirements_are_pinned_and_installed_here():
    """An image that is built again next year has the same versions."""
    lines = packages.pinned().splitlines()
    assert all(re.fullmatch(r"[\w-]+==[\w.+]+", line) for line in lines)
    assert [line.split("==")[0].replace("-cpu", "") for line in lines] == list(packages.NEEDED)


@pytest.mark.parametrize("arguments, words", [
    (("gradescope", "x.tar"), "expected the name of a zip archive"),
    (("gradescope", "folder.zip"), "it is a folder"),
    (("classroom50", "full"), "exists and is not empty"),
    (("moodle", "x"), "expected gradescope or classroom50, got 'moodle'"),
])
def test_a_wrong_target_is_one_sentence_and_nothing_is_lost(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert command.run(["--package", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder.zip", "full", "mine.txt"]


# -------------------------------------------------------------------------- Gradescope


def lay_out(root, source, files):
    """The folders of the service below `root`, with these files handed in."""
    (root / "autograder" / "results").mkdir(parents=True)
    (root / "autograder" / "submission").mkdir()
    (root / "autograder" / "source").symlink_to(source)
    for name, text in files.items():
        path = root / "autograder" / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run_gradescope(root, source, files, **variables):
    lay_out(root, source, files)
    environment = {**os.environ, "AUTOGRADER_ROOT": str(root), "CHECKER_PYTHON": sys.executable, **variables}
    subprocess.run(["bash", str(source / "run_autograder")], env=environment, cwd=root,
                   capture_output=True, check=True)  # fmt: skip
    return json.loads((root / "autograder" / "results" / "results.json").read_text())


def test_gradescope_a_right_submission(built, tmp_path):
    """The right file alone has all points: gan/ comes from the package."""
    found = run_gradescope(tmp_path, built["gradescope"], {NAME: RIGHT})
    assert (found["score"], found["max_score"]) == (MOST, MOST) and len(found["tests"]) == len(RUBRIC[0])
    assert {test["status"] for test in found["tests"]} == {"passed"} and "all passed" in found["output"]


@pytest.mark.thorough
def test_gradescope_a_wrong_submission_is_told_what_the_numbers_show_and_a_hint(built, tmp_path):
    """Students see no remedy at once; what it costs stands in the points of its behaviour."""
    found = run_gradescope(tmp_path, built["gradescope"], {f"src/{NAME[:-3]} (1).py": WRONG})
    assert 0 < found["score"] < MOST == found["max_score"]
    (root,) = [test for test in found["tests"] if test["extra_data"]["root_cause"]]
    assert root["extra_data"]["behaviour"] == "0.updates" and root["score"] == 0
    assert "did 1 update" in root["output"] and "Hint 1: " in root["output"] and "What to do" not in root["output"]
    assert "is graded as 0-simple_gan.py" in found["output"]


@pytest.mark.parametrize("files", [{}, {"notes.txt": "I tried"}], ids=["empty", "no task"])
def test_gradescope_an_empty_submission(built, tmp_path, files):
    found = run_gradescope(tmp_path, built["gradescope"], files)
    assert found["score"] == 0 and "no file of a task" in found["output"]


def test_gradescope_a_hostile_submission(built, tmp_path):
    """It kills what it can, and writes results of its own: the result is the grader's."""
    found = run_gradescope(tmp_path, built["gradescope"], {NAME: HOSTILE, "results.json": '{"score": 1000}'})
    assert found["score"] == 0 and found["max_score"] == MOST and len(found["tests"]) == len(RUBRIC[0])


def test_gradescope_a_broken_installation_still_writes_a_result(built, tmp_path):
    """Without any Python that starts there is a sentence and no grade, instead of nothing."""
    found = run_gradescope(tmp_path, built["gradescope"], {NAME: RIGHT}, CHECKER_PYTHON="/bin/false")
    assert "score" not in found and "Tell your instructor" in found["output"]


# ------------------------------------------------------------------------ Classroom 50

KEYS = {"schema", "classroom", "assignment", "submission", "commit", "release", "review", "datetime", "score",
        "max-score", "tests"}  # fmt: skip
VARIABLES = {"CLASSROOM": "gans", "ASSIGNMENT": "task-0", "SUBMISSION_TAG": "submit/1", "COMMIT_URL": "https://c/1",
             "RELEASE_URL": "https://r/1", "REVIEW_URL": ""}  # fmt: skip


def run_classroom50(checkout, package, files, **variables):
    checkout.mkdir()
    for name, text in files.items():
        (checkout / name).write_text(text)
    done = subprocess.run([sys.executable, str(package / "autograder.py")], cwd=checkout, capture_output=True,
                          text=True, env={**os.environ, **VARIABLES, **variables}, timeout=900)  # fmt: skip
    document = json.loads((checkout / "result.json").read_text())
    assert set(document) == KEYS and document["schema"] == "classroom50/result/v1"
    assert [document[key] for key in ("classroom", "assignment", "submission", "commit", "release")] == [
        "gans", "task-0", "submit/1", "https://c/1", "https://r/1"]  # fmt: skip
    assert datetime.strptime(document["datetime"], "%Y-%m-%dT%H:%M:%SZ").year >= 2024
    for numbers in (document, *document["tests"]):
        assert type(numbers["score"]) is int and type(numbers["max-score"]) is int
    for test in document["tests"]:
        assert set(test) == {"test-name", "passed", "score", "max-score"} and type(test["passed"]) is bool
    return done, document


@pytest.mark.thorough
def test_classroom50_a_right_submission(built, tmp_path):
    """Folders of the student that have the checker's names do not stand in its way."""
    checkout = tmp_path / "checkout"
    done, found = run_classroom50(checkout, built["classroom50"], {NAME: RIGHT, "tests.py": "1/0"})
    assert done.returncode == 0 and (found["score"], found["max-score"]) == (MOST, MOST)
    assert all(test["passed"] for test in found["tests"]) and len(found["tests"]) == len(RUBRIC[0])
    assert found["review"] == "https://c/1"


def test_classroom50_a_wrong_submission(built, tmp_path):
    done, found = run_classroom50(tmp_path / "x", built["classroom50"], {NAME: WRONG}, REVIEW_URL="https://v/1")
    assert done.returncode == 0 and 0 < found["score"] < found["max-score"] == MOST and found["review"] == "https://v/1"
    assert sum(test["score"] for test in found["tests"]) == found["score"]


def test_classroom50_an_empty_submission(built, tmp_path):
    done, found = run_classroom50(tmp_path / "x", built["classroom50"], {})
    assert done.returncode == 0 and (found["score"], found["max-score"]) == (0, 0)
    assert "no file of a task" in found["tests"][0]["test-name"] and not found["tests"][0]["passed"]


@pytest.mark.thorough
def test_classroom50_a_hostile_submission(built, tmp_path):
    """A link and a folder in the place of the result file neither stop it nor let it write elsewhere."""
    (tmp_path / "victim").write_text("mine")
    package = built["classroom50"]
    checkout = tmp_path / "x"
    checkout.mkdir()
    (checkout / "result.json").symlink_to(tmp_path / "victim")
    (checkout / "result.json.new").symlink_to(tmp_path / "victim")
    (checkout / NAME).write_text(HOSTILE)
    done = subprocess.run([sys.executable, str(package / "autograder.py")], cwd=checkout, capture_output=True,
                          env={**os.environ, **VARIABLES}, timeout=900)  # fmt: skip
    found = json.loads((checkout / "result.json").read_text())
    assert done.returncode == 0 and found["score"] == 0 and found["max-score"] == MOST
    assert (tmp_path / "victim").read_text() == "mine" and not (checkout / "result.json").is_symlink()
