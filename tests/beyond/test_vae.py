"""The VAE: its networks, its loss against formulas, a step against plain matrices, what training does."""

import math

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond.common.data import Pictures
from beyond.vae import VAE, decoder_network, encoder_network, kl_to_standard_normal, results_of
from tests.helpers import difference, points, set_seeds
from tests.reference import Adam

BATCH = 5


def small_VAE(seed=3, **options):
    """A VAE of pictures of 3 x 2 pixels with two latent coordinates, one dense layer on each way."""
    set_seeds(seed)
    layers = keras.layers
    pictures = keras.Input((3, 2, 1))
    x = layers.Dense(4, activation="tanh")(layers.Flatten()(pictures))
    encoder = keras.Model(pictures, [layers.Dense(2)(x), layers.Dense(2)(x)])
    decoder = keras.Sequential([keras.Input((2,)), layers.Dense(6, activation="sigmoid"), layers.Reshape((3, 2, 1))])
    return VAE(encoder, decoder, **options)


def test_totals():
    """Both networks have the printed numbers of parameters, all trained."""
    encoder, decoder = encoder_network(), decoder_network()
    assert (encoder.count_params(), decoder.count_params()) == (57652, 112577)
    assert not encoder.non_trainable_weights and not decoder.non_trainable_weights


def test_shapes_and_ranges():
    """Pictures of 28 x 28 become two numbers, and come back; a sigmoid ends in [0, 1], the source's ReLU does not."""
    mean, log_variance = encoder_network()(points(3, 28, 28, 1))
    assert mean.shape == log_variance.shape == (3, 2)
    for activation, most in (("sigmoid", 1.), ("relu", np.inf)):
        decoder = decoder_network(output_activation=activation)
        decoder.set_weights([9 * w for w in decoder.get_weights()])
        made = decoder(points(50, 2) * 8 - 4).numpy()
        assert made.shape == (50, 28, 28, 1) and made.min() >= 0
        assert (made.max() > 1) == (most > 1), activation
    assert decoder_network(5).input_shape == (None, 5)


def test_divergence():
    """Zero for the standard normal law, the known values for others, and the mean log ratio of the densities."""
    zero, one = tf.zeros((1, 1)), tf.ones((1, 1))
    assert float(kl_to_standard_normal(zero, zero)[0]) == 0
    assert float(kl_to_standard_normal(3 * one, zero)[0]) == pytest.approx(4.5)
    assert float(kl_to_standard_normal(zero, 2 * math.log(3) * one)[0]) == pytest.approx(4 - math.log(3), abs=1e-6)
    mean, std = np.array([.5, -1.3]), np.array([.7, 1.9])
    z = mean + std * np.random.default_rng(0).normal(size=(400000, 2))
    ratio = (z ** 2 - ((z - mean) / std) ** 2) / 2 - np.log(std)  # log q / p for each coordinate
    found = kl_to_standard_normal(tf.constant([mean], tf.float32), tf.constant([2 * np.log(std)], tf.float32))
    assert found.shape == (1,)
    assert float(found[0]) == pytest.approx(ratio.sum(axis=1).mean(), abs=.02)  # the mean's own spread is .003


def test_draws_have_the_mean_and_the_spread_asked_for():
    """z is m + s epsilon, and its derivative reaches both numbers of the encoder."""
    set_seeds(1)
    mean, log_variance = tf.fill((100000, 2), 2.), tf.fill((100000, 2), 2 * math.log(3.))
    with tf.GradientTape() as tape:
        tape.watch([mean, log_variance])
        z = VAE.sample(mean, log_variance)
    to_mean, to_log_variance = tape.gradient(z, [mean, log_variance])
    assert z.numpy().mean(axis=0) == pytest.approx([2, 2], abs=.05)
    assert z.numpy().std(axis=0) == pytest.approx([3, 3], abs=.05)
    assert np.all(to_mean.numpy() == 1)
    assert to_log_variance.numpy() == pytest.approx((z.numpy() - 2) / 2, abs=1e-5)


class Reference:
    """The VAE of `small_VAE` in float64: matrices and formulas."""

    def __init__(self, G, learning_rate, kl_weight):
        self.theta = [w.astype("float64") for w in G.encoder.get_weights() + G.decoder.get_weights()]
        self.adam, self.kl_weight = Adam(learning_rate, .9, .999), kl_weight

    def train_step(self, pictures, epsilon):
        x = pictures.reshape(len(pictures), 6).astype("float64")
        theta = [tf.constant(w) for w in self.theta]
        with tf.GradientTape() as tape:
            tape.watch(theta)
            hidden = tf.tanh(x @ theta[0] + theta[1])
            mean, log_variance = hidden @ theta[2] + theta[3], hidden @ theta[4] + theta[5]
            std = tf.exp(log_variance) ** .5
            made = tf.sigmoid((mean + std * epsilon) @ theta[6] + theta[7])
            reconstruction = 6 * tf.reduce_mean((made - x) ** 2)
            kl = tf.reduce_sum(mean ** 2 + std ** 2 - 1 - 2 * tf.math.log(std)) / 2 / len(x)
            loss = reconstruction + self.kl_weight * kl
        self.theta = self.adam.new_weights(self.theta, [g.numpy() for g in tape.gradient(loss, theta)])
        return {"loss": float(loss), "reconstruction": float(reconstruction), "kl": float(kl)}


