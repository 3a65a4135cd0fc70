"""The blackboard in numbers: values that can be derived by hand, and laws that hold for all distributions."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from beyond import theory
from beyond.theory import P, Q, divergences, game_value, log_normal
from tests.helpers import set_seeds

LOG2 = np.log(2)
shares = st.lists(st.floats(.01, 1), min_size=4, max_size=4).map(lambda numbers: np.array(numbers) / sum(numbers))
properties = settings(deadline=None, derandomize=True, max_examples=60)


# ------------------------------------------------------------ letters

def test_the_numbers_of_the_slides():
    """Entropies, cross entropy, KL and JS of the two distributions of the lecture."""
    assert theory.entropy(Q) == pytest.approx(1.8464, abs=5e-5)
    assert theory.entropy(P) == pytest.approx(1.8508, abs=5e-5)
    assert theory.cross_entropy(P, Q) == pytest.approx(1.8523, abs=5e-5)
    assert theory.kl(P, Q) == pytest.approx(.001487, abs=5e-7)
    assert theory.kl(P, Q) * LOG2 == pytest.approx(.001031, abs=5e-7)
    assert theory.js(P, Q) == pytest.approx(.000370, abs=5e-7)
    assert theory.js(P, Q) * LOG2 == pytest.approx(.000256, abs=5e-7)


@pytest.mark.parametrize("count", [1, 2, 8, 32])
def test_equal_letters_need_the_logarithm_of_their_number(count):
    """N equally frequent letters need log2 N bits; the best code gives each of them so many."""
    share = np.full(count, 1 / count)
    assert theory.entropy(share) == pytest.approx(np.log2(count))
    assert theory.code_lengths(share).tolist() == [int(np.log2(count))] * count


def test_a_sure_letter_needs_nothing():
    """0 log 0 counts as 0. Two letters that never meet are a bit apart for JS, and infinitely far for KL."""
    sure, other = np.array([1., 0.]), np.array([0., 1.])
    assert theory.entropy(sure) == 0
    assert theory.js(sure, other) == pytest.approx(1)
    assert theory.kl(sure, other) == np.inf


def test_the_best_code():
    """1.9 bits for Q, more than its entropy. The lecture's codes have less, and Kraft's sum says that they are none."""
    lengths = theory.code_lengths(Q)
    assert lengths.tolist() == [3, 2, 1, 3] and theory.kraft(lengths) == 1
    assert lengths @ Q == pytest.approx(1.9) and lengths @ P == pytest.approx(1.89)
    for code, mean in zip(theory.UNREADABLE, (1.6, 1.4)):
        assert theory.kraft(code) == 1.5 and code @ Q == pytest.approx(mean)
        assert code @ Q < theory.entropy(Q)


@properties
@given(shares)
def test_a_code_is_within_a_bit_of_the_entropy(p):
    """Shannon's theorem: the best code needs at least the entropy, and less than a bit more."""
    lengths = theory.code_lengths(p)
    assert theory.kraft(lengths) == 1
    assert theory.entropy(p) - 1e-9 <= lengths @ p < theory.entropy(p) + 1


@properties
@given(shares, shares)
def test_laws_of_the_divergences(p, q):
    """KL is never negative and 0 only for the same; JS is symmetric, at most a bit, and so is no longer than KL / 2."""
    assert theory.kl(p, q) >= -1e-12 and theory.kl(p, p) == pytest.approx(0, abs=1e-12)
    assert theory.js(p, q) == pytest.approx(theory.js(q, p), abs=1e-12)
    assert -1e-12 <= theory.js(p, q) <= 1
    assert theory.js(p, q) <= (theory.kl(p, q) + theory.kl(q, p)) / 4 + 1e-12
    assert theory.cross_entropy(p, q) >= theory.entropy(p) - 1e-12


