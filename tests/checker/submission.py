"""What a student handed in: which files are graded, what is left out and why, and names that are nearly right.

A folder may hold anything: links to elsewhere, a hundred thousand pictures, pipes, folders that nobody may read. What
can be read is graded; the rest is named.
"""

import io
import os
import re
import stat
import tarfile
from collections import deque
from pathlib import Path

from tests.checker import inputs

LARGEST_FILE, LARGEST_COPY, MOST_FILES = 8 << 20, 64 << 20, 2000
MOST_SEEN = 50_000  # names that are looked at
LONGEST_PATH = 1000  # bytes, below the folder
SKIPPED = {"__pycache__", "outputs", "node_modules", "site-packages"}
NAMED = 3  # files that a sentence names
TASK_FILES = {name: task for task, names in inputs.FILES.items() for name in names}
TOO_LARGE = f"larger than {LARGEST_FILE >> 20} MB"
TOO_MANY = f"beyond the first {MOST_FILES:,} files or {LARGEST_COPY >> 20} MB"
OUTSIDE, BROKEN = "links that leave the folder", "links that lead nowhere"
NO_FILE, UNREADABLE, DEEP = "no regular files", "not readable", "too deep in folders"
UNSEEN = f"not looked at after the first {MOST_SEEN:,} names"


def present(folder):
    """The tasks whose file is in the folder, whatever kind of file it is."""
    def there(name):
        path = os.path.join(folder, name)
        return os.path.lexists(path) and not os.path.isdir(path)

    return [task for task, names in inputs.FILES.items() if any(map(there, names))]


def own_files(folder):
    """The files of a folder that are graded."""
    return [path for _, path in Submission(folder).files]


