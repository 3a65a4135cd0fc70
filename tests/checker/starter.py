"""The student's starter folder, made from our solutions as they stand: the holes of the course left open.

The course asks for the bodies in HOLES and gives everything else, also the interpolation and the penalty of task 2.
"""

import ast
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("gan", "mains", "data")
FILES = (
    "0-simple_gan.py",
    "1-wgan_clip.py",
    "2-wgan_gp.py",
    "3-generate_faces.py",
    "4-wgan_gp.py",
    "4-wgan_gp_faces.py",
    "requirements.txt",
    "LICENSE",
)
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
        temporary.chmod(0o755)
        os.replace(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
