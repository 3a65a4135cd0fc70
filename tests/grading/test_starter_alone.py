"""The starter folder in a student's hands: check.py, what "not started" means, help in the right order, handing in."""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.checker import check as checking
from tests.checker import copies, grading, guidance, holes, inputs, reports, starter
from tests.checker.grading import Grading
from tests.checker.rubric import BEHAVIOURS, FAILED, NOT_CHECKED, NOT_STARTED, PASSED, RUBRIC, Verdict
from tests.checker.submission import Submission

ROOT = Path(copies.ROOT)
OURS = {name: (ROOT / name).read_text() for name in starter.HOLES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("student") / "gans"
    starter.write(target)
    return target


def in_the_folder(folder, *command):
    """Run Python there as a student does, who has nothing else of this package."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True)


# --------------------------------------------------------------------- what is in it


def test_the_checker_goes_along_and_nothing_that_makes_starters_and_packages(folder):
    """What the checker imports of the package is there, so that it starts with nothing else on the path."""
    held = {path.name for path in folder.rglob("*.py")}
    assert not held & (copies.MAKERS | {"conftest.py"}) and not (folder / "beyond").exists()
    assert [path.name for path in (folder / "tests").iterdir() if path.name != "__pycache__"] != []
    done = in_the_folder(folder, "-m", "tests.checker", "--list")
    assert done.returncode == 0, done.stderr
    for name in ("--starter", "--package"):
        done = in_the_folder(folder, "-m", "tests.checker", name, *["gradescope"] * (name == "--package"), "x.zip")
        assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr.count("\n") == 1
    assert not (folder / "x.zip").exists()


def test_no_file_in_it_passes_as_a_solution(folder):
    """Every function and class of a hole's name is open, wherever it stands."""
    for task, names in inputs.FILES.items():
        found = holes.of(task, {name: (folder / name).read_bytes() for name in names if (folder / name).exists()})
        assert found.untouched and set(found.open) == set(holes.HOLES[task])
    wanted = {name for one in starter.HOLES.values() for name in one}
    for path in folder.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text())) if path.name not in starter.HOLES else ()
        defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        assert not defined & wanted, path


def test_the_readme_names_tasks_holes_commands_and_what_to_hand_in(folder):
    text = (folder / "README.md").read_text()
    places = [text.index(f"| {task} | `") for task in inputs.FILES]
    assert places == sorted(places)
    for name, ones in starter.HOLES.items():
        assert name in text and all(f"`{hole}`" in text for hole in ones)
    for script in checking.SCRIPTS.values():
        assert script in text and (folder / script).is_file()
    assert "python check.py 0" in text and "hand in" in text.lower()
    needed = (folder / "requirements.txt").read_text()
    assert "tensorflow" in needed and "pytest" not in needed


# ------------------------------------------------------------------------- check.py


def test_check_in_a_shell_on_the_untouched_folder(folder):
    """No point, no TensorFlow, and the hole by its name."""
    done = in_the_folder(folder, "check.py")
    assert done.returncode == 1 and "0 of 429 points".replace("429", str(sum(b.points for b in BEHAVIOURS.values())))
    assert done.stdout.count("Not started: ") == 5 and "train_step is not filled in yet" in done.stdout
    assert "Not protected" not in done.stdout
    hinted = in_the_folder(folder, "check.py", "3", "--hints", "1")
    assert "Hint 1 on 3.import: Open 3-generate_faces.py" in hinted.stdout and "Task 0" not in hinted.stdout
    wrong = in_the_folder(folder, "check.py", "7")
    assert wrong.returncode == 2 and "Traceback" not in wrong.stderr


def test_check_in_python_from_another_folder(folder, tmp_path):
    """As in a notebook: the report is printed once, what comes back is small and shows nothing of its own there."""
    target = tmp_path / "gans"
    shutil.copytree(folder, target)
    shutil.copy(ROOT / "3-generate_faces.py", target)
    code = (
        f"import sys; sys.path.insert(0, {str(target)!r})\n"
        "from check import check\n"
        "r = check(3, seed=1)\n"
        "print(repr(r), r.points == r.total > 0, r.all_passed, r._ipython_display_())\n"
    )
    done = in_the_folder(tmp_path, "-c", code)
    assert f"Task 3: {RUBRIC_TOTAL[3]} of {RUBRIC_TOTAL[3]} points, all passed" in done.stdout, done.stderr
    assert done.stdout.rstrip().endswith("True True None") and done.stdout.count("Task 3") == 1


RUBRIC_TOTAL = {task: sum(b.points for b in rows) for task, rows in RUBRIC.items()}


