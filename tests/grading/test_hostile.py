"""The checker beside solutions that hang, crash, lie and destroy: it ends in time, and nothing passes by force."""

import os
import re
import signal
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.checker import grading, inputs, process
from tests.checker.rubric import FAILED, NOT_CHECKED, PASSED

ROOT = Path(__file__).resolve().parents[2]
LIMITS = grading.Limits(probe=7, task=30, memory=6)
FILES = {task: inputs.FILES[task][0] for task in (0, 1, 3)}
RIGHT = {0: ("square(x - 1)", "square(y + 1)"), 1: ("-x", "y")}
WRONG = {0: ("square(x - 1)", "square(y)"), 1: ("x", "-y")}  # fakes have the target 0; the sign is the wrong one
NAMED = {0: "takes 0 as the target of fakes", 1: "has the wrong sign"}

SOLUTION = """
import atexit, builtins, json, os, shutil, signal, subprocess, sys, threading, time
import numpy as np
import tensorflow as tf
from tensorflow import keras
square = tf.square

def everywhere(text):
    for descriptor in range(3, 100):
        try:
            os.write(descriptor, text)
        except OSError:
            pass

@IMPORT@

class @CLASS@(keras.Model):
    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=200, disc_iter=2, learning_rate=.005):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.latent_generator, self.real_examples = latent_generator, real_examples
        self.batch_size, self.disc_iter, self.learning_rate = batch_size, disc_iter, learning_rate
        for network in (generator, discriminator):
            network.optimizer = keras.optimizers.Adam(learning_rate, beta_1=.5, beta_2=.9)
            network.compile(optimizer=network.optimizer)

    def get_fake_sample(self, size=None, training=False):
        return self.generator(self.latent_generator(size or self.batch_size), training=training)

    def get_real_sample(self, size=None):
        order = tf.random.shuffle(tf.range(tf.shape(self.real_examples)[0]))
        return tf.gather(self.real_examples, order[:size or self.batch_size])

    def train_step(self, useless_argument):
@STEP@
        for _ in range(self.disc_iter):
            with tf.GradientTape() as tape:
                x = self.discriminator(self.get_real_sample())
                y = self.discriminator(self.get_fake_sample(training=True))
                discr_loss = tf.reduce_mean(@REAL@) + tf.reduce_mean(@FAKE@)
            variables = self.discriminator.trainable_variables
            self.discriminator.optimizer.apply_gradients(zip(tape.gradient(discr_loss, variables), variables))
            if @CLIP@:
                for variable in variables:
                    variable.assign(tf.clip_by_value(variable, -1., 1.))
        with tf.GradientTape() as tape:
            y = self.discriminator(self.get_fake_sample(training=True))
            gen_loss = tf.reduce_mean(-y if @CLIP@ else square(y - 1))
        variables = self.generator.trainable_variables
        self.generator.optimizer.apply_gradients(zip(tape.gradient(gen_loss, variables), variables))
        losses = {"discr_loss": discr_loss, "gen_loss": gen_loss}
@END@
        return losses
"""


class Hostile:
    """One thing that a solution does.

    Args:
        source: a whole file (text or bytes) instead of places in `SOLUTION`.
        at_import, in_step, at_end: code for these places in `SOLUTION`.
        lost: the behaviour that it costs; None if the losses are wrong, which must be found all the same.
        words: what the sentence on that behaviour says.
    """

    def __init__(self, words=None, lost=None, source=None, at_import="", in_step="", at_end=""):
        self.words, self.lost, self.source = words, lost, source
        self.places = {"IMPORT": at_import, "STEP": in_step, "END": at_end}

    def text(self, task):
        if self.source is not None:
            return self.source if isinstance(self.source, bytes) else self.source.encode()
        losses = (RIGHT if self.lost else WRONG)[task]
        text = SOLUTION
        for place, code in self.places.items():
            text = text.replace(f"@{place}@", textwrap.indent(textwrap.dedent(code), " " * 8 * (place != "IMPORT")))
        fill = {"CLASS": ("Simple_GAN", "WGAN_clip")[task], "REAL": losses[0], "FAKE": losses[1]}
        fill["CLIP"] = str(task == 1)
        for name, value in fill.items():
            text = text.replace(f"@{name}@", value)
        return text.encode()


