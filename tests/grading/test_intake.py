"""A class as a learning platform hands it out: whose is what, what is refused, and that nobody is lost."""

import csv
import io
import json
import os
import re
import struct
import tempfile
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checker import __main__ as command
from tests.checker import archives, class_page, copies, gradebooks, inputs, names, notebook_code
from tests.checker.grading import Grading
from tests.checker.intake import Intake, is_download
from tests.checker.names import Owner, owner_of, wanted_name
from tests.checker.rubric import FAILED, RUBRIC, Verdict
from tests.checker.submission import Submission

ROOT = Path(copies.ROOT)
NAME = "0-simple_gan.py"
MOST = {task: sum(one.points for one in rows) for task, rows in RUBRIC.items()}


def put(path, content="x = 1\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def pretended(path, python, tasks, limits, stop, seed=None):
    """A grading with all points, without any process."""
    result = Grading(Path(path).name, {"python": "3", "tensorflow": "2.21.0", "keras": "3"}, seed=seed)
    result.notes = Submission(path).notes()
    for task in tasks:
        result.verdicts[task] = [Verdict(one, "passed", points=one.points) for one in RUBRIC[task]]
    return result


def run(*arguments, grade=pretended):
    out, errors = io.StringIO(), io.StringIO()
    return command.run([*map(str, arguments)], grade, out, errors), out.getvalue(), errors.getvalue()


def taken(*paths, of_a_class=False):
    """Label -> (number, platform, tasks) of what these paths hold, and what is left over."""
    with Intake() as intake:
        students = intake.take(paths, of_a_class)
        found = {one.label: (one.owner.number, one.owner.platform, Submission(one.folder).tasks) for one in students}
        assert len(found) == len(students)
        return found, sorted(intake.left_over)


# -------------------------------------------------------------------------------- names

WORDS = st.text(st.characters(whitelist_categories=("L",)), min_size=1, max_size=8)
PEOPLE = st.lists(WORDS, min_size=1, max_size=3)
NUMBERS = st.integers(1, 10**7)
OWN = st.sampled_from([NAME, "0-simple_gan (1).py", "my_work.zip", "a - b.ipynb", "1-wgan_clip-1.py"])
few = settings(deadline=None, derandomize=True, max_examples=60)


@few
@given(PEOPLE, st.sampled_from([" ", "_", "-"]), NUMBERS, OWN)
def test_moodle_names(people, between, number, own):
    """Folders, with and without the underscore at the end, and flat files; names with anything in them."""
    person = between.join(people)
    for folder in (f"{person}_{number}_assignsubmission_file_", f"{person}_{number}_assignsubmission_file"):
        assert owner_of(folder, True) == (Owner(person, str(number), "moodle"), "")
    flat = f"{person}_{number}_assignsubmission_file_{own}"
    assert owner_of(flat) == (Owner(person, str(number), "moodle"), own)
    assert wanted_name(flat) == wanted_name(own)


@few
@given(WORDS, NUMBERS, NUMBERS, OWN, st.booleans())
def test_canvas_names(person, number, attachment, own, late):
    name = f"{person}_{'LATE_' * late}{number}_{attachment}_{own}"
    assert owner_of(name) == (Owner(person, str(number), "canvas"), own)
    assert wanted_name(name) == wanted_name(own)
    assert owner_of(name, True) is None  # Canvas makes no folders, but students do


@few
@given(PEOPLE, NUMBERS, NUMBERS)
def test_brightspace_names(people, number, folder):
    person = " ".join(people)
    for date in ("Nov 26, 2026 1005 AM", "26 November, 2026 10_05"):
        found = owner_of(f"{number}-{folder} - {person} - {date}", True)
        assert found == (Owner(person, str(number), "brightspace"), "")


@few
@given(WORDS, OWN)
def test_blackboard_names(person, own):
    found = owner_of(f"GANs_{person}_attempt_2026-11-26-10-05-12_{own}")
    assert found == (Owner(person, "", "blackboard"), own)


@pytest.mark.parametrize("name", [NAME, "alice", "plot_10.png", "index.html", "0-main_01.py", "my_work.zip"])
def test_other_names_are_nobodys(name):
    assert owner_of(name) is None and owner_of(name, True) is None


@few
@given(st.text(max_size=40))
def test_any_text_is_a_name(text):
    """No name ends the grading of a class."""
    for folder in (False, True):
        owner_of(text, folder)
    wanted_name(text)


# --------------------------------------------------------------------------- platforms


def moodle(folder):
    put(folder / "Ada Lovelace_12345_assignsubmission_file_" / NAME)
    put(folder / "Bob_Two_12346_assignsubmission_file_" / "gans" / "0-simple_gan (1).py")
    put(folder / "Carl_12347_assignsubmission_file_work.zip", zipped({"w/1-wgan_clip.py": "x = 1"}))
    put(folder / "Dora_12348_assignsubmission_file_" / "essay.pdf")
    put(folder / "Ada Lovelace_12345_assignsubmission_onlinetext_" / "onlinetext.html")
    put(folder / "grades.csv")
    return {"Ada Lovelace": ("12345", "moodle", [0]), "Bob_Two": ("12346", "moodle", [0]),
            "Carl": ("12347", "moodle", [1]), "Dora": ("12348", "moodle", [])}, ["grades.csv"]  # fmt: skip


def canvas(folder):
    put(folder / "lovelaceada_LATE_11_901_0-simple_gan-1.py")
    put(folder / "lovelaceada_11_902_1-wgan_clip.py")
    put(folder / "twobob_12_903_gans.ipynb", notebook("class WGAN_GP:\n    pass"))
    put(folder / "emptyeve_13_904_readme.txt")
    return {"lovelaceada": ("11", "canvas", [0, 1]), "twobob": ("12", "canvas", [2]),
            "emptyeve": ("13", "canvas", [])}, []  # fmt: skip


def brightspace(folder):
    put(folder / "11-77 - Ada Lovelace - Nov 26, 2026 1005 AM" / NAME)
    put(folder / "12-77 - Bob Two - Nov 26, 2026 1105 AM" / "work.zip", zipped({NAME: "x = 1", "__MACOSX/._x": "x"}))
    put(folder / "index.html")
    return {"Ada Lovelace": ("11", "brightspace", [0]), "Bob Two": ("12", "brightspace", [0])}, ["index.html"]


def notebook(*cells):
    cells = [{"cell_type": "code", "source": cell.splitlines(True)} for cell in cells]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4})


