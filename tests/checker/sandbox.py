"""What stands between a solution and everything else on this machine: bubblewrap, else another user, else nothing.

Inside bubblewrap (`bwrap`, Linux) there is an empty file system with what Python needs in it, read-only: no task
modules, no tests, no class, no results, no network, no other processes. server.py runs there and gives each solution a
view of its own. Whether it works is tried once for each Python, since installed is not working: containers often forbid
it. Where it does not work and the grader is root, a solution runs as a user that owns nothing, if that user can read
Python. Else it runs with the rights of whoever grades, and the report says what that means.
"""

import contextlib
import functools
import json
import os
import re
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from tests.checker import inputs

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OURS = ("tests", "beyond", "mains", "data")  # the folders of the package with solutions, or with what tells of them
SERVER, COPIES, VIEW = "/checker/server.py", "/copies", "/student"  # as seen in the sandbox; VIEW as in server.py
WORKERS = ("server.py", "worker.py", "watching.py", "finding.py", "source.py", "inputs.py")
LINUX = sys.platform.startswith("linux")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
SYSTEM += tuple(f"/etc/{name}" for name in ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d"))
SYSTEM += ("/etc/localtime", "/etc/nsswitch.conf")
OF_A_PREFIX = ("bin", "lib", "lib64", "pyvenv.cfg")  # a prefix may be a whole home folder
KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "SYSTEMROOT")
DEEPEST_COPY = 3  # folders below site-packages: tests/checker and its bytecode
STRANGER = 65533  # a user that owns nothing, for a look at what such a one can read
DESCRIBE = """
import json, sys
prefixes = [getattr(sys, name) for name in ("prefix", "base_prefix", "exec_prefix", "base_exec_prefix")]
print(json.dumps({"program": sys.executable, "prefixes": prefixes, "path": sys.path}))
"""
READABLE = """
import json, os, sys
for path in json.loads(sys.argv[1]):
    if os.access(path, os.R_OK | os.X_OK * os.path.isdir(path)):
        print(path)
"""
WITH_TENSORFLOW = "import importlib.util as u; open(u.find_spec('tensorflow').origin).close()"


class Broken(Exception):
    """A Python that starts and does not do what it is told; the message says how it ended."""


# --------------------------------------------------------------------- what is kept secret


