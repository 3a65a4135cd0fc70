"""Puts the repository's root on the path, draws without a screen, and closes the figures of each test."""

import gc
import os
import random
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SUBMISSION = "test_submission.py"
THOROUGH = Path(__file__).with_name("thorough.txt")
sys.path[:0] = [str(ROOT), str(ROOT / "mains")]
os.environ["MPLBACKEND"] = "agg"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as gan/ has it, which is too late after the first import of NumPy


def pytest_addoption(parser):
    parser.addoption("--all", action="store_true", help="also the tests marked `thorough`; a test that is skipped "
                                                        "fails, but for the reasons in tests/README.md")
    parser.addoption("--submission", metavar="DIR", help="grade the task files in this folder, and test nothing else")
    parser.addoption("--seeds", type=int, default=0, metavar="N",
                     help="seed Python, NumPy and TensorFlow with N before each test (default 0). A test seeds what it "
                          "draws, so it passes with every N")
    parser.addoption("--seed", type=int, metavar="N", help="with --submission: draw the inputs from this seed")
    # pytest takes what follows an option that it does not know yet for a folder of tests, and runs its conftest.py
    for folder in [folder for option, folder in zip(sys.argv, sys.argv[1:]) if option == "--submission"]:
        folders = [*Path(folder).glob("test*"), *(Path(folder) / "x").resolve().parents]
        strange = [path / "conftest.py" for path in folders if path != ROOT and (path / "conftest.py").exists()]
        if strange:
            raise pytest.UsageError(f"pytest would run {strange[0]}: use python -m tests.checker {folder}, "
                                    f"or write --submission={folder}")


def pytest_configure(config):
    config.addinivalue_line("markers", "thorough: runs with --all only; a quick test covers the same behaviour")
    config.addinivalue_line("markers", "fine: scripts save their pictures with as many pixels as for a reader")
    config.submission = check_submission(config.getoption("--submission")) or ROOT
    config.submission_seed = submission_seed(config)
    for warning in ("ignore:__array__ implementation doesn't accept:DeprecationWarning",  # Keras 3.15 beside NumPy 2
                    "ignore::DeprecationWarning:matplotlib",  # matplotlib 3.9 beside a new pyparsing
                    "ignore::DeprecationWarning:pyparsing"):
        config.addinivalue_line("filterwarnings", warning)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Whole files side by side where a folder of them is tested; one file, or a submission, in this process.

    One more than there are cores: some tests wait for other processes.
    """
    folders = any(os.path.isdir(str(argument).split("::")[0]) for argument in config.args)
    alone = config.getoption("--submission") or config.getoption("usepdb")
    return min(4, (os.cpu_count() or 1) + 1) if folders and not alone else 0


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
    """With --submission no other file is even imported: none of them is about the submission.

    Nor is a folder's conftest.py, which may load TensorFlow.
    """
    if not config.getoption("--submission"):
        return None
    folder = collection_path.is_dir() and THOROUGH.parent in collection_path.parents
    return folder or (collection_path.is_file() and collection_path.name != SUBMISSION) or None


def pytest_collection_modifyitems(config, items):
    if config.getoption("--submission"):
        others = [item for item in items if item.path.name != SUBMISSION or "our_own" in item.name]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if item not in others]
    elif not config.getoption("--all") and not any("::" in str(argument) for argument in config.args):
        thorough = {item for item in items if item.get_closest_marker("thorough")} | named_thorough(items)
        config.hook.pytest_deselected(items=[item for item in items if item in thorough])
        items[:] = [item for item in items if item not in thorough]
    items.sort(key=place_in_line)


def pytest_collection_finish():
    """What is loaded now stays: collections of garbage, such as that of every `clear_session`, need not look at it."""
    gc.freeze()


def named_thorough(items):
    """The tests that thorough.txt names: all cases of a test, all but the first, or one."""
    lines = THOROUGH.read_text(encoding="utf-8").splitlines()
    named = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    found, seen = set(), set()
    for item in items:
        name = f"{Path(os.path.relpath(item.path, THOROUGH.parent)).as_posix()}::{item.originalname}"
        case = item.name[len(item.originalname):]
        if name in named or name + case in named or (name in seen and f"{name}[1:]" in named):
            found.add(item)
        seen.add(name)
    return found


# What takes longest begins first: then the workers end together. The other files keep their order.
LONGEST = (
    "grading/test_zoo.py", "training/test_engine.py", "training/test_devices.py", "training/test_long_run.py",
    "mains/test_mains.py", "grading/test_hostile.py", "beyond/test_class_mains.py", "training/test_loops.py",
    "beyond/test_gan_mains.py", "mains/test_jobs.py", "faces/test_page.py", "grading/test_starter_notebooks.py",
    "grading/test_attacks.py", "training/test_keras_ways.py", "training/test_fit.py", "mains/test_anywhere.py",
    "grading/test_starter_alone.py", "faces/test_training.py", "training/test_changes.py", "test_submission.py",
    "beyond/test_biggan.py", "beyond/test_features.py", "beyond/test_adversarial.py", "beyond/test_stylegan.py",
    "beyond/test_rooms.py", "tasks/test_transcription.py", "grading/test_reports.py", "files/test_weights.py",
    "grading/test_packages.py",
)


PLACES = {THOROUGH.parent / name: place for place, name in enumerate(LONGEST)}


def place_in_line(item):
    return PLACES.get(item.path, len(LONGEST))


# ------------------------------------------------------------------------ skipped

# Why a test may be skipped with --all; tests/README.md names these reasons.
MAY_BE_SKIPPED = ("GAN_COURSE_DATA does not name", "Keras 2 ", "Keras 3 ", "only root can", "this system has no ")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    fail_if_skipped(item.config, outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    fail_if_skipped(collector.config, outcome.get_result())


def fail_if_skipped(config, report):
    """With --all: what is not tested is not right, but for a few reasons."""
    if not config.getoption("--all") or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    reason = reason.replace("Skipped: ", "", 1)
    if not reason.startswith(MAY_BE_SKIPPED):
        report.outcome = "failed"
        report.longrepr = f"Skipped, which --all does not allow: {reason}"


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
def coarse_pictures(request):
    """Scripts save their pictures with a quarter of the pixels: to draw them takes most of the time of many a test."""
    script = sys.modules.get("gan.script")
    coarse = script and not request.node.get_closest_marker("fine")
    dpi = getattr(script, "DPI", None)
    if coarse:
        script.DPI = dpi / 2
    yield
    if coarse:
        script.DPI = dpi


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
