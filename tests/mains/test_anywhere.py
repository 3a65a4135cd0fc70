"""The main scripts started in other ways: pipes, closed streams, notebooks, other settings, bad numbers."""

import importlib
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from beyond.common import catalogue
from beyond.common import script as beyond_script
from gan import options, script
from tests.helpers import ROOT

MAINS = ROOT / "mains"
QUICK = ["--epochs", "1", "--steps", "2", "--no-show", "--out", "out"]
KERAS_2 = not hasattr(script.keras, "ops")


@pytest.fixture
def start(tmp_path):
    """Starts a command of the shell in an empty folder: `$PY` is this Python, `$MAINS` the folder of the scripts."""
    def run(command, **variables):
        environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
        environment.update(PY=sys.executable, MAINS=str(MAINS), ROOT=str(ROOT), **variables)
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True)
        done.out, done.err = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
        assert "Traceback" not in done.err and "Exception ignored" not in done.err, done.err
        return done
    return run


# ------------------------------------------------------------------ streams

MAIN_01 = '"$PY" "$MAINS/0-main_01.py" ' + " ".join(QUICK)


@pytest.mark.parametrize("to", ["| head -1", ">&- 2>&- <&-", ">/dev/full"])
def test_nobody_reads(start, tmp_path, to):
    """A training goes on, and draws its picture, when what it prints cannot be written; no traceback ends it."""
    if "full" in to and not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    done = start(f'set -o pipefail; {MAIN_01} {to}')
    assert done.returncode == 0 and (tmp_path / "out" / "0-main_01.png").is_file()
    assert ("standard output cannot be written any more (" in done.err) == (to in ("| head -1", ">/dev/full"))
    assert done.err.count("\n") <= 1, done.err


