"""The checker's reports, hints and batches, on gradings made up here; two real runs at the end."""

import ast
import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.checker import __main__ as command
from tests.checker import batch, hints, inputs, reports, rubric, verdicts
from tests.checker.batch import Settings
from tests.checker.grading import Grading, Interrupted, Limits, own_files
from tests.checker.rubric import BEHAVIOURS, FAILED, NOT_CHECKED, PASSED, RUBRIC, Verdict

ROOT = Path(__file__).resolve().parents[2]
KERAS_3 = {"python": "3.13.0", "tensorflow": "2.21.0", "keras": "3.15.1"}
KERAS_2 = {"python": "3.9.18", "tensorflow": "2.15.1", "keras": ""}
TODAY = "2026-11-26"
POINTS = {task: sum(behaviour.points for behaviour in rows) for task, rows in RUBRIC.items()}
LOST = sum(BEHAVIOURS[key].points for key in ("1.clip", "1.adam", "1.returned_values"))  # by `wrong` below
T0, T1, ALL = POINTS[0], POINTS[1], POINTS[0] + POINTS[1]
LONG = 'After 3 updates the largest weight is 3.2: <clip> & "clip", after every update; ' * 3


def made(folder="alice", tasks=(0, 1), failed=(), blocked=(), versions=KERAS_3, **fields):
    """A grading in which the behaviours `failed` failed and those in `blocked` could not be checked."""
    grading = Grading(folder, dict(versions), seconds=7.25, date=TODAY, **fields)
    for task in tasks:
        grading.verdicts[task] = []
        for behaviour in RUBRIC[task]:
            if behaviour.key in failed:
                verdict = Verdict(behaviour, FAILED, LONG)
            elif behaviour.key in blocked:
                verdict = Verdict(behaviour, NOT_CHECKED, 'needs "something else"', f"{task}.clip")
            else:
                verdict = Verdict(behaviour, PASSED, points=behaviour.points)
            grading.verdicts[task].append(verdict)
    return grading


def wrong(folder="bob", **fields):
    """Two failed behaviours and one that could not be checked, in task 1; task 0 is right."""
    return made(folder, failed=("1.clip", "1.adam"), blocked=("1.returned_values",), **fields)


def clip_of(grading):
    return next(verdict for verdict in grading.verdicts[1] if verdict.behaviour.name == "clip")


def broken(folder="carol"):
    """The machine's fault."""
    grading = Grading(folder, trouble="this machine, not the code, is in trouble: no TensorFlow", date=TODAY)
    grading.verdicts[1] = verdicts.judge_task(1, {}, grading.trouble)
    return grading


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self):
        return True


def plain(lines):
    return re.sub(r"\s+", " ", " ".join(lines))


# ------------------------------------------------------------------- terminal


def test_the_first_thing_to_look_at_comes_first_and_the_rest_is_behind_all():
    """Without --all a task shows its points, one failed behaviour, and how many more there are."""
    lines = reports.terminal(wrong())
    text = plain(lines)
    assert f"bob: {ALL - LOST} of {ALL} points" in text and f"Task 0: {T0} of {T0} points, all passed" in text
    assert f"Task 1: {T1 - LOST} of {T1} points" in text
    assert re.search(r"FAILED 0/\d+ clip: after each", text) and "adam" not in text
    assert "(1 more failed, 1 more could not be checked: --all shows everything)" in text
    assert "Python 3.13.0, TensorFlow 2.21.0 (Keras 3), in 7 s" in text


def test_all_shows_every_behaviour_with_its_status():
    """--all lists passed, failed and unchecked behaviours; the unchecked one is nowhere called wrong."""
    lines = reports.terminal(wrong(), everything=True)
    for task in (0, 1):
        for behaviour in RUBRIC[task]:
            assert any(re.match(rf"  (passed|FAILED|not checked) +\d+/\d+  {behaviour.name}:", line) for line in lines)
    text = plain(lines)
    assert text.count("FAILED") == 2 and text.count("not checked") == 1
    assert re.search(r"not checked 0/\d+ returned_values: .{,60} Could not be checked: needs", text)


@pytest.mark.parametrize("everything", [False, True])
def test_a_report_is_readable_at_80_columns(everything):
    """No line is longer than 80 characters, whatever a sentence or a folder's name holds."""
    long = made("x" * 200, tasks=RUBRIC, failed=("2.penalty", "4.import"))
    long.verdicts[2][-1] = Verdict(RUBRIC[2][-1], FAILED, f"wide {'y' * 300}")
    gradings = [long, wrong(), broken("z" * 99), Grading("w", absent=batch.absent())]
    lines = [line for grading in gradings for line in reports.terminal(grading, None, everything, 3)]
    lines += [line for grading in gradings for line in reports.brief(grading)]
    lines += reports.summary_lines(gradings) + reports.rubric_lines()
    assert max(map(len, lines)) <= 80


def test_colours_only_on_a_terminal_that_wants_them():
    """Colours are for terminals; NO_COLOR and TERM=dumb switch them off."""
    def coloured(stream, **environment):
        return any("\033[" in line for line in reports.terminal(wrong(), reports.Style(stream, environment), True))

    assert coloured(Screen())
    assert not coloured(io.StringIO())
    assert not coloured(Screen(), NO_COLOR="1")
    assert not coloured(Screen(), TERM="dumb")


