"""The measures of pictures, each against a value derived by hand; the sheet for people; the command."""

import importlib
import math
import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import stats
from sklearn.linear_model import LogisticRegression

import beyond.evaluation as evaluation
from beyond.common import classifier, data
from beyond.common.data import Pictures
from beyond.evaluation import blind, damages, files
from beyond.evaluation import table as tables
from beyond.evaluation.__main__ import main
from tests.helpers import set_seeds

NORMAL = np.random.default_rng(0).normal(size=(400, 2))


def drawn(seed=0, *shape):
    return np.random.default_rng(seed).uniform(size=shape)


# --------------------------------------------------------- scores of the classes

@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.integers(1, 7), st.integers(1, 5), st.floats(0, 1))
def test_inception_score(classes, each, sure):
    """1 for constant predictions, K for K classes that are equally frequent and certain, and between them the value
    of the formula; never outside [1, K]."""
    certain = np.tile(np.eye(classes), (each, 1))
    assert evaluation.inception_score(np.full((each, classes), 1 / classes)) == pytest.approx(1)
    assert evaluation.inception_score(certain) == pytest.approx(classes)
    mixed = sure * certain + (1 - sure) / classes
    entropy = -sum(p * math.log(p) for p in mixed[0] if p > 0)
    assert evaluation.inception_score(mixed) == pytest.approx(classes * math.exp(-entropy))


def test_inception_score_by_hand():
    """Two pictures, (.9, .1) and (.5, .5): KL to the mean (.7, .3) in numbers; `splits` takes the mean of the parts."""
    p = np.array([[.9, .1], [.5, .5]])
    kl = (.9 * math.log(.9 / .7) + .1 * math.log(.1 / .3) + .5 * math.log(.5 / .7) + .5 * math.log(.5 / .3)) / 2
    assert evaluation.inception_score(p) == pytest.approx(math.exp(kl))
    assert evaluation.inception_score(np.tile(p, (2, 1)), splits=2) == pytest.approx(math.exp(kl))
    assert evaluation.inception_score(p, splits=2) == pytest.approx(1), "each picture alone is like its mean"


def test_modified_inception_score():
    """1 if the pictures of a class look alike; for two, a quarter of the sum of both KL; the mean over classes."""
    alike = [[.8, .2], [.8, .2], [.3, .7]]
    assert evaluation.modified_inception_score(alike) == pytest.approx(1)
    kl = .9 * math.log(.9 / .6) + .1 * math.log(.1 / .4), .6 * math.log(.6 / .9) + .4 * math.log(.4 / .1)
    two = [[.9, .1], [.6, .4], [.3, .7]]
    assert evaluation.modified_inception_score(two) == pytest.approx((math.exp(sum(kl) / 4) + 1) / 2)
    assert evaluation.modified_inception_score(two, labels=[0, 0, 0]) > evaluation.modified_inception_score(two)


def test_mode_score_is_the_inception_score():
    """The real classes cancel, whatever they are."""
    p, real = (values / values.sum(axis=1, keepdims=True) for values in (drawn(1, 9, 4), drawn(2, 5, 4)))
    assert evaluation.mode_score(real, p) == pytest.approx(evaluation.inception_score(p))
    assert evaluation.mode_score([.1, .2, .3, .4], p) == pytest.approx(evaluation.inception_score(p))


def test_AM_score():
    """0 for certain classes as frequent as real ones; log 2 more for pictures between two; infinite without a class."""
    assert evaluation.am_score([.5, .5], [[1, 0], [0, 1]]) == pytest.approx(0)
    assert evaluation.am_score([.5, .5], [[.5, .5], [.5, .5]]) == pytest.approx(math.log(2))
    expected = .5 * math.log(.5 / .75) + .5 * math.log(.5 / .25)
    assert evaluation.am_score([.5, .5], [[1, 0]] * 3 + [[0, 1]]) == pytest.approx(expected)
    assert evaluation.am_score([.5, .5], [[1, 0]]) == np.inf


def test_perplexity_and_divergence():
    """K for K equally likely outcomes, mixed ones by the geometric mean; KL of (.5, .5) and (.25, .75) by hand."""
    assert evaluation.perplexity([math.log(7)] * 3) == pytest.approx(7)
    assert evaluation.perplexity([math.log(2), math.log(8)]) == pytest.approx(4)
    assert evaluation.adversarial_divergence([[.5, .5]], [[.5, .5]]) == 0
    assert evaluation.adversarial_divergence([[.5, .5]], [[.25, .75]]) == pytest.approx(
        .5 * math.log(2) + .5 * math.log(2 / 3))


# ------------------------------------------------------------------- distances

