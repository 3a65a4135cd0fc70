"""Grades one folder: copies it, runs each task in a process of its own with limits, collects records, asks the judges.

Nothing that a solution does reaches the grader but the numbers on a pipe. A process that stops, hangs or grows too
large costs the probe it was in; a new one goes on with the next.
"""

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.checker import effects, inputs, rubric
from tests.checker.process import FORGED, Interrupted, Server

__all__ = ["Grading", "Interrupted", "Limits", "grade", "own_files", "present"]
START_LIMIT = 180  # seconds for TensorFlow to start
CRASHES = 3  # in one task, before its other probes are given up
LARGEST_FILE, LARGEST_COPY, MOST_FILES = 8 << 20, 64 << 20, 2000
SKIPPED = {"__pycache__", "outputs", "node_modules", "site-packages"}


@dataclass
class Limits:
    """Seconds for one probe, seconds for all probes of a task, gigabytes of memory."""

    probe: float = 30.0
    task: float = 90.0
    memory: float = 8.0


@dataclass
class Grading:
    """What came out for one folder with one Python.

    Attributes:
        folder: name of the student's folder.
        versions: of Python, TensorFlow and Keras, as the worker told them; empty if it never started.
        verdicts: task -> list of `rubric.Verdict`, for the tasks whose file is there.
        trouble: a sentence if the machine or the folder, not the code, kept everything from being checked.
        absent: a sentence if there was nothing to grade.
        other: the versions of the second Python, if the folder was graded with two.
        seed: of the probes' inputs; the same one gives the same inputs.
    """

    folder: str
    versions: dict = field(default_factory=dict)
    verdicts: dict = field(default_factory=dict)
    trouble: str = ""
    seconds: float = 0.0
    starts: int = 0
    absent: str = ""
    other: dict = field(default_factory=dict)
    seed: int = None

    def points(self, task):
        return sum(verdict.points for verdict in self.verdicts[task])

    def total(self, task):
        return sum(verdict.behaviour.points for verdict in self.verdicts[task])


def present(folder):
    """The tasks whose file is in the folder."""
    return [task for task, names in inputs.FILES.items() if any((Path(folder) / name).is_file() for name in names)]


def own_files(folder):
    """The regular files of a folder that are graded: not big ones, links, hidden ones or environment folders."""
    count, size = 0, 0
    for root, names, files in os.walk(folder):
        names[:] = sorted(
            n
            for n in names
            if not n.startswith(".")
            and n not in SKIPPED
            and not (Path(root) / n / "pyvenv.cfg").exists()
            and not (Path(root) / n).is_symlink()
        )
        for name in sorted(files):
            path = Path(root) / name
            if path.is_symlink() and not path.resolve().is_file() or not path.is_file() or name.startswith("."):
                continue
            length = path.stat().st_size
            if length > LARGEST_FILE or size + length > LARGEST_COPY or count == MOST_FILES:
                continue
            count, size = count + 1, size + length
            yield path


def copy(folder, target):
    """Copy the folder's own files."""
    for path in own_files(folder):
        destination = Path(target) / path.relative_to(folder)
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, destination)


def grade(folder, python=sys.executable, tasks=None, limits=None, stop=None, server=None, seed=None):
    """Grade a folder of solutions.

    Args:
        folder: holds some of the five task files.
        python: the interpreter that runs the solutions; it needs TensorFlow.
        tasks: those to grade (default: all whose file is there).
        limits: `Limits`.
        stop: a `threading.Event`; when another thread sets it the workers are killed.
        server: a running `process.Server` of this Python, which stays so; default: one for this folder alone.
        seed: of the probes' inputs (default: one that nobody can foresee).

    Returns:
        Grading. Trouble is reported in it; nothing is raised for what a solution does.

    Raises:
        Interrupted: `stop` was set.
    """
    started = time.monotonic()
    limits = limits or Limits()
    grading = Grading(Path(folder).resolve().name, seed=new_seed() if seed is None else seed)
    if not Path(folder).is_dir():
        grading.trouble = f"{str(folder)!r} is not a folder"
        return grading
    tasks = [task for task in present(folder) if tasks is None or task in tasks]
    if not tasks:
        names = ", ".join(names[0] for names in inputs.FILES.values())
        grading.trouble = f"no file of a task in the folder: expected some of {names}"
        return grading
    home = os.path.realpath(tempfile.mkdtemp(prefix="checker-"))
    session = Session(folder, python, home, limits, stop, grading.seed, server)
    try:
        for task in tasks:
            session.run(task)
    except Trouble as trouble:
        grading.trouble = str(trouble)
    finally:
        session.close()
        remove(home)
    grading.starts, grading.versions = session.starts, session.versions
    for task in tasks:
        grading.verdicts[task] = session.judge(task, grading.trouble)
    grading.seconds = time.monotonic() - started
    return grading


