"""What a script writes: printed when it is there, or one sentence why it cannot be."""

import contextlib
import sys


@contextlib.contextmanager
def writing(path):
    """Context manager: what cannot be written in the block ends the script in one sentence."""
    try:
        yield
    except OSError as error:
        sys.exit(f"--out: cannot write {str(path)!r}: {error.strerror or error}")


@contextlib.contextmanager
def saving(path):
    """The block writes `path`, which is then printed; if it cannot, for instance on a full disk, say so and exit."""
    with writing(path):
        yield
    print(f"saved {path}", flush=True)