class Submission:
    """One student's folder.

    Attributes:
        files: (name below the folder, path) of the files that are graded: task files first, then other Python files,
            then the rest, each from the top of the folder downwards.
        contents: name -> bytes of these.
        left_out: reason -> names below the folder.
        names: all names of files, graded or not.
        refused: task -> a sentence, for a task file that is there and is not graded.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.left_out, self.files, self.names = {}, [], []
        found = sorted(self.walk(), key=self.rank)
        size = 0
        for name, path, length in found:
            if len(self.files) == MOST_FILES or size + length > LARGEST_COPY:
                self.leave_out(TOO_MANY, name)
                continue
            size += length
            self.files.append((name, path))
        self.read()
        self.refused = dict(filter(None, map(self.refusal, sorted(TASK_FILES, reverse=True))))

    @staticmethod
    def rank(one):
        name = one[0]
        kind = 0 if name in TASK_FILES else 1 if name.endswith(".py") else 2
        return kind, name.count("/"), name

    def leave_out(self, reason, name):
        self.left_out.setdefault(reason, []).append(name)

    def walk(self):
        """(name, path, size) of all files that could be graded; the nearest first."""
        real, folders, seen = os.path.realpath(self.folder), deque([""]), 0
        while folders:
            inside = folders.popleft()
            try:
                entries = sorted(os.scandir(os.path.join(self.folder, inside)), key=lambda entry: entry.name)
            except OSError:
                self.leave_out(UNREADABLE, inside or "the folder itself")
                continue
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                seen += 1
                name = f"{inside}/{entry.name}" if inside else entry.name
                if seen > MOST_SEEN:
                    self.leave_out(UNSEEN, f"{inside or '.'}, from {entry.name} on")
                    return
                if entry.is_dir(follow_symlinks=False):
                    if entry.name in SKIPPED or os.path.exists(os.path.join(entry.path, "pyvenv.cfg")):
                        continue
                    if len(os.fsencode(name)) > LONGEST_PATH:
                        self.leave_out(DEEP, name)
                    else:
                        folders.append(name)
                    continue
                self.names.append(name)
                size = self.size(entry, name, real)
                if size is not None:
                    yield name, entry.path, size

    def size(self, entry, name, real):
        """The size of a file; None if it is left out."""
        path, reason, size = entry.path, None, None
        if entry.is_symlink():
            path = os.path.realpath(path)
            if not path.startswith(real.rstrip("/") + "/"):
                reason = OUTSIDE
        try:
            status = os.stat(path)
            size = status.st_size
            if not stat.S_ISREG(status.st_mode):
                reason = reason or NO_FILE
        except OSError:
            reason = reason or (BROKEN if entry.is_symlink() else UNREADABLE)
        if len(os.fsencode(name)) > LONGEST_PATH:
            reason = reason or DEEP
        if reason is None and size > LARGEST_FILE:
            reason = TOO_LARGE
        if reason:
            self.leave_out(reason, name)
        return None if reason else size

    def read(self):
        """The contents of the files, once for all; what cannot be read is left out after all."""
        self.contents, files = {}, self.files
        self.files = []
        for name, path in files:
            try:
                descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # it may be a pipe by now
                with open(descriptor, "rb") as file:
                    self.contents[name] = file.read(LARGEST_FILE)
                self.files.append((name, Path(path)))
            except OSError:
                self.leave_out(UNREADABLE, name)

    def archive(self):
        """The files as the bytes of a tar archive."""
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8") as tar:
            for name, _ in self.files:
                member = tarfile.TarInfo(name)
                member.size = len(self.contents[name])
                tar.addfile(member, io.BytesIO(self.contents[name]))
        return data.getvalue()

    # ------------------------------------------------------------------ sentences

    def refusal(self, name):
        """(task, sentence) for a task file that is left out."""
        task = TASK_FILES[name]
        if name in self.contents or any(other in self.contents for other in inputs.FILES[task]):
            return None
        for reason, names in self.left_out.items():
            if name in names:
                return task, f"{name} is not graded: {REFUSED[reason]}"
        return None

    def no_python(self, task):
        """A sentence if the task's file is clearly something else than Python under its name."""
        for name in inputs.FILES[task]:
            if name in self.contents:
                what = kind_of(self.contents[name])
                return what and f"{name} is not Python: it is {what}"
        return None

    def notes(self, tasks=None):
        """Sentences on what was left out, and on files that look like missing ones of these tasks (default: all)."""
        sentences = []
        for reason, names in self.left_out.items():
            names = [name for name in names if name not in TASK_FILES or TASK_FILES[name] not in self.refused]
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            if names:
                sentences.append(f"Not copied, because {reason}: {', '.join(names[:NAMED])}{more}")
        return self.near_misses(tasks) + self.shared() + sentences

    def near_misses(self, tasks=None):
        there = present(self.folder)
        sentences = []
        for task in inputs.FILES:
            if task not in there and (tasks is None or task in tasks):
                wanted = inputs.FILES[task]
                found = [(name, near) for name in self.names for near in [nearly(name, wanted, task)] if near]
                found.sort(key=lambda one: (one[0].count("/"), one[0]))
                if found:
                    sentences.append(found[0][1])
        return sentences

    def shared(self):
        """Sentences on task files that are, on this disk, the very file of another folder or of this package."""
        sentences = []
        for name, path in self.files:
            if name in TASK_FILES and os.stat(path).st_nlink > 1:
                for other in self.siblings(name):
                    try:
                        if os.path.samefile(other, path):
                            sentences.append(f"{name} is on this disk the same file as {'/'.join(other.parts[-2:])}")
                    except OSError:
                        pass
        return sentences

    def siblings(self, name):
        own = self.folder.resolve()
        try:
            beside = [Path(entry.path) for entry in os.scandir(own.parent) if entry.is_dir(follow_symlinks=False)]
        except OSError:
            beside = []
        return [folder / name for folder in [*beside, Path(__file__).resolve().parents[2]] if folder != own]