def test_frechet_distance():
    """0 for a cloud and itself, (difference of the means)^2 + (difference of the deviations)^2 in one dimension; the
    fast one is the same, also with more coordinates than points."""
    a, b = np.array([[0.], [2.]]), np.array([[10.], [14.]])  # means 1 and 12, deviations sqrt 2 and sqrt 8
    for distance in (evaluation.frechet_distance, evaluation.fast_frechet_distance):
        assert distance(a, b) == pytest.approx(11 ** 2 + 2)
        assert distance(NORMAL, NORMAL) == pytest.approx(0, abs=1e-9) and distance(NORMAL, NORMAL) >= 0
        assert distance(NORMAL, NORMAL + [3, 4]) == pytest.approx(25)
    for count, other, coordinates in ((5, 7, 30), (30, 40, 5)):
        a, b = drawn(1, count, coordinates), drawn(2, other, coordinates) * 2
        assert evaluation.fast_frechet_distance(a, b) == pytest.approx(evaluation.frechet_distance(a, b), rel=1e-6)


def test_conditional_frechet_distance():
    """It notices two classes that are exchanged, which the distance of the whole clouds cannot."""
    real, labels = np.concatenate([NORMAL, NORMAL + [10, 0]]), np.repeat([0, 1], len(NORMAL))
    assert evaluation.conditional_frechet_distance(real, labels, real, labels) == pytest.approx(0, abs=1e-9)
    assert evaluation.conditional_frechet_distance(real, labels, real, 1 - labels) == pytest.approx(100)
    assert evaluation.conditional_frechet_distance(real, labels, real, 0 * labels) == np.inf


def test_MMD():
    """By hand for two points each; unbiased without the pairs of a point and itself; 0 for equal sets if biased."""
    x, y = np.array([[0.], [1.]]), np.array([[2.], [2.]])
    e = math.exp
    crossed = 2 * (2 * e(-4) + 2 * e(-1)) / 4
    assert evaluation.mmd(x, y, gamma=1) == pytest.approx(e(-1) + 1 - crossed)
    assert evaluation.mmd(x, y, gamma=1, biased=True) == pytest.approx((2 + 2 * e(-1)) / 4 + 1 - crossed)
    assert evaluation.mmd(NORMAL, NORMAL, biased=True) == pytest.approx(0, abs=1e-12)
    assert evaluation.mmd(x, y, "linear", biased=True) == pytest.approx(1.5 ** 2), "the distance of the means, squared"
    # (x y / d + 1)^3 with d = 1: k(0, 1) = 1, k(2, 2) = 125, k(0, 2) = 1, k(1, 2) = 27
    assert evaluation.kernel_distance(x, y) == pytest.approx(1 + 125 - 2 * 14)


def test_sliced_wasserstein():
    """In one dimension it is the shift of a shifted cloud."""
    assert evaluation.sliced_wasserstein(NORMAL[:, :1], NORMAL[:, :1] + 3) == pytest.approx(3)


def test_precision_recall():
    """1 and 1 for equal sets; a mode that is missing lowers recall only, pictures besides all modes precision only."""
    far = NORMAL + [100, 0]
    both = np.concatenate([NORMAL, far])
    assert evaluation.precision_recall(both, both) == (1, 1)
    assert evaluation.precision_recall(both, NORMAL) == (1, .5)
    assert evaluation.precision_recall(NORMAL, both) == (.5, 1)
    assert evaluation.f1_score(1, .5) == pytest.approx(2 / 3) and evaluation.f1_score(0, 0) == 0


# ---------------------------------------------------------------------- copies

def test_memorization():
    """1 - |cosine|: 0 for copies and multiples, 1 - cos 60 degrees by hand; copies have no bounded MiFID."""
    train = np.array([[1., 0.]])
    assert evaluation.memorization_distance(train, [[3., 0.], [-2., 0.]]) == 0
    assert evaluation.memorization_distance(train, [[.5, math.sqrt(.75)], [0, 1]]) == pytest.approx(.75)
    shifted = NORMAL + [0, .1]
    assert evaluation.memorization_informed_frechet_distance(NORMAL, NORMAL[:50]) == np.inf
    near = evaluation.memorization_distance(NORMAL, shifted)
    plain = evaluation.frechet_distance(NORMAL, shifted)
    assert 0 < near < .2
    assert evaluation.memorization_informed_frechet_distance(NORMAL, shifted) == pytest.approx(plain / near)
    assert evaluation.memorization_informed_frechet_distance(NORMAL, shifted, threshold=0) == pytest.approx(plain)
    assert evaluation.memorization_informed_frechet_distance(NORMAL, shifted, [[0, 1.]], .01) == pytest.approx(plain), \
        "compared with other pictures than it was trained on"