def test_control_characters_of_a_student_reach_no_report():
    """An escape sequence, a line end or a zero byte in a message is shown as a space."""
    nasty = made("\033]0;title\007", failed=("1.clip",))
    clip_of(nasty).sentence = "stops with \033[2J\x00\r\nError \ud800 \u202e"
    text = "\n".join(reports.terminal(nasty, None, True)) + reports.csv_text([nasty]) + reports.junit([nasty])
    text += reports.json_text([nasty]) + reports.json_text([nasty, wrong()])
    assert not set(text) - {"\n", "\r"} & {chr(i) for i in range(32)} - {"\n", "\r"}
    assert not {"\033", "\x00", "\ud800", "\u202e"} & set(text)
    assert "Error" in text


def test_trouble_of_the_machine_is_not_called_wrong():
    """A grading that the machine prevented shows no points and no failures."""
    text = plain(reports.terminal(broken()))
    words = "carol Not graded: this machine, not the code, is in trouble: no TensorFlow."
    assert text == f"{words} (rubric {rubric.VERSION}, {TODAY})"
    assert plain(reports.terminal(Grading("dave", absent=batch.absent([1])))).startswith("dave Not graded: no file")


def test_hints_are_shown_for_the_root_cause_only_and_step_by_step():
    """--hints shows one, --hints 3 all three, of the behaviour to look at first; right tasks get none."""
    for steps in (1, 2, 3):
        text = plain(reports.terminal(wrong(), hint_steps=steps))
        assert [f"Hint {step} on 1.clip: " in text for step in (1, 2, 3)] == [step <= steps for step in (1, 2, 3)]
        assert "on 1.adam" not in text and "on 0." not in text
    assert "Hint" not in plain(reports.terminal(wrong()))
    assert "Hint" not in plain(reports.terminal(made(blocked=("1.clip",)), hint_steps=3))


def test_the_rubric_lists_every_behaviour_with_its_points():
    """--list prints the points of every behaviour, and those of each task."""
    text = plain(reports.rubric_lines())
    for task, behaviours in RUBRIC.items():
        assert f"Task {task} ({' or '.join(inputs.FILES[task])}): {sum(b.points for b in behaviours)} points" in text
        for behaviour in behaviours:
            assert f"{behaviour.points} {behaviour.name} {behaviour.title}" in text
    assert "Task 2" not in plain(reports.rubric_lines(tasks=[1]))


# ---------------------------------------------------------------------- hints


@pytest.mark.parametrize("key", BEHAVIOURS)
def test_every_behaviour_has_three_hints(key):
    """Three different hints, each a sentence."""
    found = hints.of(BEHAVIOURS[key])
    assert len(found) == hints.STEPS == len(set(found))
    assert all(hint[0].isupper() and hint.endswith((".", "?")) and len(hint) > 40 for hint in found)


def test_no_hint_belongs_to_a_behaviour_that_does_not_exist():
    """A behaviour that is renamed takes its hints with it."""
    assert set(hints.OF_ONE_TASK) <= set(BEHAVIOURS)
    assert set(hints.SAME_FOR_ALL) <= {behaviour.name for behaviour in BEHAVIOURS.values()}
    used = {id(hints.of(behaviour)) for behaviour in BEHAVIOURS.values()}
    assert used == {id(one) for one in [*hints.OF_ONE_TASK.values(), *hints.SAME_FOR_ALL.values()]}


def test_no_hint_is_the_solution():
    """No hint contains a line of code of our solutions, or anything in back quotes that is more than a name."""
    def squeezed(text):
        return re.sub(r"\s+", "", text)

    files = [ROOT / name for names in inputs.FILES.values() for name in names]
    files += [ROOT / "gan" / "model.py", *sorted((ROOT / "gan" / "engine").glob("*.py"))]
    lines = set()
    for file in files:
        source = file.read_text()
        texts = {i for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr)
                 and isinstance(node.value, ast.Constant) for i in range(node.lineno, node.end_lineno + 1)}
        code = [line.split("  #")[0] for i, line in enumerate(source.splitlines(), 1) if i not in texts]
        lines |= {squeezed(line) for line in code if len(squeezed(line)) > 9}
    assert len(lines) > 200
    for behaviour in BEHAVIOURS.values():
        for hint in hints.of(behaviour):
            text = squeezed(hint)
            assert not [line for line in lines if line in text], hint
            assert all(re.fullmatch(r"[\w.]+(\(\))?", name) for name in re.findall(r"`([^`]*)`", hint)), hint
            assert "=" not in hint


# ----------------------------------------------------------- JSON, JUnit, CSV


# What https://gradescope-autograders.readthedocs.io/en/latest/specs/ knows.
FORMATS, VISIBILITIES = {"text", "html", "simple_format", "md", "ansi"}, {"visible", "hidden", "after_due_date",
                                                                           "after_published"}
RESULT_KEYS = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format",
               "visibility", "stdout_visibility", "extra_data", "tests"}
