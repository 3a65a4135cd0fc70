"""Starts TensorFlow once and forks a process for each list of probes; process.py starts it with the Python asked for.

A solution runs in the forked process, so whatever it does to NumPy, Keras, its files or its descriptors is gone with
that process, and a crash does not cost another start. This process itself never runs a student's code and never starts
TensorFlow's own threads: each forked one may still configure them.

Commands come on stdin, one JSON object a line: first the configuration, then {"probes": ..., "copy": ...,
"key": ..., "secret": ...} or {"kill": true}. `copy` is a tar file of the student's folder, which the forked process
unpacks for itself. Says {"ended": exit code} on the pipe `status` when a forked process and everything that it started
is gone. The forked process itself sends what worker.py describes on the pipe `results`, each line with a keyed hash:
lines that others write there do not count.

Inside the sandbox (see sandbox.py) each forked process has a view of its own: an empty folder for its files, its own
process numbers, no rights. All of it goes when the process ends. What this does not hinder: a solution shares its
process with the probes that watch it. If it searches its own memory for them it can speak in their place; it would
still have to know the right numbers.

Where the memory of a process that has imported TensorFlow cannot be forked (macOS), the fork comes before the import.
"""

import builtins
import contextlib
import gc
import hashlib
import importlib.util
import io
import json
import os
import random
import select
import shutil
import signal
import sys
import tarfile
import tempfile
import time
import types

__builtins__ = dict(vars(builtins))  # our own: a solution that replaces float or isinstance replaces its own only
HERE = os.path.dirname(os.path.abspath(__file__))
CLOSED = 97  # exit code of a process that finds its pipe closed
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38
NEW_MOUNTS, NEW_IPC, NEW_USER, NEW_PROCESSES = 0x20000, 0x8000000, 0x10000000, 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_RECURSIVE, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
VIEW = "/student"  # the only folder of a forked process in the sandbox, beside its /tmp
ROOM = b"size=256m,nr_inodes=100000,mode=1777"  # for each of the two
MOST_PROCESSES = 256  # threads count, too
LONGEST_TEXT = 2000  # characters of any text that a solution can make
STRANGERS = range(61184, 65520)  # user numbers that systems give to short-lived processes


