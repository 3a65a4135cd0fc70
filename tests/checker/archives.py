"""Zip archives that somebody else has made: read into memory within limits, or refused in a sentence."""

import re
import stat
import zipfile
from pathlib import PurePosixPath

MOST_MEMBERS = 100_000
LARGEST = 2 << 30  # bytes, unpacked
HARMLESS, RATIO = 64 << 20, 100  # what unpacks to more than this, and to so many times its size, is a bomb
HIDDEN = ("__MACOSX", "Thumbs.db", "desktop.ini")


class Refused(Exception):
    """An archive that is not unpacked; the message says why."""


def is_hidden(name):
    """Whether a path is one that systems put beside a user's own files."""
    return any(part.startswith(".") or part in HIDDEN for part in name.split("/"))


class Archive:
    """A zip file on disk or in a file object.

    Args:
        file: a path, or a binary file.
        size: its length in bytes.

    Raises:
        Refused: it is damaged, locked, a bomb, or has paths that leave the folder.
    """

    def __init__(self, file, size):
        try:
            self.zip = zipfile.ZipFile(file)
        except Exception as error:  # some Pythons meet damage with IndexError or struct.error
            raise Refused(f"it cannot be read as a zip archive ({str(error) or type(error).__name__})") from None
        try:
            self.members = self.checked(size)
        except BaseException:
            self.zip.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.zip.close()

    def checked(self, size):
        """Name -> member, of the regular files that are not hidden."""
        infos = self.zip.infolist()
        if len(infos) > MOST_MEMBERS:
            raise Refused(f"it holds {len(infos):,} files")
        total = sum(info.file_size for info in infos)
        if total > LARGEST or (total > HARMLESS and total > RATIO * max(size, 1)):
            sizes = f"{total >> 20:,} MB from {max(1, size >> 20):,} MB"
            raise Refused(f"it would unpack to {sizes}, which looks like a bomb")
        members = {}
        for info in infos:
            name = info.filename.replace("\\", "/")
            if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/") or "\0" in name:
                raise Refused(f"its path {name[:80]!r} leaves the folder")
            if info.flag_bits & 1:
                raise Refused("it is locked by a password")
            name = str(PurePosixPath(name))
            kind = stat.S_IFMT(info.external_attr >> 16)
            if info.is_dir() or is_hidden(name) or kind not in (0, stat.S_IFREG):  # a link may lead anywhere
                continue
            members[name] = info
        return members

    def read(self, name, limit):
        """The bytes of a member; None if they are more than the limit.

        Raises:
            Refused: it is damaged.
        """
        info = self.members[name]
        if info.file_size > limit:
            return None
        try:
            with self.zip.open(info) as file:
                data = file.read(info.file_size + 1)
        except Exception as error:  # zlib, lzma and bz2 have errors of their own
            raise Refused(f"{name} in it is damaged ({type(error).__name__})") from None
        if len(data) > info.file_size:
            raise Refused(f"{name} in it is larger than it says")
        return data
