"""File names as they come from students, browsers and learning platforms: whose file it is, and of which task."""

import re
from dataclasses import dataclass

from tests.checker import inputs

TASK_FILES = {name: task for task, names in inputs.FILES.items() for name in names}
MAY_BE_PYTHON = re.compile(r"(\.(py|pyw|txt|md|bak|orig|download))*")  # endings


# ------------------------------------------------------------- learning platforms


@dataclass(frozen=True)
class Owner:
    """A student as a platform's file name tells.

    Attributes:
        name: as the platform writes it: "Ada Lovelace", "lovelaceada".
        number: the platform's number of the student, as text; empty if the name has none.
        platform: "moodle", "canvas", "brightspace", "blackboard"; empty for a folder of the instructor's own.
    """

    name: str
    number: str = ""
    platform: str = ""


PATTERNS = (
    ("moodle", r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<rest>.*))?"),
    ("brightspace", r"(?P<number>\d+)-\d+ - (?P<name>.+?) - (?P<rest>.*\d.*)"),
    ("blackboard", r".+_(?P<name>[^_]+)_attempt_\d{4}(?:-\d+){5}(?:_(?P<rest>.+)|\.txt)"),
    ("canvas", r"(?P<name>[^_]+)_(?:LATE_)?(?P<number>\d+)_\d+_(?P<rest>.+)"),
)
WITH_FOLDERS = ("moodle", "brightspace")  # platforms that give each student a folder
COMPILED = [(platform, re.compile(pattern, re.DOTALL)) for platform, pattern in PATTERNS]


def owner_of(name, folder=False):
    """(Owner, the rest of the name: the student's own) for the name of a file of a platform; else None.

    Args:
        folder: whether it is the name of a folder; then the rest is empty.
    """
    for platform, pattern in COMPILED:
        found = pattern.fullmatch(name)
        if found and (not folder or platform in WITH_FOLDERS):
            parts = found.groupdict()
            rest = "" if platform == "brightspace" else parts.get("rest") or ""
            return Owner(parts["name"].strip(), parts.get("number") or "", platform), rest
    return None


def own_name(name):
    """A file's name without what a platform put before it."""
    found = owner_of(name)
    return found[1] if found and found[1] else name


# --------------------------------------------------------------- nearly right names

ENDINGS = r"(\.(py|txt|ipynb|html?|zip|pyw|docx?|pdf|rtf|md|json|bak|gz|tar|orig|download|crdownload))+$"


def plain(stem):
    """A file's name without what copies, downloads and habits add to it."""
    stem = re.sub(r"\s*(\(\d+\)|\[\d+\])", "", stem.lower())
    stem = re.sub(r"^(copy of|kopie von|copie de)\s+", "", stem)
    stem = re.sub(r"[\s_.-]*(copy|kopie|copie|final|new|old|solution|v\d+|backup|bak)\s*\d*$", "", stem)
    return re.sub(r"[^a-z0-9]", "", stem)


def parts_of(name):
    """(stem, ending) of a file's own name; the ending in small letters, as long as it can be."""
    last = own_name(name.rpartition("/")[2])
    found = re.search(ENDINGS, last, re.I)
    ending = found[0] if found else ""
    return last[: len(last) - len(ending)], ending.lower()


def wanted_name(name):
    """(the task file that a name stands for, whether its number or the word task says so); None if it is another.

    `name` is a path below a folder; folders play no part.
    """
    stem, ending = parts_of(name)
    for text in (stem, re.sub(r"[-_ ]\d{1,2}$", "", stem)):  # some platforms number a file that is handed in again
        for right, task in TASK_FILES.items():
            full = plain(right[:-3])
            bare = full.lstrip("0123456789")
            known = {full, f"task{full}", f"{bare}{task}", f"task{task}{bare}"}
            if plain(text) in known:
                return (right, True) if ending or stem == right[:-3] else None
        for right, task in TASK_FILES.items():
            bare = plain(right[:-3]).lstrip("0123456789")
            # wgan_gp.py is task 2: the file of this name for task 4 only imports another
            if plain(text) == bare and (task, bare) != (4, "wgangp") and ending:
                return right, False
    return None