def load(name):
    """The module `name`.py of this folder, under a name that no file of a solution has, and not in sys.modules."""
    spec = importlib.util.spec_from_file_location(f"_checker_{name}", os.path.join(HERE, f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prctl(option, value):
    """Linux only; elsewhere nothing."""
    with contextlib.suppress(Exception):
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


class Pipe:
    """Sends objects to the grader, each line with a hash of it that nobody makes who does not know the secret."""

    def __init__(self, descriptor, secret):
        write, leave, digest, plain, count = os.write, os._exit, hashlib.blake2b, json_of, 0
        key = secret.encode()

        def send(**message):
            nonlocal count
            line = plain(message).encode()
            data = b"\n" + digest(b"%d " % count + line, key=key).hexdigest().encode() + b" " + line + b"\n"
            count += 1
            try:
                while data:
                    data = data[write(descriptor, data) :]
            except OSError:
                leave(CLOSED)

        self.send = send


def json_of(x, text=json.encoder.encode_basestring_ascii):
    """JSON of plain objects; whatever else a solution slips in becomes null. Calls nothing that could be replaced."""
    kind = type(x)
    if kind is float:
        return "NaN" if x != x else "Infinity" if x == INFINITY else "-Infinity" if x == -INFINITY else repr(x)
    if kind is list or kind is tuple:
        return f"[{', '.join([json_of(one) for one in x])}]"
    if kind is dict:
        return "{%s}" % ", ".join([f"{text(key[:LONGEST_TEXT])}: {json_of(x[key])}" for key in x if type(key) is str])
    if kind is str:
        return text(x[:LONGEST_TEXT])
    if kind is int:
        return repr(x)
    return "true" if x is True else "false" if x is False else "null"


INFINITY = float("inf")


# ----------------------------------------------------------------------- the view


def libc(name, *arguments):
    """Call a function of the C library; raises OSError if it fails."""
    import ctypes

    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def mount(what, where, kind=None, flags=0, options=None):
    libc("mount", os.fsencode(what), os.fsencode(where), kind, flags, options)


def enter_view(config):
    """Go on in a process with its own mounts and process numbers; this process ends as that one does.

    The first process in there is ours and does nothing but wait: when it ends, the kernel kills all the others.
    """
    libc("unshare", NEW_MOUNTS | NEW_IPC | NEW_PROCESSES)
    mount("none", "/", flags=MS_RECURSIVE | MS_PRIVATE)
    kept = [(path, os.path.isdir(path), os.open(path, os.O_PATH)) for path in config["kept"]]  # a Python below /tmp
    for folder in ("/tmp", "/dev/shm", VIEW):
        mount("tmpfs", folder, b"tmpfs", MS_NOSUID | MS_NODEV, ROOM)
    for path, is_folder, descriptor in kept:
        os.makedirs(path if is_folder else os.path.dirname(path), exist_ok=True)
        if not is_folder:
            os.close(os.open(path, os.O_CREAT))
        mount(f"/proc/self/fd/{descriptor}", path, flags=MS_BIND | MS_RECURSIVE)
        os.close(descriptor)
    for folder in (HERE, config["copies"]):
        mount("tmpfs", folder, b"tmpfs", MS_NOSUID | MS_NODEV, b"size=4k,mode=0")
    told, tell = os.pipe()
    first = os.fork()
    if first:
        os.close(tell)
        os.waitpid(first, 0)
        leave(json.loads(os.read(told, 100) or b"1"))
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    mount("proc", "/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    solution = os.fork()
    if solution:
        while True:
            pid, status = os.wait()
            if pid == solution:
                os.write(tell, b"%d" % code_of(status))
                os._exit(0)
    os.setsid()
    os.close(told)
    os.close(tell)


def leave(code):
    """End as another process did that ended with this code; negative for a signal."""
    if code < 0:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 1)


def become(user):
    """Become a user that owns nothing."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def give_up_rights():
    """No rights over the view any more, and none to be had: no further user namespace can be made."""
    prctl(PR_SET_DUMPABLE, 1)  # to write the maps below
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    user, group = os.getuid(), os.getgid()
    with contextlib.suppress(OSError):  # where this is refused, a solution cannot have it either
        libc("unshare", NEW_USER)
        for name, text in (
            ("self/setgroups", "deny"),
            ("self/uid_map", f"{user} {user} 1"),
            ("self/gid_map", f"{group} {group} 1"),
            ("sys/user/max_user_namespaces", "0"),
        ):
            with open(f"/proc/{name}", "w") as file:
                file.write(text)
    import ctypes

    libc("capset", ctypes.byref((ctypes.c_uint32 * 2)(0x20080522, 0)), ctypes.byref((ctypes.c_uint32 * 6)()))


def stranger():
    """The number of a user that nobody is."""
    import pwd

    taken = {entry.pw_uid for entry in pwd.getpwall()} | {user for _, user in processes()}
    return random.SystemRandom().choice([user for user in STRANGERS if user not in taken])


def processes():
    """(number, user) of all processes that can be seen."""
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else []:
        with contextlib.suppress(OSError, ValueError):
            yield int(name), os.stat(f"/proc/{int(name)}").st_uid


def forget(user):
    """Kill the processes of a stranger, and remove what it wrote where everybody may write."""
    end, found = time.monotonic() + 5, True
    while found and time.monotonic() < end:
        found = [pid for pid, owner in processes() if owner == user]
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    for folder in ("/tmp", "/var/tmp", "/dev/shm", tempfile.gettempdir()):
        with contextlib.suppress(OSError):
            for entry in os.scandir(folder):
                with contextlib.suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_uid == user:
                        remove(entry.path)


def remove(path):
    """Remove a file or folder, whatever a solution did to its permissions."""
    if os.path.islink(path) or not os.path.isdir(path):
        with contextlib.suppress(OSError):
            os.unlink(path)
        return
    for root, names, _ in os.walk(path):
        for name in names:
            inside = os.path.join(root, name)
            if not os.path.islink(inside):
                with contextlib.suppress(OSError):
                    os.chmod(inside, 0o700)
    shutil.rmtree(path, ignore_errors=True)


def new_view(config):
    """A folder for one forked process where there is no sandbox, and the user who runs it, None for the same one."""
    user = stranger() if config["wall"] == "user" else None
    view = tempfile.mkdtemp(prefix="view-", dir=config["home"])
    if user is not None:
        os.chown(view, user, user)
    return view, user


def unpacked(copy, view):
    """Write the student's files into the view; returns their folder. Home and temporary files lie beside it."""
    folder, home = os.path.join(view, "solution"), os.path.join(view, "home")
    temporary = "/tmp" if view == VIEW else os.path.join(view, "tmp")
    for path in (folder, home, temporary):
        os.makedirs(path, exist_ok=True)
    os.environ.update(HOME=home, TMPDIR=temporary)
    tempfile.tempdir = None  # TensorFlow's import has asked for it
    with tarfile.open(fileobj=io.BytesIO(copy), mode="r:") as tar:
        for member in tar:  # plain files with harmless names: grading.py made the archive
            path = os.path.join(folder, member.name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(tar.extractfile(member).read())
    return folder


def limit(gigabytes):
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        size = int(gigabytes * 2**30)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**28, 2**28))


def lines():
    """The commands on stdin."""
    rest = b""
    while True:
        line, newline, after = rest.partition(b"\n")
        if newline:
            rest = after
            yield json.loads(line)
            continue
        data = os.read(0, 1 << 16)
        if not data:
            return
        rest += data


def children():
    """The processes whose parent is this one; all that a solution leaves behind come to be."""
    me = os.getpid()
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else []:
        with contextlib.suppress(OSError, ValueError):
            with open(f"/proc/{int(name)}/stat", "rb") as file:
                if int(file.read().rpartition(b")")[2].split()[1]) == me:
                    yield int(name)


def sweep(child):
    """Kill the forked process and everything that it started; returns its exit code, None if it cannot be told."""
    code, end = None, time.monotonic() + 5
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)
        for pid in [child, *children()] if code is None else children():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                if pid == child:
                    code = code_of(status)
        except ChildProcessError:
            return code
        time.sleep(0.005)
    return code


