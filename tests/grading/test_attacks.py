"""Solutions that look beyond their own folder: for the class, its results, this package's solutions, the next start.

Each attack writes down what it could do; none may do anything, and its neighbours are graded as if it were not there.
"""

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.checker import __main__ as command
from tests.checker import grading, process, sandbox
from tests.checker.rubric import FAILED, PASSED
from tests.zoo import bases

ROOT = Path(__file__).resolve().parents[2]
LIMITS = grading.Limits(probe=20, task=120)  # generous: none of these is about time
RIGHT = (ROOT / "3-generate_faces.py").read_text()
needs_a_sandbox = pytest.mark.skipif(
    not shutil.which("bwrap") or sandbox.wall().kind != "sandbox", reason="bubblewrap does not work here")

# What an attack finds out is told in an exception's text, which the report quotes.
REPORT = """
import ctypes, gc, glob, os, shutil, signal, socket, stat, subprocess, sys, time
found = []
def attempt(name, action):
    try:
        if action():
            found.append(name)
    except BaseException:
        pass
def read(path):
    return open(path, "rb").read()
def write(path, text="x"):
    with open(path, "a") as file:
        file.write(text)
    return True
"""
RAISE = "\nif found: raise RuntimeError('ATTACK ' + ' '.join(found))\n"

LOOK_AROUND = """
ROOT, CLASS = @ROOT@, @CLASS@
attempt("commands", lambda: any(b"checker" in read(p) and b"/checker/" not in read(p)
                                for p in glob.glob("/proc/[0-9]*/cmdline")))
attempt("environments", lambda: [p for p in glob.glob("/proc/[0-9]*/environ")
                                 if p.split("/")[2] not in (str(os.getpid()), "self") and read(p)])
attempt("package", lambda: read(ROOT + "/0-simple_gan.py"))
attempt("tests", lambda: os.listdir(ROOT + "/tests"))
attempt("class", lambda: os.listdir(CLASS))
attempt("neighbour", lambda: read(CLASS + "/bob/0-simple_gan.py"))
attempt("edit", lambda: write(CLASS + "/bob/0-simple_gan.py"))
attempt("results", lambda: write(CLASS + "/checker-results.jsonl"))
attempt("key", lambda: read(@KEY@))
attempt("home", lambda: [n for n in os.listdir(@HOME@) if os.path.isfile(@HOME@ + "/" + n)])
attempt("import", lambda: __import__("tests.transcription"))
attempt("installed", lambda: [p for s in sys.path for p in glob.glob(s + "/[0-4]-*.py")
                              if os.path.dirname(__file__) != s and read(p)])
attempt("copies", lambda: os.listdir("/copies"))
attempt("checker", lambda: os.listdir("/checker"))
"""
WALK = """
places = set()
frame = sys._getframe()
while frame:
    places.add(frame.f_code.co_filename)
    frame = frame.f_back
for one in gc.get_objects():
    name = getattr(one, "__file__", None) if type(one) is type(sys) else None
    if type(name) is str:
        places.add(name)
for place in places:
    if "checker" in place or "server" in place:
        folder = os.path.dirname(place)
        for up in range(4):
            attempt(f"walk{up}", lambda: read(folder + "/0-simple_gan.py"))
            attempt(f"source{up}", lambda: read(folder + "/server.py"))
            folder = os.path.dirname(folder)
"""
KILL = """
attempt("others", lambda: [p for p in os.listdir("/proc") if p.isdigit() and int(p) not in (1, os.getpid())])
for number in range(1, 400):
    if number != os.getpid():
        attempt("kill", lambda: number > 1 and os.kill(number, signal.SIGKILL) is None)
attempt("stop", lambda: os.kill(1, signal.SIGKILL) is None and not os.path.exists("/proc/1"))
attempt("trace", lambda: ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0)
attempt("memory", lambda: read("/proc/1/mem"))
"""
LEAVE = """
home, names = os.path.expanduser("~"), ["sitecustomize.py", "usercustomize.py", "x.pth"]
own = [home + "/.keras/keras.json", home + "/.config/matplotlib/matplotlibrc", home + "/copy2", home + "/view-1"]
own += [folder + "/left" for folder in ("", "/tmp", "/var/tmp", "/dev/shm", "/dev", "/checker", "/copies", "/student")]
shared = [os.path.join(path, name) for path in [*sys.path[1:], sys.prefix, "/usr/lib", "/etc"] for name in names]
for path in own:
    if os.path.lexists(path):
        found.append("left " + path)
for path in own + shared:
    wrote = []
    attempt("", lambda: os.makedirs(os.path.dirname(path), exist_ok=True) or write(path) and wrote.append(path))
    if wrote and path in shared:
        found.append("wrote " + path)
one = socket.socket(socket.AF_UNIX)
try:
    one.bind("\\0left")
    one.listen()
except OSError:
    found.append("socket")
libc = ctypes.CDLL(None)
if libc.shmget(4711, 4096, 0) >= 0:
    found.append("shared memory")
libc.shmget(4711, 4096, 0o1666)
if libc.semget(4711, 1, 0) >= 0:
    found.append("semaphore")
libc.semget(4711, 1, 0o1666)
kept = one
if not os.fork():
    os.setsid()
    if not os.fork():
        for descriptor in range(3):
            os.close(descriptor)
        time.sleep(3600)
    os._exit(0)
"""
RIGHTS = """
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x20000
libc = ctypes.CDLL(None)
attempt("user namespace", lambda: libc.unshare(CLONE_NEWUSER) == 0)
attempt("mount namespace", lambda: libc.unshare(CLONE_NEWNS) == 0)
places = (b"/student", b"/tmp", b"/checker", b"/copies", b"/proc")
attempt("unmount", lambda: [place for place in places if libc.umount2(place, 2) == 0])
attempt("mount", lambda: libc.mount(b"x", b"/tmp", b"tmpfs", 0, None) == 0)
attempt("root", lambda: libc.setuid(0) == 0 and os.getuid() == 0)
rights = [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapPrm", "CapInh"))]
attempt("capabilities", lambda: [number for number in rights if int(number, 16)])
attempt("device", lambda: os.mknod("/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0)) is None)
attempt("kernel", lambda: write("/proc/sys/kernel/core_pattern", ""))
attempt("network", lambda: socket.create_connection(("1.1.1.1", 53), timeout=2))
"""


