"""What a student handed in: which files are graded, under which names, what is left out and why.

A folder may hold anything: links to elsewhere, a hundred thousand pictures, pipes, folders that nobody may read. What
can be read is graded; the rest is named. A task file under nearly its name, some folders down, in a zip archive, as a
notebook or in another encoding is graded with a remark; where two files could be meant, that is said instead.
"""

import functools
import io
import os
import re
import stat
import tarfile
from collections import deque
from pathlib import Path

from tests.checker import archives, inputs, names, notebook_code
from tests.checker.names import TASK_FILES

LARGEST_FILE, LARGEST_COPY, MOST_FILES = 8 << 20, 64 << 20, 2000
MOST_SEEN = 50_000  # names that are looked at
MOST_ARCHIVES = 5  # of a folder that are opened
ROOT = Path(__file__).resolve().parents[2]
LONGEST_PATH = 1000  # bytes, below the folder
SKIPPED = {"__pycache__", "outputs", "node_modules", "site-packages"}
NAMED = 3  # files that a sentence names
TOO_LARGE = f"larger than {LARGEST_FILE >> 20} MB"
TOO_MANY = f"beyond the first {MOST_FILES:,} files or {LARGEST_COPY >> 20} MB"
OUTSIDE, BROKEN = "links that leave the folder", "links that lead nowhere"
NO_FILE, UNREADABLE, DEEP = "no regular files", "not readable", "too deep in folders"
UNSEEN = f"not looked at after the first {MOST_SEEN:,} names"


def in_place(folder, name):
    """Whether the folder has a file of this name at its top, whatever kind of file it is."""
    path = os.path.join(folder, name)
    return os.path.lexists(path) and not os.path.isdir(path)


def present(folder):
    """The tasks of which the folder has a file that is graded, or that is refused in a sentence."""
    return Submission(folder).tasks


def own_files(folder):
    """The files of a folder that are graded."""
    return [path for _, path in Submission(folder).files]


@functools.lru_cache(None)
def supplied():
    """The files of gan/ that a solution may import: name -> bytes. None of them holds a solution."""
    folder = ROOT / "gan"
    paths = sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)
    return {str(path.relative_to(ROOT)): path.read_bytes() for path in paths}