def test_one_nearest_neighbor():
    """Far clouds 1 and 1; copies 0 and 0; one point repeated: always its own neighbour; a tie counts half."""
    assert evaluation.one_nearest_neighbor(NORMAL, NORMAL + 100) == (1, 1)
    assert evaluation.one_nearest_neighbor(NORMAL, NORMAL) == (0, 0)
    assert evaluation.one_nearest_neighbor(NORMAL, np.zeros_like(NORMAL))[1] == 1
    assert evaluation.one_nearest_neighbor([[0.], [1.]], [[-1.], [2.]]) == (.5, 0)
    new = np.random.default_rng(1).normal(size=(400, 2))
    assert evaluation.one_nearest_neighbor(NORMAL, new) == pytest.approx((.5, .5), abs=.08), "standard deviation .03"


def test_birthday_paradox():
    """23 people for 365 birthdays; exactly: all birthdays once and as often again. Nothing near: infinite."""
    days = np.repeat(np.arange(365.), 400)[::200][:, None]  # each day twice
    batch, support = evaluation.birthday_paradox(days, threshold=.1)
    assert support == pytest.approx(729), "365 of 730 729 / 2 pairs"
    assert evaluation.clouds._batch_with_a_pair(1 / 365) == 23
    assert 1 - (1 - 1 / support) ** (batch * (batch - 1) / 2) >= .5 > 1 - (1 - 1 / support) ** (
        (batch - 1) * (batch - 2) / 2)
    assert evaluation.birthday_paradox(days[::2], .1) == (np.inf, np.inf)
    assert evaluation.birthday_paradox(np.zeros((3, 2)), 0) == (2, 1)


# ------------------------------------------------------------ two-sample tests

def test_C2ST():
    """1/2 within three standard deviations for the same law, 1 for clouds that are apart; any classifier will do."""
    new = np.random.default_rng(1).normal(size=(400, 2))
    assert evaluation.c2st(NORMAL, new) == pytest.approx(.5, abs=3 * math.sqrt(.25 / 800))
    assert evaluation.c2st(NORMAL, new + 100) == 1
    assert evaluation.c2st(NORMAL, new[:100] + 100, LogisticRegression()) == 1, "as many of each"
    assert evaluation.c2st(NORMAL, 3 * new, LogisticRegression()) < .6 < evaluation.c2st(NORMAL, 3 * new)


def test_NDB():
    """No bin differs for the same points, all of them if the fakes fall into other ones; the z-test is the textbook's.
    """
    centres = np.repeat(10. * np.arange(4), 50)[:, None] + drawn(0, 200, 1)
    assert evaluation.ndb(centres, centres, bins=4) == 0
    assert evaluation.ndb(centres, centres[:100], bins=4) == 1, "two have twice their share, two have none"
    # The last lacks 40: .0625 against .25, p < .001; the others have .3125 against .25, p = .19.
    assert evaluation.ndb(centres, centres[:160], bins=4) == .25
    p = evaluation.clouds._two_proportions(np.array([50]), 200, np.array([50]), 160)[0]
    z = (.3125 - .25) / math.sqrt((100 / 360) * (260 / 360) * (1 / 200 + 1 / 160))
    assert p == pytest.approx(2 * stats.norm.sf(z))


def test_likelihood():
    """With one centre it is the log density of a normal law, exactly; the best bandwidth is the true deviation."""
    test = np.array([[1., 2.], [0., 1.]])
    expected = np.mean(stats.multivariate_normal([0, 1], 4 * np.eye(2)).logpdf(test))
    assert evaluation.average_log_likelihood(test, [[0., 1.]], 2.) == pytest.approx(expected)
    centre = np.zeros((1, 2))
    assert evaluation.parzen_bandwidth(centre, NORMAL, [.3, .6, 1., 1.5, 3.]) == 1.
    assert .8 < evaluation.parzen_bandwidth(centre, NORMAL) < 1.25, "steps of 1.27"


def test_coverage():
    """.95 within three deviations for the same law, 0 for real points that are elsewhere, half if half of them are."""
    new = np.random.default_rng(1).normal(size=(400, 2))
    assert evaluation.coverage(new, NORMAL, .3) == pytest.approx(.95, abs=.05)
    assert evaluation.coverage(new + 100, NORMAL, .3) == 0
    half = np.concatenate([new[:200], new[200:] + 100])
    assert evaluation.coverage(half, NORMAL, .3) == pytest.approx(.475, abs=.04)