@pytest.mark.parametrize("arguments, words", [
    ({"task": 5}, "task: expected a whole number from 0 to 4, got 5"),
    ({"task": "0"}, "task: expected a whole number from 0 to 4, got '0'"),
    ({"task": True}, "task: expected"), ({"task": [0, 9]}, "got 9"),
    ({"hints": 5}, "hints: expected a whole number from 0 to 4, got 5"), ({"hints": True}, "hints: expected"),
    ({"seed": -1}, "seed: expected"), ({"seed": 1.5}, "seed: expected"),
], ids=str)  # fmt: skip
def test_a_wrong_argument_of_check_is_one_sentence(folder, arguments, words):
    with pytest.raises(ValueError, match="expected") as found:
        checking.check(**{"folder": folder, **arguments})
    assert words in str(found.value) and "\n" not in str(found.value)


def test_check_prints_where_the_screen_knows_no_unicode(folder, tmp_path, monkeypatch):
    class Ascii:
        encoding, text = "ascii", ""

        def write(self, text):
            text.encode("ascii")
            self.text += text

        def flush(self):
            pass

        def isatty(self):
            return False

    target = tmp_path / "gäns"
    shutil.copytree(folder, target)
    monkeypatch.setattr(sys, "stdout", Ascii())
    report = checking.check(0, folder=target)
    assert "gäns" in report.text and "g?ns" in sys.stdout.text


# ---------------------------------------------------------------------- not started

BODIES = ("pass", "...", "return", "return None", "raise NotImplementedError", 'raise NotImplementedError("x")',
          '"""Only a text."""', 'print("to do")\n        pass', "# nothing\n        pass",
          "return NotImplemented")  # fmt: skip
STEP = """
import gan.model
class Simple_GAN(gan.model.GAN):
    def train_step(self, useless_argument):
        {body}
"""


@pytest.mark.parametrize("body", BODIES)
def test_whatever_leaves_a_hole_open_is_not_started(body):
    found = holes.Holes(0, STEP.format(body=body))
    assert found.open == ["train_step"] and found.untouched and not found.forgotten


@pytest.mark.parametrize("body", ["return {}", "x = 1", "self.steps += 1\n        raise NotImplementedError",
                                  "for i in range(2):\n            pass", "return super().train_step(None)"])
def test_whatever_somebody_wrote_is_started(body):
    found = holes.Holes(0, STEP.format(body=body))
    assert not found.open and not found.untouched and found.filled == ["train_step"]
    assert bool(found.forgotten) == ("raise" in body)


def test_own_work_beside_an_open_hole_is_not_untouched():
    """Who writes the whole class, without the starter, has begun with the constructor."""
    text = STEP.format(body="pass").replace("import gan.model", "import keras").replace("gan.model.GAN", "keras.Model")
    assert holes.Holes(0, text).untouched
    own = "    def __init__(self, generator):\n        self.generator = generator\n"
    assert not holes.Holes(0, text + own).untouched
    assert not holes.Holes(0, "def f(:").open and not holes.Holes(3, "").open
    assert holes.Holes(3, "def convolutional_GenDiscr():\n    pass").untouched


def verdicts(task, failed=(), sentence="train_step stops with NotImplementedError: train_step"):
    found = [Verdict(one, PASSED, points=one.points) for one in RUBRIC[task]]
    for one in found:
        if one.behaviour.name in failed:
            one.status, one.sentence, one.points = FAILED, sentence, 0
    return found


def test_verdicts_of_open_holes():
    """All open: nothing counts. Some open: what stops there is not started. Passed all the same: nothing is said."""
    untouched = holes.Holes(1, starter.starter_text("1-wgan_clip.py"))
    found = verdicts(1, ["runs"])
    grading.left_open(found, untouched)
    assert {one.status for one in found} == {NOT_STARTED} and sum(one.points for one in found) == 0
    found = verdicts(1)
    grading.left_open(found, untouched)
    assert {one.status for one in found} == {PASSED}
    text = OURS["1-wgan_clip.py"].replace("return -tf.reduce_mean(x)", "raise NotImplementedError")
    found = verdicts(1, ["runs"])
    grading.left_open(found, holes.Holes(1, text))
    by_name = {one.behaviour.name: one for one in found}
    assert by_name["runs"].status == NOT_STARTED and "generator_loss is not" in by_name["runs"].sentence
    assert by_name["class"].status == PASSED
    found = verdicts(1, ["runs"], "train_step stops with ValueError: shapes")  # another mistake comes first
    grading.left_open(found, holes.Holes(1, text))
    assert {one.status for one in found} == {PASSED, FAILED}