class Submission:
    """One student's folder.

    Attributes:
        files: (name below the folder, path) of the files that are graded: task files first, then other Python files,
            then the rest, each from the top of the folder downwards.
        contents: name -> bytes of these.
        left_out: reason -> names below the folder.
        names: all names of files, graded or not.
        refused: task -> a sentence, for a task file that is there and is not graded.
        solutions: right name -> Python text, for the task files that are graded although they lie elsewhere, have
            another name, or are no plain Python.
        remarks: sentences on these.
        beside: name -> bytes of the files that lie beside such a file, for its imports.
        meant: right name -> names of the files that may be meant by it.
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
        self.solutions, self.remarks, self.beside, self.meant = {}, [], {}, {}
        self.read_otherwise()
        self.look_elsewhere()
        for name, task in TASK_FILES.items():
            if task not in self.tasks and os.path.isdir(os.path.join(self.folder, name)):
                self.refused[task] = f"{name} is not graded: it is a folder. Hand in a file of that name"

    @staticmethod
    def rank(one):
        name = one[0]
        kind = 0 if name in TASK_FILES else 1 if name.endswith(".py") or names.wanted_name(name) else 2
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

    # ------------------------------------------------- task files that are not where they should be

    def read_otherwise(self):
        """Task files under their right name that are no plain Python, but can be made to be."""
        for name in TASK_FILES:
            if name in self.contents:
                text, how = python_of(self.contents[name])
                if text is not None and how:
                    self.solutions[name] = text
                    self.remarks.append(f"{name} is {how}, and is graded all the same: hand in plain Python")

    def look_elsewhere(self):
        """Find the task files that do not stand at the top of the folder under their right name."""
        there = self.tasks_in_place()
        missing = [name for name, task in TASK_FILES.items() if task not in there]
        if missing:
            found = {**self.contents, **self.unpacked()}
            for right in missing:
                self.settle(right, self.candidates(right, found), found)

    def unpacked(self):
        """The files in the zip archives of the folder, as if each were a folder."""
        found, size = {}, 0
        for name in [name for name in self.names if name.lower().endswith(".zip")][:MOST_ARCHIVES]:
            path = os.path.join(self.folder, name)
            try:
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                with open(path, "rb") as file, archives.Archive(file, os.path.getsize(path)) as archive:
                    inside = {}
                    for member in sorted(archive.members, key=lambda one: self.rank((one,))):
                        if len(inside) < MOST_FILES and size < LARGEST_COPY:
                            data = archive.read(member, min(LARGEST_FILE, LARGEST_COPY - size))
                            if data is not None:
                                inside[f"{name}/{member}"] = data
                                size += len(data)
                    found.update(inside)
            except archives.Refused as error:
                self.remarks.append(f"{name} is not unpacked: {error}")
            except OSError:
                self.leave_out(UNREADABLE, name)
        return found

    def candidates(self, right, found):
        """(name, Python text, what it is) of the files that may be meant, all equally likely."""
        kinds, task = ([], [], []), TASK_FILES[right]
        for name, content in found.items():
            if name in TASK_FILES:
                continue
            wanted, with_number = names.wanted_name(name) or (None, False)
            ending = names.parts_of(name)[1]
            notebook = ending.endswith(".ipynb")
            if wanted == right and (notebook or names.MAY_BE_PYTHON.fullmatch(ending)):
                text, how = python_of(content, notebook)
                if text is not None:
                    kinds[0 if with_number else 1].append((name, text, how))
            elif notebook and right == inputs.FILES[task][-1] and not wanted:
                text, how = python_of(content, notebook)
                whole = text and notebook_code.defines(text, inputs.CLASSES.get(task, "convolutional_GenDiscr"))
                if whole and (task != 4 or b"def replace_weight" in text):
                    kinds[2].append((name, text, how))
        return next(filter(None, kinds), [])

    def settle(self, right, candidates, found):
        """Grade the file that is meant under its right name; if there are several, say so."""
        self.meant[right] = [name for name, _, _ in candidates]
        if len({text for _, text, _ in candidates}) > 1:
            listed = [name for name, _, _ in candidates]
            more = f" and {len(listed) - NAMED} more" if len(listed) > NAMED else ""
            self.refused[TASK_FILES[right]] = (
                f"several files may be meant by {right}: {', '.join(listed[:NAMED])}{more}. Hand in one of them, under "
                f"the name {right}"
            )
            return
        if not candidates:
            return
        name, text, how = candidates[0]
        self.solutions[right] = text
        self.remarks.append(f"{name}{f', {how},' * bool(how)} is graded as {right}: hand it in under that name")
        folder = f"{name.rpartition('/')[0]}/".lstrip("/")
        if folder:
            for other, content in found.items():
                if other.startswith(folder):
                    self.beside.setdefault(other[len(folder) :], content)

    def looks_like_a_class(self):
        """Whether several folders inside hold a file of the same task, and the folder itself has none."""
        places = [{name.split("/")[0] for name in meant if "/" in name} for meant in self.meant.values()]
        return not self.tasks_in_place() and any(len(folders) > 1 for folders in places)

    def tasks_in_place(self):
        return [task for task, files in inputs.FILES.items() if any(in_place(self.folder, name) for name in files)]

    @property
    def tasks(self):
        """The tasks that are graded, or refused in a sentence."""
        there = {*self.tasks_in_place(), *self.refused, *(TASK_FILES[name] for name in self.solutions)}
        return [task for task in inputs.FILES if task in there]

    @property
    def graded(self):
        """Name -> bytes of everything that a solution is given: what was handed in, and gan/ where it is absent."""
        own = {**self.beside, **self.contents, **self.solutions}
        for name in self.solutions:  # a folder may have had its name
            own = {other: data for other, data in own.items() if not other.startswith(f"{name}/")}
        if "gan.py" in own:
            return own
        return {**{name: data for name, data in supplied().items() if name not in own}, **own}

    def archive(self):
        """The same as the bytes of a tar archive."""
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8") as tar:
            for name, content in self.graded.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return data.getvalue()

    # ------------------------------------------------------------------ sentences

    def refusal(self, name):
        """(task, sentence) for a task file that is left out."""
        task = TASK_FILES[name]
        if name in self.contents or any(other in self.contents for other in inputs.FILES[task]):
            return None
        for reason, left in self.left_out.items():
            if name in left:
                return task, f"{name} is not graded: {REFUSED[reason]}"
        return None

    def no_python(self, task):
        """A sentence if the task's file is clearly something else than Python under its name."""
        for name in inputs.FILES[task]:
            if name in self.contents and name not in self.solutions:
                what = kind_of(self.contents[name])
                return what and f"{name} is not Python: it is {what}"
        return None

    def notes(self, tasks=None):
        """Sentences on what was left out, and on files that look like missing ones of these tasks (default: all)."""
        sentences = []
        for reason, left in self.left_out.items():
            left = [name for name in left if name not in TASK_FILES or TASK_FILES[name] not in self.refused]
            more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
            if left:
                sentences.append(f"Not copied, because {reason}: {', '.join(left[:NAMED])}{more}")
        return self.remarks + self.near_misses(tasks) + self.shared() + sentences

    def near_misses(self, tasks=None):
        """Sentences on files that look like a task's and are not graded."""
        sentences = []
        for name, content in self.contents.items():
            right, with_number = names.wanted_name(name) or (None, False)
            if with_number and "/" not in name and name not in TASK_FILES and right in self.contents:
                if content != self.contents[right] and (tasks is None or TASK_FILES[right] in tasks):
                    sentences.append(f"{name} is not graded: {right} is there")
        for task in inputs.FILES:
            if task not in self.tasks and (tasks is None or task in tasks):
                found = [(name, (names.wanted_name(name) or ("",))[0]) for name in self.names]
                found = [(name, right) for name, right in found if TASK_FILES.get(right) == task]
                found.sort(key=lambda one: (one[0].count("/"), one[0]))
                if found:
                    sentences.append(self.hindered(*found[0]))
        return sentences

    def hindered(self, name, right):
        """Why a file that looks like a task's is not graded."""
        what = kind_of(self.contents[name]) if name in self.contents else None
        if what is None and re.search(r"\.(gz|tar)$", name, re.I):
            what = "an archive. Unpack it and hand in the file that is inside"
        if what is None and name.lower().endswith(".zip"):
            return f"{name} looks like {right}, and there is no {right} in it: hand in that file itself"
        why = f" It is {what}" if what else f" Hand in {right} itself"
        return f"{name} looks like {right}, and is not graded.{why}"

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


