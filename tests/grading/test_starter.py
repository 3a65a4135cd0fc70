"""The student's starter folder: complete but for the holes, which the checker finds open."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checker import grading, starter
from tests.checker.rubric import NOT_CHECKED, NOT_STARTED, PASSED

ROOT = Path(__file__).resolve().parents[2]
TASKS = range(5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("starter") / "deep" / "folder"
    starter.write(target)
    return target


@pytest.fixture(scope="module")
def graded(folder, server):
    return grading.grade(folder, server=server, seed=0)


def hole_lines(name):
    """(lines of code inside the holes, lines outside of them) of our own solution."""
    source = (ROOT / name).read_text()
    numbers = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name in starter.HOLES[name]:
            body = node.body[ast.get_docstring(node) is not None :]
            numbers.update(range(body[0].lineno, body[-1].end_lineno + 1))
    inside, outside = set(), set()
    for number, line in enumerate(source.splitlines(), 1):
        (inside if number in numbers else outside).add(line.split("  #")[0].strip())
    return inside - {""}, outside


def test_it_has_everything_that_a_student_needs(folder):
    for name in (*starter.FILES, "README.md", "check.py", "requirements.txt"):
        assert (folder / name).is_file()
    for part in ("mains", "gan"):
        ours = {path.relative_to(ROOT / part) for path in (ROOT / part).rglob("*.*") if path.suffix != ".pyc"}
        theirs = {path.relative_to(folder / part) for path in (folder / part).rglob("*") if path.is_file()}
        assert theirs == ours
    assert (folder / "data" / "small_res_faces_10000.npy").is_file()
    assert not list(folder.rglob("__pycache__"))
    assert os.stat(folder).st_mode & 0o777 == 0o755
    assert [path.name for path in folder.parent.iterdir()] == ["folder"]  # no temporary folder is left


def test_the_holes_are_those_of_the_course():
    holes = {name: set(one) for name, one in starter.HOLES.items()}
    assert holes == {
        "0-simple_gan.py": {"train_step"},
        "1-wgan_clip.py": {"generator_loss", "discriminator_loss", "train_step"},
        "2-wgan_gp.py": {"generator_loss", "discriminator_loss", "train_step"},
        "3-generate_faces.py": {"get_generator", "get_discriminator"},
        "4-wgan_gp_faces.py": {"replace_weights"},
    }


@pytest.mark.parametrize("name", starter.HOLES)
def test_no_line_of_a_hole_stands_anywhere(folder, name):
    """Nor in gan/ and mains/; lines that also stand outside of all holes of our solutions give nothing away."""
    inside, _ = hole_lines(name)
    assert len(inside) >= 2
    given = set.union(*(hole_lines(one)[1] for one in starter.HOLES))
    if name != "0-simple_gan.py":
        given |= hole_lines("0-simple_gan.py")[1]
    for path in folder.rglob("*.py"):
        text = {line.split("  #")[0].strip() for line in path.read_text().splitlines()}
        common = ("return keras.Model(", "inputs = keras.Input(", "x = inputs")
        found = {line for line in (text & inside) - given if not line.startswith(common)}
        assert not found, (path.name, found)


@pytest.mark.parametrize("name", starter.HOLES)
def test_docstrings_and_given_code_are_kept(folder, name):
    def functions(text):
        kinds = (ast.FunctionDef, ast.ClassDef)
        return {node.name: node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)}

    ours, theirs = functions((ROOT / name).read_text()), functions((folder / name).read_text())
    assert list(ours) == list(theirs)
    for key, node in ours.items():
        assert ast.get_docstring(node) == ast.get_docstring(theirs[key])
        contains_a_hole = any(hole in ast.unparse(node) for hole in starter.HOLES[name])
        assert contains_a_hole or ast.dump(node) == ast.dump(theirs[key])
    for line in (folder / name).read_text().splitlines():
        assert len(line) <= 120


def test_the_formulas_of_tasks_1_and_2_are_not_told(folder):
    for name in ("1-wgan_clip.py", "2-wgan_gp.py"):
        text = (folder / name).read_text()
        assert "mean D(fake) - mean D(real)" in (ROOT / name).read_text()
        assert "mean D(fake)" not in text and "mean D(real)" not in text and "\n\n\n\n" not in text
    assert "(D(real) - 1)^2" in (folder / "0-simple_gan.py").read_text()  # the course gives these


def test_gan_has_nothing_that_a_student_fills_in(folder):
    names = {name for holes in starter.HOLES.values() for name in holes}
    names |= {"convolutional_GenDiscr", "replace_weight", "gradient_penalty", "get_interpolated_sample"}
    for path in (folder / "gan").rglob("*.py"):
        tree = ast.parse(path.read_text())
        defined = {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        assert not defined & names, path.name
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
                  and not ast.unparse(node.value) == "super()"}  # an optimizer of gan/engine/devices.py
        assert not called & {"GradientTape", "apply_gradients", "clip_by_value"}, path.name


def test_every_file_can_be_imported(folder):
    code = "import sys; sys.path[:0] = ['.', 'mains']; [__import__(name) for name in sys.argv[1:]]"
    names = [name[:-3] for name in starter.FILES if name.endswith(".py")]
    names += [path.stem for path in (folder / "mains").glob("*.py")]
    environment = {**os.environ, "MPLBACKEND": "agg"}
    subprocess.run([sys.executable, "-c", code, *names], cwd=folder, check=True, env=environment)


@pytest.mark.parametrize("task", TASKS)
def test_an_untouched_task_is_not_started_and_has_no_points(graded, task):
    """What the starter gives earns nothing: points are for what somebody has done."""
    assert not graded.trouble and graded.points(task) == 0
    (name,) = [name for name in starter.HOLES if name.startswith(f"{task}-")]
    for one in graded.verdicts[task]:
        assert one.status == NOT_STARTED and one.sentence.startswith("Not started: ")
        assert all(hole in one.sentence for hole in starter.HOLES[name]) and "not filled in yet" in one.sentence


@pytest.mark.parametrize("hole", ["generator_loss", "discriminator_loss"])
@pytest.mark.parametrize("name", ["1-wgan_clip.py", "2-wgan_gp.py"])
def test_a_loss_left_open_is_named(folder, server, tmp_path, name, hole, monkeypatch):
    """Our solution with this hole alone."""
    monkeypatch.setitem(starter.HOLES, name, {hole: starter.HOLES[name][hole]})
    shutil.copytree(folder / "gan", tmp_path / "gan")
    (tmp_path / name).write_text(starter.starter_text(name))
    task = int(name[0])
    result = grading.grade(tmp_path, server=server, seed=0)
    verdicts = {one.behaviour.name: one for one in result.verdicts[task]}
    assert verdicts["runs"].status == NOT_STARTED and f"{hole} is not filled in yet" in verdicts["runs"].sentence
    assert verdicts["class"].status == PASSED and verdicts["updates"].status == NOT_CHECKED


def test_our_solution_in_its_place_has_full_marks(folder, server, tmp_path):
    target = tmp_path / "filled"
    shutil.copytree(folder, target)
    for name in starter.HOLES:
        shutil.copyfile(ROOT / name, target / name)
    result = grading.grade(target, server=server, seed=0)
    for task in TASKS:
        assert result.points(task) == result.total(task)


def test_a_folder_in_use_is_refused(tmp_path):
    (tmp_path / "work.py").write_text("mine")
    with pytest.raises(ValueError, match="exists and is not empty"):
        starter.write(tmp_path)
    with pytest.raises(ValueError, match="exists and is not empty"):
        starter.write(tmp_path / "work.py")
    assert [path.name for path in tmp_path.iterdir()] == ["work.py"] and (tmp_path / "work.py").read_text() == "mine"


def test_an_empty_folder_is_used_and_a_failure_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    starter.write(tmp_path / "empty")
    assert (tmp_path / "empty" / "gan").is_dir()

    def full(name):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(starter, "starter_text", full)
    with pytest.raises(OSError, match="No space"):
        starter.write(tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_the_command(tmp_path):
    command = [sys.executable, "-m", "tests.checker", "--starter"]
    done = subprocess.run([*command, str(tmp_path / "s")], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "The starter folder is" in done.stdout
    again = subprocess.run([*command, str(tmp_path / "s")], cwd=ROOT, capture_output=True, text=True)
    assert again.returncode and "not empty" in again.stderr and "Traceback" not in again.stderr
