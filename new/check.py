"""Check your files: `python check.py 0` in a shell, `from check import check; check(0)` in a notebook."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from tests.checker.check import check, main, picture, register  # noqa: F401

register()
if __name__ == "__main__":
    sys.exit(main())
