"""What the checker takes from a student's folder: what can be read is graded, the rest is named."""

import io
import json
import os
import socket
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.checker import __main__ as command
from tests.checker import batch, grading, guidance, inputs, reports, submission
from tests.checker.grading import Grading
from tests.checker.rubric import FAILED, RUBRIC, Verdict
from tests.checker.submission import Submission

TASK = "1-wgan_clip.py"


def names(folder):
    return [name for name, _ in Submission(folder).files]


def text_of(found):
    return " | ".join(found.notes())


# -------------------------------------------------------------------------- the order


def test_task_files_come_before_thousands_of_pictures(tmp_path, monkeypatch):
    """Pictures whose names come first must not push the task's file out; what was left out is said."""
    monkeypatch.setattr(submission, "MOST_FILES", 5)
    for i in range(9):
        (tmp_path / f"0-{i}.png").write_bytes(b"x")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name in ("deep/er/a.py", "z.py", TASK):
        (tmp_path / name).write_text("")
    assert names(tmp_path) == [TASK, "z.py", "deep/er/a.py", "0-0.png", "0-1.png"]
    assert "0-2.png, 0-3.png, 0-4.png and 4 more" in text_of(Submission(tmp_path))


def test_data_do_not_push_the_task_out(tmp_path, monkeypatch):
    """The limit on all files together counts task files first, and lets small files in behind a large one."""
    monkeypatch.setattr(submission, "LARGEST_COPY", 1000)
    for name, size in (("a.npy", 900), (TASK, 300), ("b.csv", 200)):
        (tmp_path / name).write_bytes(b"#" * size)
    assert names(tmp_path) == [TASK, "b.csv"]
    assert "a.npy" in text_of(Submission(tmp_path))


def test_a_task_file_that_is_too_large_has_a_sentence_of_its_own(tmp_path):
    """It is there, so "no file" would be wrong; it costs its task, and the other tasks are graded."""
    (tmp_path / TASK).write_bytes(b"#" * (9 << 20))
    found = Submission(tmp_path)
    assert names(tmp_path) == [] and grading.present(tmp_path) == [1]
    assert found.refused[1].startswith(f"{TASK} is not graded: it is larger than 8 MB")
    result = grading.grade(tmp_path)  # needs no server
    assert not result.trouble and result.starts == 0 and result.points(1) == 0
    assert result.verdicts[1][0].sentence == found.refused[1] and result.verdicts[1][0].status == FAILED


# ----------------------------------------------------------------------------- links


def test_a_folder_with_the_name_of_a_task_file(tmp_path):
    """An archive unpacked with its name makes one. A file inside it is graded in its place; else it is said what it is,
    and the report without hints says it too."""
    (tmp_path / TASK / "deep").mkdir(parents=True)
    (tmp_path / TASK / "deep" / "solution.py").write_text("x = 1")
    found = Submission(tmp_path)
    sentence = f"{TASK} is not graded: it is a folder. Hand in a file of that name"
    assert found.tasks == [1] and found.refused == {1: sentence}
    assert guidance.observed(sentence) == sentence
    (tmp_path / TASK / TASK).write_text("x = 2")
    found = Submission(tmp_path)
    assert found.tasks == [1] and not found.refused and found.graded[TASK] == b"x = 2"
    assert not any(name.startswith(f"{TASK}/") for name in found.graded), "no file can be beside a folder of its name"
    found.archive()