def test_trained_on_fakes():
    """Fakes with their classes exchanged teach the opposite; without one class a third is lost; nothing to learn."""
    real, labels = np.concatenate([NORMAL + [20 * k, 0] for k in range(3)]), np.repeat(np.arange(3), len(NORMAL))
    found = evaluation.gan_train_test(real, labels, real, (labels + 1) % 3, real, labels)
    assert found == {"baseline": 1, "gan_train": 0, "gan_test": 0, "distortion": 1}
    few = labels < 2
    found = evaluation.gan_train_test(real, labels, real[few], labels[few], real, labels)
    assert found == pytest.approx({"baseline": 1, "gan_train": 2 / 3, "gan_test": 1, "distortion": 1 / 3})
    assert evaluation.classification_accuracy(real[:5], labels[:5], real, labels) == pytest.approx(1 / 3)


# ---------------------------------------------------------------------- pixels

def test_PSNR_and_SSIM():
    """An error of a tenth everywhere is 20 decibel, of a hundredth 40; equal pictures infinite and 1; SSIM of two
    flat pictures by its formula."""
    flat = np.full((2, 12, 12, 1), .5)
    assert evaluation.psnr(flat, flat + .1) == pytest.approx(20, abs=1e-3)
    assert evaluation.psnr(flat, flat + .01) == pytest.approx(40, abs=1e-3)
    noise = drawn(0, 3, 16, 16, 3)
    assert evaluation.psnr(noise, noise) == np.inf and evaluation.ssim(noise, noise) == pytest.approx(1)
    assert abs(evaluation.ssim(noise, drawn(1, 3, 16, 16, 3))) < .15
    c = .01 ** 2
    assert evaluation.ssim(flat, flat - .3) == pytest.approx((2 * .5 * .2 + c) / (.25 + .04 + c), abs=1e-3)
    assert evaluation.ssim(noise[:, :5, :6], noise[:, :5, :6]) == pytest.approx(1), "smaller than a window"


def test_SSIM_of_pairs():
    """1 for a set of one picture repeated; for two pictures, each pair is both of them."""
    noise = drawn(0, 2, 16, 16).astype("float32")
    assert evaluation.ssim_of_pairs(np.repeat(noise[:1], 5, axis=0), pairs=20) == pytest.approx(1)
    assert evaluation.ssim_of_pairs(noise, pairs=20) == pytest.approx(
        evaluation.ssim(noise[:1], noise[1:]), abs=1e-5)


def test_power_spectrum():
    """All the power of three waves across stands at frequency 3; its sum is the variance (Parseval)."""
    wave = np.tile(.5 + .4 * np.sin(2 * np.pi * 3 * np.arange(16) / 16), (16, 1))[None]
    power = evaluation.power_spectrum(wave)
    assert len(power) == 8 and np.argmax(power) == 2 and power[2] > 1e6 * np.delete(power, 2).max()
    ring = np.rint(np.hypot(*np.meshgrid(np.fft.fftfreq(16, 1 / 16), np.fft.fftfreq(16, 1 / 16))))
    assert power[2] * np.sum(ring == 3) == pytest.approx(16 * 16 * np.var(wave))


def test_spectrum_slope():
    """0 for white noise; -2 if the amplitudes are made to fall as 1/f; none for flat pictures."""
    draws = np.random.default_rng(0)
    noise = draws.normal(size=(100, 32, 32))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(32), np.fft.fftfreq(32)))
    frequency[0, 0] = np.inf
    pink = np.fft.ifft2(np.fft.fft2(noise) / frequency).real

    def unit(pictures):
        return (pictures - pictures.min()) / np.ptp(pictures)
    assert evaluation.spectrum_slope(unit(noise)) == pytest.approx(0, abs=.05)
    assert evaluation.spectrum_slope(unit(pink)) == pytest.approx(-2, abs=.1)
    assert math.isnan(evaluation.spectrum_slope(np.full((2, 8, 8), .3)))


def test_contrast_and_edges():
    """Half black, half white: deviation 1/2. Kurtosis 0 for normal differences, large for a few edges."""
    halves = np.zeros((3, 8, 8))
    halves[:, :, 4:] = 1
    assert evaluation.contrast(halves) == .5
    # of 2 * 8 * 7 * 3 differences 24 are 1, so p = 1/14, and a coin's kurtosis is (1 - 6 p (1 - p)) / (p (1 - p))
    assert evaluation.edge_kurtosis(halves) == pytest.approx((1 - 6 * 13 / 196) / (13 / 196))
    noise = np.clip(.5 + .05 * np.random.default_rng(0).normal(size=(20, 30, 30)), 0, 1)
    assert abs(evaluation.edge_kurtosis(noise)) < .1
    assert math.isnan(evaluation.edge_kurtosis(np.ones((2, 4, 4))))


