"""The notebooks of the starter, one for each task, made from the same sources as its task files.

They are notebooks as their format says (nbformat 4), written as plain JSON. They are meant for Colab too, where the
first cell unpacks the starter; they were not run there.
"""

import ast
import json
import textwrap

from tests.checker.check import WATCHED

FOLDER = "notebooks"
SETUP = """\
# Finds the folder of the starter. In Colab upload the starter first, as an archive named starter.zip.
import os
import sys
import zipfile

if not os.path.exists("check.py") and os.path.exists("starter.zip"):
    with zipfile.ZipFile("starter.zip") as archive:
        archive.extractall()
places = [".", "..", *sorted(name for name in os.listdir() if os.path.isdir(name))]
found = [place for place in places if os.path.exists(os.path.join(place, "check.py"))]
if not found:
    raise FileNotFoundError("check.py is not here: open this notebook in the folder of the starter")
os.chdir(found[0])
sys.path.insert(0, os.getcwd())
from check import check, picture, watch
"""
FILL_IN = """\
## Fill in the hole

Write {holes}: the comment above `raise NotImplementedError(...)` says what in words. Then run the cell. It writes
the file `{name}`, which is what you hand in. If you had written something else into that file, it is kept beside it,
with `.bak` at its end.
"""
LOOK = """\
## See what it does

This runs `{script}` and shows its picture. It takes a minute or two.
"""
WATCH = """\
## Watch it train

`watch` trains your class here and draws it again after every epoch. In code of your own the callback `LivePlot` of
`gan.live_plot` does that: `G.fit(epochs=16, steps_per_epoch=100, callbacks=LivePlot())`.
"""
CHECK = """\
## Check it

`check({task})` tells what the numbers show. `check({task}, hints=1)` also gives a hint; 2 and 3 come nearer, and 4
says what to do.
"""


def theory(text):
    """What a task is about: its file's docstring, with the formulas that the course gives."""
    return "# " + (ast.get_docstring(ast.parse(text)) or "").strip()


def cell(kind, number, source):
    made = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source.rstrip("\n").splitlines(True)}
    if kind == "code":
        made.update(execution_count=None, outputs=[])
    return made


def notebook(task, name, text, holes, script):
    """The text of the notebook of a task.

    Args:
        name, text: of the task file, with its holes open.
        holes: the names of its holes.
        script: the main script that shows what the task is about.
    """
    named = " and ".join(f"`{hole}`" for hole in holes)
    cells = [
        ("markdown", theory(text)),
        ("code", SETUP),
        ("markdown", FILL_IN.format(holes=named, name=name)),
        ("code", f"%%taskfile {name}\n{text}"),
        ("markdown", LOOK.format(script=script)),
        ("code", f"picture({task})"),
        ("markdown", textwrap.dedent(CHECK.format(task=task))),
        ("code", f"check({task})"),
    ]
    if task in WATCHED:
        cells += [("markdown", WATCH), ("code", f"watch({task});")]
    document = {
        "cells": [cell(kind, number, source) for number, (kind, source) in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
