"""The next frame of a film: how things move, steps against plain matrices, the script."""

import numpy as np
import pytest
from PIL import Image
from tensorflow import keras

from beyond import next_frame
from beyond.common import data
from beyond.next_frame import NextFrame, films, placed, small_GenDiscr, turned_back
from tests.beyond.short import eagerly
from tests.helpers import set_seeds

layers = keras.layers
FILMS, SIDE, RATE = 5, 3, .1


# ------------------------------------------------------------------- the films

def test_where_a_picture_is_placed():
    """At whole places it is copied; half-way between two it is half in each; at the last place all of it is seen."""
    picture = np.arange(1., 5.).reshape(2, 2).astype("float32")
    whole = placed(picture, 1, 2, field=4)
    assert np.array_equal(whole[1:3, 2:4], picture) and whole.sum() == picture.sum()
    half = placed(picture, .5, 0, field=4)
    np.testing.assert_allclose(half[:3, :2], [[.5, 1], [2, 3], [1.5, 2]])
    assert np.array_equal(placed(picture, 2, 2, field=4)[2:, 2:], picture)


@pytest.mark.parametrize("place, speed, expected", [
    (3., 2., (3., 2.)), (-1.5, -2., (1.5, 2.)), (11., 2., (9., -2.)), (0., -2., (0., -2.))])
def test_the_edges_throw_back(place, speed, expected):
    """What would stand 1 beyond an edge stands 1 before it, and moves the other way. Else digits would leave."""
    assert tuple(map(float, turned_back(np.array(place), np.array(speed), 10))) == expected


def test_films_move_as_said():
    """Without kicks the middle of what moves goes the same way in each frame; nothing of it is lost; a seed fixes all.

    With kicks the fourth frame of films that begin alike differs, which is what squared errors blur.
    """
    dot = np.ones((1, 2, 2, 1), "float32")
    made = films(dot, 40, kick=0., seed=3)
    assert made.shape == (40, 32, 32, 4) and made.dtype == np.float32
    np.testing.assert_allclose(made.sum((1, 2)), 4, rtol=1e-5)
    grid = np.arange(32)
    middles = np.stack([(made.sum(2) * grid[:, None]).sum(1), (made.sum(1) * grid[:, None]).sum(1)], -1) / 4
    moved = np.diff(middles, axis=1)
    free = (middles.min((1, 2)) > 4) & (middles.max((1, 2)) < 27)  # these met no edge
    assert free.sum() > 5
    np.testing.assert_allclose(moved[free], np.repeat(moved[free][:, :1], 3, axis=1), atol=1e-4)
    lengths = np.linalg.norm(moved[free][:, 0], axis=-1)
    assert lengths.min() >= 1 and lengths.max() <= 3
    assert np.array_equal(made, films(dot, 40, kick=0., seed=3))
    assert np.array_equal(made[..., 0], films(dot, 40, seed=3)[..., 0])
    assert not np.array_equal(made[..., 3], films(dot, 40, seed=3)[..., 3])


def test_films_to_test_on_have_other_pictures():
    """Where no pictures are held out already, a fifth of them is: what is measured was not learned."""
    pictures = np.arange(1, 11, dtype="float32").reshape(10, 1, 1, 1).repeat(2, 1).repeat(2, 2)
    train, test = next_frame.films_of(data.Pictures("ten", pictures, pictures[:0]), 0., 0)
    assert set(np.round(test[..., 0].sum((1, 2)) / 4)) == {1., 2.}
    assert set(np.round(train[..., 0].sum((1, 2)) / 4)) == set(range(3, 11))


# ------------------------------------------------------------------- the steps