def code_of(status):
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def limit_processes(most):
    """For a user of its own; what runs elsewhere as the same user would count, too."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def forked(command, config, probes, worker, works, view, user):
    """The process beside the solution."""
    os.setsid()
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.close(config["status"])
    os.set_inheritable(config["results"], False)
    sys.modules["__main__"] = types.ModuleType("__main__")
    sys.argv = ["checker"]
    pipe = Pipe(config["results"], command["secret"])
    try:
        with open(command["copy"], "rb") as file:
            copy = file.read()
        if config["wall"] == "sandbox":
            view, user = VIEW, stranger_in_sandbox(config)
            enter_view(config)
        if user is not None:
            become(user)
        if config["wall"] == "sandbox":
            give_up_rights()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # another user's processes have lost it
        prctl(PR_SET_DUMPABLE, 1)  # else the files in /proc/self are root's
        limit_processes(config["processes"] + MOST_PROCESSES)
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")  # if memory runs out, this is what the kernel ends
        folder = unpacked(copy, view)
        if works:
            raise works
        probes = probes or worker.Probes(load("inputs"))
        ready = probes.ready()
    except BaseException as error:  # whatever hinders TensorFlow, the grader shall hear of it
        pipe.send(machine=worker.described(error, config["home"]))
        os._exit(1)
    pipe.send(ready=ready, pid=os.getpid())
    worker.work(probes, folder, command["probes"], command["key"], pipe.send)


def stranger_in_sandbox(config):
    """Root becomes somebody else in there; another user's rights outside are no more than this process's."""
    return random.SystemRandom().choice(STRANGERS) if config["root"] else None


def first_sum(probes, worker, config):
    """None if TensorFlow works here, else the exception: a process of its own tries it, and this one stays clean."""
    told, tell = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            probes.first_sum()
        except BaseException as error:
            os.write(tell, json.dumps(worker.described(error, config["home"])).encode())
        os._exit(0)
    os.close(tell)
    with open(told, "rb") as file:
        found = file.read()
    _, status = os.waitpid(pid, 0)
    if found:
        error = json.loads(found)
        return type(str(error["error"]), (Exception,), {})(error["message"])
    return RuntimeError(f"a first sum ends with {code_of(status)}") if status else None


def trial(config):
    """Whether a forked process has a view of its own here; ends with 0 if it has, and sees none of the hidden files."""
    try:
        enter_view(config)
        if config["root"]:
            become(stranger_in_sandbox(config))
        give_up_rights()
        with open(os.path.join(VIEW, "file"), "w") as file:
            file.write("x")
        for path in config["hidden"]:
            if os.path.exists(path):
                raise FileExistsError(f"{path} can be seen")
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def main():
    commands = lines()
    config = next(commands)
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != HERE]
    sys.dont_write_bytecode = True
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if "hidden" in config:
        trial(config)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_DUMPABLE, 0)  # no other process looks into this one
    limit(config["memory"])
    worker, probes, works = load("worker"), None, None
    if config["warm"]:
        gc.disable()  # TensorFlow makes a million objects that stay: looking for garbage among them costs a second
        try:
            probes = worker.Probes(load("inputs"))
            works = first_sum(probes, worker, config)
        except Exception as error:  # the forked process tells
            works = error
        gc.freeze()
        gc.enable()
    for command in commands:
        if "probes" not in command:
            continue
        view, user = (None, None) if config["wall"] == "sandbox" else new_view(config)
        child = os.fork()
        if not child:
            try:
                forked(command, config, probes, worker, works, view, user)
            finally:
                os._exit(1)
        code = None
        while code is None:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == child:
                code = code_of(status)
            elif not pid and select.select([0], [], [], 0.02)[0]:
                if next(commands, None) is None:  # the grader is gone
                    sweep(child)
                    return
                break
        swept = sweep(child)
        if user is not None:
            forget(user)
        if view:
            remove(view)
        ended = {"ended": swept if code is None else code}
        os.write(config["status"], (json.dumps(ended) + "\n").encode())


if __name__ == "__main__":
    main()