# ----------------------------------------------------------------------- paths

def test_path_length():
    """For a linear generator and straight lines exactly the mean of |W (b - a)|^2; on circles of unit vectors that of
    the angle squared; 0 for a generator that always makes the same."""
    W = np.array([[1., 2., 0.], [0., 1., -1.]], "float32")

    def straight(a, b, t):
        return (1 - t) * a + t * b
    a, b = drawn(0, 50, 2), drawn(1, 50, 2)
    expected = np.mean(np.sum(((b - a) @ W) ** 2, axis=1))
    assert evaluation.path_length(lambda z: z @ W, a, b, .01, straight) == pytest.approx(expected, rel=1e-3)
    assert evaluation.path_length(lambda z: 0 * z, a, b) == 0
    east, north = np.array([[1., 0.]]), np.array([[0., 1.]])
    assert evaluation.path_length(lambda z: z, east, north, .01) == pytest.approx((math.pi / 2) ** 2, rel=1e-3)


def test_slerp():
    """Halfway between two axes is the diagonal, of their length; the same point stays; lengths go evenly."""
    assert evaluation.slerp([[1., 0.]], [[0., 1.]], .5) == pytest.approx(np.full((1, 2), math.sqrt(.5)))
    assert evaluation.slerp([[1., 0.]], [[0., 3.]], .5) == pytest.approx(np.full((1, 2), 2 * math.sqrt(.5)))
    assert evaluation.slerp([[1., 2.]], [[1., 2.]], .3) == pytest.approx(np.array([[1., 2.]]))


def test_reconstruction_error():
    """0 for what a linear generator can make; for the rest the distance to its range, by least squares."""
    W = np.array([[1., 2., 0.], [0., 1., -1.]], "float32")
    W_tensor = tf.constant(W)
    made = drawn(0, 3, 2).astype("float32") @ W

    def latent_generator(k):
        return np.random.default_rng(0).normal(size=(k, 2)).astype("float32")
    error = evaluation.reconstruction_error(lambda z: z @ W_tensor, made, latent_generator, steps=300)
    assert error == pytest.approx(0, abs=1e-3)
    other = np.array([[1., 0., 0.], [0., 0., 2.]], "float32")
    codes, errors, nearest = evaluation.project(lambda z: z @ W_tensor, other, latent_generator, steps=300)
    best, residues = np.linalg.lstsq(W.T, other.T, rcond=None)[:2]
    assert codes == pytest.approx(best.T, abs=.02) and errors == pytest.approx(residues, abs=1e-3)
    assert nearest == pytest.approx(best.T @ W, abs=.05)


# ----------------------------------------------------------------------- blind

def test_blind_sheet():
    """Half of the pictures are real and half fake, mixed, none twice; an odd number has one fake more."""
    real, fake = np.arange(20.).reshape(20, 1, 1) / 40, (20 + np.arange(20.).reshape(20, 1, 1)) / 40
    for count in (10, 11):
        sheet, is_real = evaluation.blind_sheet(real, fake, count)
        values = sheet[:, 0, 0, 0] * 40
        assert (is_real == (values < 19.5)).all() and is_real.sum() == 5 and len(set(values.round())) == count
        assert 0 < is_real[:5].sum() < 5, "mixed"
    assert (evaluation.blind_sheet(real, fake, 10, seed=1)[1] != evaluation.blind_sheet(real, fake, 10)[1]).any()


def test_blind_score():
    """Right answers and the exact interval: for 0 of n it ends at 1 - (alpha / 2)^(1 / n); guessing 5 of 10 has p 1."""
    is_real = np.array([True] * 5 + [False] * 5)
    none = evaluation.blind_score(is_real, ~is_real)
    assert (none["right"], none["of"], none["accuracy"], none["fooled"]) == (0, 10, 0, 1)
    assert none["low"] == 0 and none["high"] == pytest.approx(1 - .025 ** .1)
    assert none["p_value"] == pytest.approx(2 / 1024)
    half = evaluation.blind_score(is_real, np.ones(10, bool))
    assert half["p_value"] == pytest.approx(1) and half["error_rate"] == .5 and half["low"] < .5 < half["high"]
    narrow = evaluation.blind_score(is_real, np.ones(10, bool), confidence=.5)
    assert half["low"] < narrow["low"] < narrow["high"] < half["high"]


# ------------------------------------------------------------------- bad input

