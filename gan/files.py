"""Files that are written whole or not at all."""

import contextlib
import errno
import os
from pathlib import Path

LONGEST = 255  # bytes of a file's name


@contextlib.contextmanager
def written_whole(path):
    """Context manager: yields a temporary path beside `path`, renamed to `path` if the block succeeds.

    The temporary name ends as the final one does, because Keras and matplotlib choose the format by it. When the
    block fails the temporary file is removed and whatever stood at `path` stays as it was. FileNotFoundError if its
    folder is not there.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, f"no folder to write {path.name} into", str(path.parent))
    begin, end = f".{os.getpid()}-part-", path.name
    while len(os.fsencode(begin + end)) > LONGEST and len(end) > 1:  # only the end of a very long name
        end = end[1:]
    temporary = path.with_name(begin + end)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def store(path, content):
    """Write these bytes whole or not at all. A full disk is an OSError that says so."""
    with written_whole(path) as temporary:
        temporary.write_bytes(content)