@pytest.mark.parametrize("error_weight, gan_weight", [(30., 1.), (.7, 3.), (2., 0.)])
def test_two_steps_by_hand(monkeypatch, error_weight, gan_weight):
    """Two training steps end at the weights and losses that the formulas give in matrices.

    The optimizers only go down the gradient here: Adam's first steps are as long whatever a part of the loss weighs.
    All films are in each batch, so the order in which they are drawn does not matter.
    """
    monkeypatch.setattr(keras.optimizers, "Adam", lambda rate, beta_1: keras.optimizers.SGD(rate))
    stream = np.random.default_rng(1)
    shown = stream.uniform(-.9, .9, (FILMS, SIDE, SIDE, 4)).astype("float32")
    generator = keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.Conv2D(1, 1, activation="tanh")])
    discriminator = keras.Sequential([keras.Input((SIDE, SIDE, 4)), layers.Conv2D(1, 1)])
    for network in (generator, discriminator):
        network.set_weights([.5 * stream.normal(size=array.shape).astype("float32")
                             for array in network.get_weights()])
    w, b, u, c = (array.reshape(-1, array.shape[-1]).astype("float64") if array.ndim > 1 else array.astype("float64")
                  for network in (generator, discriminator) for array in network.get_weights())
    G = NextFrame(generator, discriminator, shown, FILMS, RATE, error_weight, gan_weight)
    real = shown.reshape(-1, 4).astype("float64")
    x, y, n = real[:, :3], real[:, 3:], len(real)
    for _ in range(2):
        set_seeds(1)
        got = {name: float(value) for name, value in G.train_step(None).items()}
        expected = {}

        fake = np.hstack([x, np.tanh(x @ w + b)])
        if gan_weight:
            real_values, fake_values = real @ u + c, fake @ u + c
            expected["discr_loss"] = (np.mean((real_values - 1) ** 2) + np.mean(fake_values ** 2)) / 2
            u = u - RATE * (real.T @ (real_values - 1) + fake.T @ fake_values) / n
            c = c - RATE * (np.mean(real_values - 1) + np.mean(fake_values))

        made = fake[:, 3:]
        expected["error_loss"] = np.mean((made - y) ** 2)
        slope = error_weight * 2 * (made - y) / n
        if gan_weight:
            values = fake @ u + c
            expected["gan_loss"] = np.mean((values - 1) ** 2)
            slope = slope + gan_weight * 2 * (values - 1) * u[3] / n
        slope = slope * (1 - made ** 2)
        w, b = w - RATE * x.T @ slope, b - RATE * slope.sum(0)
        assert got == pytest.approx(expected, rel=1e-4)
    weights = [np.ravel(array) for network in (G.generator, G.discriminator) for array in network.get_weights()]
    for array, wanted in zip(weights, (w, b, u, c)):
        np.testing.assert_allclose(array, np.ravel(wanted), atol=2e-5)


def test_networks():
    """Three frames become one, which is judged behind the three: a map of 8 x 8 values, of 22 x 22 pixels each."""
    generator, discriminator = small_GenDiscr(2)
    assert (generator.input_shape, generator.output_shape) == ((None, 32, 32, 3), (None, 32, 32, 1))
    assert (discriminator.input_shape, discriminator.output_shape) == ((None, 32, 32, 4), (None, 8, 8, 1))


# ------------------------------------------------------------------ the script

@pytest.fixture
def few(monkeypatch):
    """Few films, and no graph, whose making takes most of so short a run."""
    monkeypatch.setattr(next_frame, "COUNT", 8)
    monkeypatch.setattr(next_frame, "HELD_OUT", 8)
    eagerly(monkeypatch, NextFrame)


def test_script(capsys, tmp_path, few):
    """Says which data move, trains both ways, measures both, draws frames, answers and truth, losses and a film."""
    made = next_frame.main(["--epochs", "2", "--steps", "1", "--batch", "2", "--filters", "2", "--no-show",
                            "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert out.index("\nfirst by squared errors alone, ") < out.index("\nnow with a discriminator:\n")
    assert "held out, squared errors: psnr " in out and "held out, NextFrame: psnr " in out
    assert [axis.get_ylabel() for axis in made[0].axes] == ["frame 1", "frame 2", "frame 3", "squared errors",
                                                            "NextFrame", "truth"]
    for name in ("samples.png", "losses.png", "training.gif"):
        with Image.open(tmp_path / f"next_frame-{name}") as picture:
            assert min(picture.size) > 100


def test_claims_can_be_measured(monkeypatch, few):
    """Each row has its figures; the last frame itself is as sharp as the next one."""
    monkeypatch.setattr(next_frame, "DEFAULTS", dict(next_frame.DEFAULTS, filters=2, batch=2))
    monkeypatch.setattr(next_frame, "QUICK", dict(epochs=1, steps=1))
    found = {name: measure(0, 1) for _, name, measure in next_frame.CLAIMS if "kick" not in name}
    assert all(set(figures) == {"psnr", "ssim", "sharpness"} for figures in found.values())
    assert found["the last frame again"]["sharpness"] == pytest.approx(1, abs=.2) and len(found) == 3


@pytest.mark.parametrize("arguments, text", [
    (["--kick", "-1"], "--kick: "), (["--batch", "2000"], "--batch: expected at most 1500, the number of pictures")])
def test_wrong_arguments(capsys, tmp_path, few, arguments, text):
    """A wrong argument ends the script in one line, before it trains."""
    with pytest.raises(SystemExit) as stopped:
        next_frame.main(["--no-show", "--out", str(tmp_path), *arguments])
    assert text in f"{stopped.value.code} {capsys.readouterr().err}"
