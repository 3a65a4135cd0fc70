"""What a student calls: `check(0)`, in a notebook also `picture(0)` and `watch(0)`; `python check.py 0` in a shell."""

import argparse
import itertools
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.checker import batch, grading, guidance, holes, inputs, reports, rubric
from tests.checker.batch import Settings
from tests.checker.names import TASK_FILES
from tests.checker.submission import Submission

FOLDER = Path(__file__).resolve().parents[2]
SCRIPTS = {  # task -> the main script that shows it
    0: "mains/0-main_02.py",
    1: "mains/0-main_10.py",
    2: "mains/0-main_20.py",
    3: "mains/0-main_30.py",
    4: "mains/0-main_40.py",
}
WATCHED = {  # task -> its class, the examples of the script that shows it, the sizes of the generator's layers
    0: ("Simple_GAN", "circle_example", [1, 10, 10, 2]),
    1: ("WGAN_clip", "four_clouds_example", [2, 10, 10, 5]),
    2: ("WGAN_GP", "four_clouds_example", [2, 10, 10, 5]),
}


class Report:
    """What `check` found; it has been printed already.

    Attributes:
        text: the report.
        points, total: of the tasks that were checked.
        all_passed: whether nothing is missing.
    """

    def __init__(self, found, text):
        self.text = text
        self.points, self.total = reports.totals(found) if not reports.problem(found) else (0, 0)
        self.all_passed = reports.all_passed(found)

    def __repr__(self):
        return f"<{self.points} of {self.total} points>"

    def _ipython_display_(self):
        """A notebook shows the value of a cell's last line: here it has been printed."""


def check(task=None, hints=0, everything=False, seed=None, folder=FOLDER):
    """Check the task files in this folder, print what was found, and return it as a `Report`.

    Args:
        task: a number from 0 to 4, or several of them; default: every task that has been begun.
        hints: 0 to 4. 0 tells what the numbers show, 1 to 3 give hints as well, 4 says what to do.
        everything: list every behaviour with its points.
        seed: draws the inputs; the same one draws the same inputs.

    Raises:
        ValueError: an argument is none of these.
    """
    tasks = chosen(task)
    if isinstance(hints, bool) or hints not in range(guidance.STEPS + 1):
        raise ValueError(f"hints: expected a whole number from 0 to {guidance.STEPS}, got {hints!r}")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**53):
        raise ValueError(f"seed: expected a whole number from 0 to 2^53 - 1, got {seed!r}")
    settings = Settings([sys.executable], tasks)
    if seed is not None:
        settings.seed = seed
    found = graded(folder, settings)
    found.warning = ""  # it is the student's own code
    lines = reports.terminal(found, reports.Style(sys.stdout), everything, hints)
    text = "\n".join(lines)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)
    return Report(found, text)


def graded(folder, settings):
    """The grading; a task that the starter's own line leaves open is not tried."""
    submission = Submission(folder)
    wanted = [task for task in submission.tasks if settings.tasks is None or task in settings.tasks]
    still_open = {}
    for task in wanted:
        found = holes.of(task, submission.graded)
        if found.untouched:
            still_open[task] = not_started(task, found)
    begun = [task for task in wanted if task not in still_open]
    if begun or not wanted:
        settings.tasks = begun or settings.tasks
        result = batch.grade_folder(folder, settings)
    else:
        result = grading.Grading(Path(folder).resolve().name, notes=submission.notes(settings.tasks))
    if not result.trouble:
        result.verdicts = dict(sorted({**result.verdicts, **still_open}.items()))
    return result


def not_started(task, found):
    sentence = f"Not started: {found.sentence()}"
    return [rubric.Verdict(behaviour, rubric.NOT_STARTED, sentence) for behaviour in rubric.RUBRIC[task]]


def chosen(task):
    """A list of tasks; None for all."""
    if task is None:
        return None
    tasks = list(task) if isinstance(task, (list, tuple, set, range)) else [task]
    for one in tasks:
        if isinstance(one, bool) or one not in inputs.FILES:
            raise ValueError(f"task: expected a whole number from 0 to {max(inputs.FILES)}, got {one!r}")
    return sorted({int(one) for one in tasks}) or None


# ------------------------------------------------------------------------ notebooks