ATTACKS = {"looking around, walking the stack, taking rights": LOOK_AROUND + WALK + RIGHTS,
           "killing and tracing": KILL, "leaving things": LEAVE, "finding what was left": LEAVE}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """Name -> grading of a right task 3 with the attack in front, all on one server; `after` is a neighbour's task 0.

    Of all tasks it is graded soonest.
    """
    folder = tmp_path_factory.mktemp("class")
    (folder / "bob").mkdir()
    (folder / "bob" / "0-simple_gan.py").write_text(bases.plain(0))
    (folder / "checker-results.jsonl").write_text("")
    fill = {"ROOT": ROOT, "CLASS": folder, "KEY": sandbox.key_path(), "HOME": Path.home()}
    found = {}
    home = tmp_path_factory.mktemp("home")
    with contextlib.closing(process.Server(sys.executable, str(home), 8, None, [folder])) as server:
        for number, (name, code) in enumerate(ATTACKS.items()):
            for key, value in fill.items():
                code = code.replace(f"@{key}@", repr(str(value)))
            own = folder / f"attack-{number}"
            own.mkdir()
            (own / "3-generate_faces.py").write_text(REPORT + code + RAISE + RIGHT)
            found[name] = grading.grade(own, limits=LIMITS, server=server)
        found["after"] = grading.grade(folder / "bob", limits=LIMITS, server=server)
        found["alive"] = server.alive
    found["folder"] = folder
    return found


@needs_a_sandbox
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_finds_and_reaches_nothing(attacked, name):
    """A right solution that tries has full marks: had it reached anything, it would have told so by an exception."""
    result = attacked[name]
    assert not result.trouble and not result.warning
    assert result.verdicts[3] and [one.sentence for one in result.verdicts[3] if one.status != PASSED] == []


@needs_a_sandbox
def test_neighbours_and_results_are_as_before(attacked):
    """The server lives, the next folder has its marks, and no file of the class has changed."""
    assert attacked["alive"] and attacked["after"].points(0) == attacked["after"].total(0)
    assert (attacked["folder"] / "bob" / "0-simple_gan.py").read_text() == bases.plain(0)
    assert (attacked["folder"] / "checker-results.jsonl").read_text() == ""


