"""Grades one folder: reads it, runs each task in a process of its own with limits, collects records, asks the judges.

Nothing that a solution does reaches the grader but the numbers on a pipe. A process that stops, hangs or grows too
large costs the probe it was in; a new one goes on with the next.
"""

import datetime
import os
import re
import secrets
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.checker import effects, holes, inputs, rubric, sandbox, verdicts
from tests.checker.names import TASK_FILES
from tests.checker.outcomes import FAILED
from tests.checker.process import FORGED, Interrupted, Server, remove
from tests.checker.submission import Submission, own_files, present

__all__ = ["Grading", "Interrupted", "Limits", "grade", "own_files", "present"]
START_LIMIT = 180  # seconds for TensorFlow to start
CRASHES = 3  # in one task, before its other probes are given up
LONGEST_SENTENCE = 2000


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
        verdicts: task -> list of `outcomes.Verdict`, for the tasks whose file is there.
        trouble: a sentence if the machine or the folder, not the code, kept everything from being checked.
        absent: a sentence if there was nothing to grade.
        other: the versions of the second Python, if the folder was graded with two.
        warning: a sentence on what was not protected from the solution; empty if everything was.
        notes: sentences on what of the folder was not graded, and on files that look like a task's under another name.
        seed: of the probes' inputs; the same one gives the same inputs.
        date: the day of the grading, such as 2026-11-26.
        student: name, number and platform of the student, if the name of a download has told them.
    """

    folder: str
    versions: dict = field(default_factory=dict)
    verdicts: dict = field(default_factory=dict)
    trouble: str = ""
    seconds: float = 0.0
    starts: int = 0
    absent: str = ""
    other: dict = field(default_factory=dict)
    warning: str = ""
    notes: list = field(default_factory=list)
    seed: int = None
    date: str = field(default_factory=lambda: datetime.date.today().isoformat())
    student: dict = field(default_factory=dict)

    def points(self, task):
        return sum(verdict.points for verdict in self.verdicts[task])

    def total(self, task):
        return sum(verdict.behaviour.points for verdict in self.verdicts[task])


def grade(folder, python=sys.executable, tasks=None, limits=None, stop=None, server=None, seed=None, servers=None):
    """Grade a folder of solutions.

    Args:
        folder: holds some of the five task files.
        python: the interpreter that runs the solutions; it needs TensorFlow.
        tasks: those to grade (default: all whose file is there).
        limits: `Limits`.
        stop: a `threading.Event`; when another thread sets it the workers are killed.
        server: a running `process.Server` of this Python, which stays so; default: one for this folder alone.
        seed: of the probes' inputs (default: one that nobody can foresee).
        servers: `process.Servers` of a command, from which one is taken (default: a server for this folder alone).

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
    submission = Submission(folder)
    grading.notes = submission.notes(tasks)
    tasks = [task for task in submission.tasks if tasks is None or task in tasks]
    if not tasks:
        names = ", ".join(names[0] for names in inputs.FILES.values())
        grading.absent = f"no file of a task in the folder: expected some of {names}"
        return grading
    home = os.path.realpath(tempfile.mkdtemp(prefix="checker-"))
    session = Session(folder, python, home, limits, stop, grading.seed, server, submission, servers)
    try:
        for task in tasks:
            if task in submission.refused:
                session.records[task] = {"import": {"failed": {"error": "Refused", "stopped": "."}}}
            else:
                session.run(task)
    except Trouble as trouble:
        grading.trouble = str(trouble)
    finally:
        grading.warning = session.warning()
        session.close()
        remove(home)
    grading.starts, grading.versions = session.starts, session.versions
    for task in tasks:
        grading.verdicts[task] = session.judge(task, grading.trouble)
        if not grading.trouble:
            explain(grading.verdicts[task], submission, task)
    grading.seconds = time.monotonic() - started
    return grading