def test_links_that_leave_the_folder_are_not_followed(tmp_path):
    """A file or folder, relative or absolute, of a neighbour or of this package: none reaches the copy."""
    bob, alice = tmp_path / "bob", tmp_path / "alice"
    (bob / "sub").mkdir(parents=True)
    alice.mkdir()
    for name in (TASK, "sub/x.py"):
        (bob / name).write_text("secret")
    (alice / "own.py").write_text("own")
    (alice / "inside.py").symlink_to("own.py")
    (alice / TASK).symlink_to("../bob/" + TASK)
    (alice / "0-simple_gan.py").symlink_to(Path(__file__).resolve().parents[2] / "0-simple_gan.py")
    (alice / "folder").symlink_to(bob)
    (alice / "through.py").symlink_to("folder/sub/x.py")
    (alice / "hop.py").symlink_to("hop2.py")
    (alice / "hop2.py").symlink_to(bob / TASK)
    assert names(alice) == ["inside.py", "own.py"]
    found = Submission(alice)
    assert set(found.refused) == {0, 1} and "link that leaves the folder" in found.refused[1]
    assert b"secret" not in found.archive()
    assert {"through.py", "folder", "hop.py"} < set(found.left_out[submission.OUTSIDE])
    assert "links that leave the folder: folder, hop.py, hop2.py and 1 more" in text_of(found)


def test_a_folder_that_is_itself_a_link_is_graded(tmp_path):
    """CLASS/alice may be a link to where alice's files are: its own files do not leave it."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / TASK).write_text("x")
    (tmp_path / "alice").symlink_to("real")
    assert names(tmp_path / "alice") == [TASK]


def test_a_hard_link_to_a_neighbours_file_is_told(tmp_path):
    """The file cannot be told from a file of one's own, so it is graded; whose it is too stands in the report."""
    for name in ("alice", "bob"):
        (tmp_path / name).mkdir()
    (tmp_path / "bob" / TASK).write_text("x")
    os.link(tmp_path / "bob" / TASK, tmp_path / "alice" / TASK)
    assert f"{TASK} is on this disk the same file as bob/{TASK}" in text_of(Submission(tmp_path / "alice"))


@pytest.mark.parametrize("target", ["loop", ".", "..", "nowhere", "/dev/zero", "/proc/self/fd", "x" * 255])
def test_a_link_to_itself_or_to_nowhere_ends_no_grading(tmp_path, target):
    """`ln -s loop loop` used to end the grading of a whole class with a traceback."""
    (tmp_path / "loop").symlink_to(target)
    (tmp_path / TASK).write_text("x")
    assert names(tmp_path) == [TASK]
    assert "loop" in text_of(Submission(tmp_path))
    (tmp_path / "0-simple_gan.py").symlink_to(target)
    if not os.path.isdir(tmp_path / "0-simple_gan.py"):
        assert 0 in Submission(tmp_path).refused


# ------------------------------------------------------------------------ odd things


def test_pipes_sockets_and_devices_are_named_and_not_opened(tmp_path):
    """Reading a pipe that nobody writes to would wait for ever."""
    os.mkfifo(tmp_path / TASK)
    os.mkfifo(tmp_path / "pipe.py")
    before = os.getcwd()
    os.chdir(tmp_path)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("socket.py")
    finally:
        os.chdir(before)
    (tmp_path / "a.py").write_text("x")
    found = Submission(tmp_path)
    assert [name for name, _ in found.files] == ["a.py"] and "no regular file" in found.refused[1]
    assert "pipe.py, socket.py" in text_of(found)


def test_names_that_are_no_text_and_very_long_paths(tmp_path):
    """Bytes that are not UTF-8 come through; a path that is too long for the copy is left out and named."""
    with open(os.path.join(os.fsencode(tmp_path), b"caf\xe9.py"), "w") as file:
        file.write("x = 1")
    (tmp_path / ("n" * 255)).write_text("x")
    folder = tmp_path
    for _ in range(12):
        folder = folder / ("d" * 200)
    folder.mkdir(parents=True)
    (folder / "x.py").write_text("x")
    found = Submission(tmp_path)
    with tarfile.open(fileobj=io.BytesIO(found.archive())) as tar:
        own = [name for name in tar.getnames() if not name.startswith("gan/")]
        assert sorted(own) == sorted(["caf\udce9.py", "n" * 255])
    assert "too deep in folders" in text_of(found)
    lines = reports.terminal(Grading("x", notes=found.notes(), absent="nothing"))
    assert max(map(len, lines)) <= 80 and all(line.isprintable() for line in lines)


