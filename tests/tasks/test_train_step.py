"""One training step: against the independent reference, and what it does to whom and how often."""

import numpy as np
import pytest
import tensorflow as tf

from gan.script import set_seeds
from tests.helpers import (
    WGAN_GP,
    Rows,
    Simple_GAN,
    WGAN_clip,
    difference,
    each_class,
    picture_networks,
    points,
    same,
    small,
    steps_done,
    weights,
)
from tests.reference import ReferenceGAN

BATCH, STEPS = 11, 2
# Float noise, seen in both lanes: 3e-7 in a loss, 1e-6 in a weight. Clipping once after the loop, lambda 1 instead of
# 10, one u for all or another beta_1 move some weight by .005 and more; returning the first loss moves it by .1.
LOSS_TOLERANCE, WEIGHT_TOLERANCE = 2e-6, 5e-6
CASES = [(Simple_GAN, 1, {}), (Simple_GAN, 3, {}), (WGAN_clip, 1, {}), (WGAN_clip, 3, {}),
         (WGAN_GP, 1, {"lambda_gp": 10}), (WGAN_GP, 3, {"lambda_gp": 10}), (WGAN_GP, 3, {"lambda_gp": 0})]


def fixed_draws(monkeypatch, G, disc_iter):
    """Replace all that is random in a GAN by tables; returns them as the reference takes them, step by step."""
    rng = np.random.default_rng(7)
    n = G.real_examples.shape[0]
    orders = np.array([[rng.permutation(n) for _ in range(disc_iter)] for _ in range(STEPS)])
    latent = rng.normal(size=(STEPS, disc_iter + 1, BATCH, 2)).astype("float32")
    u = rng.uniform(size=(STEPS, disc_iter, BATCH, 1)).astype("float32")
    shuffles, uniforms = iter(orders.reshape(-1, n)), iter(u.reshape(-1, BATCH, 1))
    monkeypatch.setattr(tf.random, "shuffle", lambda indices: tf.constant(next(shuffles)))
    monkeypatch.setattr(tf.random, "uniform", lambda shape: tf.reshape(tf.constant(next(uniforms)), shape))
    G.latent_generator = Rows(latent.reshape(-1, 2))
    return np.asarray(G.real_examples)[orders[:, :, :BATCH]], latent, u


@pytest.mark.parametrize("chosen_type, disc_iter, options", CASES, ids=lambda value: getattr(value, "__name__", None))
def test_two_steps_agree_with_the_reference(monkeypatch, chosen_type, disc_iter, options):
    """On the same samples, two training steps give the losses and the weights that the formulas give."""
    G = small(chosen_type, disc_iter=disc_iter, learning_rate=.02, batch_size=BATCH, **options)
    # Weights beyond 1, so that clipping shows, small enough that no tanh saturates.
    G.discriminator.set_weights([1.5 * w + .1 * points(*w.shape, 1)[..., 0] for w in G.discriminator.get_weights()])
    reference = ReferenceGAN(chosen_type.__name__, *weights(G).values(), .02, disc_iter, **options)
    for real, latent, u in zip(*fixed_draws(monkeypatch, G, disc_iter)):
        found, wanted = G.train_step(None), reference.train_step(real, latent, u)
        assert set(found) == set(wanted)
        for name in wanted:
            assert float(found[name]) == pytest.approx(wanted[name], abs=LOSS_TOLERANCE), name
    assert difference(G.discriminator.get_weights(), reference.discriminator) < WEIGHT_TOLERANCE
    assert difference(G.generator.get_weights(), reference.generator) < WEIGHT_TOLERANCE
    assert steps_done(G) == (STEPS * disc_iter, STEPS)
    assert chosen_type is not WGAN_clip or any(np.any(np.abs(w) == 1) for w in reference.discriminator), \
        "the weights were too small to see clipping"


@each_class
def test_works_alone_before_compile(chosen_type):
    """A training step called directly, on a model that was never compiled, trains and returns scalar losses."""
    G = small(chosen_type)
    before = weights(G)
    losses = G.train_step(None)
    assert sorted(losses) == ["discr_loss", "gen_loss"] + ["gp"] * (chosen_type is WGAN_GP)
    assert all(loss.shape == () and np.isfinite(loss) for loss in losses.values())
    assert not any(same([a], [b]) for name in before for a, b in zip(before[name], weights(G)[name]))
    assert steps_done(G) == (2, 1)


@each_class
def test_fake_samples_are_drawn_in_training_mode(chosen_type):
    """Each fake sample moves the moving mean of the generator's batch normalisation by one hundredth of the way."""
    set_seeds(3)
    generator, discriminator = picture_networks()
    latent = np.array([[1, -2]] * 6 + [[3, 5]] * 7, "float32")  # the same at each draw
    G = chosen_type(generator, discriminator, lambda k: tf.constant(latent[:k]), points(29, 5, 3), batch_size=13)
    kernel, bias = G.generator.get_weights()[:2]
    batch_mean = (latent @ kernel + bias).mean(axis=0)
    G.train_step(None)
    moving_mean = next(v for v in G.generator.non_trainable_variables if "mean" in getattr(v, "path", v.name))
    # Two draws for the discriminator and one for the generator, all before the generator's weights change. Off by
    # 1e-8 in both lanes; one draw less or more would be off by a third.
    assert difference([moving_mean], [batch_mean * (1 - .99 ** 3)]) < 1e-6


@pytest.mark.parametrize("disc_iter", [1, 3])
@each_class
def test_draws_a_new_fake_sample_for_each_update(chosen_type, disc_iter):
    """A step draws one batch of latent vectors for each update of the discriminator and one for the generator."""
    table = Rows(points(11 * (disc_iter + 2), 2))
    G = small(chosen_type, latent_generator=table, disc_iter=disc_iter)
    table.restart()
    G.train_step(None)
    assert table.used == 11 * (disc_iter + 1)


@pytest.mark.parametrize("moved, rate", [("generator", "discriminator"), ("discriminator", "generator")])
@each_class
def test_each_player_moves_only_its_own_weights(chosen_type, moved, rate):
    """With the other's learning rate at zero, a step changes one network and leaves the other alone."""
    G = small(chosen_type)
    getattr(G, rate).optimizer.learning_rate = 0.
    before = weights(G)
    G.train_step(None)
    assert same(weights(G)[rate], before[rate])
    assert not same(weights(G)[moved], before[moved])