@pytest.mark.parametrize("platform", [moodle, canvas, brightspace])
@pytest.mark.parametrize("way", ["folder", "zip", "names", "wrapped zip"])
def test_a_download_is_sorted_by_student(tmp_path, platform, way):
    """The folder, its archive (also with a folder around everything), and CLASS/* give the same students."""
    folder = tmp_path / "download"
    wanted, left_over = platform(folder)
    if "zip" in way:
        start = "gans/" * (way != "zip")
        files = [path for path in folder.rglob("*") if path.is_file()]
        held = {f"{start}{path.relative_to(folder)}": path.read_bytes() for path in files}
        paths = [put(tmp_path / "download.zip", zipped(held))]
    else:
        paths = [folder] if way == "folder" else sorted(folder.iterdir())
    assert taken(*paths) == (wanted, left_over)


def test_two_students_of_one_name_and_one_who_handed_in_twice(tmp_path):
    """The number tells two of the same name apart. Two attempts that differ are not guessed at; equal ones are one."""
    for number in (1, 2):
        put(tmp_path / f"Ada_{number}_assignsubmission_file_" / NAME, f"x = {number}")
    for day in (26, 27):
        put(tmp_path / f"7-9 - Eve - Nov {day}, 2026 1005 AM" / NAME, f"x = {day}")
        put(tmp_path / f"8-9 - Bob - Nov {day}, 2026 1005 AM" / NAME, "x = 1")
    with Intake() as intake:
        found = {one.label: Submission(one.folder) for one in intake.take([tmp_path])}
    assert set(found) == {"Ada (1)", "Ada (2)", "Eve", "Bob"}
    assert found["Bob"].tasks == [0] and not found["Bob"].refused
    assert found["Eve"].refused[0].startswith(f"several files may be meant by {NAME}: 7-9 - Eve - Nov 26")


def test_a_class_in_folders_of_its_own(tmp_path):
    """--class: each folder and archive is a student's; without it the command says so instead of guessing."""
    put(tmp_path / "class" / "alice" / "deep" / NAME)
    put(tmp_path / "class" / "bob.zip", zipped({NAME: "x = 2"}))
    put(tmp_path / "class" / "notes.txt")
    wanted = {"alice": ("", "", [0]), "bob": ("", "", [0])}
    assert taken(tmp_path / "class", of_a_class=True) == (wanted, ["notes.txt"])
    assert not is_download(tmp_path / "class")