@pytest.mark.parametrize("call, message", [
    (lambda: evaluation.inception_score([[2., -1.]]), r"probabilities: .*zero or positive and of sum 1, got a row of"),
    (lambda: evaluation.inception_score([[3., 1.]]), "probabilities: .* got a row of sum 4 .*before the softmax?"),
    (lambda: evaluation.inception_score([[np.nan, 1.]]), "probabilities: .* got a row of sum nan"),
    (lambda: evaluation.inception_score([.5, .5]), r"probabilities: expected .*\(n, classes\), got float64 \(2,\)"),
    (lambda: evaluation.inception_score([[1., 0.]], splits=2), "splits: expected .* from 1 to 1.*, got 2"),
    (lambda: evaluation.am_score([[.5, .6]], [[.5, .5]]), "real_probabilities: expected probabilities"),
    (lambda: evaluation.perplexity([]), "negative_log_likelihoods: expected numbers.* got none"),
    (lambda: evaluation.frechet_distance(NORMAL, NORMAL[:, :1]), "fake: expected points of 2 coordinates.* got 1"),
    (lambda: evaluation.frechet_distance(NORMAL[:1], NORMAL), r"real: expected at least 2 points \(n, d\), got shape"),
    (lambda: evaluation.frechet_distance(NORMAL, NORMAL * np.nan), "fake: expected finite"),
    (lambda: evaluation.c2st(NORMAL, NORMAL, folds=1), "folds: expected a whole number of at least 2, got 1"),
    (lambda: evaluation.ndb(NORMAL, NORMAL, alpha=5), "alpha: expected a level between 0 and 1, got 5"),
    (lambda: evaluation.psnr(np.zeros((1, 4, 4)), np.zeros((2, 4, 4))), r"image_test: expected .*\(1, 4, 4, 1\)"),
    (lambda: evaluation.ssim(255 * np.ones((1, 4, 4)), np.ones((1, 4, 4))), r"image_true: expected .*\[0, 1\], got"),
    (lambda: evaluation.path_length(lambda z: z, np.zeros((2, 3)), np.zeros((3, 3))), "a, b: expected latent vectors"),
    (lambda: evaluation.blind_sheet(np.zeros((3, 4, 4)), np.zeros((9, 4, 4)), 8), "real: expected at least 4 pictures"),
    (lambda: evaluation.blind_score(np.array([True]), np.array([1])), "said_real: expected 1 booleans"),
    (lambda: evaluation.conditional_frechet_distance(NORMAL, [0], NORMAL, [0]), "real_labels: expected 400 whole"),
])
def test_bad_arguments(call, message):
    """One sentence that names the argument, what was expected and what came."""
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_every_measure_has_one_name():
    """`beyond.evaluation.NAME` finds each; another name is the usual error."""
    names = [name for part in evaluation.PARTS for name in importlib.import_module(f"beyond.evaluation.{part}").__all__]
    assert len(set(names)) == len(names) >= 35 and all(callable(getattr(evaluation, name)) for name in names
                                                       if name != "BETTER")
    with pytest.raises(AttributeError, match="has no attribute 'inception_scores'"):
        evaluation.inception_scores  # noqa: B018


# --------------------------------------------------------- the table, the command

@pytest.fixture(scope="module")
def judged():
    """A judge of digits, and 60 pictures to compare with, 60 that calibrate, 60 that are damaged, with labels."""
    set_seeds(0)
    pictures = data.load("digits")
    judge = classifier.train_judge(Pictures("digits", pictures.train[:600], pictures.train[:0],
                                            pictures.train_labels[:600], None, pictures.classes), steps=150)
    assert np.mean(judge.classes(pictures.test) == pictures.test_labels) > .85
    return judge, [(pictures.train[i:i + 60], pictures.train_labels[i:i + 60]) for i in (600, 660, 720)]