LEAVE_PROCESSES = """
def stay():
    pid = os.fork()
    if not pid:
        os.setsid()
        if not os.fork():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(1)
        os._exit(0)
stay()
for own in ({}, dict(os.environ)):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], env=own, start_new_session=True,
                     close_fds=False, cwd="/")
"""
LIES = """
class Anything(float):
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = lambda *_: True
    __ne__ = lambda *_: False
import numpy.testing, math
np.allclose = np.isclose = np.array_equal = np.testing.assert_allclose = math.isclose = lambda *_, **__: True
json.dumps = json.JSONEncoder.encode = lambda *_, **__: '{"record": {}}'
json.loads = lambda *_, **__: Anything()
os.write = lambda descriptor, data: len(data)
import __main__
__main__.TABLE = __main__.PASSED = Anything
for name, module in list(sys.modules.items()):
    if "checker" in name or "rubric" in name:
        for key in list(vars(module)):
            setattr(module, key, Anything)
sys.modules["pytest"] = sys.modules["tests"] = sys.modules["tests.checker"] = Anything
"""
FORGED = """
for name in ("step", "step_once", "discriminator_loss"):
    everywhere(json.dumps({"probe": "0." + name, "record": {"steps": []}}).encode() + b"\\n")
everywhere(b'{"done": true}\\n{"ended": 0}\\n')
"""
CALLS_THE_WORKER = """
frame = sys._getframe()
while frame:
    if callable(frame.f_locals.get("send")):
        frame.f_locals["send"](probe="1.step", record={"steps": []})
    frame = frame.f_back
"""
EQUAL = """
class Equal:
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = lambda *_: True
    __ne__ = lambda *_: False
    __float__ = lambda self: "no number"
    def __array__(self, *_, **__):
        raise SystemExit("not with me")
losses = dict.fromkeys(losses, Equal())
"""
HANGS_WHEN_READ = """
class Endless:
    def __array__(self, *_, **__):
        while True:
            pass
losses = dict.fromkeys(losses, Endless())
"""
ODD_EXCEPTION = """
class Odd(BaseException):
    def __str__(self):
        raise self
    __repr__ = __str__
raise Odd
"""
ENDS_BADLY = """
class Bad:
    def __del__(self):
        raise RuntimeError("in __del__")
atexit.register(lambda: time.sleep(3600))
for _ in range(3):
    threading.Thread(target=time.sleep, args=(3600,)).start()
    Bad()
kept = Bad()
"""
NO_END, EXIT, CRASH = "no end within", r"an exit of the whole process \(exit code 0\)", "a crash of the process"
HOSTILE = {
    "endless loop at import": Hostile(NO_END, "import", at_import="while True: pass"),
    "endless loop in train_step": Hostile(NO_END, "runs", in_step="while True: pass"),
    "os._exit(0) at import": Hostile(EXIT, "import", at_import="os._exit(0)"),
    "os._exit(0) in train_step": Hostile(EXIT, "runs", in_step="os._exit(0)"),
    "SystemExit at import": Hostile("SystemExit: 0", "import", at_import="sys.exit(0)"),
    "KeyboardInterrupt at import": Hostile("KeyboardInterrupt", "import", at_import="raise KeyboardInterrupt"),
    "SystemExit in train_step": Hostile("SystemExit", "runs", in_step="sys.exit()"),
    "an exception that cannot be shown": Hostile("that cannot be shown", "import", at_import=ODD_EXCEPTION),
    "SyntaxError": Hostile("cannot be read as Python.*line 2", "import", source="import os\ndef f(:\n"),
    "empty file": Hostile("is empty", "import", source=""),
    "binary junk": Hostile("cannot be read as Python", "import", source=bytes(range(256)) * 20),
    "closing all descriptors at import": Hostile("channel closed", "import", at_import="os.closerange(0, 4096)"),
    "closing all descriptors in train_step": Hostile("channel closed", "runs", in_step="os.closerange(0, 4096)"),
    "recursion until the stack is full": Hostile(
        f"{CRASH}|RecursionError",
        "runs",
        at_import="def deeper(x): return [x].__class__(map(deeper, [x]))",
        in_step="sys.setrecursionlimit(10 ** 9)\ndeeper(1)",
    ),
    "50 GB": Hostile("MemoryError|Unable to allocate", "runs", in_step="kept = np.ones(50 * 2 ** 27)"),
    "killing its parent": Hostile(".", "", in_step="try: os.kill(os.getppid(), 9)\nexcept OSError: pass"),
    "killing its group": Hostile(CRASH, "runs", in_step="os.killpg(0, 9)"),
    "stopping its parent and itself": Hostile(
        NO_END,
        "runs",
        in_step="try: os.kill(os.getppid(), signal.SIGSTOP)\nexcept OSError: pass\n"
        "os.kill(os.getpid(), signal.SIGSTOP)",
    ),
    "another program in its place": Hostile(NO_END, "runs", in_step='os.execv("/bin/sleep", ["sleep", "3600"])'),
    "forged messages": Hostile("the checker's own channel", "runs", in_step=FORGED),
    "garbage into every descriptor": Hostile(
        "the checker's own channel", "import", at_import="everywhere(bytes(range(256)) * 100)"
    ),
    "endless garbage": Hostile(
        "the checker's own channel", "runs", in_step='while True: everywhere(b"\\n" * 60000 + b"x")'
    ),
    "calling the worker's own functions": Hostile("the checker's own channel", "runs", in_step=CALLS_THE_WORKER),
    "values that are equal to everything": Hostile("SystemExit|not a number", "runs", at_end=EQUAL),
    "values that never become numbers": Hostile(NO_END, "runs", at_end=HANGS_WHEN_READ),
    "megabytes on stdout and stderr": Hostile(
        in_step='for file in (sys.stdout, sys.stderr): file.write("x" * 2 ** 23); os.write(1, b"y" * 2 ** 23)'
    ),
    "closing stdout and stderr": Hostile(at_import="os.close(1); os.close(2)"),
    "closing sys.stdout and sys.stderr": Hostile(".", "", at_import="sys.stdout.close(); sys.stderr.close()"),
    "replacing what a checker might use": Hostile(at_import=LIES),
    "deleting its folder and its home": Hostile(
        at_import='shutil.rmtree(os.path.dirname(os.path.abspath(__file__))); shutil.rmtree(os.environ["HOME"])'
    ),
    "processes that stay": Hostile(at_import=LEAVE_PROCESSES),
    "threads, exit handlers and destructors": Hostile(at_import=ENDS_BADLY),
    "replacing builtins": Hostile(
        ".", "", at_import="builtins.isinstance = builtins.issubclass = lambda *_: True; builtins.float = str"
    ),
    "numpy.asarray gives zeros": Hostile(".", "", at_import="np.asarray = lambda x, *_, **__: np.zeros(np.shape(x))"),
}
NAMES = list(HOSTILE)
# One of each kind: it ends, does not end (and costs no processor time), raises, is no Python, grows, forges, replaces
# what is there, leaves processes behind. As many have even places as odd ones: no other one comes along.
QUICK = {"os._exit(0) in train_step", "another program in its place", "an exception that cannot be shown",
         "SyntaxError", "50 GB", "forged messages", "deleting its folder and its home", "processes that stay"}