def test_stdout_without_the_letters(start, tmp_path):
    """What the encoding of the output lacks is printed as its number: the bar of Keras 3, names of folders."""
    done = start(MAIN_01.replace("--out out", "--out 'ü\n -x'"), PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and (tmp_path / "ü\n -x" / "0-main_01.png").is_file()
    assert "saved \\xfc\n -x" in done.out


# ----------------------------------------------------------------- settings

def test_a_backend_that_is_not_there(start, tmp_path):
    """A terminal in a notebook names the notebook's way of drawing; a script saves its pictures all the same."""
    backend = "module://matplotlib_inline.backend_that_is_not_there"
    done = start(MAIN_01.replace("--no-show", ""), MPLBACKEND=backend)
    assert done.returncode == 0 and (tmp_path / "out" / "0-main_01.png").is_file()
    assert f"pictures are saved, not shown: there is no matplotlib backend {backend} (" in done.err
    done = start('"$PY" -c "import sys; sys.path.insert(0, \'$ROOT\'); from gan.figures import plt; plt.figure()"',
                 MPLBACKEND="nonsense", TF_CPP_MIN_LOG_LEVEL="3")
    assert done.returncode == 0, "the figures alone, without a script"


@pytest.mark.parametrize("variable, value", [("KERAS_BACKEND", "torch"), ("TF_USE_LEGACY_KERAS", "1"),
                                             ("keras.json", "torch")])
def test_another_keras(start, tmp_path, variable, value):
    """Keras on something else than TensorFlow is refused in one sentence that names the setting, or not used at all."""
    home = tmp_path / "home" / ".keras"
    home.mkdir(parents=True)
    variables = {variable: value}
    if variable == "keras.json":
        (home / variable).write_text(json.dumps({"backend": value}))
        variables = {"HOME": str(home.parent), "KERAS_HOME": str(home)}
    done = start(MAIN_01, **variables)
    if done.returncode:
        assert done.err.startswith("Keras ") and done.err.count("\n") == 1
        assert variable in done.err
    else:
        assert KERAS_2 and (tmp_path / "out" / "0-main_01.png").is_file()


@pytest.mark.parametrize("command", ['"$PY" -m beyond.acgan --help', '"$PY" -m tests.measure.claims --help'])
def test_another_keras_whatever_is_started(start, command):
    """A room of beyond/ and a measuring command, as any other way in: what hinders Keras is told in one sentence, not
    TensorFlow's guess that Keras is not installed. A room imports TensorFlow before gan/ looks at the settings."""
    done = start(f'cd "$ROOT"; {command}', KERAS_BACKEND="torch")
    last = done.err.strip().split("\n")[-1]
    if done.returncode:
        assert "KERAS_BACKEND=torch" in last and "tensorflow" in last.lower() and "Check that" not in last
    else:
        assert KERAS_2


def test_without_folders_of_its_own(start, tmp_path):
    """Neither a home nor the folder that TMPDIR names is needed."""
    assert start(MAIN_01, HOME="/nonexistent", TMPDIR="/nonexistent").returncode == 0
    assert (tmp_path / "out" / "0-main_01.png").is_file()


# ---------------------------------------------------------------- notebooks

TASKS = sorted(path.name for path in ROOT.glob("[0-4]-*.py"))


def test_pasted_into_a_cell(monkeypatch):
    """A task's text works where no file name is known, as in a notebook's cell beside the package."""
    monkeypatch.chdir(ROOT)
    cell = {"__name__": "__main__"}
    for name in TASKS:
        exec(Path(name).read_text(), cell)
    assert {"Simple_GAN", "WGAN_clip", "WGAN_GP", "convolutional_GenDiscr"} <= set(cell)


def test_main_pasted_into_a_cell(start, tmp_path):
    """So does a main's text, also one that imports another main, from a program elsewhere."""
    (tmp_path / "cell.py").write_text("exec(open('mains/0-main_41.py').read(), {'__name__': '__main__'})\n")
    done = start(f'cd "$ROOT"; "$PY" "{tmp_path}/cell.py" --no-show --out "{tmp_path}/out"')
    assert done.returncode == 0 and (tmp_path / "out" / "segment.png").is_file()


@pytest.fixture
def notebook(monkeypatch):
    """A stand-in for IPython: `notebook(argv, file)` is a kernel whose sys.argv and running file these are."""
    kernel = ["-f", "/run/kernel-1.json"]
    application = types.SimpleNamespace(initialized=lambda: True,
                                        instance=lambda: types.SimpleNamespace(argv=kernel))
    config = types.SimpleNamespace(Application=application)
    for name, module in (("IPython", types.SimpleNamespace(get_ipython=object)), ("traitlets.config", config),
                         ("traitlets", types.SimpleNamespace(config=config))):
        monkeypatch.setitem(sys.modules, name, module)

    def set_up(argv, file):
        monkeypatch.setattr(sys, "argv", argv)
        main = types.ModuleType("__main__")
        if file:
            main.__file__ = file
        monkeypatch.setitem(sys.modules, "__main__", main)
        return script.command_line()
    return set_up


@pytest.mark.parametrize("argv, file, expected", [
    (["ipykernel_launcher.py", "-f", "/run/kernel-1.json"], None, []),                         # main() in a cell
    (["/a/ipykernel_launcher.py", "--f=/run/kernel-1.json"], None, []),                        # of another editor
    (["mains/0-main_01.py", "-f", "/run/kernel-1.json"], "mains/0-main_01.py", []),            # runpy in a cell
    (["mains/0-main_01.py", "--epochs", "1"], os.path.abspath("mains/0-main_01.py"), ["--epochs", "1"]),  # %run
    (["mains/0-main_01.py"], os.path.abspath("mains/0-main_01.py"), []),
])
def test_the_arguments_of_a_kernel(notebook, argv, file, expected):
    """`main()` in a cell does not read the kernel's arguments; a script that is started by %run reads its own."""
    assert notebook(argv, file) == expected


def test_the_command_line(monkeypatch):
    """Outside of notebooks the command line is what it always was."""
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.setattr(sys, "argv", ["main.py", "--seed", "3"])
    assert script.command_line() == ["--seed", "3"]


# ------------------------------------------------------------------ numbers

def options_of(main, tmp_path):
    """The numeric options of a main script: {option: its type}."""
    found = {}

    class Seen(Exception):
        pass

    def start(parser, argv=None):
        found.update({action.option_strings[-1]: action for action in parser._actions
                      if action.type not in (None, str) and action.dest not in ("out", "faces", "weights",
                                                                                 "attributes")})
        raise Seen

    system = main.startswith("beyond.")
    module = catalogue.room(main[len("beyond."):]) if system else importlib.import_module(main)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Seen):
        patch.setattr(beyond_script, "start", start)
        patch.setattr(script, "start", start)
        patch.setattr(options, "read", start)  # of a script that does not start TensorFlow
        module.main(QUICK if system else [])
    return found


