"""A GAN that grows: its layers, what fading in must leave as it was, and its training."""

import re

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond import progressive
from beyond.common import data
from beyond.progressive import LATENT, SIZES, FadeIn, MinibatchDeviation, PixelNorm, ProgressiveGAN, growing_networks
from tests.helpers import points, set_seeds

FILTERS, COUNT = 3, 7


def build(**options):
    set_seeds(2)
    return ProgressiveGAN(growing_networks(FILTERS), points(11, 16, 16, 1) * 2 - 1, batch_size=3, **options)


def enlarged(pictures):
    return np.repeat(np.repeat(pictures, 2, axis=1), 2, axis=2)


def made_smaller(pictures):
    return (pictures[:, ::2, ::2] + pictures[:, 1::2, ::2] + pictures[:, ::2, 1::2] + pictures[:, 1::2, 1::2]) / 4


# ------------------------------------------------------------ layers

def test_pixel_norm():
    """Every pixel's features have the mean square 1; their directions stay; a pixel of zeros stays one."""
    x = np.random.default_rng(0).normal(size=(2, 3, 3, 5)).astype("float32") * 9
    made = np.asarray(PixelNorm()(x))
    np.testing.assert_allclose(np.mean(made ** 2, axis=-1), 1, rtol=1e-5)
    np.testing.assert_allclose(made[0, 0, 0] * x[0, 0, 0, 0], x[0, 0, 0] * made[0, 0, 0, 0], rtol=1e-4)
    assert not np.asarray(PixelNorm()(np.zeros((1, 1, 1, 2), "float32"))).any()


def test_minibatch_deviation():
    """One more channel, the same everywhere: for 1 and 3 in all places it is 1, for equal pictures 0."""
    x = np.stack([np.full((2, 2, 3), 1.), np.full((2, 2, 3), 3.)]).astype("float32")
    made = np.asarray(MinibatchDeviation()(x))
    np.testing.assert_array_equal(made[..., :3], x)
    np.testing.assert_allclose(made[..., 3], 1, rtol=1e-5)
    assert np.asarray(MinibatchDeviation()(x[:1])).shape == (1, 2, 2, 4)
    np.testing.assert_allclose(MinibatchDeviation()(np.repeat(x[:1], 4, axis=0))[..., 3], 0, atol=2e-4)
    variable = tf.Variable(np.repeat(x[:1], 2, axis=0))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(MinibatchDeviation()(variable))
    assert np.isfinite(tape.gradient(total, variable)).all(), "also where all pictures are equal"


def test_fade_in():
    """A share of new, the rest old; no optimizer has the share among its weights."""
    fade = FadeIn()
    old, new = np.float32([[1., 2.]]), np.float32([[5., 10.]])
    np.testing.assert_array_equal(fade([old, new]), old)
    fade.share.assign(.25)
    np.testing.assert_allclose(fade([old, new]), [[2., 4.]])
    assert fade.trainable_weights == [] and len(fade.weights) == 1


# ------------------------------------------------------------ growing

@pytest.mark.parametrize("stage", [0, 1, 2])
def test_shapes(stage):
    generator, discriminator = growing_networks(FILTERS)(stage)
    assert generator.output_shape[1:] == discriminator.input_shape[1:] == (SIZES[stage], SIZES[stage], 1)
    assert discriminator.output_shape == (None, 1)


def test_growing_changes_nothing_at_first_and_leaves_the_old_behind_at_last():
    """Share 0: the enlarged old picture, the old value of a picture made smaller. Share 1: without the old branch.

    Else what the small networks have learned would be lost when they grow.
    """
    G = build()
    latent = np.random.default_rng(0).normal(size=(COUNT, LATENT)).astype("float32")
    for size in SIZES[1:]:
        old_picture = np.asarray(G.generator(latent))
        old_layers = [id(layer) for layer in G.generator.layers]
        pictures = points(COUNT, size, size, 1)
        old_values = np.asarray(G.discriminator(made_smaller(pictures)))
        G.next_stage()
        np.testing.assert_allclose(G.generator(latent), enlarged(old_picture), atol=1e-6)
        np.testing.assert_allclose(G.discriminator(pictures), old_values, atol=1e-5)

        G.fade(.3)
        between = np.asarray(G.generator(latent))
        G.fade(1.)
        new_picture = np.asarray(G.generator(latent))
        np.testing.assert_allclose(between, .3 * new_picture + .7 * enlarged(old_picture), atol=1e-5)
        fine = pictures.copy()
        fine[:, ::2] += .1
        fine[:, 1::2] -= .1  # what the old branch cannot see
        assert np.abs(np.asarray(G.discriminator(fine) - G.discriminator(pictures))).max() > 1e-6
        new_value = np.asarray(G.discriminator(pictures))
        for layer in _old_branch(G, old_layers):
            layer.set_weights([array + 1 for array in layer.get_weights()])
        np.testing.assert_array_equal(G.generator(latent), new_picture)
        np.testing.assert_array_equal(G.discriminator(pictures), new_value)


