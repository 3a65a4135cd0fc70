"""The room `learned`: what counts as a copy, the features of a discriminator, a classifier with few labels."""

import numpy as np
import pytest
from PIL import Image
from tensorflow import keras

from beyond import dcgan, learned
from beyond.common import data
from tests.beyond.short import eagerly
from tests.helpers import points

layers = keras.layers


@pytest.fixture(scope="module")
def digits():
    return data.load("digits", most=300)


def test_copies(digits):
    """Copies are at distance 0 and all too near; held-out pictures are as far as they are; noise is farther."""
    assert learned.copies(digits.train[:50], digits) == {"distance": pytest.approx(0, abs=1e-6), "too near": 1.}
    as_new = learned.copies(digits.test, digits)
    assert as_new["distance"] == 1 and as_new["too near"] == pytest.approx(.01, abs=.005)
    noise = learned.copies(np.random.default_rng(2).random((50, 28, 28, 1)), digits)
    assert noise["distance"] > 1.5 and noise["too near"] == 0
    paler = learned.copies(.9 * digits.train[:50], digits)
    assert 0 < paler["distance"] < .5 and paler["too near"] > .9


def test_nearest(digits):
    """The nearest picture is named, with its distance in pixels' brightness."""
    distances, which = learned.nearest(digits.train[[7, 3]] + .01, digits.train)
    assert which.tolist() == [7, 3] and distances == pytest.approx(.28)


def test_features_by_hand():
    """Each LeakyReLU's answers, averaged over 4 x 4 fields or as they are where there are fewer; the last layer is no
    feature."""
    network = keras.Sequential([
        keras.Input((8, 8, 1)), layers.Conv2D(2, 1), layers.LeakyReLU(.2), layers.Conv2D(1, 4, 4), layers.LeakyReLU(.2),
        layers.Flatten(), layers.Dense(1)])
    pictures = points(3, 8, 8, 1) + .1
    network.layers[0].set_weights([np.array([[[[1., -1.]]]]), np.zeros(2)])
    network.layers[2].set_weights([np.ones((4, 4, 2, 1)), np.zeros(1)])
    found = learned.features(network, pictures)
    assert found.shape == (3, 4 * 4 * 2 + 2 * 2)
    first = np.where(pictures * [1, -1] > 0, 1, .2) * pictures * [1, -1]
    means = first.reshape(3, 4, 2, 4, 2, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(found[:, :32], means.reshape(3, 32), atol=1e-5)
    second = first.reshape(3, 2, 4, 2, 4, 2).sum(axis=(2, 4, 5)).reshape(3, 4)
    np.testing.assert_allclose(found[:, 32:], np.where(second > 0, 1, .2) * second, rtol=1e-4)


def test_probe(digits):
    """Only known labels are learned from: those of the rest could be anything."""
    stream = np.random.default_rng(3)
    labels = np.repeat([0, 1], 40)
    rows = stream.normal(size=(80, 3)) + 6 * labels[:, None]
    few = np.where(np.arange(80) % 8 == 0, labels, -1)
    assert learned.probe(rows, few, rows, labels) == 1
    assert learned.probe(rows, np.where(few >= 0, 1 - few, -1), rows, labels) == 0
    flat = digits.train.reshape(300, -1)
    found = learned.probes({"pixels": (flat, digits.test.reshape(len(digits.test), -1))}, digits, (25, 200))
    assert list(found) == ["pixels, 25 labels", "pixels, 200 labels"]
    assert .4 < found["pixels, 25 labels"] < found["pixels, 200 labels"] < 1


@pytest.fixture
def quickly(monkeypatch, digits):
    """Few pictures and samples, no graphs."""
    eagerly(monkeypatch)
    monkeypatch.setattr(data, "load", lambda *arguments: digits)
    monkeypatch.setattr(learned, "SAMPLES", 20)
    monkeypatch.setattr(learned, "LABELS", (25, 100))


def test_script(capsys, tmp_path, quickly, monkeypatch):
    """Figures of each training; rows of samples and what they are nearest to; lines over the labels."""
    def tiny(pictures):
        return (*dcgan.make("clothes", pictures, filters=2, batch=4), lambda some: some)

    monkeypatch.setattr(learned, "RUNS", {"one": (tiny, None), "of 50": (tiny, 50)})
    figures = learned.main(["--epochs", "1", "--steps", "1", "--no-show", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.glob("*.png")) == [
        "learned-copies.png", "learned-features.png", "learned-losses.png"]
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as picture:
            assert min(picture.size) > 100
    assert [name for name in learned.RUNS if f"\n{name}: distance " not in out] == []
    assert [line.get_label() for line in figures[1].axes[0].get_lines()] == [
        "one, trained", "one, untrained", "pixels"]
    assert len(figures[0].axes) == 2 * 2 + 2


def test_what_would_be_measured(quickly, monkeypatch):
    """Of 50 pictures only the copies are measured; the training sees no others."""
    monkeypatch.setattr(learned, "EPOCHS", 1)
    seen, make = [], learned.RUNS["WGAN-GP"][0]

    def noted(pictures):
        seen.append(len(pictures.train))
        return make(pictures)

    monkeypatch.setitem(learned.RUNS, "WGAN-GP, 50 pictures", (noted, 50))
    found = dict((row, run) for _, row, run in learned.CLAIMS)["WGAN-GP, 50 pictures"](0, 1)
    assert seen == [50] and list(found) == ["distance", "too near"] and np.all(np.isfinite(list(found.values())))