def test_a_class_without_the_option_is_not_taken_for_one_student(here):
    for name in ("alice", "bob"):
        put(here / "class" / name / NAME, f"x = {len(name)}")
    code, out, errors = run(here / "class")
    assert code == 2 and not out and "/*/" in errors and "--class" in errors and errors.count("\n") == 1
    code, out, _ = run(here / "class", "--class", "--csv", "c.csv")
    assert code == 0 and [row["folder"] for row in csv.DictReader(open("c.csv"))] == ["alice", "bob"]
    put(here / "one" / "week 1" / NAME)
    put(here / "one" / "week 2" / "1-wgan_clip.py")
    code, out, _ = run(here / "one")  # one student with a folder for each task
    assert code == 0 and "Task 0" in out and "Task 1" in out


def test_a_students_own_files_do_not_look_like_a_download(tmp_path):
    put(tmp_path / "plot_10_20_x.png")
    put(tmp_path / "run_1_2_x.py")
    assert not is_download(tmp_path)
    put(tmp_path / "Ada_1_assignsubmission_file_" / NAME)
    assert is_download(tmp_path)
    put(tmp_path / NAME)  # what has a task file at its top is one student's
    assert not is_download(tmp_path)


def test_single_files_may_be_named(here):
    put(here / NAME)
    put(here / "x.ipynb", notebook("class WGAN_clip:\n    pass"))
    put(here / "notes.pdf")
    code, out, _ = run(here / NAME, here / "x.ipynb")
    assert code == 0 and "Task 0" in out.replace("task 0", "Task 0") and "x.ipynb" in out
    code, out, errors = run(here / "notes.pdf")
    assert code == 2 and "is not a folder" in errors


# ---------------------------------------------------------------------------- archives