def test_thousands_of_nested_folders(tmp_path):
    """Folders in folders, as deep as the system allows by one name at a time: no recursion, no traceback."""
    before = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(before)
    (tmp_path / TASK).write_text("x")
    try:
        assert names(tmp_path) == [TASK]
    finally:  # pytest's own clean-up would descend by recursion
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_folders_and_files_that_nobody_may_read(tmp_path, monkeypatch):
    """What cannot be read is named, and the rest is graded (root can read everything, so it is played here)."""
    (tmp_path / "closed").mkdir()
    for name in ("closed/a.py", "b.py", TASK):
        (tmp_path / name).write_text("x")
    scandir, opened = os.scandir, os.open

    def no_scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def no_open(path, *args, **options):
        if str(path).endswith("b.py"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **options)

    monkeypatch.setattr(submission.os, "scandir", no_scandir)
    monkeypatch.setattr(submission.os, "open", no_open)
    assert names(tmp_path) == [TASK]
    assert "not readable: closed, b.py" in text_of(Submission(tmp_path))


def test_a_folder_with_too_many_names_is_looked_at_in_part(tmp_path, monkeypatch):
    monkeypatch.setattr(submission, "MOST_SEEN", 10)
    for i in range(30):
        (tmp_path / f"{i:02}.txt").write_text("")
    assert len(names(tmp_path)) == 10 and "from 10.txt on" in text_of(Submission(tmp_path))


PARTS = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=("Cs",)), min_size=1, max_size=12)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.dictionaries(PARTS.filter(lambda name: name not in (".", "..")), st.binary(max_size=50), max_size=6))
@example({"a\nb.py": b"", "\udcff.py".encode("utf-8", "surrogateescape").decode("latin-1"): b"\0", "=1+1.py": b"x"})
def test_whatever_the_names_and_contents_are(files):
    """Every file that is not hidden is in the archive with its bytes, and every note can be printed."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        found = Submission(folder)
        with tarfile.open(fileobj=io.BytesIO(found.archive())) as tar:
            held = {name: tar.extractfile(name).read() for name in tar.getnames()}
        shown = {n: c for n, c in files.items() if not n.startswith(".")}
        assert {name: data for name, data in held.items() if not name.startswith("gan/")} == shown
        assert all(reports.clean(note).isprintable() for note in found.notes())


# ---------------------------------------------------------------------- nearly right names


@pytest.mark.parametrize("name", [
    "0-simple_gan (1).py", "0-simple_gan(2).py", "0-simple_gan - Copy.py", "0-simple_gan copy 2.py",
    "Copy of 0-simple_gan.py", "0_simple_gan.py", "0 simple gan.py", "0-Simple_GAN.py", "0-simple_gan.PY",
    "0-simple_gan.py.txt", "0-simple_gan.py.py", "0-simple_gan.txt", "0-simple_gan", "simple_gan.py",
    "task0_simple_gan.py", "0-simple_gan_final.py", "0-simple_gan-1.py", "week 1/gan/0-simple_gan.py",
    "week 1/0-simple_gan (1).py", "lovelaceada_12345_67890_0-simple_gan-1.py",
    "Ada Lovelace_4711_assignsubmission_file_0-simple_gan.py"])
def test_a_name_that_is_nearly_right_is_graded_with_a_remark(tmp_path, name):
    """The commonest reason for "no file of a task" is a browser that adds (1)."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("x = 1")
    found = Submission(tmp_path)
    assert found.tasks == [0] and found.graded["0-simple_gan.py"] == b"x = 1"
    assert found.notes([0]) == [f"{name} is graded as 0-simple_gan.py: hand it in under that name"]


