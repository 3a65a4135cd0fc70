"""Puts the repository's root on the path, draws without a screen, and closes the figures of each test."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SUBMISSION = "test_submission.py"
sys.path[:0] = [str(ROOT), str(ROOT / "mains")]
os.environ["MPLBACKEND"] = "agg"


def pytest_addoption(parser):
    parser.addoption("--submission", metavar="DIR", help="grade the task files in this folder, and test nothing else")
    parser.addoption("--seed", type=int, metavar="N", help="with --submission: draw the inputs from this seed")
    # pytest takes what follows an option that it does not know yet for a folder of tests, and runs its conftest.py
    for option, folder in zip(sys.argv, sys.argv[1:]):
        folders = [*Path(folder).glob("test*"), *(Path(folder) / "x").resolve().parents]
        strange = [path / "conftest.py" for path in folders if path != ROOT and (path / "conftest.py").exists()]
        if option == "--submission" and strange:
            raise pytest.UsageError(f"pytest would run {strange[0]}: use python -m tests.checker {folder}, "
                                    f"or write --submission={folder}")


def pytest_configure(config):
    config.submission = check_submission(config.getoption("--submission")) or ROOT
    config.submission_seed = submission_seed(config)
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


def submission_seed(config):
    """Of the inputs: the one asked for, a new one for a submission, always the same one for our own modules."""
    from tests.checker import grading

    asked = config.getoption("--seed")
    if asked is not None and asked < 0:
        raise pytest.UsageError(f"--seed: expected a whole number from 0, got {asked}")
    return asked if asked is not None else grading.new_seed() if config.getoption("--submission") else 0


def pytest_report_header(config):
    if config.getoption("--submission"):
        return f"inputs of the checker: --seed {config.submission_seed}"
    return None


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
