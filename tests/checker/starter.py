"""The student's starter folder, made from our solutions as they stand: the holes of the course left open.

The course asks for the bodies in HOLES and gives everything else, also the interpolation and the penalty of task 2. The
folder stands alone: it holds the checker too, but nothing that makes starters and packages, and no solution.
"""

import ast
import os
import shutil
import tempfile
from pathlib import Path

from tests.checker import inputs, starter_notebooks
from tests.checker.check import SCRIPTS
from tests.checker.copies import copy_checker

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("gan", "mains", "data")
FILES = (*(name for names in inputs.FILES.values() for name in names), "LICENSE")
CHECK = """\
\"\"\"Check your files: `python check.py 0` in a shell, `from check import check; check(0)` in a notebook.\"\"\"

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from tests.checker.check import check, main, picture, register, watch  # noqa: F401

register()
if __name__ == "__main__":
    sys.exit(main())
"""
README = """\
# GANs in five tasks: your folder

Fill in the holes of the task files, in this order. A hole is a function that ends in `raise NotImplementedError(...)`;
the comment above that line says in words what to write. Delete the line when you have.

| task | file | what you fill in | see it work |
|---|---|---|---|
{rows}

## Start

You need Linux, macOS, or Windows with WSL, and Python 3.9 to 3.13. In this folder:

    python -m pip install -r requirements.txt

## Check yourself

    python check.py 0             task 0: what the numbers show
    python check.py 0 --hints 1   and a first hint: where to look; 2 and 3 come nearer
    python check.py 0 --hints 4   and, last, what to do, where the first sentence does not say it already
    python check.py               every task that you have begun

In Python: `from check import check`, then `check(0)` or `check(0, hints=1)`. What is checked are the files in this
folder, so save yours first. A task that is not started has no points yet.

If you like notebooks better, `notebooks/` has one for each task: what it is about, the hole, a picture, the check, and
for tasks 0 to 2 a training that you can watch. The cell with the hole writes the task file. They work in Jupyter
(`python -m pip install notebook`). They are made for Colab too, where they were not tried: upload this folder there as
`starter.zip`.

## Hand in

The task files that you have filled in: {files}.
Nothing else is needed: `gan/` is there where they are graded. Keep their names. Task 4 builds upon task 2: hand in
`2-wgan_gp.py` with it.

`gan/` holds what the tasks share, `mains/` the scripts that train and draw, `data/` the faces, `tests/checker/` the
checker. You need not change any of them. Their READMEs also speak of parts of the course's package that are not in
this folder, such as `tests.measure` and `beyond`.
"""
FOR_DEVELOPMENT = ("#", "pytest", "hypothesis", "nbclient", "ipykernel", "setuptools")  # of requirements.txt
LEFT_OUT = ("__pycache__", ".*", "outputs")

STEP = """\
disc_iter times:
    draw a real and a fake sample{interpolated}
    in a tape that watches the discriminator's weights: its values of both samples,
        the loss of these values{penalty}
    one update of the discriminator by its optimizer{clip}
then once:
    in a tape that watches the generator's weights: a fresh fake sample, the discriminator's values of it,
        the loss of these values
    one update of the generator by its optimizer
return a dictionary of the last losses: {keys}"""
GENERATOR_LOSS = "the opposite of the mean of x"
CRITIC_LOSS = "small where the critic's values of real examples lie above those of fake ones: a difference of means"