ALL = sorted(path.stem for path in MAINS.glob("0-main_*.py"))
ALL += [f"beyond.{name}" for name in catalogue.systems() if name != "claims"]  # which takes no numbers of a training
QUICK = ["--quick"]  # an option of every system; some do nothing without their arguments


@pytest.mark.parametrize("name", ALL)
def test_numbers_of_the_command_line(tmp_path, name):
    """Every numeric option refuses what is no number, below its range or beyond every range, and shows its default."""
    import argparse
    found = options_of(name, tmp_path)
    assert "--seed" in found
    for option, action in found.items():
        for text in ("", "x", "nan", "inf", "-inf", "-1", "1e999", str(10 ** 30) + "0", "9" * 5000, "1,5", "0x1"):
            with pytest.raises(argparse.ArgumentTypeError) as raised:
                action.type(text)
            assert str(raised.value).startswith("expected a ") and len(str(raised.value)) < 120, option
        for value in action.default if isinstance(action.default, list) else [action.default]:
            assert value is None or action.type(str(value)) == value


def test_seeds(capsys, tmp_path):
    """The largest seed is NumPy's; seeds counted up from one must not pass it."""
    for name, arguments in (("0-main_01", ["--seed", "4294967296"]),
                            ("0-main_21", ["--seed", "4294967295", "--seeds", "2"])):
        with pytest.raises(SystemExit):
            __import__(name).main([*arguments, "--out", str(tmp_path)])
        assert "4294967295" in capsys.readouterr().err
    script.set_seeds(script.LARGEST_SEED)


# -------------------------------------------------------- files and folders

@pytest.mark.parametrize("name, count, least", [("0-main_30", 9, 10), ("0-main_32", 199, 200), ("0-main_42", 128, 129)])
def test_few_faces(tmp_path, name, count, least):
    """A script that needs more faces than there are says how many it needs."""
    np.save(tmp_path / "few.npy", np.ones((count, 16, 16), "uint8"))
    with pytest.raises(SystemExit) as stopped:
        __import__(name).main(["--faces", str(tmp_path / "few.npy"), "--no-show", "--out", str(tmp_path / "out")])
    assert str(stopped.value).startswith(f"--faces: this script needs at least {least} pictures, got {count} in ")


@pytest.mark.parametrize("name, in_the_way", [("0-main_31", "0-main_31-faces.png"), ("0-main_32", "0-main_32"),
                                              ("0-main_41", "segment.png"), ("0-main_44", "0-main_44.html"),
                                              ("0-main_45", "0-main_45.html")])
def test_something_in_the_way(tmp_path, name, in_the_way):
    """A picture or folder that cannot be written ends a script in one sentence that names it."""
    path = tmp_path / in_the_way
    path.mkdir() if path.suffix else path.write_text("")
    with pytest.raises(SystemExit) as stopped:
        __import__(name).main(["--no-show", "--out", str(tmp_path)])
    assert str(stopped.value).startswith(f"--out: cannot write {str(path)!r}: ")


def test_two_in_one_folder(start, tmp_path):
    """Two processes that write the same pictures at the same time leave whole ones, and nothing else."""
    both = f'{MAIN_01} >one & a=$!; {MAIN_01} >two & b=$!; wait $a && wait $b && cmp one two'
    done = start(both.replace("cmp one two", "ls out"))
    assert done.returncode == 0 and done.out == "0-main_01.png\n"


@pytest.mark.parametrize("name, arguments, message", [
    ("beyond.cgan", [], "data: this script needs pictures with classes (digits, mnist5k, mnist, fashion), got 3 "),
    ("beyond.lsgan", [], "data: expected at least 12 pictures, got 3 pictures of "),
    ("beyond.lsgan", ["--data", "digits", "--batch", "1501"], "--batch: expected at most 1500, the number of pictures"),
    ("beyond.lsgan", ["--data", "faces.npz"], "data: expected digits, mnist5k, mnist, fashion, faces or a folder"),
])
def test_pictures_that_do_not_fit(tmp_path, name, arguments, message):
    """Too few pictures, or none with classes, end a script of beyond/ in one sentence."""
    from PIL import Image
    for i in range(3):
        Image.new("RGB", (9, 9), (i, 0, 0)).save(tmp_path / f"{i}.png")
    with pytest.raises(SystemExit) as stopped:
        importlib.import_module(name).main(["--data", str(tmp_path), *arguments, "--no-show",
                                            "--out", str(tmp_path / "out")])
    assert str(stopped.value).startswith(message)