GREEDY = {
    "filling the disk": (
        "import os\nfor i in range(100):\n    open(f'/tmp/{i}', 'wb').write(bytes(2 ** 26))\n", "No space left"),
    "a fork bomb": ("import os\nwhile True:\n    os.fork()\n", "no end within|channel|BlockingIOError|crash"),
    "many threads": (
        "import threading, time\nfor _ in range(999):\n    threading.Thread(target=time.sleep, args=(3600,)).start()\n",
        "can't start new thread"),
    "a flood of events": (
        "from tensorflow import keras\nclass Simple_GAN(keras.Model):\n    def __init__(self, *args, **options):\n"
        "        super().__init__()\n        while True:\n            pass\n    def get_fake_sample(self): pass\n"
        "    def get_real_sample(self): pass\n    def train_step(self, x): pass\n", "no end within"),
    "a text of 60 MB": ("raise ValueError('x' * 60_000_000)\n", "ValueError"),
    "a name of 60 MB": ("raise type('x' * 60_000_000, (Exception,), {})\n", "xxx"),
}


@needs_a_sandbox
def test_greed_is_the_solutions_fault(tmp_path):
    """A full disk, no more processes, endless texts: each costs its own behaviour, is told shortly, and ends."""
    limits = grading.Limits(probe=8, task=40)
    with contextlib.closing(process.Server(sys.executable, str(tmp_path), 8)) as server:
        for number, (name, (code, words)) in enumerate(GREEDY.items()):
            folder = tmp_path / f"{number}"
            folder.mkdir()
            (folder / "0-simple_gan.py").write_text(code)
            result = grading.grade(folder, limits=limits, server=server)
            first = next(one for one in result.verdicts[0] if one.status == FAILED)
            assert not result.trouble and result.points(0) < result.total(0), name
            assert re.search(words, first.sentence), (name, first.sentence[:300])
            assert all(len(one.sentence) <= grading.LONGEST_SENTENCE for one in result.verdicts[0]), name
        (folder / "0-simple_gan.py").write_text(bases.plain(0))
        after = grading.grade(folder, server=server)
        assert after.points(0) == after.total(0)


@needs_a_sandbox
def test_a_neighbour_beside_hostile_ones_has_its_marks(tmp_path, monkeypatch):
    """`--jobs 2` with a fork bomb, a full disk and a looker-around beside a right solution, which keeps its points."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    look = LOOK_AROUND
    for key, value in {"ROOT": ROOT, "CLASS": tmp_path, "KEY": sandbox.key_path(), "HOME": Path.home()}.items():
        look = look.replace(f"@{key}@", repr(str(value)))
    texts = {"a": GREEDY["a fork bomb"][0], "bob": bases.plain(0), "c": GREEDY["filling the disk"][0],
             "d": REPORT + look + KILL + RAISE + bases.plain(0)}
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "0-simple_gan.py").write_text(text)
    command.run([*texts, "--jobs", "2", "--json", "r.json"], out=io.StringIO(), errors=io.StringIO())
    students = json.loads(Path("r.json").read_text())["students"]
    most = students["bob"]["extra_data"]["max_score"]
    assert {name: one["score"] == most for name, one in students.items()} == {
        "a": False, "bob": True, "c": False, "d": True}, students["d"]["output"]


ALTER = """
def negated(x):
    return [negated(y) for y in x] if isinstance(x, list) else -x if isinstance(x, float) else x
frame, done = __import__("sys")._getframe(), set()
while frame:
    for value in list(frame.f_locals.values()):
        events = value if type(value) is list else getattr(value, "events", None)
        for event in events if type(events) is list else []:
            own = type(event) is dict and (event.get("variables") or [None])[0] == ["generator", 0]
            if own and id(event) not in done:
                done.add(id(event))
                event["gradients"] = negated(event["gradients"])
    frame = frame.f_back
"""


def test_what_was_seen_cannot_be_altered_afterwards(server, tmp_path):
    """The sign of the generator's loss is wrong; the solution then looks for the records and negates them: too late."""
    text = bases.plain(1)
    wrong = bases.changed(text, ("self.generator.loss = lambda x: -tf", "self.generator.loss = lambda x: tf"))
    lines = "".join(f"        {line}\n" for line in ALTER.strip().splitlines())
    end = '        return {"discr_loss"'
    (tmp_path / "1-wgan_clip.py").write_text(bases.changed(wrong, (end, lines + end)))
    result = grading.grade(tmp_path, limits=LIMITS, server=server)
    assert "generator_loss" in [one.behaviour.name for one in result.verdicts[1] if one.status == FAILED]


