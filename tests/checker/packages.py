"""Packages for services that grade each submission as it comes in: Gradescope, Classroom 50. None holds a solution."""

import importlib.metadata
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from tests.checker.copies import copy_checker, copy_gan

ROOT = Path(__file__).resolve().parents[2]
# What solutions and the checker import.
NEEDED = ("tensorflow", "numpy", "matplotlib", "pillow", "h5py", "scipy", "scikit-learn")

SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image.
set -euo pipefail
cd "${AUTOGRADER_ROOT:-}/autograder/source"
if command -v apt-get >/dev/null; then
    apt-get update -q
    # bubblewrap keeps a solution away from the rest, where the service lets it; see the checker's documentation
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q python3 python3-venv bubblewrap
fi
python3 -m venv .venv
.venv/bin/python -m pip install -q --upgrade pip
.venv/bin/python -m pip install -q -r requirements.txt
"""

RUN_AUTOGRADER = """\
#!/usr/bin/env bash
# Runs for each submission. Always leaves results/results.json.
root="${AUTOGRADER_ROOT:-}/autograder"
python="${CHECKER_PYTHON:-$root/source/.venv/bin/python}"
[ -x "$python" ] || python=python3
"$python" "$root/source/gradescope.py" "$root"
if [ ! -s "$root/results/results.json" ]; then
    mkdir -p "$root/results"
    echo '{"output": "Not graded: the grading itself did not start. Tell your instructor.", "tests": []}' \
        > "$root/results/results.json"
fi
"""

GRADESCOPE = '''\
"""Grades /autograder/submission and writes /autograder/results/results.json, whatever happens."""

import json
import os
import sys
import tempfile
import traceback

# Help that students see: 0 what the numbers show, 1 to 3 hints as well, 4 also what to do.
HINTS = 1
# A number that no student knows. With one of your own a submission that is handed in again meets the same inputs.
SEED = None
# The tasks of this assignment, such as [0]. None: every task whose file was handed in.
TASKS = None
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)


def graded(folder):
    from tests.checker import batch, reports

    settings = batch.Settings([sys.executable], TASKS)
    if SEED is not None:
        settings.seed = SEED
    result = batch.grade_folder(folder, settings)
    document = json.loads(reports.json_text([result], HINTS))
    document["max_score"] = document["extra_data"]["max_score"]
    return document


def main(root):
    target = os.path.join(root, "results", "results.json")
    try:
        document = graded(os.path.join(root, "submission"))
    except BaseException as error:  # the service shows nothing at all without a result file
        traceback.print_exc()
        document = {
            "output": "Not graded: the grading itself failed. This is no fault of the submission: tell your "
            f"instructor. ({type(error).__name__})",
            "tests": [],
            "visibility": "visible",
            "stdout_visibility": "hidden",
        }
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(target), delete=False, encoding="utf-8") as file:
        json.dump(document, file, indent=1)
    os.chmod(file.name, 0o644)
    os.replace(file.name, target)


if __name__ == "__main__":
    main(sys.argv[1])
'''

CLASSROOM50 = '''\
"""Grades the student's checkout, which is the current folder, and writes result.json there, whatever happens.