def test_a_forgotten_line_of_the_starter_is_named():
    text = OURS["0-simple_gan.py"].replace(
        '        return {"discr_loss"', '        raise NotImplementedError("train_step is not filled in yet")\n'
        '        return {"discr_loss"')  # fmt: skip
    found = verdicts(0, ["runs"])
    grading.left_open(found, holes.Holes(0, text))
    (failed,) = [one for one in found if one.status == FAILED]
    assert "delete that line" in failed.sentence and "train_step is filled in" in failed.sentence


def test_every_report_says_not_started():
    """Terminal, JSON, JUnit and CSV; nobody is told that it is wrong, and it comes after what is wrong."""
    result = Grading("alice", {"python": "3", "tensorflow": "2.21.0", "keras": "3"})
    sentence = "Not started: train_step is not filled in yet"
    result.verdicts[0] = [Verdict(one, NOT_STARTED, sentence) for one in RUBRIC[0]]
    text = "\n".join(reports.terminal(result))
    assert "Not started: train_step" in text and "FAILED" not in text and "--hints" not in text
    assert "not started 0/" in "\n".join(reports.terminal(result, everything=True))
    assert reports.json_text([result]).count("Not started") >= len(RUBRIC[0])
    assert 'failures="0"' in reports.junit([result]) and "Not started" in reports.csv_text([result])
    assert "Not started" in "\n".join(reports.brief(result)) and not reports.all_passed(result)
    row = next(row for row in reports.class_summary([result]) if row["behaviour"] == "0.runs")
    assert (row["failed"], row["not_started"], row["root_cause"]) == (0, 1, 0)
    mixed = [Verdict(BEHAVIOURS["0.runs"], status) for status in (NOT_CHECKED, NOT_STARTED, FAILED)]
    assert [reports.root_cause(mixed[:n]).status for n in (1, 2, 3)] == [NOT_CHECKED, NOT_STARTED, FAILED]


# ------------------------------------------------------------------ the right file alone


def as_file(folder, name, text):
    (folder / name).write_text(text)


def in_a_zip(folder, name, text):
    with zipfile.ZipFile(folder / "work.zip", "w") as archive:
        archive.writestr(f"my work/{name}", text)


def in_a_folder(folder, name, text):
    (folder / "gans").mkdir()
    (folder / "gans" / name).write_text(text)


def downloaded_twice(folder, name, text):
    (folder / f"{name[:-3]} (1).py").write_text(text)


def with_own_gan(folder, name, text):
    shutil.copytree(ROOT / "gan", folder / "gan", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / name).write_text(text)


@pytest.mark.parametrize("way", [as_file, in_a_zip, in_a_folder, downloaded_twice, with_own_gan])
def test_the_right_file_alone_has_all_it_needs(tmp_path, way):
    """gan/ is supplied wherever it is absent, beside the file that is graded, in every way of handing in."""
    way(tmp_path, "0-simple_gan.py", OURS["0-simple_gan.py"])
    found = Submission(tmp_path)
    assert found.tasks == [0] and found.graded["0-simple_gan.py"].decode() == OURS["0-simple_gan.py"]
    assert found.graded["gan/model.py"] == (ROOT / "gan" / "model.py").read_bytes()
    assert not {name for name in found.graded if name[0].isdigit()} - {"0-simple_gan.py", "0-simple_gan (1).py"}


def test_own_files_are_never_replaced(tmp_path):
    """A student's own gan/, or gan.py, is what the student's file imports."""
    (tmp_path / "gan").mkdir()
    (tmp_path / "gan" / "model.py").write_text("mine = 1")
    assert Submission(tmp_path).graded["gan/model.py"] == b"mine = 1"
    (tmp_path / "gan.py").write_text("mine = 2")
    assert set(Submission(tmp_path).graded) == {"gan/model.py", "gan.py"}


@pytest.mark.parametrize("name", ["0-simple_gan.py", "3-generate_faces.py", *(
    pytest.param(name, marks=pytest.mark.thorough) for name in ("1-wgan_clip.py", "2-wgan_gp.py"))])  # fmt: skip
def test_the_right_file_alone_has_full_marks(server, tmp_path, name):
    (tmp_path / name).write_text(OURS[name])
    result = grading.grade(tmp_path, server=server, seed=3)
    task = int(name[0])
    assert result.points(task) == result.total(task) and not result.trouble


def test_task_4_alone_is_told_what_it_builds_upon(server, tmp_path):
    """No grader can give task 2 along: it is a solution."""
    as_file(tmp_path, "4-wgan_gp_faces.py", OURS["4-wgan_gp_faces.py"])
    (first, *_), = grading.grade(tmp_path, server=server, seed=3).verdicts.values()
    assert first.status == FAILED and "builds upon 2-wgan_gp.py, which is not there: hand in both" in first.sentence