def new_seed():
    """A seed that no solution can foresee."""
    return secrets.randbelow(10**12)


class Trouble(Exception):
    """Of the machine or the folder, not of the code."""


class Session:
    """Runs the probes of one folder; `records` is task -> name of the probe -> record."""

    def __init__(self, folder, python, home, limits, stop, seed, server=None):
        self.folder, self.python, self.home, self.limits, self.stop = Path(folder), python, home, limits, stop
        self.seed = seed
        self.server, self.lent = server, server
        self.starts, self.versions, self.copies, self.records = 0, {}, 0, {}

    def close(self):
        if self.server and self.server is not self.lent:
            self.server.close()
        self.server = None

    def begin(self, task, probes):
        """Start the probes in a process of their own, on a copy of its own; returns when TensorFlow works there."""
        self.copies += 1
        copied = os.path.join(self.home, f"copy{self.copies}", self.folder.resolve().name)
        try:
            os.makedirs(copied)  # anew each time: a solution may have changed the one before, and home itself
            copy(self.folder, copied)
        except OSError as error:
            raise Trouble(f"the folder cannot be copied: {error}") from None
        warm = bool(self.server)
        message = self.ready(copied, task, probes)
        if not message and warm:  # the server itself is gone: whatever its last solution did, the next may be right
            self.close()
            message = self.ready(copied, task, probes)
        if "ready" not in message:
            error = message.get("machine")
            reason = f"{error['error']}: {error['message']}" if error else self.server.outcome
            raise Trouble(
                "this machine, not the code, is in trouble: TensorFlow does not start "
                f"({reason or f'it was not ready after {START_LIMIT} seconds'})"
            )
        self.versions = message["ready"]
        return copied

    def ready(self, copied, task, probes):
        """The first message of a new process; empty if there is none."""
        if self.server and not self.server.alive:
            self.close()
        if not self.server:
            try:
                self.server = Server(self.python, self.home, self.limits.memory, self.stop)
            except OSError as error:
                reason = error.strerror or error
                raise Trouble(f"the Python {str(self.python)!r} cannot be started: {reason}") from None
            self.starts += 1
        self.server.begin(copied, [f"{task}.{name}" for name in probes], effects.key(self.seed, task))
        return self.server.message(time.monotonic() + START_LIMIT) or {}

    def run(self, task):
        """Run the probes of a task, those behind a crash or an endless loop in a new process."""
        records = self.records[task] = {}
        waiting = [probe.split(".")[1] for probe in rubric.probes_of(task)]
        spent = crashes = 0
        while waiting:
            copied = self.begin(task, waiting)
            current, last = None, waiting[0]
            while True:
                began, left = time.monotonic(), max(1.0, min(self.limits.probe, self.limits.task - spent))
                message = self.patient_message(left)
                spent += time.monotonic() - began
                if message is None or "done" in message:
                    break
                name = str(message.get("start", message.get("probe"))).split(".")[-1]
                if "start" in message and current is None and name in waiting:
                    current = name
                elif name == current and isinstance(message.get("record"), dict):
                    records[name] = message["record"]
                    waiting.remove(name)
                    last, current = name, None
                else:  # not what the worker says: a solution speaks in its place
                    records.pop(last, None)
                    waiting[:0] = [last] * (last not in waiting)
                    current, self.server.outcome = last, FORGED
                    break
            stopped = self.server.outcome or f"no end within {left:.0f} seconds"
            self.server.stop_process()
            remove(os.path.dirname(copied))
            if not waiting:
                return
            records[current or waiting[0]] = {"failed": {"error": "Stopped", "stopped": stopped}}
            crashes += 1
            waiting = rubric.still_needed(task, records)
            if crashes >= CRASHES or spent >= self.limits.task:
                why = (
                    "the process stopped too often before" if crashes >= CRASHES else "the time for this task was over"
                )
                records.update({name: {"not_reached": f"not reached: {why}"} for name in waiting})
                return

    def judge(self, task, trouble=None):
        """The verdicts on a task, whose records are those of the inputs of this seed."""
        with inputs.use(effects.key(self.seed, task)):
            return rubric.judge_task(task, self.records.get(task, {}), trouble)

    def patient_message(self, limit):
        """The next message; None after the limit, or up to three times as late on a machine that is busy elsewhere."""
        end, used = time.monotonic() + 3 * limit, self.server.seconds_of_work()
        message = self.server.message(end - 2 * limit)
        while message is None and self.server.running and not self.server.outcome and time.monotonic() < end:
            before = self.server.seconds_of_work()
            if before - used > 0.9 * limit:
                break
            message = self.server.message(time.monotonic() + 1)
            if self.server.seconds_of_work() - before < 0.02:  # it sleeps
                break
        return message


def remove(folder):
    """Remove a folder, whatever a solution did to its permissions."""
    for root, names, _ in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            if not os.path.islink(path):
                with contextlib.suppress(OSError):
                    os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)