TEST_KEYS = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags",
             "visibility", "extra_data"}


@pytest.mark.parametrize("grading", [wrong(), broken(), made(tasks=RUBRIC), Grading("x", absent="nothing")],
                         ids=["wrong", "broken", "right", "absent"])
def test_json_has_no_key_or_value_that_gradescope_does_not_know(grading):
    """Every key and every fixed value is one of the documentation's."""
    document = json.loads(reports.json_text([grading]))
    assert set(document) <= RESULT_KEYS
    for part in [document, *document["tests"]]:
        assert part["visibility"] in VISIBILITIES and part["output_format"] in FORMATS
        assert isinstance(part["output"], str) and isinstance(part["extra_data"], dict)
    assert document["stdout_visibility"] in VISIBILITIES
    for test in document["tests"]:
        assert set(test) <= TEST_KEYS and test.get("status", "passed") in ("passed", "failed")
        assert isinstance(test["number"], str) and all(isinstance(tag, str) for tag in test["tags"])
        assert 0 <= test["score"] <= test["max_score"] and (test["score"] == 0 or test["status"] == "passed")


def test_json_of_one_folder_is_what_gradescope_reads():
    """The keys of results.json; an unchecked behaviour has no status, because Gradescope knows only two."""
    document = json.loads(reports.json_text([wrong()]))
    assert document["score"] == ALL - LOST and document["execution_time"] == 7.2
    assert {"output", "output_format", "visibility", "stdout_visibility", "tests"} <= set(document)
    tests = {test["tags"][0]: test for test in document["tests"]}
    assert list(tests) == [behaviour.key for task in (0, 1) for behaviour in RUBRIC[task]]
    for test in tests.values():
        assert {"name", "number", "score", "max_score", "output", "output_format", "visibility"} <= set(test)
    assert sum(test["score"] for test in tests.values()) == document["score"]
    assert sum(test["max_score"] for test in tests.values()) == document["extra_data"]["max_score"] == ALL
    assert len({test["number"] for test in tests.values()}) == len(tests)
    clip, adam, values, fit = (tests[f"1.{name}"] for name in ("clip", "adam", "returned_values", "fit"))
    assert (clip["status"], clip["score"], clip["max_score"]) == ("failed", 0, BEHAVIOURS["1.clip"].points)
    assert "3.2" in clip["output"]
    assert clip["extra_data"]["root_cause"] and not adam["extra_data"]["root_cause"]
    assert "status" not in values and values["output"].startswith("Could not be checked: needs")
    assert fit["status"] == "passed" and fit["output"] == ""
    assert "Task 1: After 3 updates" in document["output"] and "Task 0: all passed." in document["output"]


def test_json_of_trouble_has_no_score():
    """Nobody gets a zero because a machine had no memory; a folder without files does get one."""
    document = json.loads(reports.json_text([broken()]))
    assert "score" not in document and document["tests"] == [] and "not the code" in document["output"]
    assert json.loads(reports.json_text([Grading("dave", absent=batch.absent())]))["score"] == 0


def test_json_of_many_folders_is_keyed_by_folder():
    """One object: students by folder, each as for one folder, and the summary of the class."""
    document = json.loads(reports.json_text([made(), wrong(), broken()]))
    assert list(document["students"]) == ["alice", "bob", "carol"]
    assert document["students"]["bob"] == json.loads(reports.json_text([wrong()]))
    summary = document["summary"]
    assert (summary["folders"], summary["all_points"], summary["not_graded"]) == (3, 1, 1)
    assert summary["behaviours"][0]["behaviour"] == "1.clip"


def test_junit_is_well_formed_and_counts_right():
    """A suite for each task; failures, skipped and errors are counted as JUnit does."""
    root = ElementTree.fromstring(reports.junit([wrong(), broken()]).encode())
    assert {name: root.get(name) for name in ("tests", "failures", "skipped", "errors")} == {
        "tests": str(len(RUBRIC[0] + RUBRIC[1]) + 1), "failures": "2", "skipped": "1", "errors": "1"}
    assert [suite.get("name") for suite in root] == ["bob: task 0", "bob: task 1", "carol"]
    for suite in root:
        assert len(suite.findall("testcase")) == int(suite.get("tests"))
        for name, tag in (("failures", "failure"), ("skipped", "skipped"), ("errors", "error")):
            assert len(suite.findall(f"testcase/{tag}")) == int(suite.get(name))
    case = next(case for case in root[1].findall("testcase") if case.get("name") == "clip")
    assert case.get("classname") == "bob.task1"
    assert case[0].get("message") == reports.clean(LONG) + "."


