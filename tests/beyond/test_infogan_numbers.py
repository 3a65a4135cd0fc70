"""InfoGAN's codes that are numbers: a step against formulas, what is measured of them, what is drawn."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond import infogan
from beyond.common.data import signed
from beyond.infogan import ContinuousInfoGAN, InfoGAN_GenDiscr
from tests.helpers import difference, points, set_seeds
from tests.reference import Adam

LATENT, CODES, NUMBERS, PIXELS, BATCH, COUNT = 2, 3, 2, 6, 7, 17
layers = keras.layers


def build(**options):
    """A small one: a dense layer each, weights that are not small."""
    set_seeds(3)
    z, codes, pictures = keras.Input((LATENT,)), keras.Input((CODES + NUMBERS,)), keras.Input((3, 2, 1))
    x = layers.Dense(PIXELS, activation="tanh")(layers.Concatenate()([z, codes]))
    generator = keras.Model([z, codes], layers.Reshape((3, 2, 1))(x))
    h = layers.Dense(5, activation="tanh")(layers.Flatten()(pictures))
    discriminator = keras.Model(pictures, [layers.Dense(size)(h) for size in (1, CODES, NUMBERS)])
    stream = np.random.default_rng(5)
    for network in (generator, discriminator):
        network.set_weights([w + .5 * stream.normal(size=w.shape) for w in network.get_weights()])
    return ContinuousInfoGAN(generator, discriminator, lambda k: tf.random.normal((k, LATENT)),
                             signed(points(COUNT, 3, 2, 1)), codes=CODES, batch_size=BATCH, **options)


def in_order(arrays):
    """The discriminator's weights with the last layers in the order of their answers, 1, CODES, NUMBERS values."""
    order = {1: 0, CODES: 1, NUMBERS: 2}
    return arrays[:2] + sorted(arrays[2:], key=lambda array: (order[array.shape[-1]], -array.ndim))


def test_a_step_agrees_with_the_formulas():
    """On the same draws two steps give the losses and weights of a float64 reference in plain matrices."""
    G, rate, stream = build(learning_rate=.02, info_weight=.7, continuous_weight=.3), .02, np.random.default_rng(11)
    real = np.asarray(G.real_examples, "float64").reshape(COUNT, PIXELS)
    g = [w.astype("float64") for w in G.generator.get_weights()]
    d = in_order([w.astype("float64") for w in G.discriminator.get_weights()])
    adam_g, adam_d = Adam(rate, .5, .999), Adam(rate, .5, .999)

    def losses(g, d, indices, asked, numbers, latent):
        codes = np.eye(CODES)[asked]
        fake = tf.tanh(tf.concat([np.float64(latent), codes, np.float64(numbers)], axis=1) @ g[0] + g[1])
        hidden = tf.tanh(tf.concat([real[indices], fake], axis=0) @ d[0] + d[1])
        values, logits, estimates = (hidden @ d[i] + d[i + 1] for i in (2, 4, 6))
        of_class = -tf.reduce_mean(tf.reduce_sum(codes * tf.nn.log_softmax(logits[BATCH:]), axis=1))
        error = tf.reduce_mean(tf.reduce_sum((estimates[BATCH:] - numbers) ** 2, axis=1))
        right = (np.sum(values[:BATCH] > 0) + np.sum(values[BATCH:] <= 0)) / (2 * BATCH)
        of_d = tf.reduce_mean(tf.nn.softplus(-values[:BATCH]) + tf.nn.softplus(values[BATCH:])) / 2
        of_g = tf.reduce_mean(tf.nn.softplus(-values[BATCH:]))
        return of_d, of_g, of_class, error, right

    for _ in range(2):
        fakes = [(stream.integers(0, CODES, BATCH), stream.uniform(-1, 1, (BATCH, NUMBERS)).astype("float32"),
                  stream.normal(size=(BATCH, LATENT)).astype("float32")) for _ in range(2)]
        indices = stream.permutation(COUNT)[:BATCH]
        values = iter([indices, *fakes[0], *fakes[1]])
        G.drawn = lambda draw, values=values: tf.constant(next(values))
        found = {name: float(value) for name, value in G.train_step(None).items()}
        assert next(values, None) is None
        with tf.GradientTape() as tape:
            variables = [tf.constant(w) for w in d]
            tape.watch(variables)
            discr_loss, _, of_class, error, right = losses(g, variables, indices, *fakes[0])
            minimised = discr_loss + .7 * of_class + .3 * error
        d = adam_d.new_weights(d, [x.numpy() for x in tape.gradient(minimised, variables)])
        with tf.GradientTape() as tape:
            variables = [tf.constant(w) for w in g]
            tape.watch(variables)
            _, gen_loss, of_class, error, _ = losses(variables, d, indices, *fakes[1])
            minimised = gen_loss + .7 * of_class + .3 * error
        g = adam_g.new_weights(g, [x.numpy() for x in tape.gradient(minimised, variables)])
        assert found == pytest.approx({"discr_loss": float(discr_loss), "gen_loss": float(gen_loss), "accuracy": right,
                                       "info_loss": float(of_class), "code_error": float(error)}, abs=5e-6)
    assert difference(G.generator.get_weights(), g) < 1e-5
    assert difference(in_order(G.discriminator.get_weights()), d) < 1e-5


