"""The checker's verdicts as tests: of our own five modules, or of `pytest tests --submission DIR`."""

import pytest

from tests.checker import grading, reports
from tests.checker.rubric import BEHAVIOURS, NOT_CHECKED, PASSED


def pytest_generate_tests(metafunc):
    """One test for each behaviour of the tasks whose file is in the folder."""
    if "key" in metafunc.fixturenames:
        there = grading.present(metafunc.config.submission)
        metafunc.parametrize("key", [key for key, behaviour in BEHAVIOURS.items() if behaviour.task in there])


@pytest.fixture(scope="session")
def graded(pytestconfig):
    """The one grading of this run; if the machine is in trouble, every test says so as an error."""
    result = grading.grade(pytestconfig.submission, seed=pytestconfig.submission_seed)
    if result.trouble:
        pytest.fail(f"Not graded: {reports.clean(result.trouble)}.", pytrace=False)
    return result


def test_behaviour(graded, key, pytestconfig):
    """One behaviour of the rubric: `python -m tests.checker --list` shows them all."""
    behaviour = BEHAVIOURS[key]
    verdict = next(v for v in graded.verdicts[behaviour.task] if v.behaviour.key == key)
    if verdict.status == NOT_CHECKED and pytestconfig.getoption("--submission"):
        # Somebody else's file: an earlier mistake in it hides this behaviour, which is neither right nor wrong then.
        pytest.skip(f"could not be checked: {reports.sentence_of(verdict)}")
    if verdict.status != PASSED:
        pytest.fail(f"{behaviour.title}: {reports.sentence_of(verdict)}", pytrace=False)


def test_our_own_modules_get_full_marks(graded):
    """All five task modules of this package pass every behaviour of the rubric."""
    assert list(graded.verdicts) == [0, 1, 2, 3, 4]
    assert reports.all_passed(graded)
    most = sum(behaviour.points for behaviour in BEHAVIOURS.values())
    assert reports.totals(graded) == (most, most)