def test_csv_has_a_row_for_each_folder():
    """Points, total, maximum and root causes, quoted so that a reader gets the very sentence."""
    rows = list(csv.DictReader(io.StringIO(reports.csv_text([made(tasks=RUBRIC), wrong(other=KERAS_2), broken()]))))
    assert list(rows[0]) == reports.COLUMNS
    assert [row["folder"] for row in rows] == ["alice", "bob", "carol"]
    right, bob, carol = rows
    assert right["total"] == right["maximum"] == str(sum(POINTS.values())) and not right["cause_1"]
    assert [bob[f"task_{task}"] for task in range(5)] == [str(T0), str(T1 - LOST), "", "", ""]
    assert (bob["total"], bob["maximum"]) == (str(ALL - LOST), str(ALL))
    assert bob["cause_1"] == f"1.clip: {reports.clean(LONG)}." and '"clip",' in bob["cause_1"]
    assert (bob["tensorflow"], bob["other_tensorflow"], bob["seconds"]) == ("2.21.0", "2.15.1", "7.2")
    assert (carol["total"], carol["maximum"], carol["task_1"]) == ("", "", "") and "not the code" in carol["not_graded"]


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x"])
def test_no_cell_is_a_formula(name):
    """A folder's name that a spreadsheet would compute gets an apostrophe."""
    assert next(csv.DictReader(io.StringIO(reports.csv_text([made(name)]))))["folder"] == f"'{name}"


def test_what_a_class_misses_most():
    """Behaviours by the number of folders that failed; folders that were not graded do not count."""
    gradings = [wrong("a"), wrong("b"), made("c", failed=("1.adam",)), made("d"), broken()]
    rows = reports.class_summary(gradings)
    assert [(row["behaviour"], row["failed"], row["root_cause"], row["graded"]) for row in rows[:2]] == [
        ("1.adam", 3, 1, 4), ("1.clip", 2, 2, 4)]
    assert next(row for row in rows if row["behaviour"] == "1.returned_values")["not_checked"] == 2
    text = plain(reports.summary_lines(gradings))
    mean = (4 * ALL - 2 * LOST - BEHAVIOURS["1.adam"].points) / (4 * ALL)
    assert f"5 folders: 1 with all points, 1 not graded; on average {mean:.0%} of the points" in text
    assert "3 of 4 1 first 0 open 1.adam: the updates are Adam's" in text and "1.fit" not in text


# ---------------------------------------------------------------- two Pythons


def test_right_with_one_python_and_wrong_with_the_other():
    """The sentence names both generations, and the points are those of the worse one."""
    result = batch.merged(made(versions=KERAS_2), wrong(versions=KERAS_3))
    verdicts = {verdict.behaviour.name: verdict for verdict in result.verdicts[1]}
    expected = f"Right with TensorFlow 2.15.1 (Keras 2), but with TensorFlow 2.21.0 (Keras 3): {LONG}"
    assert verdicts["clip"].sentence == expected and verdicts["clip"].status == FAILED
    assert verdicts["returned_values"].status == NOT_CHECKED
    assert verdicts["returned_values"].sentence.startswith("Passed with TensorFlow 2.15.1 (Keras 2), but")
    assert (result.points(0), result.points(1)) == (T0, T1 - LOST)
    turned = batch.merged(wrong(versions=KERAS_3), made(versions=KERAS_2))
    assert [v.sentence for v in turned.verdicts[1]] == [v.sentence for v in result.verdicts[1]]
    assert "3.13.0" in reports.versions_of(result) and "3.9.18" in reports.versions_of(result)


def test_wrong_with_both_pythons():
    """The same sentence is said once; different ones each with its generation; wrong outranks unchecked."""
    same = batch.merged(wrong(versions=KERAS_2), wrong())
    assert {v.behaviour.name: v.sentence for v in same.verdicts[1]}["clip"] == LONG
    other = wrong()
    clip_of(other).sentence = "something else"
    sentence = clip_of(batch.merged(wrong(versions=KERAS_2), other)).sentence
    assert sentence == f"With TensorFlow 2.15.1 (Keras 2): {LONG}. With TensorFlow 2.21.0 (Keras 3): something else"
    both = clip_of(batch.merged(made(failed=("1.clip",), versions=KERAS_2), made(blocked=("1.clip",))))
    assert both.status == FAILED and both.sentence.startswith("With TensorFlow 2.15.1")


def test_trouble_with_the_second_python_is_trouble():
    """Nothing passes because the second Python could not be asked."""
    result = batch.merged(made(), Grading("alice", trouble="no TensorFlow"))
    assert result.trouble == "With the second Python: no TensorFlow"
    assert not reports.all_passed(result) and sum(map(result.points, result.verdicts)) == 0


# --------------------------------------------------------------- command line


@pytest.fixture
def students(tmp_path, monkeypatch):
    """Four folders, two of them of the same name; the current folder is elsewhere."""
    folders = [tmp_path / "a" / "alice", tmp_path / "b" / "alice", tmp_path / "bob", tmp_path / "carol"]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "1-wgan_clip.py").write_text(f"# {folder}")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return [str(folder) for folder in folders]


class Graders:
    """A stand-in for `grading.grade`: remembers the folders, answers with `answers` by name, else all points."""

    def __init__(self, **answers):
        self.answers, self.seen = answers, []

    def __call__(self, folder, python, tasks, limits, stop, seed):
        self.seen.append(Path(folder))
        answer = self.answers.get(Path(folder).name, made)
        result = answer(tasks=tasks) if answer is made else answer() if callable(answer) else answer
        result.seed = seed
        return result


def run(*arguments, grade=None, terminal=False):
    """Exit code, what was printed, and what was said on the side."""
    out, errors = Screen() if terminal else io.StringIO(), io.StringIO()
    code = command.run([*map(str, arguments)], grade or Graders(), out, errors)
    return code, out.getvalue(), errors.getvalue()


