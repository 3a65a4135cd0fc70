"""A class as it comes: folders, zip archives and loose files, as learning platforms name them, sorted by student.

Every file of a download belongs to a student, or is named as left over. What one student handed in is then read by
submission.py.
"""

import os
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.checker import archives, names
from tests.checker.batch import labels, printable
from tests.checker.names import Owner
from tests.checker.submission import LARGEST_FILE, Submission, in_place

LARGEST_ARCHIVE = 256 << 20  # of a student, in the archive of a class
WRAPPERS = 3  # folders around everything that an archive may have
NOT_OF_A_STUDENT = ("index.html", "index.htm", "thumbs.db", "desktop.ini")


@dataclass
class Student:
    """What one student handed in.

    Attributes:
        owner: name, number and platform; see `names.Owner`.
        folder: what is graded, here or in a temporary folder.
        key: what a file of results so far calls it: the same one for every run.
        label: the name in all reports, which no other student of the command has.
        notes: sentences on what could not be taken from the download.
        direct: whether the folder was named on the command line.
    """

    owner: Owner
    folder: Path
    key: str = ""
    label: str = ""
    notes: list = field(default_factory=list)
    direct: bool = False


@dataclass
class Pile:
    """The files and folders of one student in a download, before they are put into one folder."""

    owner: Owner
    entries: list = field(default_factory=list)  # (path, the student's own name of it, empty for a folder)


def is_code(name):
    return name.lower().endswith((".py", ".ipynb")) or names.wanted_name(name) is not None


def visible(folder):
    """The entries of a folder that are not hidden, in the order of their names."""
    try:
        found = [entry for entry in os.scandir(folder) if not archives.is_hidden(entry.name)]
    except OSError:
        return []
    return sorted(found, key=lambda entry: entry.name)


def is_download(folder):
    """Whether a folder is clearly the download of a class: its names are those that a platform gives."""
    if any(in_place(folder, name) for name in names.TASK_FILES):
        return False
    return any(map(of_a_platform, visible(folder)))


def of_a_platform(entry):
    """Whether an entry of a folder has a name that only a platform gives."""
    found = names.owner_of(entry.name, entry.is_dir())
    if found and found[0].platform == "canvas":  # plot_10_20_x.png is no student's
        return bool(names.wanted_name(found[1])) or found[1].lower().endswith((".zip", ".ipynb"))
    return bool(found)


