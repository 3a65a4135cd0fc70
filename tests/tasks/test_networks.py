"""The networks and the latent generators: sizes, activations seen in their values, ranges."""

import numpy as np
import pytest
import tensorflow as tf

from gan.networks import fully_connected_GenDiscr, normal_generator, spheric_generator, uniform_generator
from gan.script import set_seeds
from tests.helpers import convolutional_GenDiscr


def parameters(network):
    """All parameters and those that are not trained."""
    return network.count_params(), sum(int(np.prod(v.shape)) for v in network.non_trainable_variables)


@pytest.mark.parametrize("make, in_generator, in_discriminator", [
    (lambda: fully_connected_GenDiscr([1, 100, 100, 2], None), (10502, 0), (10501, 0)),
    (lambda: fully_connected_GenDiscr([2, 10, 10, 5]), (195, 0), (181, 0)),
    (convolutional_GenDiscr, (339493, 162), (388097, 0)),
], ids=["circle", "clouds", "faces"])
def test_parameter_counts(make, in_generator, in_discriminator):
    """The networks have as many parameters as the course's summaries show."""
    generator, discriminator = make()[:2]
    assert parameters(generator) == in_generator
    assert parameters(discriminator) == in_discriminator


def shapes(network):
    """Output shapes of the layers behind the input, without the batch axis."""
    return [tuple(layer.output.shape[1:]) for layer in network.layers[1:]]


def test_shapes_of_the_dense_networks():
    """The discriminator has the generator's hidden layers in the reverse order."""
    generator, discriminator, _ = fully_connected_GenDiscr([2, 5, 7, 3])
    assert shapes(generator) == [(5,), (7,), (3,)]
    assert shapes(discriminator) == [(7,), (5,), (1,)]
    assert generator.input_shape == (None, 2) and discriminator.input_shape == (None, 3)


def test_shapes_of_the_convolutional_networks():
    """The generator doubles a picture three times, the discriminator halves it four times."""
    generator, discriminator = convolutional_GenDiscr()
    stages = [s for i, s in enumerate(shapes(generator)) if s not in shapes(generator)[:i]]
    assert stages == [(2048,), (2, 2, 512), (4, 4, 512), (4, 4, 64), (8, 8, 64), (8, 8, 16), (16, 16, 16), (16, 16, 1)]
    stages = [s for i, s in enumerate(shapes(discriminator)) if s not in shapes(discriminator)[:i]]
    assert stages == [(16, 16, 32), (8, 8, 32), (8, 8, 64), (4, 4, 64), (4, 4, 128), (2, 2, 128), (2, 2, 256),
                      (1, 1, 256), (256,), (1,)]


# ------------------------------- the same networks once more, in plain NumPy

def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def convolution(x, kernel, bias):
    """3 x 3, zeros around the picture; x (batch, height, width, channels)."""
    height, width = x.shape[1:3]
    around = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return bias + sum(around[:, i:i + height, j:j + width] @ kernel[i, j] for i in range(3) for j in range(3))


def normalisation(x, gamma, beta, mean, variance):
    return gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta


def largest_of_four(x):
    batch, height, width, channels = x.shape
    return x.reshape(batch, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))


def dense_by_hand(x, values, last):
    *pairs, (kernel, bias) = list(zip(values[::2], values[1::2]))
    for hidden_kernel, hidden_bias in pairs:
        x = np.tanh(x @ hidden_kernel + hidden_bias)
    return last(x @ kernel + bias)


def faces_generator_by_hand(x, values):
    kernel, bias, *values = values
    x = np.tanh(x @ kernel + bias).reshape(-1, 2, 2, 512)
    for i in (0, 6, 12):
        x = x.repeat(2, axis=1).repeat(2, axis=2)
        x = np.tanh(normalisation(convolution(x, *values[i:i + 2]), *values[i + 2:i + 6]))
    return x


def faces_discriminator_by_hand(x, values):
    for i in (0, 2, 4, 6):
        x = np.tanh(largest_of_four(convolution(x, *values[i:i + 2])))
    return np.tanh(x.reshape(len(x), -1) @ values[8] + values[9])