# File -> name of the function -> its steps in words, for a comment.
HOLES = {
    "0-simple_gan.py": {
        "train_step": STEP.format(interpolated="", penalty="", clip="", keys='"discr_loss" and "gen_loss"'),
    },
    "1-wgan_clip.py": {
        "generator_loss": GENERATOR_LOSS,
        "discriminator_loss": CRITIC_LOSS,
        "train_step": STEP.format(
            interpolated="",
            penalty="",
            clip="\n    clip every weight of the discriminator to [-1, 1]",
            keys='"discr_loss" and "gen_loss"',
        ),
    },
    "2-wgan_gp.py": {
        "generator_loss": GENERATOR_LOSS,
        "discriminator_loss": CRITIC_LOSS,
        "train_step": STEP.format(
            interpolated=", and an interpolated one from both",
            penalty=",\n        the penalty of the interpolated sample, the loss with the weighted penalty",
            clip="",
            keys='"discr_loss" (without the penalty), "gen_loss" and "gp"',
        ),
    },
    "3-generate_faces.py": {
        "get_generator": """\
from 16 numbers a Dense layer of 2048, reshaped to (2, 2, 512)
then three times, with 64, 16 and 1 filters:
    twice the size, a 3 x 3 convolution, batch normalisation, the activation
return the Keras model""",
        "get_discriminator": """\
from pictures (16, 16, 1), four times, with 32, 64, 128 and 256 filters:
    a 3 x 3 convolution, half the size by the maximum of each 2 x 2 block, the activation
then one number for each picture by a Dense layer
return the Keras model""",
    },
    "4-wgan_gp_faces.py": {
        "replace_weights": "load the generator's weights from one file and the discriminator's from the other",
    },
}
FORMULAS = ("discriminator loss  ", "generator loss  ", "the critic minimises  ")  # lines of a module's docstring


def starter_text(name):
    """The text of a task file with its holes open."""
    source = (ROOT / name).read_text(encoding="utf-8")
    lines, tree = source.splitlines(), ast.parse(source)
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for hole, words in sorted(HOLES[name].items(), key=lambda item: -functions[item[0]].lineno):
        body = functions[hole].body
        given = body[: ast.get_docstring(functions[hole]) is not None]
        first = given[-1].end_lineno if given else functions[hole].body[0].lineno - 1
        indent = " " * body[0].col_offset
        comment = [f"{indent}# Fill this in:", *(f"{indent}# {line}" for line in words.splitlines())]
        left_open = f'{indent}raise NotImplementedError("{hole} is not filled in yet")'
        lines[first : body[-1].end_lineno] = [*comment, left_open]
    if len(HOLES[name]) > 1:  # otherwise the course gives the losses
        end = tree.body[0].end_lineno
        lines[:end] = [line for line in lines[:end] if not line.strip().startswith(FORMULAS)]
        lines = "\n".join(lines).replace(" With D the critic:\n\n\n", "\n\n").split("\n")
    return "\n".join(lines) + "\n"


def readme():
    """The starter's README."""
    rows = []
    for task, script in SCRIPTS.items():
        name = next(name for name in HOLES if name.startswith(f"{task}-"))
        rows.append(f"| {task} | `{name}` | {', '.join(f'`{hole}`' for hole in HOLES[name])} | `python {script}` |")
    return README.format(rows="\n".join(rows), files=", ".join(f"`{name}`" for name in HOLES))


def requirements():
    """The packages that a student needs."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(FOR_DEVELOPMENT)]
    return "\n".join(kept) + "\n"


def write(folder):
    """Write the starter folder.

    Raises:
        ValueError: the folder exists and is not empty.
        OSError: it cannot be written; then nothing is left of it.
    """
    target = Path(os.path.abspath(folder))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ValueError("the folder exists and is not empty: name a new one")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".starter-", dir=target.parent))
    try:
        for name in FOLDERS:
            shutil.copytree(ROOT / name, temporary / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for name in FILES:
            if name in HOLES:
                (temporary / name).write_text(starter_text(name), encoding="utf-8")
            else:
                shutil.copy(ROOT / name, temporary / name)
        (temporary / starter_notebooks.FOLDER).mkdir()
        for task, script in SCRIPTS.items():
            name = next(name for name in HOLES if name.startswith(f"{task}-"))
            text = starter_notebooks.notebook(task, name, starter_text(name), HOLES[name], script)
            (temporary / starter_notebooks.FOLDER / f"{name[:-3]}.ipynb").write_text(text, encoding="utf-8")
        copy_checker(temporary)
        for name, text in (("check.py", CHECK), ("README.md", readme()), ("requirements.txt", requirements())):
            (temporary / name).write_text(text, encoding="utf-8")
        temporary.chmod(0o755)
        os.replace(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