def shell():
    """IPython's, if this is a notebook; else None."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def picture(task, *options, folder=FOLDER):
    """Run the main script of a task, and show what it draws in the notebook.

    The script runs in a process of its own, so it finds the task files as they are now.

    Args:
        options: for the script, such as "--epochs", "4".
    """
    (task,) = chosen(task) or [0]
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, SCRIPTS[task], "--no-show", "--out", out, *map(str, options)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
        lines = [line.rpartition("\r")[2] for line in done.stdout.splitlines()]
        print("\n".join(line for line in lines if line.strip() and out not in line))
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.strip()]
            words = next((line for line in reversed(said) if "Error" in line), said[-1] if said else "no reason given")
            print(f"The script stopped: {words.strip()}")
        for path in sorted(Path(out).glob("*.png")):
            if shell():
                from IPython.display import Image, display

                display(Image(data=path.read_bytes()))


def watch(task, epochs=16, steps=100, folder=FOLDER):
    """Train the class of task 0, 1 or 2 in this notebook, as its main script does, and draw it after every epoch.

    The task file is read again each time. Returns the trained GAN; None if the training stopped.
    """
    if isinstance(task, bool) or task not in WATCHED:
        raise ValueError(f"task: expected one of {', '.join(map(str, WATCHED))}, which train on points, got {task!r}")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    import gan.quiet_start  # noqa: F401  (before anything that imports TensorFlow: its messages stay out of the cell)
    from gan import examples, figures, live_plot, script

    forget(folder)
    class_name, example, shape = WATCHED[task]
    draw = figures.visualize_2D if shape[-1] == 2 else figures.visualize_5D
    script.set_seeds(0)
    try:
        chosen_type = getattr(__import__(inputs.FILES[task][0].removesuffix(".py")), class_name)
        return script.example_fully_connected_GAN(chosen_type, getattr(examples, example)(1000), shape, epochs,
                                                  steps_per_epoch=steps, learning_rate=.001, verbose=0,
                                                  callbacks=live_plot.LivePlot(draw))  # fmt: skip
    except Exception as error:  # of the student's code: the sentence, not the frames of Keras
        print(f"The training stopped: {type(error).__name__}: {str(error).strip().splitlines()[0]}")


def taskfile(line, cell, folder=FOLDER):
    """The cell magic %%taskfile NAME: write the cell into a task file; other work in it is kept beside it."""
    name = line.strip()
    if name not in TASK_FILES:
        print(f"%%taskfile: expected the name of a task file, such as 0-simple_gan.py, got {name!r}")
        return
    path, text = Path(folder) / name, cell.rstrip("\n") + "\n"
    before = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else text
    if before != text and before != WRITTEN.get(path) and not holes.Holes(TASK_FILES[name], before).untouched:
        kept = next(one for one in (path.with_name(f"{name}.{i}.bak") for i in itertools.count(1)) if not one.exists())
        kept.write_text(before, encoding="utf-8")
        print(f"What was in {name} before is kept in {kept.name}.")
    path.write_text(text, encoding="utf-8")
    WRITTEN[path] = text
    forget(folder)
    print(f"Written: {name}")


def forget(folder):
    """Let the next import of a task file of the folder read it again."""
    for name in TASK_FILES:
        module = sys.modules.get(name.removesuffix(".py"))
        if module and Path(module.__file__).parent == Path(folder):
            del sys.modules[module.__name__]


WRITTEN = {}  # path -> what this notebook has written there


def register(folder=FOLDER):
    """Make %%taskfile known where this is a notebook."""
    if shell():
        shell().register_magic_function(lambda line, cell: taskfile(line, cell, folder), "cell", "taskfile")


# ---------------------------------------------------------------------------- shell


def one_task(text):
    """What stands for a task on the command line."""
    if text.strip() not in map(str, inputs.FILES):
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {max(inputs.FILES)}, got {text!r}")
    return int(text)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python check.py", description="Check your task files.")
    parser.add_argument("tasks", nargs="*", type=one_task, metavar="TASK",
                        help="0 to 4; default: every task that you have begun")  # fmt: skip
    parser.add_argument("--hints", type=int, default=0, choices=range(guidance.STEPS + 1), metavar="N",
                        help="1 to 3: from where to look to how to find out; 4: what to do")  # fmt: skip
    parser.add_argument("--all", action="store_true", help="every behaviour with its points")
    parser.add_argument("--seed", type=int, metavar="N", help="the same number draws the same inputs")
    options = parser.parse_args(arguments)
    try:
        report = check(options.tasks or None, options.hints, options.all, options.seed)
    except ValueError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0 if report.all_passed else 1