def python_of(content, notebook=False):
    """(Python text as bytes, what the content is if not that) of what was meant to be Python; (None, "") if it is not.

    Args:
        notebook: whether the name says that it is a notebook; then only that will do.
    """
    text = notebook_code.code(content)
    if text is not None:
        return text.encode("utf-8", "replace"), "a notebook"
    if notebook:
        return None, ""
    what = kind_of(content)
    if what is None:
        return content, ""
    if what.startswith("text in"):
        for encoding in encodings_of(content):
            try:
                decoded = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in decoded:
                return decoded.lstrip("\ufeff").encode("utf-8", "replace"), "no text in UTF-8"
    return None, ""


def encodings_of(content):
    """The encodings that text which is not UTF-8 may have, the likeliest first."""
    if content[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return ["utf-32"]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ["utf-16"]
    if b"\0" in content[:400]:
        wide = content[1:4] == b"\0\0\0" or content[:3] == b"\0\0\0"
        return ["utf-32-le", "utf-32-be"] if wide else ["utf-16-le", "utf-16-be"][:: -1 if content[:1] == b"\0" else 1]
    return ["cp1252", "latin-1"]


def kind_of(content):
    """What a file is that is not Python, with what to do about it; None if it may be Python."""
    start = content[:4000].lstrip()
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "a zip archive (or an Office document). Unpack it and hand in the file that is inside"
    if content[:2] == b"\x1f\x8b" or content[:4] in (b"Rar!", b"7z\xbc\xaf"):
        return "a compressed archive. Unpack it and hand in the file that is inside"
    if content[:4] == b"%PDF":
        return "a PDF document. Hand in the Python file itself"
    if content[:5] == b"{\\rtf":
        return "a document of a word processor. Save it as plain text"
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or content[:400].count(b"\0") > len(content[:400]) // 4 > 0:
        return "text in UTF-16 or UTF-32. Save it again as UTF-8"  # an archive is full of zeros, too
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
