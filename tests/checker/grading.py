"""Grades one folder: copies it, runs worker processes with limits, collects their records, asks the judges.

Nothing that a solution does reaches the grader but the numbers on a pipe. A worker that stops, hangs or grows too
large costs the probe it was in; a new worker goes on with the next one.
"""

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from tests.checker import inputs, rubric

WORKER = Path(__file__).resolve().with_name("worker.py")
START_LIMIT = 180  # seconds for TensorFlow to start
CRASHES = 3  # in one task, before its other probes are given up
LARGEST_FILE, LARGEST_COPY, MOST_FILES = 8 << 20, 64 << 20, 2000
LARGEST_REPORT = 64 << 20  # bytes on the pipe
SKIPPED = {"__pycache__", "outputs", "node_modules", "site-packages"}


class Interrupted(Exception):
    """Somebody wants the grading to end now; its workers are killed on the way out."""


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
    """

    folder: str
    versions: dict = field(default_factory=dict)
    verdicts: dict = field(default_factory=dict)
    trouble: str = ""
    seconds: float = 0.0
    starts: int = 0
    absent: str = ""
    other: dict = field(default_factory=dict)

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


class Worker:
    """One process beside the solution, from its start to its certain end."""

    def __init__(self, python, folders, probes, limits, stop=None):
        self.stop, self.token = stop, uuid.uuid4().hex
        reading, writing = os.pipe()
        config = {"folders": folders, "pipe": writing, "probes": probes, "memory": limits.memory}
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "SYSTEMROOT")
        }
        environment.update(
            HOME=folders["home"],
            TMPDIR=folders["home"],
            MPLBACKEND="agg",
            CUDA_VISIBLE_DEVICES="",
            TF_CPP_MIN_LOG_LEVEL="3",
            TF_ENABLE_ONEDNN_OPTS="0",
            TF_NUM_INTRAOP_THREADS="1",
            TF_NUM_INTEROP_THREADS="1",
            PYTHONDONTWRITEBYTECODE="1",
            CHECKER_TOKEN=self.token,
        )
        try:
            self.process = subprocess.Popen(
                [str(python), str(WORKER), json.dumps(config)],
                cwd=folders["home"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[writing],
                start_new_session=True,
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self.reading, self.buffer, self.received = reading, b"", 0
        self.selector = selectors.DefaultSelector()
        self.selector.register(reading, selectors.EVENT_READ)

    def message(self, deadline):
        """The next message; None when there will be none: the process ended, the time is over, or too much came."""
        while True:
            line, newline, rest = self.buffer.partition(b"\n")
            if newline:
                self.buffer = rest
                with contextlib.suppress(ValueError):
                    message = json.loads(line)
                    if isinstance(message, dict):
                        return message
                continue
            if self.stop is not None and self.stop.is_set():
                raise Interrupted
            left = deadline - time.monotonic()
            if left <= 0 or self.received > LARGEST_REPORT:
                return None
            ended = self.process.poll() is not None
            if self.selector.select(0 if ended else min(left, 0.5)):
                data = os.read(self.reading, 1 << 16)
                self.received += len(data)
                if not data:
                    return None
                self.buffer += data
            elif ended:  # and a child that it left behind may hold the pipe open
                return None

    def outcome(self):
        """How the process ended, in words; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.5)
        code = self.process.poll()
        if code is None:
            return None
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"the process was ended by {signal.Signals(-code).name}"
            return f"the process was ended by signal {-code}"
        return f"the process ended with exit code {code}"

    def end(self):
        """Kill the process, its group, and whatever it started that left the group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        mark = f"CHECKER_TOKEN={self.token}".encode()
        for _ in range(20):  # a process that forks while we look is found in the next round
            found = False
            for path in Path("/proc").glob("[0-9]*/environ"):
                with contextlib.suppress(OSError, ValueError):
                    if mark in path.read_bytes():
                        os.kill(int(path.parent.name), signal.SIGKILL)
                        found = True
            if not found:
                break
            time.sleep(0.05)
        self.selector.close()
        os.close(self.reading)


def grade(folder, python=sys.executable, tasks=None, limits=None, stop=None):
    """Grade a folder of solutions.

    Args:
        folder: holds some of the five task files.
        python: the interpreter that runs the solutions; it needs TensorFlow.
        tasks: those to grade (default: all whose file is there).
        limits: `Limits`.
        stop: a `threading.Event`; when another thread sets it the workers are killed.

    Returns:
        Grading. Trouble is reported in it; nothing is raised for what a solution does.

    Raises:
        Interrupted: `stop` was set.
    """
    started = time.monotonic()
    limits = limits or Limits()
    grading = Grading(Path(folder).resolve().name)
    if not Path(folder).is_dir():
        grading.trouble = f"{str(folder)!r} is not a folder"
        return grading
    tasks = [task for task in present(folder) if tasks is None or task in tasks]
    if not tasks:
        names = ", ".join(names[0] for names in inputs.FILES.values())
        grading.trouble = f"no file of a task in the folder: expected some of {names}"
        return grading
    home = os.path.realpath(tempfile.mkdtemp(prefix="checker-"))
    try:
        folders = {"home": home}
        for task in tasks:  # each task has a copy of its own: one task cannot spoil another's files
            folders[str(task)] = os.path.join(home, f"task{task}", Path(folder).resolve().name)
            os.makedirs(folders[str(task)])
            copy(folder, folders[str(task)])
        records = run(python, folders, tasks, limits, grading, stop)
    except OSError as error:
        grading.trouble = f"the folder cannot be copied: {error}"
        return grading
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for task in tasks:
        own = {probe.split(".")[1]: record for probe, record in records.items() if probe.startswith(f"{task}.")}
        grading.verdicts[task] = rubric.judge_task(task, own, grading.trouble)
    grading.seconds = time.monotonic() - started
    return grading


def run(python, folders, tasks, limits, grading, stop=None):
    """Run all probes of the tasks; returns probe -> record. Trouble of the machine goes into `grading`."""
    waiting = [probe for task in tasks for probe in rubric.probes_of(task)]
    records, spent, crashes = {}, dict.fromkeys(tasks, 0.0), dict.fromkeys(tasks, 0)
    while waiting:
        try:
            worker = Worker(python, folders, waiting, limits, stop)
        except OSError as error:
            grading.trouble = f"the Python {str(python)!r} cannot be started: {error.strerror or error}"
            return records
        grading.starts += 1
        current, last = None, waiting[:1]
        try:
            trouble = wait_until_ready(worker, grading)
            if trouble:
                grading.trouble = trouble
                return records
            finished = False
            while not finished:
                began = time.monotonic()
                task = int((current or (waiting or last)[0]).split(".")[0])
                message = worker.message(began + max(1.0, min(limits.probe, limits.task - spent[task])))
                spent[task] += time.monotonic() - began
                if message is None:
                    break
                if message.get("start") in waiting:
                    current = message["start"]
                elif message.get("probe") == current and current and isinstance(message.get("record"), dict):
                    records[current] = message["record"]
                    waiting.remove(current)
                    last, current = [current], None
                elif message.get("done") and not waiting:
                    finished = True
            if finished or not waiting:
                return records
            outcome = worker.outcome()
            if worker.received > LARGEST_REPORT:
                outcome = "it sent far more than a probe has to say"
            stopped = outcome or f"it did not end within {limits.probe:.0f} seconds"
        finally:
            worker.end()
        probe = current or waiting[0]
        task = int(probe.split(".")[0])
        records[probe] = {"failed": {"error": "Stopped", "stopped": stopped}}
        waiting.remove(probe)
        crashes[task] += 1
        if probe.endswith(".import") or crashes[task] >= CRASHES or spent[task] >= limits.task:
            for other in [one for one in waiting if one.startswith(f"{task}.")]:
                waiting.remove(other)
                records[other] = {
                    "not_reached": "not reached: the process stopped too often before"
                    if crashes[task] >= CRASHES
                    else "not reached: the time for this task was over"
                }
    return records


def wait_until_ready(worker, grading):
    """None when TensorFlow has started in the worker; else a sentence about the machine."""
    message = worker.message(time.monotonic() + START_LIMIT)
    if message and "ready" in message:
        grading.versions = message["ready"]
        return None
    if message and "machine" in message:
        error = message["machine"]
        return (
            f"this machine, not the code, is in trouble: TensorFlow does not start ({error['error']}: "
            f"{error['message']})"
        )
    outcome = worker.outcome() or f"it was not ready after {START_LIMIT} seconds"
    return f"this machine, not the code, is in trouble: TensorFlow does not start ({outcome})"
