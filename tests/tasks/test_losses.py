"""Losses, clipping, interpolation and penalty on inputs whose result is known by hand."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from tests.helpers import (
    WGAN_GP,
    Simple_GAN,
    WGAN_clip,
    critic_only,
    each_class,
    points,
    small,
    small_pictures,
    weights,
)

X = tf.constant([[.5], [-.25], [.125]])  # mean .125; (x - 1)^2 is .25, 1.5625, .765625, on average .859375
Y = tf.constant([[.25], [-1.], [.9375]])  # mean .0625; (y + 1)^2 is 1.5625, 0, 3.75390625


@pytest.mark.parametrize("chosen_type, generator_loss, discriminator_loss", [
    (Simple_GAN, .859375, .859375 + 5.31640625 / 3),
    (WGAN_clip, -.125, .0625 - .125),
    (WGAN_GP, -.125, .0625 - .125),
])
def test_losses_of_known_outputs(chosen_type, generator_loss, discriminator_loss):
    """The losses of three known values, worked out on paper."""
    G = small(chosen_type)
    # Noise 1e-7; wrong signs, targets or means are off by .06 or more.
    assert float(G.generator.loss(X)) == pytest.approx(generator_loss, abs=1e-6)
    assert float(G.discriminator.loss(X, Y)) == pytest.approx(discriminator_loss, abs=1e-6)


# ------------------------------------------------------------------ clipping

@each_class
def test_only_wgan_clip_clips(chosen_type):
    """After a step with large weights, every weight and bias of WGAN_clip's critic lies in [-1, 1], and no others."""
    G = small(chosen_type, disc_iter=3)
    for network in (G.generator, G.discriminator):
        network.set_weights([3 * np.sign(w + 1e-9) + .1 * w for w in network.get_weights()])
    G.train_step(None)
    critic = G.discriminator.get_weights()
    assert all(np.abs(w).max() > 2 for w in G.generator.get_weights())
    if chosen_type is WGAN_clip:
        assert all(.95 < np.abs(w).max() <= 1 for w in critic)  # from 1, two steps of .005 inwards
    else:
        assert all(np.abs(w).max() > 2 for w in critic)


# ------------------------------------------------------------ interpolation

@pytest.mark.parametrize("make, shape", [(small, (3,)), (small_pictures, (5, 3, 1))], ids=["vectors", "pictures"])
def test_interpolation(make, shape):
    """Each interpolated example lies on the segment between its pair, at a place of its own, uniform on [0, 1]."""
    n = 2003
    G = make(WGAN_GP, real_examples=points(n, *shape), batch_size=n)
    real, fake = points(n, *shape, seed=5), points(n, *shape, seed=6) + 2
    made = np.asarray(G.get_interpolated_sample(tf.constant(real), tf.constant(fake)))
    assert made.shape == real.shape
    u = ((made - fake) / (real - fake)).reshape(n, -1)  # made = u real + (1 - u) fake
    # One u for all coordinates of an example: they differ by 1e-6 of float noise; one u per coordinate by .5.
    assert np.ptp(u, axis=1).max() < 1e-5
    u = np.sort(u[:, 0])
    assert -1e-6 < u[0] and u[-1] < 1 + 1e-6
    assert np.diff(u).max() < .01 and len(set(u)) > .99 * n
    # Kolmogorov's distance to the uniform law: above .043 in one of a thousand uniform samples of this size, above
    # .3 for normal numbers; this seed gives .015.
    assert np.abs(u - (np.arange(n) + .5) / n).max() < .043


# ------------------------------------------------------------------ penalty

class HalfSquare(keras.layers.Layer):
    """x -> |x|^2 / 2, whose gradient is x."""

    def call(self, x):
        return tf.reduce_sum(x ** 2, axis=1, keepdims=True) / 2


class One(keras.layers.Layer):
    """x -> 1, not even connected to x."""

    def call(self, x):
        return tf.ones((tf.shape(x)[0], 1))


@pytest.mark.parametrize("shape", [(3,), (5, 3, 1), (16, 16, 1)], ids=str)
def test_penalty_of_a_linear_critic(shape):
    """A linear critic with weights of norm 1.7 pays (1.7 - 1)^2 = .49, on vectors and on pictures alike."""
    direction = points(int(np.prod(shape)), 1, seed=8) - .4
    critic = keras.layers.Dense(1)
    G = critic_only(critic, shape)
    critic.set_weights([1.7 * direction / np.linalg.norm(direction), np.array([.3])])
    # Noise 1e-7; the next wrong formula (one axis, the whole batch, no root, ...) is .117 away.
    assert float(G.gradient_penalty(tf.constant(points(3, *shape)))) == pytest.approx(.49, abs=1e-6)


def test_penalty_is_a_mean_over_the_examples():
    """Gradients of norm 5, 1 and 3 pay 16, 0 and 4, on average 20/3."""
    G = critic_only(HalfSquare(), (3,))
    sample = tf.constant([[3., 4., 0.], [0., .6, .8], [1., 2., 2.]])
    assert float(G.gradient_penalty(sample)) == pytest.approx(20 / 3, abs=1e-5)


@pytest.mark.parametrize("critic, bias", [(keras.layers.Dense, .3), (keras.layers.Dense, 0.), (One, None)],
                         ids=["constant", "zero", "unconnected"])
def test_penalty_of_a_critic_without_slope(critic, bias):
    """A critic that gives every example the same value has gradient 0 and pays 1."""
    layer = critic(1) if bias is not None else critic()
    G = critic_only(layer, (3,))
    if bias is not None:
        layer.set_weights([np.zeros((3, 1)), np.array([bias])])
    assert float(G.gradient_penalty(tf.constant(points(3, 3)))) == 1


@pytest.mark.parametrize("critic", ["zero", "saturated"])
def test_training_survives_a_zero_gradient(critic):
    """Training steps from a critic whose gradient is exactly zero leave every weight a finite number."""
    G = small(WGAN_GP, learning_rate=.02)
    bias = {"zero": 0., "saturated": 30.}[critic]
    G.discriminator.set_weights([0 * w + bias * (w.ndim == 1) for w in G.discriminator.get_weights()])
    losses = [G.train_step(None) for _ in range(3)]
    assert float(losses[0]["gp"]) == 1
    assert all(np.isfinite(loss) for step in losses for loss in step.values())
    assert all(np.all(np.isfinite(w)) for network in weights(G).values() for w in network)


def test_the_guard_against_zero_does_not_move_ordinary_penalties():
    """Where no gradient is zero, the penalty and its gradient are those of the plain square root."""
    G = small(WGAN_GP)
    sample = tf.constant(points(11, 3, seed=4))

    def plain():
        with tf.GradientTape() as tape:
            tape.watch(sample)
            values = G.discriminator(sample, training=True)
        gradients = tape.gradient(values, sample)
        return tf.reduce_mean((tf.sqrt(tf.reduce_sum(gradients ** 2, axis=1)) - 1) ** 2)

    results = []
    for penalty in (plain, lambda: G.gradient_penalty(sample)):
        with tf.GradientTape() as tape:
            value = penalty()
        slopes = tape.gradient(value, G.discriminator.trainable_variables, unconnected_gradients="zero")
        results.append([np.asarray(value), *map(np.asarray, slopes)])
    worst = max(np.max(np.abs(a - b)) for a, b in zip(*results))
    # Equal to the last bit in both lanes; an epsilon of 1e-6 under the root moves the penalty by 1.5e-6.
    assert worst < 1e-7
