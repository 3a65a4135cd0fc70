"""The checker on the zoo: every right solution has full marks, every wrong one is caught and rightly named.

Each entry is graded with inputs of its own; `python -m tests.zoo` draws others. Without --all a sample is graded: a
right solution of each task, and for each behaviour a wrong one that must be told of it. The halves run side by side.
"""

import os
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.checker import rubric
from tests.zoo import bases
from tests.zoo.__main__ import complaint, grade_entries, labels
from tests.zoo.solutions import FILES, HARMLESS, MISTAKES
from tests.zoo.unusual import ENTRIES, RIGHT, WRONG

SOONEST = (3, 0, 1, 2, 4)  # the tasks, in the order of how long a grading takes


def sample_of(entries, kind):
    """One entry of each kind, always the same one, of the task that is graded soonest."""
    kinds = {}
    for entry in entries:
        kinds.setdefault(kind(entry), {}).setdefault(entry.task, []).append(entry)
    return [random.Random(name).choice(tasks[min(tasks, key=SOONEST.index)]) for name, tasks in kinds.items()]


def behaviour_of(entry):
    """The name of the behaviour that must fail first, the same one in all tasks that have it."""
    return entry.root.split(".")[1]


SAMPLE = sample_of(RIGHT, lambda entry: str(entry.task)) + sample_of(WRONG, behaviour_of)
REPLACED = [entry for entry in WRONG if entry.rows == ("replacement",) and entry.root.endswith(".samples")]
HALVES = [sorted(ENTRIES, key=lambda entry: (entry not in REPLACED, entry.task))[half::2] for half in range(2)]


def pytest_generate_tests(metafunc):
    """A test of an entry for each one of its kind in this half of the zoo."""
    if metafunc.cls:
        kind = {"right": RIGHT, "wrong": WRONG, "replaced": REPLACED}[metafunc.function.__name__.split("_")[2]]
        entries = [entry for entry in HALVES[metafunc.cls.half] if entry in kind]
        marks = {entry: () if entry in SAMPLE else pytest.mark.thorough for entry in entries}
        rows = zip(entries, labels(entries))
        metafunc.parametrize("entry", [pytest.param(entry, id=label, marks=marks[entry]) for entry, label in rows])


@pytest.fixture(scope="class")
def graded(request, tmp_path_factory):
    """Grades of all entries of this half whose tests were selected."""
    wanted = {item.callspec.id for item in request.session.items if getattr(item, "cls", None) is request.cls}
    entries = [entry for entry, label in zip(ENTRIES, labels(ENTRIES)) if label in wanted]
    threads = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2  # the other half may run in another process
    parts = [entries[part::threads] for part in range(threads)]
    folders = [tmp_path_factory.mktemp("zoo") for _ in parts]
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(lambda *args: dict(grade_entries(*args)), folders, parts))
    return {label: grading for part in found for label, grading in part.items()}


class TestOneHalf:
    half = 0

    def test_a_right_solution_has_full_marks(self, graded, entry, request):
        assert complaint(entry, graded[request.node.callspec.id]) is None

    def test_a_wrong_solution_is_caught_and_named(self, graded, entry, request):
        assert complaint(entry, graded[request.node.callspec.id]) is None

    def test_a_replaced_sample_costs_no_other_points(self, graded, entry, request):
        """The losses, the penalty and what is returned are judged on the samples that were drawn."""
        verdicts = graded[request.node.callspec.id].verdicts[entry.task]
        lost = {v.behaviour.name: v.sentence for v in verdicts if v.status != rubric.PASSED}
        assert lost.keys() == {"samples", "trains"}


class TestOtherHalf(TestOneHalf):
    half = 1


# ------------------------------------------------------------ the zoo itself


def test_every_row_is_represented():
    assert {row for entry in RIGHT for row in entry.rows} == set(HARMLESS)
    assert {row for entry in WRONG for row in entry.rows} == set(MISTAKES)
    assert len(RIGHT) >= 26 and len(WRONG) >= 45


def test_every_task_is_represented():
    for entries in (RIGHT, WRONG):
        assert {entry.task for entry in entries} == set(FILES)


def test_the_sample_has_each_kind_once():
    """The quick run meets every task right, and every behaviour broken."""
    right, wrong = ([entry for entry in SAMPLE if bool(entry.root) == broken] for broken in (False, True))
    assert {entry.task for entry in right} == {entry.task for entry in wrong} == set(FILES)
    assert {behaviour_of(entry) for entry in wrong} == {behaviour_of(entry) for entry in WRONG}
    assert len(SAMPLE) == len(FILES) + len({behaviour_of(entry) for entry in WRONG})


def test_the_halves_are_the_whole():
    assert sorted(map(id, HALVES[0] + HALVES[1])) == sorted(map(id, ENTRIES))


def test_entries_differ():
    assert len(set(labels(ENTRIES))) == len(ENTRIES)
    assert len({(entry.file, entry.text) for entry in ENTRIES}) == len(ENTRIES)


def test_every_wrong_entry_says_what_must_be_told():
    for entry in WRONG:
        assert entry.root in rubric.BEHAVIOURS and entry.words and len(entry.rows) == 1


def test_all_but_two_can_be_read_as_python():
    broken = []
    for label, entry in zip(labels(ENTRIES), ENTRIES):
        try:
            compile(entry.text.encode(), label, "exec")
        except SyntaxError:
            broken.append(entry.rows)
    assert broken == [("syntax",)] * 2


def test_a_change_must_apply_exactly_once():
    assert bases.changed("one two", ("one", "1")) == "1 two"
    for text in ("two", "one one"):
        with pytest.raises(ValueError, match="instead of once"):
            bases.changed(text, ("one", "1"))