Ends with 0 when the grading ran to its end, whatever the points, and with 1 when it could not.
"""

import json
import os
import sys
import tempfile
import traceback
from datetime import datetime, timezone

# The tasks of this assignment, such as [0]. None: every task whose file was handed in.
TASKS = None
# A number that no student knows; see Gradescope's.
SEED = None
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
VARIABLES = (
    ("classroom", "CLASSROOM"),
    ("assignment", "ASSIGNMENT"),
    ("submission", "SUBMISSION_TAG"),
    ("commit", "COMMIT_URL"),
    ("release", "RELEASE_URL"),
)


def graded(folder):
    """(points, largest number of points, rows of tests, whether the grading ran to its end)."""
    from tests.checker import batch, reports

    settings = batch.Settings([sys.executable], TASKS)
    if SEED is not None:
        settings.seed = SEED
    result = batch.grade_folder(folder, settings)
    print("\\n".join(reports.terminal(result, hint_steps=1)), flush=True)
    rows = []
    for task, verdicts in result.verdicts.items():
        for verdict in verdicts:
            title = f"Task {task}: {reports.guidance.title(verdict.behaviour)}"
            rows.append(row(reports.clean(title), verdict.status == "passed", verdict.points, verdict.behaviour.points))
    points, most = reports.totals(result)
    if reports.problem(result) and not rows:
        rows.append(row(f"Not graded: {reports.problem(result)}", False, 0, 0))
    return points, most, rows, not result.trouble


def row(name, passed, score, most):
    return {"test-name": name, "passed": bool(passed), "score": int(score), "max-score": int(most)}


def main(folder):
    try:
        points, most, rows, ended = graded(folder)
    except BaseException as error:
        traceback.print_exc()
        sentence = f"Not graded: the grading itself failed ({type(error).__name__}), no fault of the submission"
        points, most, rows, ended = 0, 0, [row(sentence, False, 0, 0)], False
    document = {"schema": "classroom50/result/v1"}
    document.update({key: os.environ.get(name, "") for key, name in VARIABLES})
    document["review"] = os.environ.get("REVIEW_URL") or os.environ.get("COMMIT_URL", "")
    document["datetime"] = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    document.update({"score": int(points), "max-score": int(most), "tests": rows})
    target = os.path.join(folder, "result.json")
    if os.path.isdir(target) and not os.path.islink(target):  # a student may have made a folder of this name
        os.replace(target, f"{target}.{os.getpid()}")
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
        json.dump(document, file, indent=1)  # under a name that a student cannot have made a link of
    os.chmod(file.name, 0o644)
    os.replace(file.name, target)
    return 0 if ended else 1


if __name__ == "__main__":
    sys.exit(main(os.getcwd()))
'''

README = {
    "gradescope": """\
Upload this archive in Gradescope under Configure Autograder, on the base image Ubuntu 22.04 or newer. `gradescope.py`
begins with what you may set: how much help students see, a seed, the tasks of the assignment. Nothing in here is a
solution.
""",
    "classroom50": """\
Put everything in this folder into CLASSROOM/autograders/ASSIGNMENT/ of your Classroom 50 repository. `autograder.py`
begins with what you may set. The runner needs Python 3.9 or newer and the packages of requirements.txt:
`python -m pip install -r requirements.txt`. Nothing in here is a solution.
""",
}


def pinned():
    """The packages that are needed, in the versions that are installed here."""
    lines = []
    for name in NEEDED:
        for installed in [name, *[f"{name}-cpu"] * (name == "tensorflow")]:
            try:
                lines.append(f"{installed}=={importlib.metadata.version(installed)}")
                break
            except importlib.metadata.PackageNotFoundError:
                continue
        else:
            raise ValueError(f"{name} is not installed here, so its version cannot be pinned")
    return "\n".join(lines) + "\n"


def fill(folder, service, programs):
    copy_checker(folder)
    copy_gan(folder)
    texts = {"requirements.txt": pinned(), "README.md": README[service], **programs}
    for name, text in texts.items():
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        if text.startswith("#!"):
            path.chmod(0o755)


def gradescope(target):
    """Write the archive for Gradescope.

    Raises:
        ValueError, OSError: it cannot be written; then what was there before is still there.
    """
    target = Path(os.path.abspath(target))
    if target.suffix.lower() != ".zip":
        raise ValueError("expected the name of a zip archive, such as gradescope.zip")
    if target.is_dir():
        raise ValueError("it is a folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    programs = {"setup.sh": SETUP, "run_autograder": RUN_AUTOGRADER, "gradescope.py": GRADESCOPE}
    with tempfile.TemporaryDirectory(prefix=".package-", dir=target.parent) as temporary:
        inside, archive = Path(temporary) / "source", Path(temporary) / "new.zip"
        inside.mkdir()
        fill(inside, "gradescope", programs)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for path in sorted(inside.rglob("*")):
                if path.is_file():  # with its rights: run_autograder is a program
                    file.write(path, path.relative_to(inside))
        os.replace(archive, target)


def classroom50(target):
    """Write the folder for Classroom 50.

    Raises:
        ValueError, OSError: it is in use, or cannot be written; then nothing is left of it.
    """
    target = Path(os.path.abspath(target))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ValueError("the folder exists and is not empty: name a new one")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".package-", dir=target.parent))
    try:
        fill(temporary, "classroom50", {"autograder.py": CLASSROOM50})
        temporary.chmod(0o755)
        os.replace(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


SERVICES = {"gradescope": gradescope, "classroom50": classroom50}