def lying(size):
    """An archive whose directory claims another size of its one file than it has."""
    data = bytearray(zipped({NAME: b"x" * 1000}))
    place = data.index(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", size)
    return bytes(data)


def with_link():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        info = zipfile.ZipInfo(NAME)
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return data.getvalue()


@pytest.mark.parametrize("content, words", [
    (lambda: zipped({"big": b"\0" * (200 << 20)}), "looks like a bomb"),  # made by the test: a second each
    (lambda: zipped({f"{i}": b"\0" * (20 << 20) for i in range(10)}), "looks like a bomb"),
    (zipped({"../../x.py": "x"}), "leaves the folder"), (zipped({"/x.py": "x"}), "leaves the folder"),
    (zipped({"a/../../x.py": "x"}), "leaves the folder"), (zipped({"..\\x.py": "x"}), "leaves the folder"),
    (zipped({"C:\\x.py": "x"}), "leaves the folder"),
    (b"PK\x03\x04 and nothing more", "cannot be read as a zip archive"), (b"", "cannot be read as a zip archive"),
    (zipped({NAME: "x"})[:-30], "cannot be read as a zip archive"), (lying(10), "damaged"),
], ids=lambda x: x if isinstance(x, str) else "")
def test_archives_that_are_refused_in_a_sentence(tmp_path, content, words):
    """Nothing of them is written anywhere, and the student is still in the report."""
    content = content() if callable(content) else content
    put(tmp_path / "alice" / "work.zip", content)
    found = Submission(tmp_path / "alice")
    assert found.tasks == [] and any("work.zip is not unpacked: " in note and words in note for note in found.notes())
    put(tmp_path / "alice.zip", content)
    before = {path for path in tmp_path.rglob("*")}
    with Intake() as intake:
        (student,) = intake.take([tmp_path / "alice.zip"])
        assert words in student.notes[0] and Submission(student.folder).tasks == []
        unpacked = intake.folder
    assert {path for path in tmp_path.rglob("*")} == before and not unpacked.exists()


def test_links_in_archives_and_locked_ones(tmp_path):
    put(tmp_path / "work.zip", with_link())
    assert Submission(tmp_path).tasks == [] and NAME not in Submission(tmp_path).graded
    data = bytearray(zipped({NAME: "x = 1"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    put(tmp_path / "work.zip", bytes(data))
    assert "locked by a password" in " ".join(Submission(tmp_path).notes())


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.dictionaries(st.text(max_size=20), st.binary(max_size=30), max_size=4), st.binary(max_size=40),
       st.integers(0, 400))  # fmt: skip
def test_whatever_an_archive_holds(files, noise, place):
    """Any names, and any damage: a sentence or the files, never a traceback."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            data = zipped(files)
        except (ValueError, IndexError):  # names that cannot be written
            return
        put(Path(folder, "a", "work.zip"), data[:place] + noise + data[place + len(noise) :])
        Submission(Path(folder, "a")).notes()
        with Intake() as intake:
            assert len(intake.take([Path(folder, "a", "work.zip")])) == 1


def test_an_honest_archive_with_much_data_is_graded(tmp_path):
    """Pictures beside the code are not a bomb, and code comes first."""
    files = {f"a{i}.npy": os.urandom(1 << 20) for i in range(3)}
    put(tmp_path / "work.zip", zipped({**files, NAME: "x = 1"}))
    assert Submission(tmp_path).graded[NAME] == b"x = 1"


# --------------------------------------------------------------------------- notebooks

CELLS = (
    "%matplotlib inline\n!pip install tensorflow\nimport tensorflow as tf\nfrom tensorflow import keras",
    "files = !ls\nMSE = keras.losses.MeanSquaredError()\nunused = 1 / 0",
    "class Simple_GAN(keras.Model):\n    def train_step(self, _):\n        return MSE(helper(1), 2)",
    "def helper(x):\n    return x\n\ndef draws_and_is_not_needed():\n    return G",
    "G = Simple_GAN(1, 2)\nhistory = G.fit()\nSimple_GAN?\nprint(history)",
    "%%bash\nrm -rf /",
    "%%time\nclass Other:\n    pass",
    "this is no Python",
)


def test_a_notebook_gives_its_definitions_and_nothing_that_runs():
    """What trains, draws or calls a shell stays behind; what the class needs comes along."""
    text = notebook_code.code(notebook(*CELLS).encode())
    compile(text, "notebook", "exec")
    for kept in ("import tensorflow", "MSE = ", "class Simple_GAN", "def helper"):
        assert kept in text
    for left in ("pip", "fit", "rm -rf", "1 / 0", "Simple_GAN(1", "draws_and", "no Python", "class Other", "print"):
        assert left not in text


def test_a_mistake_in_the_cell_of_the_class_is_kept():
    text = notebook_code.code(notebook("import os", "class Simple_GAN(\n    x = 1").encode())
    assert "class Simple_GAN(" in text


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"{'cells': 1}", b'{"cells": 1}', b'{"cells": [1, {}]}',
                                     b'{"worksheets": 3}', b'{"worksheets": [1]}', b"[" * 10**5])  # fmt: skip
def test_what_is_no_notebook_and_strange_ones(content):
    assert notebook_code.code(content) in (None, "\n")


def test_an_old_notebook():
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["class WGAN_GP:\n", "    pass"]}]}]}
    assert "class WGAN_GP" in notebook_code.code(json.dumps(old).encode())


@pytest.mark.parametrize("name", ["0-simple_gan.ipynb", "My Homework.ipynb", "week 1/gan.ipynb", NAME])
def test_a_notebook_is_graded_with_a_remark(tmp_path, name):
    put(tmp_path / name, notebook(*CELLS))
    found = Submission(tmp_path)
    assert found.tasks == [0] and b"class Simple_GAN" in found.graded[NAME] and "notebook" in found.notes()[0]


def test_one_notebook_for_all_tasks(tmp_path):
    defined = [f"class {name}:\n    def replace_weights(self): pass" for name in inputs.CLASSES.values()]
    put(tmp_path / "all.ipynb", notebook(*dict.fromkeys(defined), "def convolutional_GenDiscr():\n    pass"))
    assert Submission(tmp_path).tasks == [0, 1, 2, 3, 4]


# ------------------------------------------------------------------- several candidates


@pytest.mark.parametrize("files", [
    ("0-simple_gan (1).py", "0-simple_gan (2).py"), ("a/0-simple_gan.py", "b/0-simple_gan.py"),
    ("hw/0-simple_gan.py", "0-simple_gan - Copy.py"), ("simple_gan.py", "a/simple_gan.py"),
    ("one.ipynb", "two.ipynb")], ids=str)  # fmt: skip
def test_several_files_that_may_be_meant_are_named_and_not_guessed_at(tmp_path, files):
    """No points, one sentence with their names; if all of them are the same it does not matter which."""
    for i, name in enumerate(files):
        text = f"class Simple_GAN:\n    x = {i}"
        put(tmp_path / name, notebook(text) if name.endswith(".ipynb") else text)
    found = Submission(tmp_path)
    assert found.tasks == [0] and NAME not in found.graded and all(name in found.refused[0] for name in files)
    for name in files:
        put(tmp_path / name, notebook("class Simple_GAN: pass") if name.endswith(".ipynb") else "x = 1")
    assert not Submission(tmp_path).refused and NAME in Submission(tmp_path).graded


def test_the_better_name_wins(tmp_path):
    """A right name some folders down comes before wgan_gp.py, which may be another system's."""
    put(tmp_path / "gans" / "2-wgan_gp.py", "right = 1")
    put(tmp_path / "gans" / "beyond" / "wgan_gp.py", "other = 1")
    put(tmp_path / "gans" / "helper.py", "h = 1")
    found = Submission(tmp_path)
    assert found.graded["2-wgan_gp.py"] == b"right = 1" and found.graded["helper.py"] == b"h = 1"


# ------------------------------------------------------------------- thirty of a class


def thirty(folder):
    """Thirty students in folders and files as Moodle names them; label -> words of the report on them."""
    faces, said = (ROOT / "3-generate_faces.py").read_text(), {}
    kinds = [
        ({"3-generate_faces.py": faces}, "40 of 40 points"),
        ({"gans/3-generate_faces (1).py": faces}, "is graded as 3-generate_faces.py"),
        ({"faces.ipynb": notebook("%pip list", faces, "G, D = convolutional_GenDiscr()\nG.summary()")}, "a notebook"),
        ({"work.zip": zipped({"../x.py": "x"})}, "leaves the folder"),
        ({"work.zip": zipped({"x": b"\0" * (100 << 20)})}, "looks like a bomb"),
        ({"a/3-generate_faces.py": "x", "b/3-generate_faces.py": "y"}, "several files may be meant"),
        ({"essay.pdf": "%PDF"}, "no file of a task"),
        ({}, "no file of a task"),
        ({"3-generate_faces.docx": "PK"}, "looks like 3-generate_faces.py, and is not graded"),
        ({"3-generate_faces.py": b"#" * (9 << 20)}, "larger than 8 MB"),
    ]
    for number in range(30):
        files, words = kinds[number if number < 3 else 3 + number % 7]
        label = f"Student Nr {number:02}"
        inside = folder / f"{label}_{1000 + number}_assignsubmission_file_"
        inside.mkdir(parents=True)
        for name, content in files.items():
            put(inside / name, content)
        said[label] = words
    put(folder / "index.html")
    return said


def test_thirty_submissions_in_one_command_and_nobody_is_lost(here):
    """Three of them are really graded; each of the thirty is in every report, with what was found."""
    said = thirty(here / "class")
    out, errors = io.StringIO(), io.StringIO()
    reports = ("--csv", "c.csv", "--json", "c.json", "--html", "c.html", "--moodle", "m.csv", "--canvas", "k.csv")
    code = command.run([str(here / "class"), *reports, "--seed", "5"], out=out, errors=errors)
    assert code == 1, errors.getvalue()
    rows = {row["folder"]: row for row in csv.DictReader(open("c.csv"))}
    assert list(rows) == list(said) and "Left over, because no student's name is on it: index.html" in out.getvalue()
    document = json.loads(Path("c.json").read_text())["students"]
    page, text = Path("c.html").read_text(), re.sub(r"\s+", " ", out.getvalue())
    for label, words in said.items():
        told = document[label]["output"] + json.dumps(document[label]["tests"])
        assert words in told or words in text.split(label)[1], (label, words, told)
        assert label in text and label in page
    assert [rows[label]["total"] for label in list(said)[:3]] == ["40"] * 3
    graded = [row for row in rows.values() if not row["not_graded"]]
    assert {row["total"] for row in graded[3:]} == {"0"} and len(graded) < 30
    moodle_rows = list(csv.DictReader(open("m.csv")))
    assert [row["Identifier"] for row in moodle_rows] == [f"Participant {1000 + i}" for i in range(30)]
    assert moodle_rows[0]["Grade"] == moodle_rows[0]["Maximum Grade"] == "40"
    assert len(list(csv.DictReader(open("k.csv")))) == 31


def test_resume_knows_the_students_of_a_download(here):
    """What was unpacked into a temporary folder has the same name in the results so far the next time."""
    files = {f"Ada_{i}_assignsubmission_file_/{NAME}": f"x = {i}" for i in range(2)}
    put(here / "class.zip", zipped(files))
    assert run(here / "class.zip", "--csv", "c.csv")[0] == 0
    graded = []

    def counted(path, *arguments, **options):
        graded.append(path)
        return pretended(path, *arguments, **options)

    assert run(here / "class.zip", "--csv", "c.csv", "--resume", grade=counted)[0] == 0 and graded == []
    put(here / "class.zip", zipped({**files, f"Ada_1_assignsubmission_file_/{NAME}": "x = 7"}))
    run(here / "class.zip", "--csv", "c.csv", "--resume", grade=counted)
    assert len(graded) == 1


# ----------------------------------------------------------------- gradebooks, the page


def graded(name, number, platform, points=True, sentence=""):
    result = Grading(name, {"python": "3"}, student={"name": name, "number": number, "platform": platform}, seed=1)
    result.verdicts[3] = [Verdict(one, "passed", points=one.points) for one in RUBRIC[3]]
    if not points:
        result.verdicts[3][0] = Verdict(RUBRIC[3][0], FAILED, sentence)
    return result


def test_canvas_gets_its_columns_and_the_row_of_largest_points():
    found = [graded("lovelaceada", "11", "canvas"), Grading("bob", trouble="no TensorFlow"),
             graded("=x", "1", "moodle")]  # fmt: skip
    rows = list(csv.reader(io.StringIO(gradebooks.canvas(found, "Task 3"))))
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Task 3"]
    assert rows[1] == ["    Points Possible", "", "", "", "", "40"]
    assert rows[2] == ["lovelaceada", "11", "", "", "", "40"] and rows[3] == ["bob", "", "", "", "", ""]
    assert rows[4][:2] == ["'=x", ""]  # a number of Moodle's is none of Canvas's


def test_moodle_gets_the_columns_that_it_asks_for():
    found = [graded("Ada", "4711", "moodle"), Grading("bob", absent="no file")]
    rows = list(csv.DictReader(io.StringIO(gradebooks.moodle(found))))
    assert {"Identifier", "Grade", "Last modified (grade)", "Maximum Grade", "Feedback comments"} <= set(rows[0])
    assert (rows[0]["Identifier"], rows[0]["Grade"]) == ("Participant 4711", "40") and "all passed" in rows[0][
        "Feedback comments"]  # fmt: skip
    assert rows[1]["Grade"] == "" and "no file" in rows[1]["Feedback comments"]


NASTY = "</pre><script>alert(1)</script><img src=http://x onerror=alert(1)> & \" '"


def test_the_page_escapes_everything_and_loads_nothing():
    """Names and sentences are a student's: on the page they are text."""
    found = [graded(NASTY, "1", "moodle", points=False, sentence=NASTY), graded("Ada", "2", "moodle"),
             Grading("bob", absent=NASTY)]  # fmt: skip
    page = class_page.page(found)
    found_tags, links = set(), []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found_tags.add(tag)
            links.extend(value for name, value in attributes if name in ("href", "src", "action", "onerror"))

    Reader().feed(page)
    assert "alert(1)" in page and not found_tags & {"script", "img", "iframe", "link", "object", "form", "base"}
    assert links and all(link.startswith("#report-") for link in links)
    assert "default-src 'none'" in page
    anchors = re.findall(r'href="#([^"]+)"', page)
    assert set(anchors) == {"report-1", "report-2", "report-3"} and all(f'id="{one}"' in page for one in anchors)


def test_the_page_counts_rightly():
    """Each graded folder is in one bar of the histogram, and the most missed behaviour comes first."""
    found = [graded(f"s{i}", "", "", points=i > 2, sentence="wrong sign") for i in range(7)]
    page = class_page.page(found)
    bars = [int(n or 0) for n in re.findall(r'font-size="13">(\d*)<', page)]
    assert sum(bars) == 7 and bars[-1] == 4 and len(bars) == class_page.BINS
    assert "Missed in 3 of 7" in page and "wrong sign." in page and "of 40</text>" in page
    assert class_page.page([Grading("x", absent="nothing")]).count("<h2>") == 2  # nothing to count


def test_nearly_right_names_stay_as_they_were():
    """The names of the other files of the course stand for no task."""
    for name in ("0-main_01.py", "0-main_40.py", "gan/model.py", "helpers.py", "wgan.py", "check.py", "acgan.py"):
        assert wanted_name(name) is None
    assert wanted_name("wgan_gp.py") == ("2-wgan_gp.py", False) and wanted_name("task4_wgan_gp.py")[0] == "4-wgan_gp.py"
    assert names.own_name("x_1_2_0-simple_gan.py") == NAME and archives.is_hidden("a/.b/c") and MOST[3] == 40