def test_networks_and_samples():
    """Only inputs and last layers grow; asked for a code alone, the numbers are 0; samples cover [-1, 1]."""
    plain, more = InfoGAN_GenDiscr(filters=4), InfoGAN_GenDiscr(filters=4, continuous=2)
    assert more[0].count_params() - plain[0].count_params() == 2 * 32
    assert more[1].count_params() - plain[1].count_params() == 2 * (4 // 2 + 1)
    G = build()
    assert G.continuous == NUMBERS
    np.testing.assert_array_equal(G.one_hot([2, 0]), [[0, 0, 1, 0, 0], [1, 0, 0, 0, 0]])
    assert G.pictures_of([0, 1, 2]).shape == (3, 3, 2, 1)
    codes = np.concatenate([G.get_fake_sample_of_classes()[1] for _ in range(40)])
    np.testing.assert_array_equal(codes[:, :CODES].sum(axis=1), 1)
    assert codes[:, CODES:].min() < -.9 and codes[:, CODES:].max() > .9 and np.abs(codes[:, CODES:]).max() <= 1
    latent = points(4, LATENT)
    codes = codes[:4]
    np.testing.assert_allclose(G.pictures_of_codes(codes, latent), G.generator([latent, codes]), atol=1e-6)


def bars(slants, widths, ink=1.):
    """Pictures of bars that lean by so many pixels across a pixel up, so many pixels wide to each side."""
    y, x = np.mgrid[:28, :28] - 13.5
    inside = (np.abs(x + slants[:, None, None] * y) < widths[:, None, None]) & (np.abs(y) < 10)
    return (ink * inside[..., None]).astype("float32")


def test_slant_width_and_ink():
    """Of bars: as they were drawn, to a pixel's exactness; a darker one has less ink and the same shape."""
    slants, widths = np.array([-.5, 0, .5]), np.array([2., 4., 3.])
    found = infogan.shape_of(bars(slants, widths))
    np.testing.assert_allclose(found["slant"], slants, atol=.04)
    np.testing.assert_allclose(found["width"], widths / np.sqrt(3), rtol=.1)
    dark = infogan.shape_of(bars(slants, widths, .5))
    np.testing.assert_allclose(dark["ink"], found["ink"] / 2, rtol=1e-4)
    np.testing.assert_allclose(dark["slant"], found["slant"], atol=1e-4)
    assert all(np.all(np.isfinite(values)) for values in infogan.shape_of(np.zeros((1, 28, 28, 1))).values())


class Leaning:
    """Its first number is the slant, the second one does nothing; Q reads the first one only."""

    classes, continuous = 3, 2

    def latent_generator(self, count):
        return np.zeros((count, 1), "float32")

    def pictures_of_codes(self, codes, latent_vectors):
        return signed(bars(-.4 * codes[:, 3], 2. + codes[:, :3] @ [0, 1, 2]))

    def discriminator(self, pictures):
        slant = infogan.shape_of((np.asarray(pictures) + 1) / 2)["slant"]
        return None, None, np.stack([-slant, np.ones_like(slant)], axis=1)


def test_meaning():
    """A number that makes digits lean is found, whatever its sign; width differs between codes only, so it is none."""
    found = infogan.meaning_of(Leaning(), each=60)
    assert found["slant"] > .99 and found["read"] == pytest.approx(.5, abs=.01)
    assert found["width"] < .4


@pytest.mark.parametrize("inputs, weight, word", [(CODES, 1., "generator: expected two inputs, latent vectors and one"),
                                                  (CODES + 1, -1., "continuous_weight: expected")])
def test_bad_arguments(inputs, weight, word):
    """A generator without numbers, a negative weight: one sentence."""
    z, codes, pictures = keras.Input((2,)), keras.Input((inputs,)), keras.Input((3, 2, 1))
    x = layers.Dense(6)(layers.Concatenate()([z, codes]))
    flat = layers.Flatten()(pictures)
    networks = (keras.Model([z, codes], layers.Reshape((3, 2, 1))(x)),
                keras.Model(pictures, [layers.Dense(size)(flat) for size in (1, CODES, 1)]))
    with pytest.raises(ValueError, match=f"^{word}"):
        ContinuousInfoGAN(*networks, lambda k: tf.random.normal((k, 2)), points(9, 3, 2, 1), codes=CODES, batch_size=3,
                          continuous_weight=weight)


def test_what_would_be_measured(monkeypatch):
    """All figures of a run are finite numbers, also without the error in what is minimised."""
    from beyond.common import data
    load = data.load
    monkeypatch.setattr(data, "load", lambda name: load(name, most=150))
    monkeypatch.setattr(infogan, "NARROW", dict(filters=4, batch=4, rate=.001))
    monkeypatch.setattr(infogan, "EPOCHS", 1)
    found = infogan.CLAIMS[-1][2](0, 1)
    assert list(found) == ["read", "slant", "width", "ink", "purity"] and np.all(np.isfinite(list(found.values())))