# ------------------------------------------------------------------- every branch of the wall


def as_a_class(tmp_path):
    for name in ("alice", "bob"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "3-generate_faces.py").write_bytes((ROOT / "3-generate_faces.py").read_bytes())
    return tmp_path / "alice"


def fake_bwrap(tmp_path):
    """A bubblewrap that fails, as in a container that forbids namespaces; returns a PATH with it."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "bwrap"
    script.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    script.chmod(0o755)
    return f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def no_sandbox(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", fake_bwrap(tmp_path))
    monkeypatch.setattr(sandbox, "WALLS", {})


def test_without_a_sandbox_the_report_says_what_is_not_protected(tmp_path, no_sandbox, monkeypatch):
    """Installed is not working: bubblewrap that fails is found out at the start, graded is all the same."""
    monkeypatch.setattr(sandbox, "is_root", lambda: False)
    result = grading.grade(as_a_class(tmp_path))
    assert sandbox.wall().kind == "none" and not result.trouble
    assert result.points(3) == result.total(3)
    assert "No permissions to create new namespace" in result.warning and "Not protected" in result.warning


DESTROY = """
import os, shutil, site
up = os.path.dirname(os.path.abspath(__file__))
for _ in range(6):
    if "checker-" in up:
        for name in ("copies", "copy1", "copy2", "view", "solution", "home"):
            try:
                os.makedirs(os.path.join(up, name), exist_ok=True)
            except OSError:
                pass
        shutil.rmtree(up, ignore_errors=True)
    up = os.path.dirname(up)
"""


def test_without_a_sandbox_what_a_solution_destroys_is_no_trouble_of_the_machine(tmp_path, no_sandbox, monkeypatch):
    """It removes the checker's own folders, or makes those that the checker will make: its next task is graded."""
    monkeypatch.setattr(sandbox, "is_root", lambda: False)
    folder = as_a_class(tmp_path)
    (folder / "0-simple_gan.py").write_text(DESTROY + bases.plain(0))
    result = grading.grade(folder)
    assert not result.trouble
    assert result.points(3) == result.total(3)


def test_where_there_is_no_linux_the_report_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "LINUX", False)
    monkeypatch.setattr(sandbox, "WALLS", {})
    assert "Linux only" in sandbox.wall().warning()


def test_without_bubblewrap_the_report_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "program", lambda: None)
    monkeypatch.setattr(sandbox, "is_root", lambda: False)
    monkeypatch.setattr(sandbox, "WALLS", {})
    assert "bubblewrap is not installed" in sandbox.wall().warning()


def where_others_can_read_python(*command, **environment):
    """Run a command where the folders above this Python, such as /root, are open to everybody."""
    above = [Path(sys.base_prefix), *Path(sys.base_prefix).parents][::-1]  # /, /home, /home/somebody, ...
    closed = [i for i, path in enumerate(above) if not path.stat().st_mode & 0o001]
    covers = ["--tmpfs", above[closed[0]], "--ro-bind", *above[closed[0] + 1 : closed[0] + 2] * 2] if closed else []
    command = [shutil.which("bwrap"), "--dev-bind", "/", "/", *covers, "--", *command]
    return subprocess.run([*map(str, command)], cwd=ROOT, env={**os.environ, **environment}, text=True,
                          capture_output=True)


def needs_root(test):
    """Skips a test for want of root's rights, or of bubblewrap: the second one is not allowed where all is tested."""
    test = pytest.mark.skipif(not sandbox.is_root(), reason="only root can become somebody else")(test)
    return pytest.mark.skipif(not shutil.which("bwrap"), reason="no bubblewrap here")(test)