def explain(found, submission, task):
    """Let the first sentence say what the file is if it is no Python, and keep all of bearable length."""
    first = found[0]
    if first.status == FAILED:
        first.sentence = submission.refused.get(task) or submission.no_python(task) or first.sentence
        missing = re.search(r"No module named '(\d-\w+)'", first.sentence)
        if missing and f"{missing[1]}.py" in TASK_FILES:
            first.sentence = (
                f"{inputs.FILES[task][-1]} builds upon {missing[1]}.py, which is not there: hand in both. "
                f"{first.sentence}"
            )
    left_open(found, holes.of(task, submission.graded))
    by_name = {one.behaviour.name: one for one in found}
    for place, verdict in enumerate(found):
        if verdict.behaviour.of and verdict.status == FAILED:  # what is not started has not failed
            found[place] = verdicts.the_whole(verdict.behaviour, by_name)
    for verdict in found:
        verdict.sentence = verdict.sentence[:LONGEST_SENTENCE]


WAITING = ("runs", "function", "generator_weights", "discriminator_weights")  # what shows that a hole is open


def left_open(verdicts, found):
    """Tell holes that are open from mistakes. A task of which nothing is filled in has no points at all."""
    stopped = [one for one in verdicts if one.behaviour.name in WAITING and one.status == rubric.FAILED]
    stopped = stopped if found.task == 4 else [one for one in stopped if one.behaviour.name in WAITING[:2]]
    if found.untouched and stopped:
        for verdict in verdicts:
            verdict.status, verdict.sentence = rubric.NOT_STARTED, f"Not started: {found.sentence()}"
            verdict.points, verdict.because, verdict.remark, verdict.misnamed = 0, "", "", False
        return
    for verdict in stopped:
        by_a_hole = "NotImplementedError" in verdict.sentence
        first = holes.HOLES[found.task][0] in found.open
        if found.open and (by_a_hole or first or "None" in verdict.sentence):
            seen = "" if by_a_hole else f". {verdict.sentence}"
            verdict.status, verdict.sentence = rubric.NOT_STARTED, f"Not started: {found.sentence()}{seen}"
        elif found.forgotten and by_a_hole:
            verdict.sentence = found.reminder()


def secret_of(folder):
    """A student's folder, and the one that it lies in."""
    own = Path(os.path.realpath(folder))  # Path.resolve fails over links in a circle
    return [own, own.parent]


def new_seed():
    """A seed that no solution can foresee."""
    return secrets.randbelow(10**12)


class Trouble(Exception):
    """Of the machine or the folder, not of the code."""


