"""Starts TensorFlow once and forks a process for each list of probes; grading.py starts it with the Python asked for.

A solution runs in the forked process, so whatever it does to NumPy, Keras, its files or its descriptors is gone with
that process, and a crash does not cost another start. Commands come on stdin, one JSON object a line: first the
configuration, then {"probes": ..., "folder": ..., "key": ..., "secret": ...} or {"kill": true}. Says {"ended": exit
code} on the pipe `status` when a forked process and everything that it started is gone. The forked process itself sends
what worker.py describes on the pipe `results`, each line with a keyed hash: lines that others write there do not count.

What this does not hinder: a solution runs as the same user as the grader. It can write outside its folder, end the
grader if it looks for its number (or all processes of the user at once), and, if it searches its own memory for the
checker, speak in its place; it would still have to know the right numbers. Grade strangers in a container.

Where the memory of a process that has imported TensorFlow cannot be forked (macOS), the fork comes before the import.
"""

import builtins
import contextlib
import gc
import hashlib
import importlib.util
import json
import os
import select
import signal
import sys
import time
import types

__builtins__ = dict(vars(builtins))  # our own: a solution that replaces float or isinstance replaces its own only
HERE = os.path.dirname(os.path.abspath(__file__))
CLOSED = 97  # exit code of a process that finds its pipe closed
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


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
        return "{%s}" % ", ".join([f"{text(key)}: {json_of(x[key])}" for key in x if type(key) is str])
    if kind is str:
        return text(x)
    if kind is int:
        return repr(x)
    return "true" if x is True else "false" if x is False else "null"


INFINITY = float("inf")


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


def forked(command, config, probes, worker):
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
        probes = probes or worker.Probes(load("inputs"))
        ready = probes.ready()
    except BaseException as error:  # whatever hinders TensorFlow, the grader shall hear of it
        pipe.send(machine=worker.described(error, config["home"]))
        os._exit(1)
    pipe.send(ready=ready, pid=os.getpid())
    worker.work(probes, command["folder"], command["probes"], command["key"], pipe.send)


def main():
    commands = lines()
    config = next(commands)
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != HERE]
    sys.dont_write_bytecode = True
    limit(config["memory"])
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    worker, probes = load("worker"), None
    if config["warm"]:
        gc.disable()  # TensorFlow makes a million objects that stay: looking for garbage among them costs a second
        with contextlib.suppress(Exception):  # the forked process tries again, and tells
            probes = worker.Probes(load("inputs"))
        gc.freeze()
        gc.enable()
    for command in commands:
        if "probes" not in command:
            continue
        child = os.fork()
        if not child:
            try:
                forked(command, config, probes, worker)
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
        ended = {"ended": swept if code is None else code}
        os.write(config["status"], (json.dumps(ended) + "\n").encode())


if __name__ == "__main__":
    main()
