"""The two losses that are only in the room of the losses, DRAGAN and BEGAN: one step of each, by hand."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond import losses
from beyond.losses import BEGAN, DRAGAN
from beyond.ring import SaturatingGAN
from tests.helpers import points, set_seeds

BATCH, COUNT, RATE, LATENT, HIDDEN, PIXELS = 5, 9, .1, 2, 4, 6
layers = keras.layers


def build(chosen_type, outputs, **options):
    """A small GAN of pictures of 3 x 2 with plain gradient steps; D has a hidden layer of tanh."""
    class Descending(chosen_type):
        def new_optimizer(self, network):
            return keras.optimizers.SGD(RATE)

    set_seeds(3)
    generator = keras.Sequential([keras.Input((LATENT,)), layers.Dense(PIXELS), layers.Reshape((3, 2, 1))])
    discriminator = keras.Sequential([keras.Input((3, 2, 1)), layers.Flatten(), layers.Dense(HIDDEN, "tanh"),
                                      layers.Dense(outputs)])
    if outputs == PIXELS:
        discriminator.add(layers.Reshape((3, 2, 1)))
    stream = np.random.default_rng(5)
    for network in (generator, discriminator):
        network.set_weights([stream.normal(size=array.shape) * .7 for array in network.get_weights()])
    G = Descending(generator, discriminator, lambda k: tf.random.normal((k, LATENT)), points(COUNT, 3, 2, 1),
                   batch_size=BATCH, learning_rate=RATE, disc_iter=1, **options)
    return G


def draws(noisy):
    """Indices, latent vectors, noise if there is any, latent vectors of the generator's step."""
    stream = np.random.default_rng(11)
    rows = [stream.permutation(COUNT)[:BATCH], stream.normal(size=(BATCH, LATENT)).astype("float32")]
    rows += [stream.normal(size=(BATCH, 3, 2, 1)).astype("float32")] * noisy
    return [*rows, stream.normal(size=(BATCH, LATENT)).astype("float32")]


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


def judged(d, x):
    return np.tanh(x @ d[0] + d[1]) @ d[2] + d[3]


def softplus(x):
    return np.logaddexp(0, x)


def assert_same(network, arrays):
    for got, wanted in zip(network.get_weights(), arrays):
        np.testing.assert_allclose(got, wanted, atol=2e-6)


@pytest.mark.parametrize("lambda_gp, noise", [(0, .3), (3, 0), (3, .4)])
def test_a_step_of_DRAGAN(lambda_gp, noise):
    """The minimax game, and the slope near real examples, by the chain rule: kernel diag(1 - h^2) kernel'."""
    G = build(DRAGAN, 1, lambda_gp=lambda_gp, noise=noise)
    g, d = wide(G.generator), wide(G.discriminator)
    indices, first, blur, second = draws(True)
    real = points(COUNT, 3, 2, 1).reshape(COUNT, PIXELS).astype("float64")[indices]
    near = real + noise * blur.reshape(BATCH, PIXELS)

    def penalty(d):
        slopes = ((1 - np.tanh(near @ d[0] + d[1]) ** 2) * d[2][:, 0]) @ d[0].T  # (batch, pixels)
        return np.mean((np.linalg.norm(slopes, axis=1) - 1) ** 2)

    def discr_loss(d):
        return (softplus(-judged(d, real)).mean() + softplus(judged(d, made(g, first))).mean()) / 2

    returned = step(G, draws(True))
    assert returned["discr_loss"] == pytest.approx(discr_loss(d), abs=1e-5)
    assert returned["gp"] == pytest.approx(penalty(d), abs=1e-5)
    d = descended(d, lambda d: discr_loss(d) + lambda_gp * penalty(d))
    assert_same(G.discriminator, d)

    def gen_loss(g):  # mean log(1 - D)
        return -softplus(judged(d, made(g, second))).mean()

    assert returned["gen_loss"] == pytest.approx(gen_loss(g), abs=1e-5)
    assert_same(G.generator, descended(g, gen_loss))


def test_DRAGAN_without_its_penalty_is_minimax():
    """lambda 0: the weights after a step are those of the class that it extends."""
    rows = draws(True)
    one, other = build(DRAGAN, 1, lambda_gp=0), build(SaturatingGAN, 1)
    step(one, rows)
    step(other, [*rows[:2], rows[3]])
    for network in ("generator", "discriminator"):
        assert_same(getattr(one, network), getattr(other, network).get_weights())


@pytest.mark.parametrize("k", [0., .6, .9999])
def test_a_step_of_BEGAN(k):
    """Both losses are errors of the autoencoder; k moves by what is missing to the balance, and stays in [0, 1]."""
    G = build(BEGAN, PIXELS, balance=.7, k_rate=2.)
    G.k.assign(k)
    g, d = wide(G.generator), wide(G.discriminator)
    indices, first, second = draws(False)
    real = points(COUNT, 3, 2, 1).reshape(COUNT, PIXELS).astype("float64")[indices]

    def error(d, x):
        return np.abs(x - judged(d, x)).mean()

    def discr_loss(d):
        return error(d, real) - k * error(d, made(g, first))

    returned = step(G, draws(False))
    real_error = error(d, real)
    assert returned["discr_loss"] == pytest.approx(discr_loss(d), abs=1e-5)
    d = descended(d, discr_loss)
    assert_same(G.discriminator, d)
    gen_error = error(d, made(g, second))
    assert returned["gen_loss"] == pytest.approx(gen_error, abs=1e-5)
    assert_same(G.generator, descended(g, lambda g: error(d, made(g, second))))
    imbalance = .7 * real_error - gen_error
    assert returned["k"] == pytest.approx(np.clip(k + 2 * imbalance, 0, 1), abs=1e-5)
    assert returned["convergence"] == pytest.approx(real_error + abs(imbalance), abs=1e-5)


def test_k_waits_while_fakes_are_made_again_too_well():
    """k is led: it falls, not below 0, while fakes cost more than their share, and grows while they cost less."""
    for scale, sign in ((1e-3, 1), (30., -1)):
        G = build(BEGAN, PIXELS, k_rate=.01)
        G.k.assign(.5)
        G.generator.set_weights([array * scale for array in G.generator.get_weights()])
        G.discriminator.set_weights([array * 0 for array in G.discriminator.get_weights()])  # AE gives 0: |x| is lost
        assert np.sign(step(G, draws(False))["k"] - .5) == sign


def test_BEGAN_has_the_generator_of_the_others():
    """Only the discriminator is another one: an autoencoder, through 64 numbers."""
    generator, discriminator, _ = losses.autoencoder_GenDiscr()
    assert generator.count_params() == losses.dense_GenDiscr()[0].count_params()
    assert discriminator.output_shape == discriminator.input_shape == (None, 28, 28, 1)
    assert 64 in [layer.units for layer in discriminator.layers if isinstance(layer, layers.Dense)]


@pytest.mark.parametrize("chosen_type, option, value", [
    (DRAGAN, "lambda_gp", -1), (DRAGAN, "noise", -1), (DRAGAN, "noise", "much"), (BEGAN, "balance", 0),
    (BEGAN, "k_rate", -1), (BEGAN, "balance", float("nan"))])
def test_bad_arguments(chosen_type, option, value):
    """One sentence that names the argument and the value."""
    with pytest.raises((TypeError, ValueError), match=rf"^{option}: expected .* got {value!r}"):
        build(chosen_type, PIXELS if chosen_type is BEGAN else 1, **{option: value})
