"""The mutations of tests/measure/mutations.py still fit our solutions; the checker finds a handful of them.

The whole run is a script, `python -m tests.measure.mutations`.
"""

import ast
import sys
from collections import Counter

import pytest

from tests.measure import mutations

KILLED = {
    "0: the generator's update inside the loop": "[updates]",
    "1: clipped after the loop": "[clip]",
    "2: lambda times gp returned": "[returned_values]",
    "3: no tanh on the last Dense": "[discriminator]",
}


@pytest.fixture(scope="module")
def mutants():
    """Name -> (task, source)."""
    return mutations.mutants()


def test_every_mutation_fits_and_changes_something(mutants):
    counts = Counter(task for task, _ in mutants.values())
    assert len(mutants) >= 65 and min(counts.values()) >= 10, counts
    for name, (task, source) in mutants.items():
        ours = (mutations.ROOT / mutations.FILES[task]).read_text()
        assert ast.dump(ast.parse(source)) != ast.dump(ast.parse(ours)), name


def test_every_survivor_is_a_mutant_and_has_a_reason(mutants):
    assert set(mutations.SURVIVORS) <= set(mutants)
    assert all(len(reason) > 10 for reason in mutations.SURVIVORS.values())


def test_an_old_text_that_is_gone_is_told(monkeypatch):
    monkeypatch.setitem(mutations.BY_HAND, 4, [("a change of nothing", "no such line", "")])
    with pytest.raises(ValueError, match="a change of nothing: the old text stands 0 times"):
        mutations.mutants([4])


def test_some_are_killed_and_an_equivalent_one_lives(mutants):
    chosen = {name: mutants[name] for name in [*KILLED, "3: tanh before the pooling"]}
    found = dict(mutations.grade_all(chosen, sys.executable, jobs=1))
    assert found.pop("3: tanh before the pooling") is None
    for name, behaviour in KILLED.items():
        assert found[name].startswith(behaviour), found[name]
