"""A large system is a folder of several files; what it offers is found by its name alone."""

import importlib


def by_name(package, parts):
    """The `__getattr__` of a package whose parts name in `__all__` what they offer.

    A part is imported when something is looked for in it, and not before: `python -m beyond` reads the package's
    record and waits for nothing.
    """
    def __getattr__(name):
        if not name.startswith("_") and name not in parts:
            for part in parts:
                module = importlib.import_module(f"{package}.{part}")
                if name in module.__all__:
                    return getattr(module, name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return __getattr__