def key_path():
    """The file with the key that signs results: in the grader's own folder for the state of programs."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(state) / "gan-course-checker" / "key"


def of_the_package():
    """The folders and files of this package that a solution must not see."""
    files = [ROOT / name for names in inputs.FILES.values() for name in names]
    return [*files, *(ROOT / name for name in OURS)]


@functools.lru_cache(None)
def our_texts():
    """Name -> contents of the files of ours that are solutions, or help to find them."""
    texts = {}
    for path in of_the_package():
        for file in [path] if path.suffix == ".py" else path.rglob("*.py"):
            with contextlib.suppress(OSError):
                texts.setdefault(file.name, set()).add(file.read_bytes())
    return texts


@functools.lru_cache(None)
def installed_copies(folder):
    """What lies below a folder and is our solutions: task modules, whatever is in them, and equal files; bytecode too.

    Of what `pip install .` has put there, in this or another version, also all of `beyond`.
    """
    tasks = {name for names in inputs.FILES.values() for name in names}
    texts, found, depth = our_texts(), [], folder.count("/")
    if any(Path(folder).glob("gan_course-*.dist-info")):
        found += [path for path in [os.path.join(folder, "beyond")] if os.path.isdir(path)]
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if os.path.join(root, name) not in found]
        if root.count("/") >= depth + DEEPEST_COPY:
            folders.clear()
        for name in names:
            path = os.path.join(root, name)
            stem = name.split(".")[0] + ".py"
            if name in tasks or (name.endswith(".pyc") and stem in tasks):
                found.append(path)
            elif name in texts:
                with contextlib.suppress(OSError):
                    if Path(path).read_bytes() in texts[name]:
                        found += [path, *map(str, Path(root, "__pycache__").glob(f"{name[:-3]}.*.pyc"))]
    return found


# ---------------------------------------------------------------------------- the walls


class Wall:
    """How solutions of one Python are kept apart.

    Attributes:
        kind: "sandbox", "user" or "none".
        reason: why there is no sandbox; empty if there is one.
    """

    def __init__(self, python, kind, reason="", found=None):
        self.python, self.kind, self.reason = os.path.abspath(python), kind, reason
        self.found = found or {}

    def command(self, home, secret=()):
        """The command that starts server.py."""
        if self.kind != "sandbox":
            return [self.python, str(HERE / "server.py")]
        return [*bwrap(self.found, self.python, home, secret), self.python, SERVER]

    def environment(self, home, token):
        """What a solution sees of the grader's environment."""
        inside = self.kind == "sandbox"
        return {
            **kept_environment(),
            "HOME": VIEW if inside else home,
            "TMPDIR": "/tmp" if inside else home,
            "MPLBACKEND": "agg",
            "CUDA_VISIBLE_DEVICES": "",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "TF_NUM_INTRAOP_THREADS": "1",
            "TF_NUM_INTEROP_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "CHECKER_TOKEN": token,
        }

    def configuration(self, home):
        """What server.py must know."""
        inside = self.kind == "sandbox"
        return {
            "wall": self.kind,
            "home": VIEW if inside else home,
            "copies": COPIES,
            "root": is_root(),
            "kept": outermost(path for path in visible(self.found, self.python) if path.startswith("/tmp/"))
            if inside
            else [],
        }

    def seen(self, path, home):
        """The path of a file in the server's folder as the server sees it."""
        return f"{COPIES}/{os.path.basename(path)}" if self.kind == "sandbox" else path

    def code(self, code):
        """The exit code of the server; bubblewrap tells a signal as a shell does."""
        return 128 - code if self.kind == "sandbox" and code and code > 128 else code

    def warning(self, secret=()):
        """A sentence on what is not protected; empty if there is nothing to say."""
        if self.kind == "none":
            return (
                f"Not protected: {self.reason}, so the solution ran with the rights of whoever graded it. It could "
                "read this package's solutions and other folders, and change them and the results"
            )
        if self.kind == "user":
            found = readable(self.python, tuple(map(str, [*of_the_package(), *secret])))
            if found:
                return (
                    f"Not fully protected: {self.reason}, so the solution ran as another user, who can read "
                    + ", ".join(found[:3])
                    + f" and {len(found) - 3} more" * (len(found) > 3)
                )
        return ""


def is_root():
    return hasattr(os, "geteuid") and os.geteuid() == 0


LOCK = threading.Lock()
WALLS = {}


def wall(python=sys.executable):
    """The best wall that works here for this Python; tried once.

    Raises:
        OSError: this Python cannot be started.
        Broken: it does not do what it is told.
    """
    with LOCK:
        if str(python) not in WALLS:
            WALLS[str(python)] = best_wall(os.path.abspath(python))
        return WALLS[str(python)]


def best_wall(python):
    if not LINUX:
        return Wall(python, "none", "bubblewrap works on Linux only")
    found = described(python)
    inside = Wall(python, "sandbox", found=found)
    reason = hindered(inside)
    if not reason:
        return inside
    kind = "none"
    with contextlib.suppress(OSError):  # a Python that others may not read
        if is_root() and as_stranger(python, WITH_TENSORFLOW).returncode == 0:
            kind = "user"
    return Wall(python, kind, reason)


def kept_environment():
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    with contextlib.suppress(Exception):
        kept["PYTHONUSERBASE"] = site.getuserbase()  # HOME is another one, but TensorFlow may be installed there
    return kept


def described(python):
    """What this Python says of itself."""
    done = subprocess.run([python, "-c", DESCRIBE], env=kept_environment(), cwd="/", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120)  # fmt: skip
    try:
        return json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        code = done.returncode
        with contextlib.suppress(ValueError):
            code = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        raise Broken(str(code)) from None