def test_exit_codes(students):
    """0 all right, 1 something wrong, 3 trouble, which outranks wrong."""
    bob = students[2]
    assert run(bob)[0] == 0
    assert run(bob, grade=Graders(bob=wrong))[0] == 1
    assert run(bob, grade=Graders(bob=lambda: made(blocked=("1.clip",))))[0] == 1
    assert run(bob, grade=Graders(bob=broken))[0] == 3
    assert run(*students[2:], grade=Graders(bob=wrong, carol=broken))[0] == 3

    def fails():
        raise ZeroDivisionError("no")

    code, out, _ = run(*students[2:], grade=Graders(bob=fails))
    assert code == 3 and "the checker itself failed with ZeroDivisionError: no" in plain([out])
    assert f"carol: {T1} of {T1} points" in out


@pytest.mark.parametrize("arguments, sentence", [
    ((), "no folder to grade"),
    (("nowhere",), "'nowhere' is not a folder: there is no such"),
    (("../bob/1-wgan_clip.pdf",), "'../bob/1-wgan_clip.pdf' is not a folder"),
    (("../here",), "no file of a task in the folder: expected some of 0-simple_gan.py"),
    (("..",), "for the folders inside it write ../*/"),
    (("../bob", "--task", 2), "no file of a task in the folder: expected 2-wgan_gp.py"),
    (("../bob", "--python", "nopython"), "--python: there is no program 'nopython'"),
    (("../bob", "--csv", "no/x.csv"), "--csv: 'no/x.csv' cannot be written: No such file"),
    (("../bob", "--json", ".."), "--json: '..' cannot be written: it is a folder"),
    (("../bob", "--jobs", 0), "--jobs: expected a positive number, got 0"),
    (("../bob", "--time-limit", "nan"), "--time-limit: expected a positive number, got nan"),
    (("../bob", "--memory", "inf"), "--memory: expected a positive number, got inf"),
    (("../bob", "--memory", -1), "--memory: expected a positive number, got -1.0"),
], ids=lambda x: "-".join(map(str, x)).replace("/", "_") if isinstance(x, tuple) else "")
def test_wrong_usage_is_one_sentence(students, arguments, sentence):
    """Exit code 2 before anything is graded, and one line that says why."""
    grade = Graders()
    code, out, errors = run(*arguments, grade=grade)
    assert code == 2 and not grade.seen and not out
    assert sentence in errors and errors.count("\n") == 1


@pytest.mark.parametrize("arguments", [("--task", "7"), ("--hints=5", "x"), ("--nonsense",)])
def test_unknown_options_are_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as error:
        run(*arguments)
    assert error.value.code == 2


def test_a_state_file_that_cannot_be_written_is_wrong_usage(students):
    Path("checker-results.jsonl").mkdir()
    code, _, errors = run(*students)
    assert code == 2 and "the results so far cannot be kept in checker-results.jsonl: Is a directory" in errors


def test_hints_may_stand_before_a_folder(students):
    """`--hints FOLDER` shows the first hint; `--hints 2 FOLDER` two."""
    for arguments, steps in ((["--hints"], 1), (["--hints", "2"], 2), (["--hints=3"], 3)):
        _, out, _ = run(*arguments, students[2], grade=Graders(bob=wrong))
        assert out.count("Hint ") == steps


