"""The grader's side of server.py: starts it, has it fork processes beside a solution, and reads what they send."""

import contextlib
import hashlib
import json
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

from tests.checker import sandbox

CLOSED = 97  # see server.py
LARGEST_REPORT = 64 << 20  # bytes on the pipe from one process
FORGED = "writing into the checker's own channel"
FORK_AFTER_START = sys.platform.startswith("linux")


class Interrupted(Exception):
    """Somebody wants the grading to end now; its workers are killed on the way out."""


class Server:
    """One server with the processes that it forks, from its start to the certain end of all of them.

    Args:
        python: the interpreter that runs the solutions.
        home: a folder in which it makes one for itself.
        memory: gigabytes for each process.
        stop: None or a `threading.Event`; when it is set, `message` raises Interrupted.
        secret: folders that no solution may see, beside the package.

    Raises:
        OSError: this Python cannot be started.
    """

    def __init__(self, python, home, memory, stop=None, secret=()):
        self.stop, self.token = stop, secrets.token_hex(16)
        self.wall = sandbox.wall(python)
        if self.wall.kind == "user":
            home = None  # another user must come through the folders above
        else:
            os.makedirs(home, exist_ok=True)  # a solution may have removed it where nothing protects it
        self.home, self.copies = os.path.realpath(tempfile.mkdtemp(prefix="checker-", dir=home)), 0
        os.chmod(self.home, 0o711)
        os.mkdir(self.inside("copies"), 0o700)
        status, status_end = os.pipe()
        results, results_end = os.pipe()
        try:
            self.process = subprocess.Popen(
                self.wall.command(self.home, secret),
                cwd=self.home,
                env=self.wall.environment(self.home, self.token),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[status_end, results_end],
                start_new_session=True,
            )
        except BaseException:
            os.close(status)
            os.close(results)
            remove(self.home)
            raise
        finally:
            os.close(status_end)
            os.close(results_end)
        self.status, self.results = status, results
        self.selector = selectors.DefaultSelector()
        for descriptor in (status, results):
            os.set_blocking(descriptor, False)
            self.selector.register(descriptor, selectors.EVENT_READ)
        self.running, self.told = False, b""
        self.command(
            status=status_end,
            results=results_end,
            memory=memory,
            warm=FORK_AFTER_START,
            processes=sandbox.own_processes(),
            **self.wall.configuration(self.home),
        )

    def inside(self, *names):
        return os.path.join(self.home, *names)

    def command(self, **command):
        """A server that is gone does not hear it; `message` finds that out."""
        with contextlib.suppress(OSError):
            self.process.stdin.write((json.dumps(command) + "\n").encode())
            self.process.stdin.flush()

    def begin(self, copy, probes, key):
        """Fork a process that runs the probes on a solution, whose files are in the bytes of a tar file.

        The key gives the inputs.
        """
        with contextlib.suppress(OSError):
            os.unlink(self.inside("copies", f"{self.copies}.tar"))
        self.copies += 1
        path = self.inside("copies", f"{self.copies}.tar")
        with contextlib.suppress(OSError), open(path, "wb") as file:  # if not, the process says so
            file.write(copy)
        self.secret = secrets.token_hex(32)
        self.lines, self.rest, self.received, self.count = deque(), [], 0, 0
        self.running, self.outcome, self.pid, self.host_pid, self.waited = True, None, None, None, 0.0
        self.command(copy=self.wall.seen(path, self.home), probes=probes, key=key, secret=self.secret)

    def message(self, deadline):
        """The next message of the process; None when there will be none: then `outcome` says why, None for no time."""
        while True:
            if self.lines:
                message = self.genuine(self.lines.popleft())
                if message is None:
                    self.outcome = FORGED
                return message
            if not self.running:
                return None
            if self.received > LARGEST_REPORT:
                self.outcome = "far more output than a probe has to give"
                return None
            if self.stop is not None and self.stop.is_set():
                raise Interrupted
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            ready = [key.fd for key, _ in self.selector.select(min(left, 0.5))]
            if self.results in ready:
                self.receive()
            elif self.status in ready:
                self.hear()

    def genuine(self, line):
        """What the worker sent; None if somebody else wrote the line."""
        mark, _, text = line.partition(b" ")
        own = hashlib.blake2b(b"%d " % self.count + text, key=self.secret.encode()).hexdigest().encode()
        if not secrets.compare_digest(mark, own):
            return None
        self.count += 1
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return None
        self.pid = message.get("pid", self.pid) if self.count == 1 else self.pid
        return message

    def seconds_of_work(self):
        """Processor time of the forked process; 0 where that cannot be known."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            self.host_pid = self.host_pid or sandbox.host_number(self.pid, self.process.pid)
            fields = Path(f"/proc/{self.host_pid}/stat").read_bytes().rpartition(b")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def seconds_waited(self):
        """How long the forked process's main thread was ready to run and had no processor, as far as that is known."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            self.host_pid = self.host_pid or sandbox.host_number(self.pid, self.process.pid)
            self.waited = int(Path(f"/proc/{self.host_pid}/schedstat").read_bytes().split()[1]) / 1e9
        return self.waited

    def receive(self):
        """Read once from the pipe; whether there was something to read."""
        if self.results not in self.selector.get_map():
            return False
        try:
            data = os.read(self.results, 1 << 18)
        except BlockingIOError:
            return False
        self.received += len(data)
        head, newline, tail = data.partition(b"\n")
        self.rest.append(head)
        if newline:
            *whole, last = (b"".join(self.rest) + newline + tail).split(b"\n")
            self.lines.extend(line for line in whole if line)
            self.rest = [last]
        if not data:
            self.selector.unregister(self.results)
        return bool(data)

    def hear(self):
        """Read the server's word that the process has ended, or find that the server itself has."""
        data = os.read(self.status, 1 << 12)
        self.told += data
        if data and b"\n" not in self.told:
            return
        line, _, self.told = self.told.partition(b"\n")
        try:
            code = json.loads(line)["ended"]
            self.outcome = self.outcome or in_words(code)
        except (ValueError, KeyError, TypeError):
            self.selector.unregister(self.status)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
            how = ending(self.wall.code(self.process.poll()))
            self.outcome = self.outcome or f"an end of the process beside it ({how})"
        self.running = False
        while self.received <= LARGEST_REPORT and self.receive():  # all that it sent before is in the pipe
            pass

    @property
    def alive(self):
        """Whether it is there, and nothing that it has forked."""
        return self.process.poll() is None and not self.running

    def stop_process(self):
        """End the forked process and what it started; a server that does not do so in time is not `alive`."""
        if self.running:
            outcome = self.outcome
            self.command(kill=True)
            end = time.monotonic() + 8
            while self.running and time.monotonic() < end:
                for key, _ in self.selector.select(0.5):
                    if key.fd == self.status:
                        self.hear()
                    else:  # whatever it is, nobody waits for it any more
                        self.receive()
            self.outcome = outcome

    def close(self):
        """Kill the server and, wherever they went, all processes that carry its mark."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()  # it then ends its processes and itself
        if self.running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(6)
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        kill_marked(f"CHECKER_TOKEN={self.token}".encode())
        self.selector.close()
        os.close(self.status)
        os.close(self.results)
        remove(self.home)


class Servers:
    """The servers of one command, which grade one folder after the other: TensorFlow starts once for each job.

    A server never runs code of a solution, and in the sandbox each solution has a view of its own. Where there is no
    sandbox a server has seen one folder only: nothing of a solution outlives it.

    Args:
        secret: folders that no solution may see, those of all students.
    """

    def __init__(self, secret=()):
        self.secret, self.idle, self.lock = list(secret), {}, threading.Lock()
        self.home = os.path.realpath(tempfile.mkdtemp(prefix="checker-"))

    def take(self, python, memory, stop=None):
        """A server that waits for work, or a new one, and whether it is new. Arguments and errors as of `Server`."""
        with self.lock:
            waiting = self.idle.get((python, memory), [])
            while waiting:
                server = waiting.pop()
                if server.alive:
                    server.stop = stop
                    return server, False
                server.close()
        return Server(python, self.home, memory, stop, self.secret), True

    def give_back(self, server, python, memory):
        """Keep a server for the next folder, if it can be trusted to be as it was."""
        if server.alive and server.wall.kind == "sandbox":
            with self.lock:
                self.idle.setdefault((python, memory), []).append(server)
        else:
            server.close()

    def close(self):
        for waiting in self.idle.values():
            while waiting:
                waiting.pop().close()
        remove(self.home)


def kill_marked(mark):
    """Kill the processes that have this in their environment (Linux)."""
    end, found = time.monotonic() + 5, True
    while found and time.monotonic() < end:  # one that forks while we look is found in the next round
        found = False
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError, ValueError):
                if mark in path.read_bytes():
                    os.kill(int(path.parent.name), signal.SIGKILL)
                    found = True


def ending(code):
    """How a process ended."""
    if code is None:
        return "for an unknown reason"
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def in_words(code):
    """The same as a part of a sentence about a solution."""
    if code == CLOSED:
        return "the checker's own channel closed"
    if code is None or code < 0:
        return f"a crash of the process ({ending(code)})"
    return f"an exit of the whole process ({ending(code)})"


def remove(folder):
    """Remove a folder, whatever a solution did to its permissions."""
    for root, names, _ in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            if not os.path.islink(path):
                with contextlib.suppress(OSError):
                    os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)