def as_stranger(python, code, *arguments):
    """Run a line of Python as a user that owns nothing."""
    rights = {"user": STRANGER, "group": STRANGER, "extra_groups": []} if is_root() else {}
    return subprocess.run([python, "-c", code, *arguments], env={**kept_environment(), "HOME": "/"}, cwd="/",
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120, text=True, **rights)  # fmt: skip


@functools.lru_cache(None)
def readable(python, paths):
    """Those of the paths that a user who owns nothing can read."""
    return as_stranger(python, READABLE, json.dumps(paths)).stdout.splitlines()


# ---------------------------------------------------------------------------- bubblewrap


def program():
    """The path of bubblewrap's program; None if it is not installed."""
    return shutil.which("bwrap")


def hindered(inside):
    """Why the sandbox does not work here; empty if it does: the server starts in it, with a view of its own."""
    if not program():
        return "bubblewrap is not installed"
    home = os.path.realpath(tempfile.mkdtemp(prefix="checker-"))
    try:
        os.mkdir(os.path.join(home, "copies"), 0o700)
        in_sight = [str(path) for path in of_the_package() if not is_on_path(ROOT, inside.found)]
        config = {**inside.configuration(home), "hidden": in_sight}
        done = subprocess.run(inside.command(home), input=json.dumps(config) + "\n", cwd=home, timeout=60, text=True,
                              env=inside.environment(home, "none"), capture_output=True, errors="replace")  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not work here ({error})"
    finally:
        shutil.rmtree(home, ignore_errors=True)
    lines = done.stderr.strip().splitlines()
    return f"bubblewrap does not work here ({lines[-1] if lines else 'no reason given'})" if done.returncode else ""


def is_on_path(folder, found):
    """Whether this is where Python's own packages are, because ours is installed flat: it cannot be covered as a whole.

    A checkout to which a .pth file points is not meant.
    """
    paths = {os.path.realpath(path) for path in found["path"] if path}
    return str(folder).endswith("-packages") and os.path.realpath(folder) in paths


def inside_of(path, folders):
    """Whether the path is one of the folders or lies in one."""
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def outermost(paths):
    paths = set(paths)
    return sorted(path for path in paths if not inside_of(path, paths - {path}))


def needed(found, python):
    """The files and folders that Python needs, by the names that it calls them."""
    prefixes = {path for path in found["prefixes"] if path not in ("/", "/usr")}
    paths = {os.path.join(prefix, name) for prefix in prefixes for name in OF_A_PREFIX}
    paths |= {python, found["program"]}
    for path in filter(None, found["path"]):  # a checkout that a .pth file points to is not wanted, but its .venv is
        ours = inside_of(os.path.realpath(path), [str(ROOT)]) and not path.rstrip("/").endswith("-packages")
        if not ours or inside_of(path, prefixes) or is_on_path(ROOT, found):
            paths.add(path)
    paths |= set(filter(os.path.isabs, os.environ.get("LD_LIBRARY_PATH", "").split(":")))
    for link in (python, found["program"]):  # an environment's Python is a link to a link to another one
        for _ in range(20):
            if not os.path.islink(link):
                break
            link = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))
            paths.add(link)
    paths |= {os.path.realpath(path) for path in paths}
    return {path for path in paths if os.path.exists(path) and path != "/"}


def visible(found, python):
    """The same beside what every program needs."""
    return outermost(path for path in needed(found, python) if not inside_of(path, SYSTEM))


