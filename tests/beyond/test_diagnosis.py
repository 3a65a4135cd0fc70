"""Diversity, classifier, quality and the diagnosis of a training."""

import re

import numpy as np
import pytest

from beyond.common import data
from beyond.common.diagnosis import diagnose
from beyond.common.measures import Classifier, Diversity, Quality, effective_number, nearest, spread


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


def losses(discr_loss, gen_loss):
    """A hundred steps that end with these losses."""
    return {"discr_loss": [.5] * 90 + [discr_loss] * 10, "gen_loss": [1.] * 90 + [gen_loss] * 10}


VARIED, ALIKE = {"spread": .95, "kinds": .9}, {"spread": .8, "kinds": .35}


@pytest.mark.parametrize("label, discr_loss, gen_loss, diversity", [
    ("healthy", .3, 1.4, VARIED), ("healthy", .69, .69, VARIED),
    ("mode collapse", .019, 4.8, ALIKE), ("mode collapse", .37, 1.3, {"spread": .3, "kinds": 1.}),
    ("discriminator wins", .0002, 24.5, ALIKE), ("discriminator wins", .0001, 16.5, VARIED),
    ("generator wins", 2.3, .01, ALIKE)])
def test_diagnosis(label, discr_loss, gen_loss, diversity):
    """The end of the training decides; the source's two failures (losses .018, 4.4 and .000, 24.6) are told apart."""
    found, reason = diagnose(losses(discr_loss, gen_loss), diversity)
    assert found == label
    assert re.search(r"\d", reason)


def test_losses_alone_do_not_tell():
    """The same losses are healthy or a mode collapse by what the samples are."""
    assert diagnose(losses(.3, 1.4), VARIED)[0] != diagnose(losses(.3, 1.4), ALIKE)[0]


@pytest.mark.parametrize("change, message", [
    (lambda losses, samples: losses.pop("gen_loss"), r"^losses: expected values of gen_loss, got \['discr_loss'\]"),
    (lambda losses, samples: samples.pop("kinds"), r"^diversity: expected values of kinds"),
    (lambda losses, samples: losses.update(discr_loss=[]), r"^losses: expected values of discr_loss"),
    (lambda losses, samples: losses.update(gen_loss=[float("nan")]), r"^losses\['gen_loss'\]: expected a finite"),
    (lambda losses, samples: losses.update(discr_loss=[-1.]), r"^losses\['discr_loss'\]: .*got -1")])
def test_bad_figures(change, message):
    """Missing, empty, negative and infinite figures are named; a Wasserstein loss may be negative and is refused."""
    arguments = losses(.3, 1.), dict(VARIED)
    change(*arguments)
    with pytest.raises(ValueError, match=message):
        diagnose(*arguments)


def test_effective_number():
    """One kind counts 1, equally frequent kinds count fully, a rare one little."""
    assert effective_number(np.zeros(10, int), 5) == pytest.approx(1)
    assert effective_number(np.arange(20) % 4, 7) == pytest.approx(4)
    assert 1 < effective_number(np.array([0] * 99 + [1]), 2) < 1.1


def test_spread():
    """The root of the summed variances: 0 for equal pictures, that of the noise for noise."""
    assert spread(np.ones((5, 3, 2, 1))) == 0
    noise = np.random.default_rng(0).normal(size=(20000, 3, 2, 1)) * .5
    assert spread(noise) == pytest.approx(.5 * np.sqrt(6), rel=.01)


def test_nearest():
    """The median distance to the nearest of others: 0 for copies, known numbers for three pictures."""
    among = np.zeros((2, 2, 2, 1))
    among[1] = 3.
    pictures = np.zeros((3, 2, 2, 1))
    pictures[0, 0, 0], pictures[1, 0], pictures[2] = 1., 2., 2.9  # 1, sqrt(8), and .2 from the second one
    assert nearest(pictures, among) == pytest.approx(1)
    assert nearest(pictures[1:2], among) == pytest.approx(np.sqrt(8))
    assert nearest(pictures[2:], among) == pytest.approx(.2)
    assert nearest(among, among) == 0


def test_diversity(digits):
    """Other real digits are as varied as real ones; two digits are not; noise has spread and no kinds."""
    diversity = Diversity(digits.train)
    real = diversity(digits.test)
    assert real["spread"] == pytest.approx(1, abs=.05) and real["kinds"] == pytest.approx(1, abs=.1)
    two = diversity(digits.test[np.isin(digits.test_labels, (3, 7))])
    assert two["kinds"] < .4 and two["spread"] < .9
    noise = np.random.default_rng(0).uniform(size=(200, 28, 28, 1))
    assert diversity(noise)["kinds"] < .3 and diversity(noise)["spread"] > 1
    assert diversity(np.repeat(digits.test[:1], 50, axis=0)) == pytest.approx({"spread": 0, "kinds": .052}, abs=.003)


def test_classifier(digits):
    """It knows test digits; ten classes are seen in them, one in the digits of one class."""
    classifier = Classifier(digits)
    assert classifier.accuracy > .97
    assert classifier.classes(digits.test) > 9.5
    assert classifier.classes(digits.test[digits.test_labels == 4]) < 1.3
    with pytest.raises(ValueError, match="^pictures: expected pictures with labels"):
        Classifier(data.Pictures("none", digits.train, digits.test))


def test_quality(digits):
    """Real pictures are best in every figure; half of the classes lose recall, noise all precision."""
    quality = Quality(digits)
    best = quality.reference
    assert best["precision"] > .85 and best["recall"] > .85 and best["classes"] > 9.5
    few = digits.train[digits.train_labels < 5]
    half = quality(np.tile(few, (2, 1, 1, 1))[:quality.size])
    assert half["recall"] < .75 and half["precision"] > .9 and half["classes"] < 5.2
    assert half["frechet"] > 2 * best["frechet"]
    noise = quality(np.random.default_rng(0).uniform(size=(quality.size, 28, 28, 1)))
    assert noise["precision"] < .05 and noise["frechet"] > half["frechet"]
