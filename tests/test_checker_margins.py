"""The checker's tolerances lie between the noise of right solutions and the effect of the smallest mistake."""

import pytest

from tests.checker import margins, reference

EFFECTS = margins.effects()


@pytest.fixture(scope="module")
def noise():
    return margins.noise()


def test_the_table_has_every_comparison_once():
    assert list(margins.rows()) == list(EFFECTS)
    for comparison, row in margins.rows().items():
        assert row["tolerance"] == margins.TOLERANCES.get(comparison, reference.TOLERANCE)


@pytest.mark.parametrize("comparison", EFFECTS)
def test_the_effect_is_the_one_in_the_table(comparison):
    row, (effect, mistake) = margins.rows()[comparison], EFFECTS[comparison]
    assert effect == pytest.approx(row["effect"], rel=1e-4)
    assert mistake == row["mistake"]


@pytest.mark.parametrize("comparison", EFFECTS)
def test_the_smallest_effect_is_three_times_the_tolerance(comparison):
    row = margins.rows()[comparison]
    assert EFFECTS[comparison][0] > 3 * row["tolerance"]


@pytest.mark.parametrize("comparison", EFFECTS)
def test_noise_is_a_tenth_of_the_tolerance(noise, comparison):
    row = margins.rows()[comparison]
    assert noise[comparison] < row["tolerance"] / 10
    assert row["noise"] < row["tolerance"] / 10


def test_what_the_ratios_are():
    """Every tolerance in the table is at least 100 times the noise, and a tenth of the effect or less."""
    for row in margins.rows().values():
        assert 100 * row["noise"] <= row["tolerance"] <= 0.1001 * row["effect"], row