@pytest.mark.thorough
def test_task_4_with_what_it_builds_upon_has_full_marks(server, tmp_path):
    for name in ("4-wgan_gp_faces.py", "2-wgan_gp.py"):
        as_file(tmp_path, name, OURS[name])
    result = grading.grade(tmp_path, tasks=[4], server=server, seed=3)
    assert result.points(4) == result.total(4)


# ------------------------------------------------------------------------------ help

SAID = {  # a judge's sentence -> what it tells of the numbers
    "After 3 updates the largest weight of the discriminator is 3.2: clip its weights to [-1, 1] after every update":
        "After 3 updates the largest weight of the discriminator is 3.2",
    "The loss that moves the discriminator has the wrong sign: mean D(fake) - mean D(real) is what is minimised":
        "On the same weights and samples the gradient that moves the discriminator is not that of the task's loss",
    "With disc_iter = 5 train_step did 1 update of the discriminator and 1 of the generator: expected 5 and 1":
        "With disc_iter = 5 train_step did 1 update of the discriminator and 1 of the generator",
    "The generator's gradients are all None: its fakes were made outside its tape. Draw the fake sample inside":
        "The generator's gradients are all None",
    "train_step stops with NameError: name 'x' is not defined (0-simple_gan.py, line 3: y = x)":
        "train_step stops with NameError: name 'x' is not defined (0-simple_gan.py, line 3: y = x)",
    "The generator is updated by the discriminator's optimizer: each has one of its own":
        "The generator is updated by the discriminator's optimizer",
}  # fmt: skip


@pytest.mark.parametrize("sentence", SAID)
def test_by_default_only_what_the_numbers_show(sentence):
    verdict = Verdict(BEHAVIOURS["1.clip"], FAILED, sentence)
    assert guidance.observed(sentence) == SAID[sentence]
    told = guidance.text(verdict, 4, f"{sentence}.")
    assert told[0] == f"{SAID[sentence]}." and [one[:6] for one in told[1:4]] == ["Hint 1", "Hint 2", "Hint 3"]
    assert (told[-1] == f"What to do: {sentence}.") == (SAID[sentence] != sentence)
    assert len(guidance.text(verdict, 0, sentence)) == 1


@pytest.mark.parametrize("behaviour, sentence, words", [
    ("0.import", "The file cannot be read as Python: SyntaxError: expected ':' (x.py, line 3)", "colon"),
    ("0.runs", "The generator is updated by the discriminator's optimizer: each has one of its own", "which optimizer"),
    ("0.updates", "The generator's update moves the discriminator's weights instead of its own", "which optimizer"),
    ("2.runs", "train_step stops with NameError: name 'gp' is not defined", "name that the message quotes"),
    ("4.import", "Importing the file fails with ModuleNotFoundError: No module named 'x'", "imports of the file"),
    ("1.clip", "After an update the largest weight is 3.2: clip", "adds one thing"),
])
def test_hints_follow_the_cause_and_not_the_behaviour(behaviour, sentence, words):
    found = guidance.hints_on(Verdict(BEHAVIOURS[behaviour], FAILED, sentence))
    assert len(found) == 3 and words in " ".join(found)


def test_hints_on_what_is_not_started_name_file_and_hole():
    verdict = Verdict(BEHAVIOURS["3.import"], NOT_STARTED, "Not started: get_generator and get_discriminator are not x")
    first, *others = guidance.hints_on(verdict)
    assert "3-generate_faces.py" in first and "get_generator and get_discriminator" in first and len(others) == 2
    assert guidance.hints_on(Verdict(BEHAVIOURS["3.import"], NOT_CHECKED, "x")) == ()


def test_hints_stand_in_json_when_asked_for():
    """Without --hints whole sentences, as ever; with a level only what belongs to it."""
    result = Grading("alice", {"python": "3"})
    result.verdicts[1] = verdicts(1, ["clip"], "After 3 updates the largest weight is 3.2: clip its weights")
    for level, count in ((None, 0), (0, 0), (2, 2), (4, 3)):
        document = json.loads(reports.json_text([result], level))
        (test,) = [one for one in document["tests"] if one["status"] == "failed"]
        assert test["output"].count("Hint") == count
        assert ("clip its weights" in test["output"]) == (level in (None, 4))
        assert ("clip its weights" in document["output"]) == (level is None)
        assert len(test["extra_data"].get("hints", ())) == min(level or 0, 3)
