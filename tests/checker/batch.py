"""Many folders: threads that each run a grading, two Pythons, and a state file that survives an interruption."""

import contextlib
import hashlib
import hmac
import json
import os
import queue
import re
import secrets
import signal
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from tests.checker import grading, inputs, rubric, sandbox
from tests.checker.grading import Grading, Interrupted, Limits
from tests.checker.rubric import FAILED, NOT_CHECKED, NOT_STARTED, PASSED, Verdict
from tests.checker.submission import Submission

# The files of this folder whose text decides no verdict. margins.py and its table measure the checker itself.
REPORTING = (
    "__init__.py", "__main__.py", "check.py", "class_page.py", "copies.py", "gradebooks.py", "guidance.py", "hints.py",
    "margins.py", "packages.py", "reports.py", "starter.py", "starter_notebooks.py",
)  # fmt: skip


@dataclass
class Settings:
    """How to grade: with which Pythons (the second one is optional), which tasks (None: all), which limits, and with
    the inputs of which seed, the same ones for every folder and Python."""

    pythons: list
    tasks: list = None
    limits: Limits = field(default_factory=Limits)
    seed: int = field(default_factory=grading.new_seed)


def printable(text):
    """The text in one line, without the control characters that a terminal or XML would choke on."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def labels(paths):
    """A name for each folder: the shortest end of its path that no other one has."""
    parts = [tuple(printable(part) or "?" for part in Path(path).resolve().parts) for path in paths]
    names = []
    for own in parts:
        length = 1
        while length < len(own) and sum(other[-length:] == own[-length:] for other in parts) > 1:
            length += 1
        name = "/".join(own[-length:]).replace("//", "/")
        names.append(name if name not in names else f"{name} ({len(names) + 1})")
    return names


# ------------------------------------------------------------------- one folder


def generation(versions):
    """The words for versions, such as "TensorFlow 2.15.1 (Keras 2)"."""
    tensorflow, keras = (str(versions.get(name) or "") for name in ("tensorflow", "keras"))
    if not keras:  # some Keras 2 do not tell; TensorFlow has had Keras 3 since 2.16
        keras = "2" if [int(n) for n in re.findall(r"\d+", tensorflow)[:2]] < [2, 16] else "3"
    return f"TensorFlow {tensorflow or '?'} (Keras {keras.split('.')[0]})"


def grade_folder(path, settings, stop=None, grade=grading.grade):
    """Grade one folder with every Python of the settings.

    A task that was asked for by name but has no file keeps its points as behaviours that could not be checked.
    """
    started = time.monotonic()
    there = [task for task in grading.present(path) if settings.tasks is None or task in settings.tasks]
    if not there:
        return nothing(path, settings)
    gradings = []
    for python in settings.pythons:
        gradings.append(grade(path, python, there, settings.limits, stop, seed=settings.seed))
        if gradings[-1].trouble:
            break
    result = gradings[0] if len(gradings) == 1 else merged(*gradings)
    for task in settings.tasks or ():
        if task not in there:
            result.verdicts[task] = unchecked(task)
    result.verdicts = dict(sorted(result.verdicts.items()))
    result.seconds = time.monotonic() - started
    return result


def unchecked(task):
    """The verdicts on a task whose file is missing."""
    sentence = f"the folder has no {' or '.join(inputs.FILES[task])}"
    return [Verdict(behaviour, NOT_CHECKED, sentence) for behaviour in rubric.RUBRIC[task]]


def nothing(path, settings):
    """The grading of a folder that has no file of a task: no point of what was asked for by name."""
    notes = Submission(path).notes(settings.tasks)
    verdicts = {task: unchecked(task) for task in settings.tasks or ()}
    return Grading(
        Path(path).resolve().name, absent=absent(settings.tasks), notes=notes, verdicts=verdicts, seed=settings.seed
    )


def absent(tasks=None):
    """A sentence for a folder without anything to grade."""
    names = [" or ".join(inputs.FILES[task]) for task in tasks or inputs.FILES]
    return f"no file of a task in the folder: expected {'some of ' * (len(names) > 1)}{', '.join(names)}"


def merged(first, second):
    """One grading out of those with two Pythons: a behaviour passes if it passes with both."""
    result = Grading(first.folder, first.versions, starts=first.starts + second.starts, other=second.versions)
    result.warning, result.notes = first.warning or second.warning, first.notes
    result.seed = first.seed
    if second.trouble:
        result.trouble = f"With the second Python: {second.trouble}"
    words = generation(first.versions), generation(second.versions)
    for task, verdicts in first.verdicts.items():
        others = {verdict.behaviour.key: verdict for verdict in second.verdicts.get(task, [])}
        missing = Verdict(None, NOT_CHECKED, second.trouble or "not graded with the second Python")
        result.verdicts[task] = [merged_verdict(v, others.get(v.behaviour.key, missing), words) for v in verdicts]
    return result


def merged_verdict(a, b, words):
    """The worse of two verdicts, with a sentence that says with which Python it is so."""
    if a.status == b.status:
        if a.sentence == b.sentence:
            return a if a.remark else replace(a, remark=b.remark)
        sentence = f"With {words[0]}: {a.sentence}. With {words[1]}: {b.sentence}"
        return Verdict(a.behaviour, a.status, sentence, a.because, misnamed=a.misnamed and b.misnamed)
    pairs = ((a, words[0]), (b, words[1]))
    order = (FAILED, NOT_STARTED, NOT_CHECKED, PASSED)
    (worse, there), (better, here) = sorted(pairs, key=lambda pair: order.index(pair[0].status))
    sentence = f"With {there}: {worse.sentence}"
    if better.status == PASSED:
        verb = "Right" if worse.status == FAILED else "Passed"
        sentence = f"{verb} with {here}, but with {there}: {worse.sentence}"
    return Verdict(a.behaviour, worse.status, sentence, worse.because, misnamed=worse.misnamed)


# ------------------------------------------------------------------- state file


def checker_version(folder=Path(__file__).parent):
    """A hash of everything in the checker that decides a verdict, in folders below this one, too."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))
    return digest((name, (folder / name).read_bytes()) for name in names if name not in REPORTING)