def test_nothing_is_coloured_when_piped(students, monkeypatch):
    """The same report with colours on a terminal, without in a pipe, and without if NO_COLOR is set."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for arguments in ((students[2],), students, (students[2], "--all"), ("--list",)):
        assert "\033[" not in run(*arguments, grade=Graders(bob=wrong))[1]
        assert "\033[" in run(*arguments, grade=Graders(bob=wrong), terminal=True)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[" not in run(students[2], grade=Graders(bob=wrong), terminal=True)[1]


def test_reports_are_written_whole(students):
    """All three files are there, and no temporary one."""
    run(*students, "--csv", "x.csv", "--json", "x.json", "--junit", "x.xml", grade=Graders(bob=wrong))
    assert sorted(os.listdir()) == ["checker-results.jsonl", "x.csv", "x.json", "x.xml"]
    assert len(json.loads(Path("x.json").read_text())["students"]) == 4
    assert len(list(csv.DictReader(open("x.csv", newline="")))) == 4
    ElementTree.parse("x.xml")


def test_a_report_that_cannot_be_written_in_the_end_is_trouble(students, monkeypatch):
    """The disk may be full by then: exit code 3 and a sentence, after the report on the terminal."""
    def full(path, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reports, "write", full)
    code, out, errors = run(students[2], "--csv", "x.csv")
    assert code == 3 and f"bob: {T1} of {T1}" in out
    assert "--csv: 'x.csv' cannot be written: No space left on device" in errors


def test_the_reports_are_there_even_if_nobody_reads_the_terminal(students):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        command.run([students[2], "--csv", "x.csv"], Graders(), Closed(), io.StringIO())
    assert Path("x.csv").exists()


def test_a_single_grading_says_that_it_is_under_way_on_a_terminal_only(students):
    errors = Screen()
    command.run([students[2]], Graders(), io.StringIO(), errors)
    assert errors.getvalue() == "\r0 of 1 graded\033[K\r\033[K"
    assert run(students[2])[2] == ""


def test_task_limits_and_python_reach_the_grader(students):
    """--task, --time-limit, --memory and --python are what the grading is done with."""
    seen = []

    def grade(folder, python, tasks, limits, stop, seed):
        seen.append((python, tasks, limits))
        return made(tasks=tasks)

    run(students[2], "--task", 1, "--time-limit", 20, "--memory", 3, "--python", sys.executable, grade=grade)
    assert [python for python, _, _ in seen] == [sys.executable] * 2
    assert [(tasks, limits) for _, tasks, limits in seen] == [([1], Limits(20, 20, 3))] * 2


def test_starter_is_asked_to_write_its_folder(monkeypatch):
    """--starter grades nothing; what hinders it is one sentence."""
    import tests.checker as package

    def write(folder):
        if folder == "full":
            raise ValueError("the folder is not empty")
        if folder == "forbidden":
            raise PermissionError(13, "Permission denied")
        written.append(folder)

    written, grade = [], Graders()
    monkeypatch.setattr(package, "starter", SimpleNamespace(write=write), raising=False)
    assert run("--starter", "new", grade=grade) == (0, "The starter folder is new\n", "")
    assert run("--starter", "full", grade=grade) == (2, "", "--starter: the folder is not empty (full)\n")
    assert run("--starter", "forbidden", grade=grade) == (2, "", "--starter: Permission denied (forbidden)\n")
    assert written == ["new"] and not grade.seen


def test_a_task_asked_for_by_name_costs_its_points_if_its_file_is_missing(students):
    """--task 1 --task 3 without a file of task 3: 0 of its points, reported as not checked."""
    code, out, _ = run(students[2], "--task", 1, "--task", 3)
    assert code == 1 and f"Task 3: 0 of {POINTS[3]} points, not everything could be checked" in out
    assert "the folder has no 3-generate_faces.py" in plain([out])


def test_a_folder_without_files_among_others_does_not_stop_them(students, tmp_path):
    """It is reported as not graded; the others have their grades."""
    (tmp_path / "empty").mkdir()
    code, out, _ = run(tmp_path / "empty", students[2])
    assert code == 1 and "empty\n  Not graded: no file of a task in the folder" in out and f"bob: {T1} of {T1}" in out


# ---------------------------------------------------------------- many folders


def test_folders_of_the_same_name_are_told_apart(students):
    """In every report: by as much of their paths as it takes; one given twice is graded once."""
    grade = Graders()
    _, out, _ = run(*students, students[0], f"{students[2]}/../bob", "--csv", "x.csv", grade=grade)
    assert len(grade.seen) == 4
    names = [row["folder"] for row in csv.DictReader(open("x.csv", newline=""))]
    assert names == ["a/alice", "b/alice", "bob", "carol"]
    assert f"a/alice: {T1} of {T1}" in out and f"b/alice: {T1} of {T1}" in out


def test_names_that_differ_only_in_what_cannot_be_printed_are_told_apart(tmp_path):
    names = batch.labels([tmp_path / "x\n", tmp_path / "x", tmp_path / "x\x1b"])
    assert len(set(names)) == 3


def interrupting(after):
    """A grader that is interrupted in the folder number `after` (from 0)."""
    class Interrupting(Graders):
        def __call__(self, folder, *rest, seed):
            if len(self.seen) == after:
                raise KeyboardInterrupt
            return super().__call__(folder, *rest, seed)

    return Interrupting(bob=wrong)


def test_interrupted_and_resumed(students):
    """Ctrl-C keeps what is done, says how to go on, writes no half report; --resume grades only the rest."""
    grade = interrupting(3)
    code, out, errors = run(*students, "--csv", "x.csv", grade=grade)
    assert code == 130 and not out and not Path("x.csv").exists()
    assert "Interrupted; 3 of 4 are kept in checker-results.jsonl. The same command with --resume goes on." in errors
    grade = Graders()
    code, out, errors = run(*students, "--csv", "x.csv", "--resume", grade=grade)
    assert [folder.name for folder in grade.seen] == ["carol"]
    assert "3 of 4 are known from checker-results.jsonl" in errors and code == 1
    rows = list(csv.DictReader(open("x.csv", newline="")))
    assert [row["folder"] for row in rows] == ["a/alice", "b/alice", "bob", "carol"]
    assert rows[2]["total"] == str(ALL - LOST) and rows[2]["cause_1"].startswith("1.clip: After 3 updates")


def test_one_folder_can_be_interrupted(students):
    assert run(students[0], grade=interrupting(0)) == (130, "", "Interrupted.\n")
    assert os.listdir() == []


def test_resume_grades_what_has_changed(students, monkeypatch):
    """A changed file, another task, another limit and another checker are graded anew; nothing else is."""
    def graded_again(*options):
        grade = Graders()
        run(*students, "--resume", *options, grade=grade)
        return [folder.name for folder in grade.seen]

    run(*students)
    assert graded_again() == []
    Path(students[3], "1-wgan_clip.py").write_text("# changed")
    assert graded_again() == ["carol"]
    Path(students[3], "helper.py").write_text("# new")
    assert graded_again() == ["carol"]
    assert graded_again() == []
    assert len(graded_again("--task", "1")) == 4
    assert len(graded_again("--time-limit", "5")) == 4
    assert len(graded_again("--python", sys.executable)) == 8
    monkeypatch.setattr(batch, "checker_version", lambda: "another")
    assert len(graded_again()) == 4
    assert graded_again("--all", "--hints", "--json", "x.json", "--jobs", "2") == []
    assert len(graded_again("--csv", "../x.csv")) == 4  # the state file is beside it


def test_trouble_is_not_remembered(students):
    """What the machine prevented is graded again."""
    run(*students, grade=Graders(bob=broken))
    grade = Graders()
    run(*students, "--resume", grade=grade)
    assert [folder.name for folder in grade.seen] == ["bob"]


def test_without_resume_everything_is_graded_again(students):
    run(*students)
    grade = Graders()
    run(*students, grade=grade)
    assert len(grade.seen) == 4


def test_a_torn_state_file_loses_one_folder(students):
    """A line that was cut, and one that is not JSON, are graded again; the others are known."""
    run(*students)
    path = Path("checker-results.jsonl")
    lines = path.read_text().splitlines()
    path.write_text("\n".join(["nonsense", '{"path": 3}', *lines[:3], lines[3][:60]]))
    grade = Graders()
    run(*students, "--resume", grade=grade)
    assert [folder.name for folder in grade.seen] == ["carol"]
    grade = Graders()
    run(*students, "--resume", grade=grade)
    assert grade.seen == []


def test_a_grading_survives_the_state_file():
    """Nothing is lost on the way to the file and back."""
    grading = wrong(other=KERAS_2)
    again = batch.from_record(json.loads(json.dumps(batch.to_record(grading))))
    assert again == grading


def test_ctrl_c_ends_the_gradings_that_run():
    """Jobs that wait are told to stop, and what has ended in the meantime is handed over."""
    ended, handed, started = [], [], threading.Barrier(3)

    def grade(job, stop):
        started.wait(300)
        if job == 0:
            raise KeyboardInterrupt
        assert stop.wait(300)
        ended.append(job)
        if job == 2:
            return made()
        raise Interrupted

    with pytest.raises(KeyboardInterrupt):
        batch.run_all(range(9), grade, 3, lambda job, grading: handed.append(job))
    assert sorted(ended) == [1, 2] and handed == [2]


def test_jobs_run_at_the_same_time():
    """Three jobs that wait for each other end, and every job is handed over once."""
    together, handed = threading.Barrier(3), []

    def grade(job, stop):
        together.wait(300)
        return made()

    batch.run_all(range(9), grade, 3, lambda job, grading: handed.append((job, grading.trouble)))
    assert sorted(handed) == [(job, "") for job in range(9)]


def test_the_time_left():
    """One line that is written over on a terminal, a line for each folder elsewhere."""
    screen = Screen()
    progress = batch.Progress(10, 2, screen)
    progress.started = time.monotonic() - 60
    progress.advance("alice")
    assert screen.getvalue() == "\r3 of 10 graded, about 7 min left\033[K"
    progress.advance("bob")
    assert screen.getvalue().endswith("\r4 of 10 graded, about 3 min left\033[K")
    pipe = io.StringIO()
    progress = batch.Progress(2, 0, pipe)
    progress.show()
    progress.advance("alice")
    progress.advance("bob")
    assert [line.split("(")[-1] for line in pipe.getvalue().splitlines()] == ["alice)", "bob)"]
    assert [batch.in_words(s) for s in (5, 89, 90, 3600, 7500)] == ["5 s", "89 s", "2 min", "60 min", "2 h 05 min"]


def test_the_files_that_count_are_the_folders_own(tmp_path):
    """Outputs, hidden files and environments neither reach the solution's copy nor make a grading out of date."""
    for name in ("a.py", "b/c.txt", ".git/x", "outputs/y.png", "env/pyvenv.cfg", "env/z.py", "__pycache__/a.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert sorted(str(path.relative_to(tmp_path)) for path in own_files(tmp_path)) == ["a.py", "b/c.txt"]
    settings = Settings([sys.executable])
    before = batch.fingerprint(tmp_path, settings)
    (tmp_path / "outputs/y.png").write_text("other")
    assert batch.fingerprint(tmp_path, settings) == before
    (tmp_path / "b/c.txt").write_text("other")
    assert batch.fingerprint(tmp_path, settings) != before


# ------------------------------------------------------------------ real runs


def in_a_process(*arguments):
    return subprocess.run([sys.executable, *map(str, arguments)], cwd=ROOT, text=True, capture_output=True)


def pytest_in_a_process(*arguments):
    return in_a_process("-m", "pytest", "-p", "no:cacheprovider", *arguments)


@pytest.fixture(scope="module")
def swapped(tmp_path_factory):
    """Task 0 whose generator wants the wrong thing, with all that it imports beside it."""
    folder, right = tmp_path_factory.mktemp("swapped"), "(tf.ones_like(x), x)\n\n"
    text = (ROOT / "0-simple_gan.py").read_text()
    assert text.count(right) == 1
    (folder / "0-simple_gan.py").write_text(text.replace(right, right.replace("tf", "-tf")))
    shutil.copytree(ROOT / "gan", folder / "gan", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_a_wrong_solution_end_to_end(swapped, tmp_path):
    """The command grades a folder, names the mistake, writes the reports and ends with 1; TensorFlow stays outside."""
    done = in_a_process("-m", "tests.checker", swapped, "--hints", "--json", tmp_path / "results.json", "--junit",
                        tmp_path / "x.xml", "--seed", "0")
    assert done.returncode == 1, done.stderr
    assert re.search(r"Task 0: \d+ of \d+ points", done.stdout)
    assert re.search(r"FAILED      0/\d  generator_loss", done.stdout)
    assert "Hint 1 on 0.generator_loss" in done.stdout and "\033[" not in done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    document = json.loads((tmp_path / "results.json").read_text())
    assert document["score"] < document["extra_data"]["max_score"] == T0
    assert ElementTree.parse(tmp_path / "x.xml").getroot().get("failures") != "0"


def test_a_python_without_tensorflow_is_not_the_students_fault(tmp_path):
    """A second Python that has no TensorFlow: exit code 3, a sentence on the machine, no points and no failures."""
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "4-wgan_gp.py").write_text("")
    made_one = in_a_process("-m", "venv", "--without-pip", tmp_path / "env")
    assert made_one.returncode == 0, made_one.stderr
    done = in_a_process("-m", "tests.checker", tmp_path / "alice", "--python", tmp_path / "env" / "bin" / "python",
                        "--csv", tmp_path / "x.csv")
    text = plain([done.stdout])
    assert done.returncode == 3 and "FAILED" not in text and "points" not in text
    assert "Not graded: With the second Python: this machine, not the code, is in trouble" in text
    row = next(csv.DictReader(open(tmp_path / "x.csv", newline="")))
    assert row["total"] == "" and "this machine" in row["not_graded"]


def test_a_submission_as_tests(swapped):
    """`pytest tests --submission DIR` runs the behaviours of that folder and nothing else."""
    done = pytest_in_a_process("tests", "--submission", swapped, "--seed", "12")
    assert done.returncode == 1, done.stdout
    assert "inputs of the checker: --seed 12" in done.stdout
    assert "FAILED tests/test_submission.py::test_behaviour[0.generator_loss]" in done.stdout
    assert f"collected {len(RUBRIC[0]) + 1} items / 1 deselected" in done.stdout
    assert re.search(r"\d failed, 1\d passed", done.stdout)


def test_a_conftest_of_a_student_is_not_run(swapped, tmp_path):
    """pytest would run it before it knows the option: it is refused, in the folder, above it and in its tests."""
    mark = tmp_path / "mark"
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "0-simple_gan.py").write_text("")
    for place in (tmp_path / "conftest.py", tmp_path / "alice/conftest.py", tmp_path / "alice/tests/conftest.py"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"open({str(mark)!r}, 'w')")
        done = pytest_in_a_process("tests", "--submission", tmp_path / "alice")
        assert done.returncode == 4 and f"pytest would run {place}" in done.stderr and not mark.exists()
        place.unlink()