# A folder has two, as tasks 0 and 1, and a right task 3; those of the quick tests share few folders.
FOLDERS = [*zip(*(sorted(NAMES[task::2], key=lambda name: name not in QUICK) for task in range(2)))]
MARKED = {name: () if QUICK & set(names) else pytest.mark.thorough for names in FOLDERS for name in names}


def each(names):
    return [pytest.param(name, marks=MARKED[name], id=name) for name in names]


class Recorded(process.Server):
    """Servers that remember their marks, and the folders made for them."""

    marks, homes = [], []

    def __init__(self, python, home, *args):
        super().__init__(python, home, *args)
        self.marks.append(f"CHECKER_TOKEN={self.token}".encode())
        self.homes += [self.home, *[home] * os.path.basename(home).startswith("checker-")]


@pytest.fixture(scope="module")
def gradings(request, tmp_path_factory):
    """Name -> (verdicts on the hostile task, on the task beside it, seconds of the grading).

    Only of the folders whose tests were selected, many of them one after the other on one server: what a folder does
    to it, the next one must not feel.
    """
    selected = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    folders = [names for names in FOLDERS if selected & set(names)]
    servers = 2 if len(folders) > 8 else 1

    def grade(half):
        server = None
        try:
            for names in folders[half::servers]:
                if not (server and server.alive):
                    if server:
                        server.close()
                    server = Recorded(sys.executable, str(tmp_path_factory.mktemp("home")), LIMITS.memory)
                yield grade_folder(names, server)
        finally:
            if server:
                server.close()

    def grade_folder(names, server):
        folder = tmp_path_factory.mktemp("hostile")
        for task, name in enumerate(names):
            (folder / FILES[task]).write_bytes(HOSTILE[name].text(task))
        (folder / FILES[3]).write_bytes((ROOT / FILES[3]).read_bytes())
        began = time.monotonic()
        result = grading.grade(folder, limits=LIMITS, server=server, seed=0)
        assert not result.trouble
        seconds = time.monotonic() - began
        return {
            name: (task, {one.behaviour.name: one for one in result.verdicts[task]}, result, seconds)
            for task, name in enumerate(names)
        }

    before = set(sleepers())
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(servers) as pool:
        patch.setattr(grading, "Server", Recorded)
        found = {}
        for half in pool.map(lambda half: list(grade(half)), range(servers)):
            for one in half:
                found.update(one)
    found["sleepers"] = set(sleepers()) - before
    return found