def digest(named_contents):
    total = hashlib.sha256()
    for name, content in named_contents:
        total.update(f"{len(name.encode('utf-8', 'surrogateescape'))} {len(content)} ".encode())
        total.update(name.encode("utf-8", "surrogateescape") + content)
    return total.hexdigest()[:16]


def fingerprint(path, settings):
    """A hash of the folder's own files, the settings and the checker: while it stays, so do the verdicts."""
    files = digest(sorted(Submission(path).graded.items()))
    limits, pythons = asdict(settings.limits), list(map(str, settings.pythons))
    chosen = json.dumps([pythons, settings.tasks, limits, settings.seed, checker_version()])
    return digest([(files, chosen.encode())])


def to_record(result):
    """A grading as what JSON can hold."""
    record = {**vars(result), "verdicts": {}}
    for task, verdicts in result.verdicts.items():
        record["verdicts"][str(task)] = [{**vars(v), "behaviour": v.behaviour.key} for v in verdicts]
    return record


def from_record(record):
    verdicts = {
        int(task): [Verdict(**{**one, "behaviour": rubric.BEHAVIOURS[one["behaviour"]]}) for one in rows]
        for task, rows in record["verdicts"].items()
    }
    return Grading(**{**record, "verdicts": verdicts})


def own_key():
    """The grader's secret key, made on first use. One that cannot be kept holds for this run only."""
    path = sandbox.key_path()
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
        key = path.read_bytes()
        if len(key) == 32:
            return key
    return secrets.token_bytes(32)