def test_the_grader_itself_needs_no_tensorflow():
    """Everything but the worker runs without it."""
    code = "import sys, tests.checker.__main__; print([m for m in sys.modules if m in ('tensorflow', 'keras')])"
    done = in_a_process("-c", code)
    assert done.stdout == "[]\n", done.stderr


def test_a_reader_that_stops_reading_gets_no_traceback():
    """`python -m tests.checker ... | head` ends quietly."""
    process = subprocess.Popen([sys.executable, "-m", "tests.checker", "--list"], cwd=ROOT, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait() == 3
    process.stderr.close()


def test_ctrl_c_kills_the_workers(tmp_path):
    """SIGINT in the middle: exit code 130, the way to go on, and no process or temporary folder left."""
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        folder.mkdir()
        (folder / "0-simple_gan.py").write_text("import time\ntime.sleep(1000)\n")
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-m", "tests.checker", *map(str, folders), "--jobs", "2", "--csv",
                                str(tmp_path / "x.csv")], cwd=ROOT, env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    def workers():
        """In the sandbox the folder stands in the command line only."""
        paths = [*Path("/proc").glob("[0-9]*/environ"), *Path("/proc").glob("[0-9]*/cmdline")]
        paths = [path for path in paths if belongs(path, str(tmp_path / "checker-").encode())]
        return {int(path.parent.name) for path in paths} - {process.pid}

    while not workers() and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate()
    assert process.returncode == 130 and not out
    # on a busy machine the time of the first one may be over by then
    assert re.search(r"Interrupted; [012] of 3 are kept", errors) and "Traceback" not in errors
    assert [path.name for path in tmp_path.glob("checker-*")] == ["checker-results.jsonl"]
    assert not workers()


def belongs(path, text):
    try:
        return text in path.read_bytes()
    except OSError:
        return False