@pytest.mark.parametrize("make, which, by_hand", [
    (lambda: fully_connected_GenDiscr([2, 5, 7, 3]), 0, lambda x, values: dense_by_hand(x, values, sigmoid)),
    (lambda: fully_connected_GenDiscr([2, 5, 7, 3]), 1, lambda x, values: dense_by_hand(x, values, np.tanh)),
    (convolutional_GenDiscr, 0, faces_generator_by_hand),
    (convolutional_GenDiscr, 1, faces_discriminator_by_hand),
], ids=["dense generator", "dense discriminator", "faces generator", "faces discriminator"])
def test_values_for_known_weights(make, which, by_hand):
    """For weights and inputs large enough that every activation shows, a network gives the values of its formula."""
    rng = np.random.default_rng(11)
    set_seeds(1)
    network = make()[which]
    values = [rng.uniform(.1, .9, w.shape) if w.ndim == 1 else 2 * w for w in network.get_weights()]
    network.set_weights(values)
    x = rng.normal(0, 2, (13, *network.input_shape[1:]))
    found, wanted = np.asarray(network(x.astype("float32"), training=False)), by_hand(x, values)
    # Float noise is up to 4e-6 in both lanes; an activation left out or replaced moves some value by .1 or more.
    np.testing.assert_allclose(found, wanted, atol=3e-5)


def test_both_dense_layers_of_the_faces_have_tanh():
    """With huge inputs the generator's first layer and the discriminator's last one end at -1 and 1."""
    generator, discriminator = convolutional_GenDiscr()
    first = tf.keras.Model(generator.input, generator.layers[1].output)
    values = np.asarray(first(1e4 * np.random.default_rng(2).normal(size=(7, 16)).astype("float32")))
    assert np.abs(values).max() == 1 and np.mean(np.abs(values) > .999) > .99
    discriminator.layers[-1].set_weights([1e4 * w for w in discriminator.layers[-1].get_weights()])
    values = np.asarray(discriminator(np.random.default_rng(2).normal(size=(7, 16, 16, 1)).astype("float32")))
    assert np.all(np.abs(values) <= 1) and np.abs(values).max() > .999


# --------------------------------------------------------- latent generators

@pytest.mark.parametrize("latent_type, formula", [
    ("uniform", lambda: tf.random.uniform((1009, 3))),
    ("normal", lambda: tf.random.normal((1009, 3))),
    ("spheric", lambda: (lambda u: u / np.sqrt((u ** 2).sum(axis=1, keepdims=True) + 1e-8))(
        np.asarray(tf.random.normal((1009, 3))))),
])
def test_latent_vectors_follow_their_formula(latent_type, formula):
    """The latent generator makes k vectors of the first width, from one draw of TensorFlow's stream."""
    latent_generator = fully_connected_GenDiscr([3, 5, 7, 2], None, latent_type)[2]
    set_seeds(5)
    found = latent_generator(1009)
    set_seeds(5)
    np.testing.assert_allclose(found, formula(), rtol=1e-6)  # seen: 1.2e-7, one unit in the last place
    assert latent_generator(13).shape == (13, 3)


def test_default_latent_vectors_are_normal():
    """Without a type, latent vectors are normal: mean near 0, standard deviation near 1, some beyond 3."""
    set_seeds(5)
    values = np.asarray(fully_connected_GenDiscr([3, 5, 7, 2])[2](2003)).ravel()
    # Standard errors of 6009 values: .013 and .009.
    assert abs(values.mean()) < .05 and abs(values.std() - 1) < .04 and np.abs(values).max() > 3


def test_ranges_of_the_latent_generators():
    """Uniform vectors fill [0, 1), spheric ones have length 1 and point everywhere."""
    set_seeds(5)
    uniform, spheric = np.asarray(uniform_generator(1009, 3)), np.asarray(spheric_generator(1009, 3))
    assert 0 <= uniform.min() < .01 and .99 < uniform.max() < 1 and abs(uniform.mean() - .5) < .03
    np.testing.assert_allclose(np.linalg.norm(spheric, axis=1), 1, atol=1e-6)
    assert np.all(np.abs(spheric.mean(axis=0)) < .06)  # standard error .018
    assert set(np.sign(np.asarray(spheric_generator(101, 1))).ravel()) == {-1, 1}
    assert normal_generator(7, 5).shape == (7, 5)