REFUSED = {
    TOO_LARGE: f"it is {TOO_LARGE}. A solution has some kilobytes; data belong into a file of their own",
    TOO_MANY: "the folder holds too much",
    OUTSIDE: "it is a link that leaves the folder. Hand in the file itself",
    BROKEN: "it is a link that leads nowhere. Hand in the file itself",
    NO_FILE: "it is no regular file",
    UNREADABLE: "it cannot be read",
    DEEP: "it lies too deep in folders",
    UNSEEN: "the folder holds too much",
}


# --------------------------------------------------------------------------- contents


def kind_of(content):
    """What a file is that is not Python, with what to do about it; None if it may be Python."""
    start = content[:4000].lstrip()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or content[:400].count(b"\0") > len(content[:400]) // 4 > 0:
        return "text in UTF-16 or UTF-32. Save it again as UTF-8"
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "a zip archive (or an Office document). Unpack it and hand in the file that is inside"
    if content[:2] == b"\x1f\x8b" or content[:4] in (b"Rar!", b"7z\xbc\xaf"):
        return "a compressed archive. Unpack it and hand in the file that is inside"
    if content[:4] == b"%PDF":
        return "a PDF document. Hand in the Python file itself"
    if content[:5] == b"{\\rtf":
        return "a document of a word processor. Save it as plain text"
    if start.startswith(b"\xef\xbb\xbf"):
        start = start[3:].lstrip()
    if start.startswith(b"{") and re.search(rb'"(cells|nbformat|nbformat_minor|worksheets)"\s*:', content):
        return "a notebook. In Jupyter or Colab choose Save (or Download) as .py and hand in that file"
    if re.match(rb"<!doctype html|<html|<\?xml|<head|<body", start, re.I):
        return "a web page. Download the file itself (the button Raw or Download), not the page that shows it"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\0" not in content and not re.search(rb"coding[:=]\s*[-\w.]+", b"\n".join(content.splitlines()[:2])):
            line = content[: error.start].count(b"\n") + 1
            return f"text in another encoding than UTF-8 (line {line}). Save it again as UTF-8"
    return None


def plain(stem):
    """A file's name without what copies, downloads and habits add to it."""
    stem = re.sub(r"\s*(\(\d+\)|\[\d+\])", "", stem.lower())
    stem = re.sub(r"^(copy of|kopie von|copie de)\s+", "", stem)
    stem = re.sub(r"[\s_.-]*(copy|kopie|copie|final|new|old|solution|v\d+|backup|bak)\s*\d*$", "", stem)
    return re.sub(r"[^a-z0-9]", "", stem)


ENDINGS = r"(\.(py|txt|ipynb|html?|zip|pyw|docx?|pdf|rtf|md|json|bak|gz|tar|orig|download|crdownload))+$"


def nearly(name, wanted, task):
    """A sentence if a file's name is nearly one of the wanted names of a task; else None."""
    folder, _, last = name.rpartition("/")
    ending = re.search(ENDINGS, last, re.I)
    ending = ending[0] if ending else ""
    stem = plain(last[: len(last) - len(ending)] if ending else last)
    for right in wanted:
        full = plain(right[:-3])
        bare = full.lstrip("0123456789")
        known = {full, f"task{full}", f"{bare}{task}", f"task{task}{bare}"}
        if (task, bare) != (4, "wgangp"):  # wgan_gp.py is task 2: the file of this name for task 4 only imports another
            known.add(bare)
        if stem not in known or not (ending or last == right[:-3]):
            continue
        if last == right:
            return f"{name} lies in a folder inside: move it to the top, or grade {folder}"
        if ".ipynb" in ending.lower():
            return f"{name} is a notebook: save it as Python under the name {right}"
        if re.search(r"\.(zip|gz|tar)$", ending, re.I):
            return f"{name} is an archive: unpack it, so that {right} lies in the folder"
        place = f", and move it out of {folder}" if folder else ""
        return f"{name} looks like {right}: rename it to that{place}"
    return None