@pytest.mark.parametrize("name, words", [
    ("0-simple_gan.ipynb", "is not graded. Hand in 0-simple_gan.py itself"),
    ("0-simple_gan.zip", "it cannot be read as a zip archive"),
    ("0-simple_gan.tar.gz", "It is an archive. Unpack it"),
    ("0-simple_gan.docx", "Hand in 0-simple_gan.py itself"),
    ("0-simple_gan.py.pdf", "Hand in 0-simple_gan.py itself"),
])
def test_what_only_has_the_name_of_a_task_gets_a_helpful_sentence(tmp_path, name, words):
    (tmp_path / name).write_text("x = 1")
    found = Submission(tmp_path)
    assert found.tasks == [] and any(words in note and note.startswith(name) for note in found.notes([0]))


def test_each_task_is_recognised_and_right_names_are_not_spoken_of(tmp_path):
    for files in inputs.FILES.values():
        (tmp_path / files[-1].replace(".py", " (1).py")).write_text("")
    found = Submission(tmp_path)
    assert found.tasks == list(inputs.FILES)
    assert [note.split(" is graded as ")[1] for note in found.notes()] == [
        f"{files[-1]}: hand it in under that name" for files in inputs.FILES.values()]
    for files in inputs.FILES.values():
        (tmp_path / files[-1]).write_text("")
    assert Submission(tmp_path).notes() == []
    (tmp_path / TASK).write_text("x = 1")
    assert Submission(tmp_path).notes() == [f"1-wgan_clip (1).py is not graded: {TASK} is there"]


@pytest.mark.parametrize("name", ["helpers.py", "gan.py", "notes.txt", "simple.py", "0-main_01.py", "simple_gan.csv"])
def test_other_names_are_left_alone(tmp_path, name):
    (tmp_path / name).write_text("")
    assert Submission(tmp_path).notes() == []


NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ["import os\n"]}], "metadata": {}, "nbformat": 4})


@pytest.mark.parametrize("content, words", [
    (NOTEBOOK.encode(), "is a notebook"),
    (b"\xef\xbb\xbf" + NOTEBOOK.encode(), "is a notebook"),
    ("import os\n".encode("utf-16"), "is no text in UTF-8"),
    ("import os\n".encode("utf-16-le"), "is no text in UTF-8"),
    ("import os\n".encode("utf-16-be"), "is no text in UTF-8"),
    ("import os\n".encode("utf-32"), "is no text in UTF-8"),
    ("import os\n".encode("utf-32-le"), "is no text in UTF-8"),
    (b"import os\n# caf\xe9\n", "is no text in UTF-8"),
    (b"import os\n# \x93caf\xe9\x94\x81\n", "is no text in UTF-8"),
], ids=str)
def test_what_can_be_made_to_be_python_is_graded_with_a_remark(tmp_path, content, words):
    (tmp_path / TASK).write_bytes(content)
    found = Submission(tmp_path)
    assert found.graded[TASK].decode().startswith("import os") and found.no_python(1) is None
    assert words in found.notes()[0] and found.contents[TASK] == content


@pytest.mark.parametrize("content, words", [
    (b"PK\x03\x04rest", "a zip archive"),
    (b"<!DOCTYPE html>\n<html></html>", "a web page"),
    (b"\n\n<html lang='en'>", "a web page"),
    (b"%PDF-1.4", "a PDF"),
    (b"{\\rtf1\\ansi", "a document of a word processor"),
], ids=str)
def test_what_is_no_python_under_a_right_name_is_called_what_it_is(tmp_path, content, words):
    (tmp_path / TASK).write_bytes(content)
    assert words in Submission(tmp_path).no_python(1)
    first = Verdict(RUBRIC[1][0], FAILED, "The file cannot be read as Python: ...")
    grading.explain([first], Submission(tmp_path), 1)
    assert words in first.sentence


@pytest.mark.parametrize("content", [
    b"", b"x = 1\n", b"\xef\xbb\xbfx = 1\n", "# café\n".encode(), b"# -*- coding: latin-1 -*-\n# caf\xe9\n",
    b"'''<html>'''\n", b"x = {'cells': 1}\n", b"import os\ndef f(:\n", bytes(range(256)) * 3], ids=str)