def _old_branch(G, old_layers):
    """The convolutions of one pixel that belong to the stage before: to grey, and from grey."""
    ones = [layer for network in (G.generator, G.discriminator) for layer in network.layers
            if isinstance(layer, keras.layers.Conv2D) and layer.kernel_size == (1, 1)]
    assert len(ones) == 4
    made = [layer for layer in ones if layer.filters == 1]
    judged = [layer for layer in ones if layer.filters != 1]
    old = [layer for layer in made if id(layer) in old_layers]
    size = G.discriminator.input_shape[1]
    return old + [layer for layer in judged if layer.output.shape[1] != size]


def test_real_pictures_of_each_stage():
    """The mean of each square; after growing they are as sharp as before, and get sharp with the share."""
    G = build()
    pictures = points(COUNT, 16, 16, 1)
    eight = made_smaller(pictures)
    np.testing.assert_allclose(G.at_this_size(pictures), made_smaller(eight), atol=1e-6)
    G.next_stage()
    np.testing.assert_allclose(G.at_this_size(pictures), enlarged(made_smaller(eight)), atol=1e-6)
    G.fade(1.)
    np.testing.assert_allclose(G.at_this_size(pictures), eight, atol=1e-6)
    G.next_stage()
    G.fade(.5)
    np.testing.assert_allclose(G.at_this_size(pictures), (pictures + enlarged(eight)) / 2, atol=1e-6)


def test_training_grows_and_fades():
    """Stages begin where they should; the share goes from 0 to 1 in `fade_steps`, and what it is in is what trains."""
    G = build(grow_at=(1, 2), fade_steps=2)
    shares, sizes = [], []
    record = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: (
        shares.append([step["share"] for step in G.epoch_losses]), sizes.append(G.generator.output_shape[1])))
    G.compile(run_eagerly=True)
    G.fit(epochs=3, steps_per_epoch=3, verbose=0, callbacks=[record])
    assert sizes == [4, 8, 16] and shares == [[1, 1, 1], [0, .5, 1], [0, .5, 1]]
    assert float(G.generator.get_layer("fade").share) == float(G.discriminator.get_layer("fade").share) == 1


@pytest.mark.parametrize("option, value", [("fade_steps", 0), ("lambda_gp", -1), ("learning_rate", "fast")])
def test_bad_arguments(option, value):
    with pytest.raises((TypeError, ValueError), match=f"^{option}: expected .* got {value!r}"):
        build(**{option: value})


def test_script(capsys, tmp_path, monkeypatch):
    """Samples of every stage beside real pictures and those of a training at full size, which has as long."""
    load, compiled = data.load, ProgressiveGAN.compile
    monkeypatch.setattr(ProgressiveGAN, "compile", lambda self: compiled(self, run_eagerly=True))
    monkeypatch.setattr(data, "load", lambda name, size=28, channels=1, most=None: load(name, size, channels, 60))
    figures = progressive.main(["--epochs", "3", "--steps", "1", "--batch", "2", "--filters", "2", "--no-show",
                                "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert len(figures) == len(list(tmp_path.glob("*.png"))) == 2
    assert len(re.findall(r"^(?:grown|at full size), \d+ seconds: frechet \d", out, flags=re.MULTILINE)) == 2
    titles = [axis.get_title() for axis in figures[0].axes if axis.get_title()]
    assert titles[0] == "real" and titles[-1] == "full size at once"
    assert titles[1:-1] == ["epoch 1", "epoch 2", "epoch 3"]