@pytest.fixture
def open_folder():
    """A folder that everybody may come to; pytest closes its own ones to others."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o777)
        yield Path(folder)


def graded_in_a_process(open_folder, *start, **environment):
    folder, report = as_a_class(open_folder), open_folder / "report.json"
    done = where_others_can_read_python(*start, sys.executable, "-m", "tests.checker", folder, "--json", report,
                                        TMPDIR="/tmp", **environment)
    assert report.exists(), done.stdout + done.stderr
    return json.loads(report.read_text())


@needs_root
def test_root_without_a_sandbox_grades_as_another_user(tmp_path, open_folder):
    """A user that owns nothing, who can read Python; the warning names exactly what else that user can read.

    Nobody of that kind has a process or a file when it is over, though the solution leaves both.
    """
    def strangers():
        found = [path for folder in ("/tmp", "/var/tmp", "/dev/shm") for path in Path(folder).iterdir()]
        for path in Path("/proc").glob("[0-9]*"):  # inside a sandbox, beside this test, the server has another name
            with contextlib.suppress(OSError):
                if str(sandbox.HERE / "server.py").encode() in (path / "cmdline").read_bytes():
                    found.append(path)
        return {path for path in found if owner(path) in range(61184, 65520)}

    def owner(path):
        with contextlib.suppress(OSError):
            return path.lstat().st_uid

    before = strangers()
    (open_folder / "alice").mkdir()
    (open_folder / "alice" / "0-simple_gan.py").write_text(REPORT + LEAVE + "found.clear()\n" + bases.plain(0))
    document = graded_in_a_process(open_folder, PATH=fake_bwrap(tmp_path))
    assert document["score"] == document["extra_data"]["max_score"], document["output"]
    assert not strangers() - before
    warning = document["extra_data"]["warning"]
    assert "as another user, who can read" in warning and "0-simple_gan.py" in warning


@needs_root
def test_another_user_than_root_has_the_sandbox_too(open_folder):
    """Namespaces of a user's own instead of root's rights: the same walls, no warning."""
    start = ("setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups")
    document = graded_in_a_process(open_folder, *start, HOME="/nowhere")
    assert document["score"] == document["extra_data"]["max_score"], document["output"]
    assert "warning" not in document["extra_data"]


# ------------------------------------------------------------------- what the sandbox shows


def test_installed_copies_of_our_files_are_found_whatever_their_folder(tmp_path):
    """A task module by its name, any other file of ours by its contents, and their bytecode; no other file."""
    site = tmp_path / "site-packages"
    (site / "tests" / "__pycache__").mkdir(parents=True)
    (site / "__pycache__").mkdir()
    for name in ("0-simple_gan.py", "__pycache__/0-simple_gan.cpython-313.pyc", "tests/__pycache__/transcription.x.pyc",
                 "numpy.py", "helpers.py"):
        (site / name).write_text("another version")
    shutil.copyfile(ROOT / "tests" / "transcription.py", site / "tests" / "transcription.py")
    sandbox.installed_copies.cache_clear()
    found = {str(Path(path).relative_to(site)) for path in sandbox.installed_copies(str(site))}
    assert found == {"0-simple_gan.py", "__pycache__/0-simple_gan.cpython-313.pyc", "tests/transcription.py",
                     "tests/__pycache__/transcription.x.pyc"}


@needs_a_sandbox
@pytest.mark.parametrize("place", ["project/.venv", "elsewhere"])
def test_an_environment_inside_the_project_stays_in_sight_and_the_project_does_not(tmp_path, monkeypatch, place):
    """The README's own .venv lies in the package's folder; modules that are installed there by name are covered."""
    project, environment = tmp_path / "project", tmp_path / place
    project.mkdir()
    (project / "0-simple_gan.py").write_text("SECRET = 1")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    site = next(environment.glob("lib/python*/site-packages"))
    (site / "1-wgan_clip.py").write_text("SECRET = 1")
    (site / "own.pth").write_text(str(project) + "\n")
    (site / "module_of_others.py").write_text("here = 1")
    monkeypatch.setattr(sandbox, "ROOT", project)
    monkeypatch.setattr(sandbox, "WALLS", {})
    sandbox.installed_copies.cache_clear()
    python = str(environment / "bin" / "python")
    wall = sandbox.wall(python)
    assert wall.kind == "sandbox", wall.reason
    home = tmp_path / "home"
    (home / "copies").mkdir(parents=True)
    paths = [str(project / "0-simple_gan.py"), str(site / "1-wgan_clip.py")]
    look = f"import os, module_of_others; print([os.path.exists(path) and open(path).read() for path in {paths}])"
    command = [*wall.command(str(home))[:-1], "-c", look]
    done = subprocess.run(command, capture_output=True, text=True, env=wall.environment(str(home), "x"))
    assert done.stdout == "[False, '']\n", done.stderr