def test_python_with_a_mistake_is_not_called_anything_else(tmp_path, content):
    (tmp_path / TASK).write_bytes(content)
    assert Submission(tmp_path).no_python(1) is None


# --------------------------------------------------------------------- always a report


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "here"


def run(*arguments):
    out, errors = io.StringIO(), io.StringIO()
    return command.run([*map(str, arguments)], None, out, errors), out.getvalue(), errors.getvalue()


def test_nothing_to_grade_still_writes_the_reports(here, tmp_path):
    """An autograder shows what stands in results.json; without one it shows nothing at all."""
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "1-wgan_clip (1).pdf").write_text("")
    code, _, errors = run(tmp_path / "alice", "--json", "r.json", "--csv", "r.csv", "--junit", "r.xml")
    assert code == 2 and "is not graded. Hand in" in errors and errors.count("\n") == 1
    document = json.loads(Path("r.json").read_text())
    assert document["score"] == 0 and "no file of a task" in document["output"]
    assert "1-wgan_clip (1).pdf looks like 1-wgan_clip.py" in document["output"]
    assert "no file of a task" in Path("r.csv").read_text() and "no file of a task" in Path("r.xml").read_text()


def test_what_was_asked_for_and_is_missing_is_listed_with_its_points(here, tmp_path):
    (tmp_path / "alice").mkdir()
    run(tmp_path / "alice", "--task", 1, "--json", "r.json")
    document = json.loads(Path("r.json").read_text())
    assert document["score"] == 0 and document["extra_data"]["max_score"] == sum(b.points for b in RUBRIC[1])
    assert len(document["tests"]) == len(RUBRIC[1])