def test_what_the_measures_see(judged):
    """The claims in small: noise lowers the inception score, one picture a class does not; the Frechet distance sees
    both; copies are found by three measures, and by no distance; only the conditional distance sees classes exchanged.
    """
    judge, (train, held_out, sources) = judged
    table = tables.Table(train[0], held_out[0], judge, train[1], held_out[1])
    sets = damages.damaged(*train, *sources)
    assert all(len(fakes) == len(labels) == 60 for fakes, labels in sets.values())
    new, noise, one, copies, other = (table(*given) for given in (
        sources, sets["much noise"], sets["one picture a class"], sets["copies of the training set"],
        sets["other class than asked for"]))
    score, distance = "inception score", "Frechet distance"
    assert noise[score] < .95 * new[score] and one[score] > .95 * new[score]
    assert noise[distance] > 3 * new[distance] and one[distance] > 2 * new[distance]
    assert copies[distance] < .1 * new[distance] and copies["MiFID"] == np.inf
    assert copies["1-NN accuracy, fakes"] < .1 < new["1-NN accuracy, fakes"]
    assert copies["memorization distance"] < 1e-9 and copies["PSNR to the nearest"] == np.inf
    assert other[distance] == new[distance]
    assert other["conditional Frechet distance"] > 3 * new["conditional Frechet distance"]
    assert other["trained on fakes"] < .1 and one["recall"] < .2 and one["birthday support"] < 20
    assert list(table.reference) == list(new) == list(tables.BETTER)
    assert tables.badness("recall", one["recall"], table.reference["recall"]) > .5
    assert tables.badness("birthday support", one["birthday support"], np.inf) == np.inf
    assert tables.badness("birthday support", 10, 1000) == pytest.approx(2), "two powers of ten"
    assert tables.badness("contrast", np.nan, np.nan) == 0 and tables.badness("MiFID", 1, 2) == -1


def test_features(judged):
    """The judge takes pictures of any size, grey or coloured, and its features have the mean variance 1."""
    judge, (train, _, _) = judged
    coloured = np.repeat(classifier.scaled(train[0], 20), 3, axis=-1)
    assert judge.features(coloured).shape == (60, classifier.FEATURES)
    assert judge.probabilities(coloured).sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.mean(judge.classes(coloured) == judge.classes(train[0])) > .8
    assert .5 < np.mean(np.var(judge.features(train[0]), axis=0)) < 2


@pytest.fixture
def quickly(monkeypatch):
    """A judge of few steps: these tests are about the rest."""
    train = classifier.train_judge
    monkeypatch.setattr(classifier, "train_judge", lambda pictures: train(pictures, most=300, steps=20))


def saved_sets(folder):
    """A folder of 24 noisy digits as .png, and an .npz of 50 digits with their labels."""
    pictures = data.load("digits")
    (folder / "fakes").mkdir()
    for number, picture in enumerate(damages.noisy(pictures.train[:24], .3, np.random.default_rng(0))):
        Image.fromarray((255 * picture[..., 0]).astype("uint8")).save(folder / "fakes" / f"{number}.png")
    np.savez(folder / "real.npz", pictures=(255 * pictures.train[:50, ..., 0]).astype("uint8"),
             labels=pictures.train_labels[:50])
    return [str(folder / "fakes"), str(folder / "real.npz")]


def test_command(capsys, tmp_path, quickly):
    """FAKES REAL prints a row for each measure, both columns and what is better; draws both; the sheet has answers
    apart, which --score reads."""
    sets = saved_sets(tmp_path)
    figures = main([*sets, "--blind", "12", "--no-show", "--out", str(tmp_path / "out")])
    out = capsys.readouterr().out
    assert "24 fakes and 50 real pictures of 28x28x1" in out and len(figures) == 3
    for name, better in tables.BETTER.items():
        assert re.search(rf"^{re.escape(name)} +\S+ +\S+ +{'as real' if better == 'real' else better}$", out,
                         flags=re.MULTILINE), name
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "evaluation-answers.csv", "evaluation-blind.png", "evaluation-samples.png", "evaluation-spectra.png"]
    answers = tmp_path / "out" / "evaluation-answers.csv"
    is_real = blind.read_answers(answers)
    assert is_real.sum() == 6 and len(is_real) == 12
    main(["--score", str(answers), " ".join("r" if real else "f" for real in is_real), "--out", str(tmp_path / "no")])
    assert re.search(r"^12 of 12 right: 100 %, with 95 % confidence between 74 and 100 %$", capsys.readouterr().out,
                     flags=re.MULTILINE)
    assert not (tmp_path / "no").exists(), "a score writes nothing"
    with pytest.raises(SystemExit):
        main(["--score", str(answers), "r f x"])
    assert "score: expected 12 answers, r (real) or f (fake) for each picture, got 'x'" in capsys.readouterr().err


def test_sets_of_other_kinds(tmp_path):
    """Arrays of bytes or floats, grey or coloured; a folder follows the array; --size scales both."""
    folder, npz = saved_sets(tmp_path)
    (fakes, none), (real, labels) = files.read_sets(folder, npz)
    assert fakes.shape == (24, 28, 28, 1) and real.shape == (50, 28, 28, 1) and none is None and len(labels) == 50
    assert real == pytest.approx(data.load("digits").train[:50], abs=1 / 255)
    np.save(tmp_path / "colour.npy", drawn(0, 5, 10, 10, 3))
    (fakes, _), (colour, _) = files.read_sets(folder, tmp_path / "colour.npy")
    assert fakes.shape == (24, 10, 10, 3) and colour.shape == (5, 10, 10, 3)
    (fakes, _), (colour, _) = files.read_sets(tmp_path / "colour.npy", npz, size=7)
    assert fakes.shape == (5, 7, 7, 1) and colour.shape == (50, 7, 7, 1) and 0 <= fakes.min() <= fakes.max() <= 1
    (fakes, _), (real, _) = files.read_sets(folder, folder)
    assert fakes.shape == real.shape == (24, 28, 28, 1)