class State:
    """Finished gradings, one JSON object a line, appended as they come. A torn last line does no harm.

    Each line is signed with the grader's key, which no solution can reach: a line that somebody else has written, or
    changed, does not count. `strange` is the number of such lines that `load` has found.
    """

    def __init__(self, path):
        self.path, self.key, self.strange = Path(path), own_key(), 0
        with open(self.path, "ab"):  # raises OSError if it cannot be written
            pass

    def signature(self, entry):
        text = json.dumps([entry["path"], entry["fingerprint"], entry["grading"]], sort_keys=True)
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def load(self):
        """(path, fingerprint) -> Grading, for every line that can be read; the latest is the last."""
        known, self.strange = {}, 0
        for line in self.path.read_bytes().splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
                entry = json.loads(line)
                if not hmac.compare_digest(self.signature(entry).encode(), str(entry.get("signature")).encode()):
                    self.strange += 1
                    continue
                key, found = (entry["path"], entry["fingerprint"]), from_record(entry["grading"])
                known.pop(key, None)
                known[key] = found
        return known

    def add(self, path, mark, result):
        entry = {"path": str(path), "fingerprint": mark, "grading": to_record(result)}
        line = json.dumps({**entry, "signature": self.signature(json.loads(json.dumps(entry)))}).encode() + b"\n"
        with open(self.path, "r+b") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    line = b"\n" + line
        with open(self.path, "ab", buffering=0) as file:
            file.write(line)


# ---------------------------------------------------------------- many folders


def run_all(jobs, grade_one, workers, done):
    """Grade every job in threads; `done(job, grading)` is called in this thread, in the order in which they end.

    Args:
        grade_one: (job, stop) -> Grading; ends with `Interrupted` soon after the event `stop` is set.

    Raises:
        KeyboardInterrupt: somebody pressed Ctrl-C; the workers are dead, and what was finished has been handed over.
    """
    waiting, finished, stop = deque(jobs), queue.Queue(), threading.Event()

    def work():
        while not stop.is_set():
            try:
                job = waiting.popleft()
            except IndexError:
                return
            try:
                finished.put((job, grade_one(job, stop)))
            except Interrupted:
                return
            except BaseException as error:
                finished.put((job, error))
                if not isinstance(error, Exception):
                    return

    threads = [threading.Thread(target=work, daemon=True) for _ in range(max(1, min(workers, len(jobs))))]
    for thread in threads:
        thread.start()
    try:
        for _ in jobs:
            hand_over(*finished.get(), done)
    finally:
        with ignoring_interrupts():
            stop.set()
            for thread in threads:
                thread.join()
            while not finished.empty():
                with contextlib.suppress(KeyboardInterrupt):
                    hand_over(*finished.get(), done)


def hand_over(job, result, done):
    if isinstance(result, Exception):
        result = Grading("", trouble=f"the checker itself failed with {type(result).__name__}: {result}")
    elif isinstance(result, BaseException):
        raise result
    done(job, result)


@contextlib.contextmanager
def ignoring_interrupts():
    """A second Ctrl-C must not keep the workers of the first from being killed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def in_words(seconds):
    """A time such as "40 s", "12 min" or "1 h 05 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


class Progress:
    """One line that says how many are done and how long the rest takes; a line for each folder in a file or pipe."""

    def __init__(self, total, known, stream):
        self.total, self.known, self.stream, self.done = total, known, stream, 0
        self.started, self.alive = time.monotonic(), stream.isatty()

    def text(self):
        left = self.total - self.known - self.done
        text = f"{self.known + self.done} of {self.total} graded"
        if left and self.done:
            text += f", about {in_words((time.monotonic() - self.started) / self.done * left)} left"
        return text

    def show(self, label=""):
        if self.alive:
            self.stream.write(f"\r{self.text()[:78]}\033[K")
        elif label:
            self.stream.write(f"{self.text()} ({label})\n")
        self.stream.flush()

    def advance(self, label):
        self.done += 1
        self.show(label)

    def close(self):
        if self.alive:
            self.stream.write("\r\033[K")
            self.stream.flush()
