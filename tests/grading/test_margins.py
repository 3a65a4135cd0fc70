"""The checker's tolerances lie between the noise of right solutions and the effect of the smallest mistake.

The table is made over a hundred seeds by `python -m tests.checker.margins`; here are those that it names, and ten more.
"""

import pytest

from tests.checker import effects, margins, reference

SOME_SEEDS = range(100, 110)


@pytest.fixture(scope="module")
def noise():
    return margins.noise(seeds=[100])


@pytest.fixture(scope="module")
def found():
    """Comparison -> (smallest effect over the seeds, mistake, seed)."""
    return margins.smallest_effects(SOME_SEEDS)


def test_the_table_has_every_comparison_once():
    """A comparison without a row is one whose tolerance nobody has measured."""
    assert list(margins.rows()) == list(effects.COMPARISONS)
    for comparison, row in margins.rows().items():
        assert row["tolerance"] == effects.TOLERANCES.get(comparison, reference.TOLERANCE)


@pytest.mark.parametrize("comparison", effects.COMPARISONS)
def test_the_effect_is_the_one_in_the_table(comparison):
    """The table is that of these formulas and inputs: the seed that it names gives its number again."""
    row = margins.rows()[comparison]
    task = int(comparison[0]) if comparison[0].isdigit() else 2
    effect, mistake = effects.taken(int(row["seed"]), task)[1][comparison]
    assert effect == pytest.approx(row["effect"], rel=1e-4)
    assert mistake == row["mistake"]


@pytest.mark.parametrize("comparison", effects.COMPARISONS)
def test_the_smallest_effect_is_ten_times_the_tolerance(found, comparison):
    """With other seeds than those of the table, too: a draw on which a mistake hides is drawn again."""
    assert found[comparison][0] >= 10 * margins.rows()[comparison]["tolerance"] * (1 - 1e-9)


@pytest.mark.parametrize("comparison", effects.COMPARISONS)
def test_noise_is_a_tenth_of_the_tolerance(noise, comparison):
    """The tolerance is no tighter than what rounding does to a right solution."""
    row = margins.rows()[comparison]
    assert noise[comparison] < row["tolerance"] / 10
    assert row["noise"] < row["tolerance"] / 10


def test_what_the_ratios_are():
    """Every tolerance in the table is at least 100 times the noise, and a tenth of the effect or less."""
    for row in margins.rows().values():
        assert 100 * row["noise"] <= row["tolerance"] <= 0.1001 * row["effect"], row