def test_bad_sets(capsys, tmp_path):
    """One sentence that names FAKES or REAL, the path, and what was expected."""
    folder, npz = saved_sets(tmp_path)
    np.save(tmp_path / "few.npy", drawn(0, 5, 28, 28))
    np.save(tmp_path / "large.npy", 300. * drawn(0, 50, 28, 28))
    np.save(tmp_path / "whole.npy", np.ones((50, 28, 28), int))
    np.save(tmp_path / "other.npy", drawn(0, 50, 30, 30))
    np.save(tmp_path / "wide.npy", drawn(0, 50, 28, 30))
    np.save(tmp_path / "flat.npy", drawn(0, 50, 784))
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    np.savez(tmp_path / "two.npz", a=np.zeros(3), b=np.zeros(3))
    np.savez(tmp_path / "labels.npz", pictures=drawn(0, 50, 28, 28), labels=np.zeros(3, int))
    (tmp_path / "text.npy").write_text("no array")
    (tmp_path / "text.txt").write_text("no array")
    (tmp_path / "empty").mkdir()
    cases = [(["few.npy", npz], "FAKES: expected at least 20 pictures, got 5"),
             ([folder, folder], "REAL: expected at least 40 pictures, got 24"),
             (["large.npy", npz], "FAKES: expected pictures in [0, 1], got values from"),
             (["whole.npy", npz], "FAKES: expected pictures of type uint8 or float, got int64"),
             ([folder, "flat.npy"], "REAL: expected at least 1 pictures (n, h, w)"),
             (["other.npy", npz], "expected pictures of one size and number of colours, got (30, 30, 1)"),
             ([folder, "wide.npy"], "expected square pictures"),
             (["objects.npy", npz], "FAKES: expected a whole file of arrays without Python objects"),
             (["text.npy", npz], "FAKES: expected a whole file of arrays"),
             (["text.txt", npz], "FAKES: expected a folder of pictures, an .npy or an .npz file"),
             (["two.npz", npz], "expected one array beside 'labels', or one of the name 'pictures', found 'a', 'b'"),
             (["labels.npz", npz], "FAKES, labels: expected 50 whole numbers, one a picture, got int64 (3,)"),
             (["empty", npz], "FAKES: expected pictures"), ([npz, "empty"], "REAL: expected pictures"),
             (["nowhere", npz], "FAKES: there is nothing at"), ([npz], "expected FAKES and REAL"),
             ([], "expected FAKES and REAL, two folders or arrays of pictures, or --quick; got neither"),
             (["--score", "few.npy", "r"], "answers: expected a file of answers as --blind writes it"),
             (["--score", "nowhere", "r"], "answers: cannot read"),
             ([folder, npz, "--blind", "49"], "--blind: expected at most 48, twice the pictures of the smaller"),
             ([folder, npz, "--blind", "1"], "--blind")]
    for arguments, message in cases:
        paths = [str(tmp_path / part) if (tmp_path / part).exists() else part for part in arguments]
        with pytest.raises(SystemExit) as stopped:
            main([*paths, "--no-show", "--out", str(tmp_path / "out")])
        error = capsys.readouterr().err.splitlines()[-1]
        assert stopped.value.code == 2 and message in error, (arguments, error)


@pytest.mark.thorough
def test_quick(capsys, monkeypatch, tmp_path, quickly):
    """--quick needs no files: a column for each damage, three pictures and the sheet."""
    import beyond.evaluation.__main__ as room
    load = data.load
    monkeypatch.setattr(data, "load", lambda *arguments, **options: load("digits", most=200))
    monkeypatch.setattr(room, "quarters", lambda pictures, seed: (classifier.train_judge(pictures), *(
        (pictures.train[i:i + 60], pictures.train_labels[i:i + 60]) for i in (0, 60, 120))))
    figures = main(["--quick", "--blind", "6", "--no-show", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert len(figures) == 4 and all(f"\n{name}: inception score " in out for name in room.DAMAGES)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "evaluation-answers.csv", "evaluation-blind.png", "evaluation-noise.png", "evaluation-samples.png",
        "evaluation-sight.png"]
