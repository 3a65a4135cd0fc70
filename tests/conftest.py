"""Puts the repository's root on the path, draws without a screen, and closes the figures of each test."""

import os
import random
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SUBMISSION = "test_submission.py"
sys.path[:0] = [str(ROOT), str(ROOT / "mains")]
os.environ["MPLBACKEND"] = "agg"


def pytest_addoption(parser):
    parser.addoption("--submission", metavar="DIR", help="grade the task files in this folder, and test nothing else")
    parser.addoption("--seeds", type=int, default=0, metavar="N",
                     help="seed Python, NumPy and TensorFlow with N before each test (default 0). A test seeds what it "
                          "draws, so it passes with every N")
    # pytest takes what follows an option that it does not know yet for a folder of tests, and runs its conftest.py
    for option, folder in zip(sys.argv, sys.argv[1:]):
        folders = [*Path(folder).glob("test*"), *(Path(folder) / "x").resolve().parents]
        strange = [path / "conftest.py" for path in folders if path != ROOT and (path / "conftest.py").exists()]
        if option == "--submission" and strange:
            raise pytest.UsageError(f"pytest would run {strange[0]}: use python -m tests.checker {folder}, "
                                    f"or write --submission={folder}")


def pytest_configure(config):
    config.submission = check_submission(config.getoption("--submission")) or ROOT
    for warning in ("ignore:__array__ implementation doesn't accept:DeprecationWarning",  # Keras 3.15 beside NumPy 2
                    "ignore::DeprecationWarning:matplotlib",  # matplotlib 3.9 beside a new pyparsing
                    "ignore::DeprecationWarning:pyparsing"):
        config.addinivalue_line("filterwarnings", warning)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Whole files side by side where a folder of them is tested; one file, or a submission, in this process."""
    folders = any(Path(str(argument).split("::")[0]).is_dir() for argument in config.args)
    alone = config.getoption("--submission") or config.getoption("usepdb")
    return min(4, os.cpu_count() or 1) if folders and not alone else 0


def check_submission(folder):
    """The folder of --submission as a path; pytest.UsageError if there is nothing to grade in it."""
    from tests.checker import batch, grading

    if folder is None:
        return None
    if not os.path.isdir(folder):
        raise pytest.UsageError(f"--submission: {folder!r} is not a folder")
    if not grading.present(folder):
        raise pytest.UsageError(f"--submission: {batch.absent()}")
    return Path(folder)


def pytest_ignore_collect(collection_path, config):
    """With --submission no other file is even imported: none of them is about the submission."""
    if config.getoption("--submission") and collection_path.is_file() and collection_path.name != SUBMISSION:
        return True
    return None


def pytest_collection_modifyitems(config, items):
    if config.getoption("--submission"):
        others = [item for item in items if item.path.name != SUBMISSION or "our_own" in item.name]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if item not in others]


@pytest.hookimpl(tryfirst=True)  # before the fixtures draw
def pytest_runtest_setup(item):
    start_streams(item.config.getoption("--seeds"))


def start_streams(seed):
    """Every test starts with the same random numbers, whichever ran before it."""
    random.seed(seed)
    for name in ("numpy", "tensorflow"):
        if name in sys.modules:
            getattr(sys.modules[name].random, "set_seed" if name == "tensorflow" else "seed")(seed)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(autouse=True)
def same_graph_optimizations():
    """The scripts of beyond/ switch one off for their process; later tests would see other rounding."""
    yield
    if "tensorflow" in sys.modules:
        optimizer = sys.modules["tensorflow"].config.optimizer
        if optimizer.get_experimental_options().get("remapping") is False:
            optimizer.set_experimental_options({"remapping": True})