@properties
@given(shares, shares, shares)
def test_the_root_of_JS_is_a_distance(p, q, r):
    """It obeys the triangle inequality; JS itself and KL do not (the case below)."""
    root = [np.sqrt(max(0, theory.js(*pair))) for pair in ((p, r), (p, q), (q, r))]
    assert root[0] <= root[1] + root[2] + 1e-7


def test_JS_itself_is_no_distance():
    one, half, other = np.array([1., 0.]), np.array([.5, .5]), np.array([0., 1.])
    assert theory.js(one, other) > theory.js(one, half) + theory.js(half, other)


def test_guesses_are_distributions():
    """The line of guesses goes through P and Q and stays among distributions up to its ends."""
    assert np.array_equal(theory.guess(0), P) and np.allclose(theory.guess(1), Q)
    for end in (-19, 11):
        assert theory.guess(end).sum() == pytest.approx(1) and theory.guess(end).min() == pytest.approx(0, abs=1e-9)


# ------------------------------------------------------------ densities

def test_divergences_of_normal_laws():
    """KL of N(1, 2^2) from N(0, 1) is (1 + 4 - 1 - log 4) / 2; Pearson's of a shift by d is e^(d^2) - 1."""
    found = divergences(log_normal(1, 2), log_normal(0, 1))
    assert found["KL"] == pytest.approx((1 + 4 - 1 - np.log(4)) / 2, abs=1e-6)
    assert found["KL reversed"] == pytest.approx((.25 + .25 - 1 + np.log(4)) / 2, abs=1e-6)
    assert found["Jeffreys"] == pytest.approx(found["KL"] + found["KL reversed"])
    assert divergences(log_normal(.7, 1), log_normal(0, 1))["Pearson"] == pytest.approx(np.exp(.49) - 1, abs=1e-6)
    same = divergences(log_normal(1, 2), log_normal(1, 2))
    assert list(same.values()) == pytest.approx([0] * 5, abs=1e-6)


@pytest.mark.parametrize("gap", [0., 1., 4.])
def test_JS_stays_and_the_earth_mover_walks(gap):
    """Narrow clouds: JS is log 2 at any gap but 0, the earth mover's distance is the gap."""
    clouds = log_normal(0, theory.NARROW), log_normal(gap, theory.NARROW)
    assert divergences(*clouds)["JS"] == pytest.approx(LOG2 if gap else 0, abs=1e-5)
    assert theory.earth_movers_distance(*clouds) == pytest.approx(gap, abs=1e-6)


def test_the_best_discriminator():
    """D = p / (p + q): 1/2 halfway between equal laws, e^2 / (1 + e^2) at the middle of one of them."""
    logits = theory.best_logits(log_normal(0, 1), log_normal(2, 1))
    assert logits[np.isclose(theory.X, 1)] == pytest.approx(0, abs=1e-9)
    assert logits[np.isclose(theory.X, 0)] == pytest.approx(2)


@pytest.mark.parametrize("gap", [0., 1., 8.])
def test_the_value_of_the_game(gap):
    """The best discriminator has -2 log 2 + 2 JS, from -log 4 to 0; every other one has less."""
    laws = log_normal(0, 1), log_normal(gap, 1)
    best = theory.best_logits(*laws)
    assert game_value(*laws, best) == pytest.approx(-2 * LOG2 + 2 * divergences(*laws)["JS"], abs=1e-9)
    assert game_value(*laws, 0 * best) == pytest.approx(-2 * LOG2, abs=1e-6)
    for other in (best + .1, .9 * best + .05, -best - .1):
        assert game_value(*laws, other) < game_value(*laws, best)


def test_fits():
    """KL takes the mixture's mean and variance, reversed KL one hill; the least of each column is its own fit."""
    mean = .7 * -1 + .3 * 2.5
    variance = .7 * (.64 + 1) + .3 * (.36 + 6.25) - mean ** 2
    assert theory.fitted("KL") == pytest.approx((mean, np.sqrt(variance)), abs=1e-3)
    assert abs(theory.fitted("KL reversed")[0] + 1) < .1
    names, table = theory.table_of_fits()
    assert (table.argmin(axis=0) == np.arange(len(names))).all()
    np.testing.assert_allclose(table[:, names.index("Jeffreys")], table[:, 0] + table[:, 1])


