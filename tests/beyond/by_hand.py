"""What tests of one training step by hand share: gradients by differences, small GANs that descend, in float64."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

from tests.helpers import points, set_seeds

BATCH, COUNT, RATE, LATENT, HIDDEN, PIXELS = 5, 9, .1, 2, 4, 6
layers = keras.layers


def descending(chosen_type):
    """The class with plain gradient steps: the change of its weights is the gradient itself."""
    class Descending(chosen_type):
        def new_optimizer(self, network):
            return keras.optimizers.SGD(RATE)
    return Descending


def networks(outputs=1):
    """A generator of pictures of 3 x 2, and a discriminator with a hidden layer of tanh, both with large weights."""
    generator = keras.Sequential([keras.Input((LATENT,)), layers.Dense(PIXELS), layers.Reshape((3, 2, 1))])
    discriminator = keras.Sequential([keras.Input((3, 2, 1)), layers.Flatten(), layers.Dense(HIDDEN, "tanh"),
                                      layers.Dense(outputs)])
    if outputs == PIXELS:
        discriminator.add(layers.Reshape((3, 2, 1)))
    return generator, discriminator


def build(chosen_type, outputs=1, built=None, **options):
    """A small GAN of that class and those networks (generator and discriminator; default: `networks`)."""
    set_seeds(3)
    generator, discriminator = built or networks(outputs)
    stream = np.random.default_rng(5)
    for network in (generator, discriminator):
        network.set_weights([stream.normal(size=array.shape) * .7 for array in network.get_weights()])
    return descending(chosen_type)(
        generator, discriminator, lambda k: tf.random.normal((k, LATENT)), points(COUNT, 3, 2, 1), batch_size=BATCH,
        learning_rate=RATE, disc_iter=1, **options)


def draws(*more):
    """Indices, latent vectors, what else is drawn for D, latent vectors of the generator's step."""
    stream = np.random.default_rng(11)
    return [stream.permutation(COUNT)[:BATCH], stream.normal(size=(BATCH, LATENT)).astype("float32"), *more,
            stream.normal(size=(BATCH, LATENT)).astype("float32")]


def real_rows(indices):
    """The real examples of these indices as rows in float64."""
    return points(COUNT, 3, 2, 1).reshape(COUNT, PIXELS).astype("float64")[indices]


def step(G, rows):
    """Train one step with these draws; what it returned."""
    rows = iter(rows)
    G.drawn = lambda draw: tf.convert_to_tensor(next(rows))
    returned = {name: float(value) for name, value in G.train_step(None).items()}
    assert next(rows, None) is None, "the step draws what the reference draws"
    return returned


def wide(network):
    """Its weights in float64."""
    return [array.astype("float64") for array in network.get_weights()]


def descended(arrays, loss):
    """The arrays after one gradient step; the gradient by differences, weight by weight, in float64."""
    result = [array.copy() for array in arrays]
    for array, new in zip(arrays, result):
        for place in np.ndindex(array.shape):
            old, sides = array[place], []
            for move in (1e-5, -1e-5):
                array[place] = old + move
                sides.append(loss(arrays))
            array[place] = old
            new[place] = old - RATE * (sides[0] - sides[1]) / 2e-5
    return result


def made(g, latent):
    return latent.astype("float64") @ g[0] + g[1]


def hidden(d, x):
    return np.tanh(x @ d[0] + d[1])


def judged(d, x):
    return hidden(d, x) @ d[2] + d[3]


def softplus(x):
    return np.logaddexp(0, x)


def assert_same(network, arrays):
    for got, wanted in zip(network.get_weights(), arrays):
        np.testing.assert_allclose(got, wanted, atol=2e-6)