class Intake:
    """Sorts downloads by student; a context, since archives are unpacked into a temporary folder.

    Attributes:
        students: list of Student.
        left_over: names of files that belong to no student.
        refused: sentences on archives that were not unpacked.
    """

    def __init__(self):
        self.students, self.left_over, self.refused, self.folder, self.count = [], [], [], None, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def new_folder(self, name):
        """An empty folder whose last part is like this name."""
        if self.folder is None:
            self.folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="checker-class-")))
        self.count += 1
        name = "".join(c if c.isalnum() or c in " -_." else "_" for c in name)[:80].strip(". ")
        made = self.folder / f"{self.count}" / (name or "student")
        made.mkdir(parents=True)
        return made

    def take(self, paths, of_a_class=False):
        """Sort these files and folders; of a class: each folder holds a folder, an archive or files for each student.

        Returns the students, each with a label of its own.
        """
        loose = []
        for path in map(Path, paths):
            if path.is_dir():
                if of_a_class or is_download(path):
                    self.sort(visible(path), path, str(path.resolve()))
                elif names.owner_of(path.resolve().name, True):
                    self.sort([path.resolve()], path.resolve().parent, str(path.resolve().parent))
                else:
                    own = Student(Owner(path.resolve().name), path.resolve(), str(path.resolve()), direct=True)
                    self.students.append(own)
            elif path.suffix.lower() == ".zip" and not names.owner_of(path.name):
                self.unpack(path, of_a_class)
            else:
                loose.append(path)
        for parent in dict.fromkeys(path.parent for path in loose):
            own = [path for path in loose if path.parent == parent]
            self.sort(own, parent, str(parent.resolve()), named=True)
        self.put_together()
        self.give_labels()
        return self.students

    def unpack(self, path, of_a_class):
        """A zip archive of a class, or of one student."""
        target = self.new_folder(path.stem)
        try:
            with open(path, "rb") as file, archives.Archive(file, path.stat().st_size) as archive:
                left_out = write_members(archive, target)
        except (archives.Refused, OSError) as error:
            self.refused.append(f"{path.name} is not unpacked: {getattr(error, 'strerror', None) or error}")
            target.joinpath("refused").touch()
            owner = Owner(path.stem)
            self.students.append(Student(owner, target, str(path.resolve()), notes=[self.refused[-1]]))
            return
        inside = target
        for _ in range(WRAPPERS):
            entries = visible(inside)
            if len(entries) != 1 or not entries[0].is_dir() or names.owner_of(entries[0].name, True):
                break
            inside = Path(entries[0].path)
        key = str(path.resolve())
        if of_a_class or is_download(inside):
            before = len(self.students)
            self.sort(visible(inside), inside, key)
            self.left_over += left_out
            if len(self.students) > before:
                return
        notes = [f"Not taken from {path.name}: {', '.join(left_out[:3])}"] if left_out else []
        self.students.append(Student(Owner(path.stem), target, key, notes=notes))

    def sort(self, entries, folder, key, named=False):
        """Give each entry to its student.

        Args:
            named: whether somebody has named these entries one by one: then a file without a student's name is an
                own submission.
        """
        piles = {}
        for entry in entries:
            path = Path(getattr(entry, "path", entry))
            found = names.owner_of(path.name, path.is_dir())
            if path.is_symlink() and not named:
                self.left_over.append(path.name)
            elif found:
                owner, rest = found
                piles.setdefault(owner, Pile(owner)).entries.append((path, rest))
            elif path.is_dir():
                piles.setdefault(Owner(path.name), Pile(Owner(path.name))).entries.append((path, ""))
            elif path.suffix.lower() == ".zip":
                piles.setdefault(Owner(path.stem), Pile(Owner(path.stem))).entries.append((path, path.name))
            elif named and path.name.lower() not in NOT_OF_A_STUDENT and is_code(path.name):
                whose = Owner(folder.resolve().name if path.name in names.TASK_FILES else path.name)
                piles.setdefault(whose, Pile(whose)).entries.append((path, path.name))
            else:
                self.left_over.append(path.name)
        for pile in piles.values():
            only = pile.entries[0][0].absolute() if len(pile.entries) == 1 and pile.entries[0][0].is_dir() else None
            student = Student(pile.owner, only, f"{key}::{pile.owner.platform}:{pile.owner.number}:{pile.owner.name}")
            if only is None:
                student.folder = self.new_folder(pile.owner.name)
                for path, rest in pile.entries:
                    self.copy(path, rest, student)
            self.students.append(student)

    def put_together(self):
        """One student may have been named by several arguments of a command."""
        by_owner = {}
        for student in self.students:
            same = by_owner.setdefault((student.owner, student.key), student)
            if same is not student and same.folder != student.folder:
                together = self.new_folder(student.owner.name)
                merged = Student(student.owner, together, student.key, notes=same.notes + student.notes)
                for one in (same, student):
                    self.copy(one.folder, "", merged)
                by_owner[student.owner, student.key] = merged
        self.students = list(by_owner.values())

    def copy(self, path, rest, student):
        """Put a file, or what is read of a folder, into a student's folder, beside what has its name already."""
        target = student.folder / (rest or path.name)
        number = 1
        while os.path.lexists(target):
            number += 1
            target = student.folder / f"{number}" / (rest or path.name)
        try:
            if path.is_dir():
                for name, content in Submission(path).contents.items():
                    place = target / name
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(content)
                return
            size, most = path.stat().st_size, LARGEST_ARCHIVE if path.suffix.lower() == ".zip" else LARGEST_FILE
            if not path.is_file() or size > most:
                student.notes.append(f"Not copied, because larger than {most >> 20} MB: {path.name}")
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        except OSError as error:
            student.notes.append(f"{path.name} cannot be copied: {error.strerror or error}")

    def give_labels(self):
        """Names for the reports: the student's, with the number or a count where two have the same."""
        direct = [student for student in self.students if student.direct]
        for student, label in zip(direct, labels([student.folder for student in direct])):
            student.label = label
        same = Counter(printable(student.owner.name) for student in self.students)
        taken = {student.label for student in direct}
        for student in self.students:
            if not student.direct:
                name, number = printable(student.owner.name) or "?", student.owner.number
                label = base = f"{name} ({number})" if number and same[name] > 1 else name
                count = 1
                while label in taken:
                    count += 1
                    label = f"{base} ({count})"
                taken.add(label)
                student.label = label


def write_members(archive, target):
    """Unpack an archive into a folder; returns the names of members that are too large."""
    left_out = []
    for name in archive.members:
        most = LARGEST_ARCHIVE if name.lower().endswith(".zip") else LARGEST_FILE
        content = archive.read(name, most)
        if content is None:
            left_out.append(name)
            continue
        place = target / name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        except OSError:  # a name that is too long here, or a file where a folder should be
            left_out.append(name)
    return left_out
