"""pyplot, with a backend that can be had.

A notebook sets MPLBACKEND to a backend of its own. Programs started from it inherit the variable, also in environments
without that backend, where matplotlib then refuses to draw at all. Here Agg takes its place: it draws into files.
"""

import os
import sys

_drawing, _asked = "matplotlib.pyplot" in sys.modules, None
if "matplotlib" not in sys.modules:
    _asked = os.environ.pop("MPLBACKEND", None)  # a name that matplotlib does not know would end its import
import matplotlib
import matplotlib.pyplot as plt

__all__ = ["matplotlib", "missing", "plt"]
missing = None  # the backend that was asked for and cannot be had, and why
_chosen = _asked or dict.get(matplotlib.rcParams, "backend")  # no string where matplotlib may choose
if isinstance(_chosen, str) and not _drawing:
    try:
        plt.switch_backend(_chosen)
    except Exception as error:  # it is not installed, is no backend, or needs a screen
        missing = f"{_chosen} ({(str(error) or type(error).__name__).splitlines()[0]})"
        plt.switch_backend("agg")
if _asked:
    os.environ["MPLBACKEND"] = "agg" if missing else _asked