@pytest.mark.parametrize("kl_weight", [1., .5, 0.])
def test_two_steps_agree_with_the_reference(monkeypatch, kl_weight):
    """On the same pictures and draws, two steps give the losses and the weights that the formulas give."""
    G = small_VAE(learning_rate=.02, kl_weight=kl_weight)
    reference = Reference(G, .02, kl_weight)
    table = np.random.default_rng(2).normal(size=(2, BATCH, 2)).astype("float32")
    draws = iter(table)
    monkeypatch.setattr(tf.random, "normal", lambda shape: tf.constant(next(draws)))
    for i in range(2):
        pictures = points(BATCH, 3, 2, 1, seed=i)
        G.reset_metrics()
        found, wanted = G.train_step(tf.constant(pictures)), reference.train_step(pictures, table[i])
        assert set(found) == set(wanted)
        for name in wanted:
            # Float noise, seen: 3e-6. The mean over the coordinates, or std for its square, moves kl by .1 and more.
            assert float(found[name]) == pytest.approx(wanted[name], abs=1e-5), name
    assert difference(G.encoder.get_weights() + G.decoder.get_weights(), reference.theta) < 5e-6


def test_source_loss_is_kl_weight_one_half(monkeypatch):
    """784 times the mean squared error and the mean of the divergence over two coordinates, as printed."""
    G = VAE(encoder_network(), decoder_network(), kl_weight=.5)
    pictures, epsilon = points(4, 28, 28, 1), np.random.default_rng(1).normal(size=(4, 2)).astype("float32")
    monkeypatch.setattr(tf.random, "normal", lambda shape: tf.constant(epsilon))
    mean, log_variance = (values.numpy() for values in G.encoder(pictures))
    made = G.decoder(mean + np.exp(.5 * log_variance) * epsilon).numpy()
    printed = 784 * np.mean((made - pictures) ** 2) - .5 * np.mean(1 + log_variance - mean ** 2 - np.exp(log_variance))
    assert float(G.losses_of(pictures)[0]) == pytest.approx(printed, rel=1e-5)


def test_fit_learns_and_reports():
    """The loss falls, on test pictures too; each epoch's losses are means, their sum is the loss."""
    G, pictures = small_VAE(learning_rate=.05), .8 * points(40, 3, 1, 1) + np.zeros((1, 1, 2, 1), "float32")
    history = G.fit(pictures[:32], epochs=12, batch_size=8, validation_data=(pictures[32:], pictures[32:]),
                    verbose=0).history
    assert set(history) == {name + loss for name in ("", "val_") for loss in ("loss", "reconstruction", "kl")}
    assert history["loss"][-1] < .9 * history["loss"][0] and history["val_loss"][-1] < .9 * history["val_loss"][0]
    assert history["loss"][3] == pytest.approx(history["reconstruction"][3] + history["kl"][3], abs=1e-5)


def test_a_seed_gives_one_training():
    """Two trainings from one seed end with the same weights."""
    found = []
    for _ in range(2):
        G = small_VAE(seed=8)
        G.fit(points(20, 3, 2, 1), epochs=2, batch_size=5, verbose=0)
        found.append(G.get_weights())
    assert difference(*found) < 1e-6


def test_reconstruction_uses_the_means():
    """Called, a VAE decodes the means: no noise, the same each time, as `decode` of `encode`."""
    G, pictures = small_VAE(), points(7, 3, 2, 1)
    assert difference([G(pictures)], [G.decode(G.encode(pictures))]) < 1e-6
    assert difference([G(pictures)], [G(pictures)]) == 0
    assert G.encode(pictures).shape == (7, 2)


@pytest.mark.parametrize("options, error, word", [
    (dict(encoder=3), TypeError, "encoder"), (dict(decoder="x"), TypeError, "decoder"),
    (dict(kl_weight=-1), ValueError, "kl_weight"), (dict(learning_rate=0), ValueError, "learning_rate")])
def test_bad_input(options, error, word):
    """An argument of the wrong kind or value is named."""
    G = small_VAE()
    with pytest.raises(error, match=word):
        VAE(**{"encoder": G.encoder, "decoder": G.decoder, **options})


def test_measures_of_a_perfect_and_of_a_blind_autoencoder():
    """One that gives its picture back keeps the class and the sharpness; one that gives grey keeps neither."""
    labels = np.repeat(np.arange(3), 20).astype("int32")
    pictures = (labels[:, None, None, None] == np.arange(3)[:, None, None]) + .1 * points(60, 3, 2, 1)
    data = Pictures("stripes", pictures, pictures[::2], labels, labels[::2], tuple("abc"))

    class Fixed:
        def __init__(self, blind):
            self.blind = blind

        def reconstruct(self, pictures):
            return 0 * pictures + .5 if self.blind else pictures

        def encode(self, pictures):
            rows = pictures.mean(axis=(2, 3))
            return (0 if self.blind else 1) * np.stack([rows[:, 0], rows[:, 1]], axis=1)

        def decode(self, codes):
            return np.zeros((len(codes), 3, 2, 1))

    perfect, blind = results_of(Fixed(False), data), results_of(Fixed(True), data)
    assert perfect["same_class"] == perfect["neighbours_2d"] == perfect["sharpness"] == 1
    assert blind["same_class"] < .5 and blind["neighbours_2d"] < .5 and blind["sharpness"] == 0
    assert perfect["classes_in_plane"] == 1