def bwrap(found, python, home, secret=()):
    """The beginning of the command line that starts a program in the sandbox.

    Everything is put in by the depth of its path: what lies inside something else comes after it.
    """
    empty = os.path.join(home, "empty")
    Path(empty).touch()
    steps, last = [], []
    for path in SYSTEM:
        if os.path.islink(path) and path.count("/") == 1:
            steps.append((path, ["--symlink", os.readlink(path), path]))
        elif os.path.exists(path) and (path.count("/store") == 0 or uses(found, path)):
            steps.append((path, ["--ro-bind", path, path]))
    shown = [path for path, step in steps if step[0] == "--ro-bind"]
    own = visible(found, python)
    covered = hidden(found, shown + own, secret)
    own = sorted({*own, *outermost(path for path in needed(found, python) if inside_of(path, covered))} - set(covered))
    shown += own
    steps += [(path, ["--ro-bind", path, path]) for path in own]
    for path in covered:
        if os.path.isdir(path):
            steps.append((path, ["--perms", "0755", "--size", "65536", "--tmpfs", path]))
            last += ["--remount-ro", path]
        else:
            steps.append((path, ["--ro-bind", empty, path]))
    for path in own:
        for parent in map(str, Path(path).parents):
            if parent not in ("/", "/tmp") and not inside_of(parent, shown):
                steps.append((parent, ["--perms", "0755", "--dir", parent]))
    steps += [(f"/checker/{name}", ["--ro-bind", str(HERE / name), f"/checker/{name}"]) for name in WORKERS]
    steps += [(path, ["--perms", "0755", "--dir", path]) for path in ("/checker", VIEW)]
    steps += [("/etc/passwd", ["--ro-bind", people(home), "/etc/passwd"])]
    steps += [(COPIES, ["--ro-bind", os.path.join(home, "copies"), COPIES])]
    ordered = {}
    for path, step in sorted(steps, key=lambda one: (one[0].count("/"), one[0], one[1][0] != "--perms")):
        ordered.setdefault((path, tuple(step)), step)
    rights = ["CAP_SYS_ADMIN", "CAP_SYS_RESOURCE"] + ["CAP_SETUID", "CAP_SETGID"] * is_root()
    return [
        program(),
        *([] if is_root() else ["--unshare-user", "--uid", "1000", "--gid", "1000"]),
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *(word for right in rights for word in ("--cap-add", right)),
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),
        *(word for step in ordered.values() for word in step),
        *last,
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"),
    ]


def uses(found, folder):
    """Whether this Python has something in the folder, or links into it."""
    paths = [found["program"], *found["prefixes"], *found["path"]]
    return any(inside_of(os.path.realpath(path), [folder]) for path in paths if path)


def hidden(found, shown, secret):
    """What must be covered: secrets that lie in a folder that is shown, and copies of our own files there."""
    package = of_the_package() if is_on_path(ROOT, found) else [ROOT]
    names = {str(path) for one in (*package, key_path().parent, *secret) for path in (one, os.path.realpath(one))}
    python = {*found["prefixes"], *found["path"], *SYSTEM}
    covered = [path for path in names if inside_of(path, shown) and os.path.exists(path) and path not in python]
    sites = outermost(os.path.realpath(path) for path in found["path"] if path and "-packages" in path)
    covered += [path for folder in sites if inside_of(folder, shown) for path in installed_copies(folder)]
    return sorted(set(covered))


def people(home):
    """A file like /etc/passwd in which everybody who can be in the sandbox has a name, and nobody else."""
    path = os.path.join(home, "passwd")
    with open(path, "w") as file:
        file.write(f"root:x:0:0::/:/bin/sh\nstudent:x:1000:1000::{VIEW}:/bin/sh\n")
    os.chmod(path, 0o644)
    return path


# ---------------------------------------------------------------------------- processes


def own_processes():
    """How many threads the grader's user has: they count where a limit on processes does. Root has no such limit."""
    if is_root() or not LINUX:
        return 0
    count = 0
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if path.stat().st_uid == os.geteuid():
                count += len(os.listdir(path / "task"))
    return count


def host_number(number, ancestor):
    """The number of a process below `ancestor` that has this number in its own view; the number itself without one."""
    parents, names = {}, {}
    for path in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError, AttributeError, ValueError):
            text = path.read_text(errors="replace")
            pid = int(path.parent.name)
            parents[pid] = int(re.search(r"^PPid:\s*(\d+)", text, re.M)[1])
            names[pid] = re.search(r"^NSpid:\s*(.*)", text, re.M)[1].split()
    found = [pid for pid, own in names.items() if own[-1] == str(number) and descends(pid, ancestor, parents)]
    return max(found, key=lambda pid: len(names[pid]), default=number)


def descends(pid, ancestor, parents):
    while pid and pid != ancestor:
        pid = parents.get(pid, 0)
    return pid == ancestor
