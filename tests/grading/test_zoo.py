"""The checker on the zoo: every right solution has full marks, every wrong one is caught and rightly named.

Each entry is graded with inputs of its own; `python -m tests.zoo` draws others.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.checker import rubric
from tests.zoo import bases
from tests.zoo.__main__ import complaint, grade_entries, labels
from tests.zoo.solutions import FILES, HARMLESS, MISTAKES
from tests.zoo.unusual import ENTRIES, RIGHT, WRONG


@pytest.fixture(scope="module")
def graded(request, tmp_path_factory):
    """Grades of all entries whose tests were selected."""
    items = [item for item in request.session.items if item.path.name == "test_zoo.py"]
    wanted = {item.callspec.id for item in items if hasattr(item, "callspec")}
    entries = [entry for entry, label in zip(ENTRIES, labels(ENTRIES)) if label in wanted]
    folders = [tmp_path_factory.mktemp("zoo") for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda *args: dict(grade_entries(*args)), folders, (entries[::2], entries[1::2]))
    return one | other


@pytest.mark.parametrize("entry", RIGHT, ids=labels(RIGHT))
def test_a_right_solution_has_full_marks(graded, entry, request):
    assert complaint(entry, graded[request.node.callspec.id]) is None


@pytest.mark.parametrize("entry", WRONG, ids=labels(WRONG))
def test_a_wrong_solution_is_caught_and_named(graded, entry, request):
    assert complaint(entry, graded[request.node.callspec.id]) is None


REPLACED = [entry for entry in WRONG if entry.rows == ("replacement",) and entry.root.endswith(".samples")]


@pytest.mark.parametrize("entry", REPLACED, ids=labels(REPLACED))
def test_drawing_with_replacement_costs_no_other_points(graded, entry, request):
    """The losses, the penalty and what is returned are judged on the samples that were drawn."""
    verdicts = graded[request.node.callspec.id].verdicts[entry.task]
    assert {v.behaviour.name: v.sentence for v in verdicts if v.status != rubric.PASSED}.keys() == {"samples", "trains"}


# ------------------------------------------------------------ the zoo itself


def test_every_row_is_represented():
    assert {row for entry in RIGHT for row in entry.rows} == set(HARMLESS)
    assert {row for entry in WRONG for row in entry.rows} == set(MISTAKES)
    assert len(RIGHT) >= 26 and len(WRONG) >= 45


def test_every_task_is_represented():
    for entries in (RIGHT, WRONG):
        assert {entry.task for entry in entries} == set(FILES)


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