# ------------------------------------------------------------ gradients

def test_slow_start():
    """At the start the best D of a fake is small: log(1 - D) moves by rate x distance x E D, the other by the rest."""
    found = theory.slow_start(start=4., rate=.1, steps=2)
    moves = {loss: 4. - distances[1] for loss, distances in found.items()}
    assert sum(moves.values()) == pytest.approx(.1 * 4., abs=1e-6)
    z = np.random.default_rng(0).normal(size=400000)
    assert moves["log(1 - D)"] == pytest.approx(.4 * np.mean(1 / (1 + np.exp(8 + 4 * z))), rel=.02)
    assert moves["-log D"] > 20 * moves["log(1 - D)"]
    assert theory.slow_start(start=0., steps=1)["-log D"][1] == 0, "who is there stays there"


@pytest.mark.parametrize("coordinates, density", [(1, 30), (2, 56), (10, 552)])
def test_variance_of_both_gradients(coordinates, density):
    """30 + 22 (n - 1) + 4 (n - 1)^2 through the density, 4 through the draw; both have the mean 2."""
    assert theory.gradient_variances(coordinates) == {"through the draw": 4, "through the density": density}
    estimates = theory.gradient_estimates(400000, coordinates)
    for name, variance in theory.gradient_variances(coordinates).items():
        assert np.mean(estimates[name]) == pytest.approx(2, abs=5 * np.sqrt(variance / 400000))
        assert np.var(estimates[name]) == pytest.approx(variance, rel=.06)


# ------------------------------------------------------------ as it runs

def test_a_trained_discriminator_comes_near():
    """Half a second of training: near the best discriminator where there are examples, and never better."""
    set_seeds(0)
    gap, deviation = theory.CASE
    judge = theory.Judge(gap, deviation)
    judge.compile()
    judge.fit(epochs=1, steps_per_epoch=400, verbose=0)
    laws = log_normal(0, 1), log_normal(gap, deviation)
    best = theory.best_logits(*laws)
    assert game_value(*laws, best) - .03 < game_value(*laws, judge.logits()) < game_value(*laws, best)


@pytest.mark.fine
def test_script(capsys, tmp_path, monkeypatch):
    """Ten pages in the format of a projector, none with letters over letters, all in theory.pdf; and the numbers."""
    monkeypatch.setattr(theory, "GAPS", theory.GAPS[:2])
    figures = theory.main(["--steps", "10", "--no-show", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    pictures = sorted(tmp_path.glob("theory-*.png"))
    assert len(figures) == len(pictures) == 10 and out.count("saved ") == 11
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.width * 9 == picture.height * 16 and picture.width >= 1920
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "theory.pdf").read_bytes())) == 10
    assert "H(Q) 1.8464" in out and "KL(P, Q) 0.001487 more" in out and "JS 0.6931 nats, EMD 4.0000" in out
    for figure in figures:
        assert _overlaps(figure) == []


def _overlaps(figure):
    """Pairs of texts whose boxes overlap, and texts that leave the page."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()  # puts all texts to their places
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in _texts(figure) if text.get_text().strip()]
    found = [text for text, box in boxes if box.min.min() < 0 or (box.max > figure.bbox.max).any()]
    for i, (text, box) in enumerate(boxes):
        found += [(text, other) for other, beside in boxes[i + 1:] if box.padded(-2).overlaps(beside.padded(-2))]
    return found


def _texts(figure):
    """Everything that can be read on a page."""
    yield from figure.texts
    for axes in figure.axes:
        yield from axes.texts
        if axes.get_legend():
            yield from axes.get_legend().get_texts()
        for axis in (axes.xaxis, axes.yaxis) if axes.axison else ():
            low, high = sorted(axis.get_view_interval())
            yield axis.label
            yield from (tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high)
