"""The two losses that are only in the room of the losses, DRAGAN and BEGAN: one step of each, by hand."""

import numpy as np
import pytest

from beyond import losses
from beyond.losses import BEGAN, DRAGAN
from beyond.ring import SaturatingGAN
from tests.beyond.by_hand import (
    BATCH,
    PIXELS,
    assert_same,
    build,
    descended,
    draws,
    hidden,
    judged,
    layers,
    made,
    real_rows,
    softplus,
    step,
    wide,
)

BLUR = np.random.default_rng(7).normal(size=(BATCH, 3, 2, 1)).astype("float32")


@pytest.mark.parametrize("lambda_gp, noise", [(0, .3), (3, 0), (3, .4)])
def test_a_step_of_DRAGAN(lambda_gp, noise):
    """The minimax game, and the slope near real examples, by the chain rule: kernel diag(1 - h^2) kernel'."""
    G = build(DRAGAN, 1, lambda_gp=lambda_gp, noise=noise)
    g, d = wide(G.generator), wide(G.discriminator)
    indices, first, _, second = draws(BLUR)
    real = real_rows(indices)
    near = real + noise * BLUR.reshape(BATCH, PIXELS)

    def penalty(d):
        slopes = ((1 - hidden(d, near) ** 2) * d[2][:, 0]) @ d[0].T  # (batch, pixels)
        return np.mean((np.linalg.norm(slopes, axis=1) - 1) ** 2)

    def discr_loss(d):
        return (softplus(-judged(d, real)).mean() + softplus(judged(d, made(g, first))).mean()) / 2

    returned = step(G, draws(BLUR))
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
    rows = draws(BLUR)
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
    indices, first, second = draws()
    real = real_rows(indices)

    def error(d, x):
        return np.abs(x - judged(d, x)).mean()

    def discr_loss(d):
        return error(d, real) - k * error(d, made(g, first))

    returned = step(G, draws())
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
        assert np.sign(step(G, draws())["k"] - .5) == sign


def test_BEGAN_has_the_generator_of_the_others():
    """Only the discriminator is another one: an autoencoder, through 16 numbers."""
    generator, discriminator, _ = losses.autoencoder_GenDiscr()
    assert generator.count_params() == losses.dense_GenDiscr()[0].count_params()
    assert discriminator.count_params() == 2 * (784 * 256 + 256 * 16) + 256 + 16 + 256 + 784
    assert discriminator.output_shape == discriminator.input_shape == (None, 28, 28, 1)
    assert 16 in [layer.units for layer in discriminator.layers if isinstance(layer, layers.Dense)]


@pytest.mark.parametrize("chosen_type, option, value", [
    (DRAGAN, "lambda_gp", -1), (DRAGAN, "noise", -1), (DRAGAN, "noise", "much"), (BEGAN, "balance", 0),
    (BEGAN, "k_rate", -1), (BEGAN, "balance", float("nan"))])
def test_bad_arguments(chosen_type, option, value):
    """One sentence that names the argument and the value."""
    with pytest.raises((TypeError, ValueError), match=rf"^{option}: expected .* got {value!r}"):
        build(chosen_type, PIXELS if chosen_type is BEGAN else 1, **{option: value})
