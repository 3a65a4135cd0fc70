"""A part of a library that is another one for a moment, where the library has no option for it."""

import contextlib


@contextlib.contextmanager
def replaced(owner, name, value):
    """While the block runs, the attribute `name` of a class or module is `value`."""
    before = vars(owner)[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