@pytest.mark.parametrize("many", [False, True])
def test_a_folder_that_is_missing_or_empty_among_nothing_else(here, tmp_path, many):
    """No folder at all, and several without a file."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    folders = [tmp_path / "a", tmp_path / "b"] if many else [tmp_path / "none"]
    code, _, errors = run(*folders, "--json", "r.json")
    document = json.loads(Path("r.json").read_text())
    assert code == 2 and errors
    assert list(document["students"]) == ["a", "b"] if many else "is not a folder" in document["output"]


def test_the_warning_and_the_notes_are_in_every_report_but_the_csv():
    """CSV keeps its columns; terminal, JSON and JUnit say what was not protected and what was left out."""
    result = Grading("alice", {"python": "3", "tensorflow": "2.21.0", "keras": "3"}, warning="Not protected: x",
                     notes=["Not copied, because larger: a.npy"])
    result.verdicts[3] = [Verdict(behaviour, "passed", points=behaviour.points) for behaviour in RUBRIC[3]]
    document = json.loads(reports.json_text([result]))
    shown = ["\n".join(reports.terminal(result)), "\n".join(reports.brief(result)), document["output"],
             json.dumps(document["extra_data"]), reports.junit([result])]
    for text in shown:
        assert "Not protected: x" in text and "a.npy" in text
    assert "Not protected" not in reports.csv_text([result])
    assert batch.from_record(json.loads(json.dumps(batch.to_record(result)))) == result


# ------------------------------------------------------------------------------- cells


@pytest.mark.parametrize("text", ["x;=1+1", "x,=1+1", "x\t=1", "x\n=1", "  =1+1", "=1+1", "@SUM(1)", "+1", "-1+1",
                                  "|calc", "＝1+1", "＋1", "－1", "＠x", "x; =1", 'x";"=1+1', "a|=1", "%0A=1",
                                  "\u200b=1",
                                  "\ufeff=1", "\u00a0=1", "=cmd|'/C calc'!A0", "x:=1", "x;;=1", "x;-2+3"])
def test_no_part_of_a_cell_is_a_formula_in_any_country(text):
    """Semicolons separate cells in half of Europe: what follows one begins a cell there, and gets an apostrophe too."""
    for part in reports.re.split(r'[;,|:"\t\r\n]', reports.cell(text)):
        assert not part.strip().startswith(tuple("=+-@%＝＋－＠")), (text, reports.cell(text))
    assert not reports.cell(text).startswith("|")


def test_ordinary_sentences_stay_as_they_are():
    for text in ("alice", "the loss is -mean(x), not mean(x)", "1.clip: After 3 updates", "x = 1; y = 2", "a-b@c"):
        assert reports.cell(text) == text


def test_a_very_long_sentence_costs_the_reports_nothing(monkeypatch):
    """Sixty million characters are cut before anybody looks at each of them."""
    looked_at = []
    monkeypatch.setattr(reports, "printable", lambda text: looked_at.append(len(text)) or text)
    assert len(reports.clean("x" * 60_000_000)) == reports.LONGEST_SENTENCE
    assert max(looked_at) <= 10 * reports.LONGEST_SENTENCE


# --------------------------------------------------------------------------- state file


def graded(folder="alice"):
    result = Grading(folder, {"python": "3"})
    result.verdicts[3] = [Verdict(behaviour, "passed", points=behaviour.points) for behaviour in RUBRIC[3]]
    return result


def test_lines_that_somebody_else_wrote_do_not_count(here):
    """A forged line, a line of another grader, one with other points, and one of another folder."""
    state = batch.State("checker-results.jsonl")
    state.add("/class/alice", "mark", graded())
    line = json.loads(Path("checker-results.jsonl").read_text())
    forged = [{**line, "signature": "0" * 64}, {k: v for k, v in line.items() if k != "signature"},
              {**line, "path": "/class/mallory"}, {**line, "fingerprint": "other"},
              {**line, "grading": {**line["grading"], "seconds": 1.0}}, {**line, "signature": None}]
    with open("checker-results.jsonl", "a") as file:
        file.writelines(json.dumps(one) + "\n" for one in forged)
    again = batch.State("checker-results.jsonl")
    assert list(again.load()) == [("/class/alice", "mark")] and again.strange == len(forged)


def test_the_key_is_the_graders_own(here, tmp_path):
    """Made on first use, readable by its owner alone, the same for the next run, and never in the state file."""
    batch.State("checker-results.jsonl").add("/class/alice", "mark", graded())
    key = tmp_path / "state" / "gan-course-checker" / "key"
    assert key.stat().st_mode & 0o777 == 0o600 and key.parent.stat().st_mode & 0o077 == 0
    assert len(key.read_bytes()) == 32 and key.read_bytes().hex() not in Path("checker-results.jsonl").read_text()
    assert batch.State("checker-results.jsonl").load()
    key.write_bytes(b"x" * 32)
    other = batch.State("checker-results.jsonl")
    assert not other.load() and other.strange == 1


def test_strange_lines_are_told_in_one_sentence(here, tmp_path):
    for name in ("alice", "bob"):
        (tmp_path / name).mkdir()
        (tmp_path / name / TASK).write_text("x")

    def grade(folder, python, tasks, limits, stop, seed):
        result = graded(Path(folder).name)
        result.seed = seed
        return result

    arguments = [str(tmp_path / "alice"), str(tmp_path / "bob")]
    command.run(arguments, grade, io.StringIO(), io.StringIO())
    with open("checker-results.jsonl", "a") as file:
        file.write(json.dumps({"path": "x", "fingerprint": "y", "grading": {}}) + "\n")
    errors = io.StringIO()
    command.run([*arguments, "--resume"], grade, io.StringIO(), errors)
    assert "1 line of checker-results.jsonl was not written by this checker and does not count" in errors.getvalue()
    assert "2 of 2 are known" in errors.getvalue()


def test_a_home_that_cannot_be_written_does_not_stop_a_grading(here, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/x")
    state = batch.State("checker-results.jsonl")
    state.add("/class/alice", "mark", graded())
    assert state.load() and not state.strange