class Session:
    """Runs the probes of one folder; `records` is task -> name of the probe -> record."""

    def __init__(self, folder, python, home, limits, stop, seed, server=None, submission=None, servers=None):
        self.folder, self.python, self.home, self.limits, self.stop = Path(folder), python, home, limits, stop
        self.seed = seed
        self.server, self.lent, self.servers = server, server, servers
        self.copy = (submission or Submission(folder)).archive()
        self.starts, self.versions, self.records = 0, {}, {}
        self.taken = False  # whether the server has graded other folders before

    def secret(self):
        """Folders that the solution must not see: its own, of which it has a copy, and those beside it."""
        return secret_of(self.folder)

    def warning(self):
        """What the solution could have got at; empty without a server, which says so itself."""
        return self.server.wall.warning(self.secret()) if self.server else ""

    def close(self):
        """Give the server back, or end it."""
        if self.server and self.servers and self.server is not self.lent:
            self.servers.give_back(self.server, self.python, self.limits.memory)
            self.server = None
        self.drop()

    def drop(self):
        """End a server that cannot be used any more."""
        if self.server and self.server is not self.lent:
            self.server.close()
        self.server = None

    def begin(self, task, probes):
        """Start the probes in a process of their own, on a copy of its own; returns when TensorFlow is there."""
        warm = bool(self.server)
        message = self.ready(task, probes)
        if "ready" not in message and (warm or self.taken):  # whatever the last solution did to it
            self.drop()
            self.servers = None
            message = self.ready(task, probes)
        if "ready" not in message:
            error = message.get("machine")
            reason = f"{error['error']}: {error['message']}" if error else self.server.outcome
            raise Trouble(
                "this machine, not the code, is in trouble: TensorFlow does not start "
                f"({reason or f'it was not ready after {START_LIMIT} seconds'})"
            )
        self.versions = message["ready"]

    def ready(self, task, probes):
        """The first message of a new process; empty if there is none."""
        if self.server and not self.server.alive:
            self.drop()
        if not self.server:
            new = True
            try:
                if self.servers:
                    self.server, new = self.servers.take(self.python, self.limits.memory, self.stop)
                else:
                    self.server = Server(self.python, self.home, self.limits.memory, self.stop, self.secret())
            except sandbox.Broken as error:
                raise Trouble(
                    "this machine, not the code, is in trouble: the Python "
                    f"{str(self.python)!r} does not start ({error})"
                ) from None
            except OSError as error:
                reason = error.strerror or error
                raise Trouble(f"the Python {str(self.python)!r} cannot be started: {reason}") from None
            self.starts += new
            self.taken = not new
        self.server.begin(self.copy, [f"{task}.{name}" for name in probes], effects.key(self.seed, task))
        return self.server.message(time.monotonic() + START_LIMIT) or {}

    def run(self, task):
        """Run the probes of a task, those behind a crash or an endless loop in a new process."""
        records = self.records[task] = {}
        waiting = [probe.split(".")[1] for probe in verdicts.probes_of(task)]
        spent = crashes = 0
        while waiting:
            self.begin(task, waiting)
            current, last = None, waiting[0]
            events, on_probe = Events(), 0.0
            while True:
                began, left = self.clock(), max(1.0, min(self.limits.probe - on_probe, self.limits.task - spent))
                message, allowed = self.patient_message(left), on_probe + left
                took = max(0.0, self.clock() - began)
                spent, on_probe = spent + took, on_probe + took
                if message is None or "done" in message:
                    break
                if current and events.add(message):
                    continue
                on_probe = 0.0
                name = str(message.get("start", message.get("probe"))).split(".")[-1]
                if "start" in message and current is None and name in waiting:
                    current = name
                elif name == current and isinstance(message.get("record"), dict):
                    records[name] = events.put_into(message["record"])
                    waiting.remove(name)
                    last, current = name, None
                else:  # not what the worker says: a solution speaks in its place
                    records.pop(last, None)
                    waiting[:0] = [last] * (last not in waiting)
                    current, self.server.outcome = last, FORGED
                    break
            stopped = self.server.outcome or f"no end within {allowed:.0f} seconds"
            self.server.stop_process()
            if not waiting:
                return
            records[current or waiting[0]] = {"failed": {"error": "Stopped", "stopped": stopped}}
            crashes += 1
            waiting = verdicts.still_needed(task, records)
            if crashes >= CRASHES or spent >= self.limits.task:
                why = (
                    "the process stopped too often before" if crashes >= CRASHES else "the time for this task was over"
                )
                records.update({name: {"not_reached": f"not reached: {why}"} for name in waiting})
                return

    def judge(self, task, trouble=None):
        """The verdicts on a task, whose records are those of the inputs of this seed."""
        with inputs.use(effects.key(self.seed, task)):
            return verdicts.judge_task(task, self.records.get(task, {}), trouble)

    def clock(self):
        """Seconds that count: not those in which other programs had the processors that the solution waited for."""
        return time.monotonic() - self.server.seconds_waited()

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


class Events:
    """What a solution did in the steps of a probe, as the worker told it at that moment; see worker.py."""

    def __init__(self):
        self.steps = {}

    def add(self, message):
        """Keep a message if it is about an event; whether it is."""
        seen = self.steps.setdefault(message["step"], []) if type(message.get("step")) is int else []
        if isinstance(message.get("event"), dict):
            seen.append(message["event"])
        elif "after" in message:
            for event in [one for one in seen if one.get("kind") == "update"][-1:]:
                event["after"] = message["after"]
        else:
            return False
        return True

    def put_into(self, record):
        """The record with the events of each step in place of the step's number."""
        if isinstance(record, dict):
            step = record.get("events")
            if type(step) is int:
                record["events"] = self.steps.get(step, [])
            else:
                for value in list(record.values()):
                    self.put_into(value)
        elif isinstance(record, list) and record and isinstance(record[0], dict):
            for value in record:
                self.put_into(value)
        return record