def sleepers():
    """Processes that look like the ones of LEAVE_PROCESSES."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"import time; time.sleep(3600)" in path.read_bytes():
                yield path.parent.name
        except OSError:
            pass


@pytest.mark.parametrize("name", each(NAMES))
def test_verdict(gradings, name):
    task, verdicts, _, seconds = gradings[name]
    hostile = HOSTILE[name]
    verdicts = {key: one for key, one in verdicts.items() if key != "trains"}  # fails with any other
    failed = {key: one for key, one in verdicts.items() if one.status == FAILED}
    assert failed, "full marks"
    print(f"{name} ({seconds:.0f} s with the tasks beside it): {next(iter(failed.values())).sentence}")  # pytest -rP
    if hostile.lost == "":  # whatever it costs
        return
    lost = hostile.lost or "discriminator_loss"
    assert list(failed) == [lost]
    assert re.search(hostile.words or NAMED[task], failed[lost].sentence), failed[lost].sentence
    assert "\n" not in failed[lost].sentence and "Traceback" not in failed[lost].sentence
    for one in verdicts.values():  # what does not hang on it was judged
        assert one.status != NOT_CHECKED or one.because == verdicts[lost].behaviour.key, one


@pytest.mark.parametrize("name", each(names[0] for names in FOLDERS))
def test_the_task_beside_it_has_full_marks(gradings, name):
    _, _, result, _ = gradings[name]
    assert result.points(3) == result.total(3), [one.sentence for one in result.verdicts[3] if one.status != PASSED]


@pytest.mark.parametrize("name", each(names[0] for names in FOLDERS))
def test_the_grading_ends_in_time(gradings, name):
    *_, seconds = gradings[name]
    assert seconds < 3 * LIMITS.task + 2 * grading.START_LIMIT


def test_nothing_is_left(gradings):
    assert not [home for home in Recorded.homes if os.path.exists(home)]
    assert not gradings["sleepers"]
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            text = path.read_bytes()
        except OSError:
            continue
        assert not any(mark in text for mark in Recorded.marks), path


# --------------------------------------------------------- trouble of the machine


def script(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


def in_trouble(folder, python=sys.executable, **limits):
    """The trouble of a grading; checks that every behaviour then could not be checked, because of the machine."""
    (folder / FILES[3]).write_bytes((ROOT / FILES[3]).read_bytes())
    result = grading.grade(folder, python, limits=grading.Limits(**limits), seed=0)
    verdicts = result.verdicts[3]
    assert verdicts and {one.status for one in verdicts} == {NOT_CHECKED}
    assert {one.sentence for one in verdicts} == {result.trouble} and not result.points(3)
    assert "\n" not in result.trouble and "Traceback" not in result.trouble
    return result.trouble


def test_python_without_tensorflow(tmp_path):
    python = script(tmp_path / "python", f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    trouble = in_trouble(tmp_path, python)
    assert "this machine, not the code" in trouble and "No module named" in trouble


def test_python_that_does_not_exist(tmp_path):
    assert "cannot be started: No such file or directory" in in_trouble(tmp_path, tmp_path / "no-python")


@pytest.mark.parametrize("text, words", [("exit 3", "exit code 3"), ("kill -SEGV $$", "SIGSEGV")])
def test_python_that_breaks(tmp_path, text, words):
    trouble = in_trouble(tmp_path, script(tmp_path / "python", f"#!/bin/sh\n{text}\n"))
    assert "this machine, not the code" in trouble and words in trouble


def test_too_little_memory_for_tensorflow(tmp_path):
    assert "this machine, not the code" in in_trouble(tmp_path, memory=0.4)


def test_no_folder_and_no_task(tmp_path):
    assert "is not a folder" in grading.grade(tmp_path / "none").trouble
    empty = grading.grade(tmp_path)
    assert "no file of a task" in empty.trouble + empty.absent


# ------------------------------------------------------------------ the two pipes


def test_a_server_that_is_killed_is_started_again(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        started = []

        class Killed(process.Server):
            def begin(self, *args):
                started.append(self)
                if len(started) == 2:
                    os.kill(self.process.pid, signal.SIGKILL)
                    self.process.wait()
                super().begin(*args)

        patch.setattr(grading, "Server", Killed)
        for name in (FILES[3], "4-wgan_gp.py"):
            (tmp_path / name).write_bytes((ROOT / FILES[3]).read_bytes())
        result = grading.grade(tmp_path, seed=0)
    assert not result.trouble and result.starts == 2
    assert result.points(3) == result.total(3)
    assert [one.status for one in result.verdicts[4][:2]] == [PASSED, FAILED]  # no class there
