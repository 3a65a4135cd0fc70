"""Training steps ahead: random numbers of many steps first, then their arithmetic compiled: same numbers."""

import re

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from gan.engine import loops
from gan.networks import fully_connected_GenDiscr
from tests.helpers import (
    KERAS_3,
    Simple_GAN,
    WGAN_clip,
    difference,
    each_class,
    points,
    set_seeds,
    small,
    small_pictures,
    steps_done,
    weights,
)

# Rounding grows along a training: losses differ by 2e-7 over the first 50 steps, by up to 7e-5 after 220 steps of
# these nets at learning rate .005 (WGAN_GP). Random numbers of another stream change them by .01 from the first step.
EARLY, LATE = 2e-6, 1e-3


def assert_same_training(found, expected):
    assert found.shape == expected.shape
    np.testing.assert_allclose(found[:50], expected[:50], atol=EARLY)
    np.testing.assert_allclose(found, expected, atol=LATE)


def tiny():
    """The cheapest GAN to trace."""
    return small(Simple_GAN, gen_shape=(2, 5, 3), disc_iter=1)


def trained(chosen_type, at_once, epochs=2, steps=110, make=small, more=0, **options):
    """A GAN after so many steps, and `more` steps in a second fit, and the losses of each of them."""
    if make is small:
        options = {"gen_shape": (2, 5, 3), "disc_iter": 1, **options}
    G = make(chosen_type, **options)
    losses = []

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            losses.extend(list(one.values()) for one in self.model.epoch_losses)

    set_seeds(7)
    G.compile(steps_per_execution=at_once)
    G.fit(epochs=epochs, steps_per_epoch=steps, verbose=0, callbacks=[Keep()])
    if more:
        G.fit(epochs=1, steps_per_epoch=more, verbose=0, callbacks=[Keep()])
    return G, np.array(losses)


@pytest.fixture
def used(monkeypatch):
    """The sizes of the calls that drew ahead."""
    sizes = []
    run = loops._DrawnAhead.run

    def watched(self, steps, then=0):
        sizes.append(steps)
        return run(self, steps, then)

    monkeypatch.setattr(loops._DrawnAhead, "run", watched)
    return sizes


@each_class
def test_equal_up_to_rounding(chosen_type, used):
    """100 steps a call, where 110 are an epoch: every loss and every weight as one by one.

    A second fit draws what would have come next, not the first numbers again.
    """
    one, expected = trained(chosen_type, 1, disc_iter=2, more=9)
    assert not used
    many, found = trained(chosen_type, 100, disc_iter=2, more=9)
    assert used == [100, 10, 100, 10, 9]
    assert len(found) == 229
    assert_same_training(found, expected)
    for network in ("generator", "discriminator"):
        assert difference(weights(one)[network], weights(many)[network]) < 10 * LATE
    assert steps_done(many) == steps_done(one) == (458, 229)


@pytest.mark.parametrize("width", [64, 65])
def test_wide_layers(width):
    """The XLA of TensorFlow 2.15 takes longer for wide layers than TensorFlow, so there they are not compiled."""
    G = small(Simple_GAN, gen_shape=(2, width, 3), disc_iter=1)
    G.compile(steps_per_execution=100)
    G.make_train_function()
    assert isinstance(G.train_steps, loops._DrawnAhead) is (KERAS_3 or width == 64)


def test_another_stream_would_be_seen():
    """The same training from another seed is far outside both tolerances."""
    _, losses = trained(Simple_GAN, 1, epochs=1, steps=60)
    G = small(Simple_GAN, gen_shape=(2, 5, 3), disc_iter=1)
    set_seeds(8)
    G.compile()
    history = G.fit(epochs=1, steps_per_epoch=60, verbose=0).history
    assert abs(history["discr_loss"][-1] - losses[-1][0]) > 5 * LATE


def test_a_step_that_draws_by_itself(used):
    """A subclass whose train_step draws random numbers in its own way trains as before, from the same stream."""
    class Noisy(Simple_GAN):
        def train_step(self, useless_argument):
            losses = super().train_step(useless_argument)
            return {**losses, "noise": tf.random.normal(())}

    _, expected = trained(Noisy, 1, epochs=1)
    _, found = trained(Noisy, 100, epochs=1)
    assert not used
    assert np.array_equal(found, expected) and np.ptp(found[:, 2]) > 1


def test_a_subclass_with_a_step_of_its_own(used):
    """One that draws through the methods of the class is run ahead without knowing of it."""
    class Own(WGAN_clip):
        def train_step(self, useless_argument):
            with tf.GradientTape() as tape:
                fake = self.get_fake_sample(training=True)
                loss = tf.reduce_mean(fake ** 2) + 0 * tf.reduce_mean(self.get_real_sample())
            variables = self.generator.trainable_variables
            self.generator.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
            return {"loss": loss}

    _, expected = trained(Own, 1, epochs=1)
    _, found = trained(Own, 100, epochs=1)
    assert used == [100, 10]
    assert_same_training(found, expected)


def test_dropout_is_not_run_ahead(used):
    """A layer with random numbers of its own keeps the plain loop, where its numbers follow the seed."""
    def make(chosen_type):
        set_seeds(3)
        generator, _, normal = fully_connected_GenDiscr([2, 5, 7, 3])
        discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(5), keras.layers.Dropout(.5),
                                          keras.layers.Dense(1, activation="tanh")])
        return chosen_type(generator, discriminator, normal, points(31, 3), batch_size=11)

    _, losses = trained(Simple_GAN, 100, epochs=1, make=make)
    assert not used and np.ptp(losses[:, 0]) > .01


def test_convolutions_are_not_run_ahead(used):
    """XLA is slower than TensorFlow's own convolutions on a CPU."""
    _, expected = trained(Simple_GAN, 1, epochs=1, steps=100, make=small_pictures, disc_iter=1)
    _, found = trained(Simple_GAN, 100, epochs=1, steps=100, make=small_pictures, disc_iter=1)
    assert not used and np.array_equal(found, expected)


def test_a_latent_generator_without_a_fixed_shape(used):
    """Latent vectors whose number TensorFlow does not know beforehand are drawn in the plain loop."""
    def latent(k):
        return tf.random.normal((k + tf.cast(tf.random.uniform(()), tf.int32), 2))

    _, losses = trained(Simple_GAN, 100, epochs=1, latent_generator=latent)
    assert not used and np.isfinite(losses).all()


def test_long_calls_run_in_equal_parts(used):
    """250 steps a call are five programs of 50, so that one compiled program serves them all."""
    _, expected = trained(Simple_GAN, 1, epochs=1, steps=250)
    _, found = trained(Simple_GAN, 250, epochs=1, steps=250)
    assert used == [250]
    assert_same_training(found, expected)


def test_rate_changes_reach_the_compiled_steps(used):
    """A callback that changes the learning rate changes what the compiled program does."""
    def rates(epoch):
        return .005 if epoch == 0 else 0.

    G = tiny()
    G.compile(steps_per_execution=100)
    kept = []

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            kept.append(self.model.generator.get_weights())

    G.fit(epochs=2, steps_per_epoch=100, verbose=0,
          callbacks=[keras.callbacks.LearningRateScheduler(rates), Keep()])
    assert used == [100, 100] and difference(*kept) == 0


# ------------------------------------------------------- plain compile() and fit()

@pytest.fixture
def calls(monkeypatch):
    """The sizes of the calls in one graph."""
    sizes = []
    run = loops._InOneGraph.run

    def watched(self, steps, then=0):
        sizes.append(steps)
        return run(self, steps, then)

    monkeypatch.setattr(loops._InOneGraph, "run", watched)
    return sizes


@each_class
def test_plain_fit_trains_many_steps_a_call(chosen_type, calls):
    """Where nobody looks at single steps plain compile() takes fifty at a time: every bit as one by one."""
    G, H = (small(chosen_type, gen_shape=(2, 5, 3), disc_iter=1) for _ in range(2))
    for model, options in ((G, {}), (H, {"steps_per_execution": 1})):
        set_seeds(7)
        model.compile(**options)
        model.history_of = model.fit(epochs=2, steps_per_epoch=60, verbose=0).history
    assert calls == [50, 10, 50, 10] + [1] * 120
    assert difference(weights(G)["generator"], weights(H)["generator"]) == 0
    assert G.history_of == H.history_of and steps_done(G) == steps_done(H)


class Batches(keras.callbacks.Callback):
    """Looks at single steps."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def on_train_batch_end(self, batch, logs=None):
        self.count += 1


def test_who_looks_at_single_steps_sees_them(calls):
    """Callbacks with a hook for batches are called after each step, also one made of functions."""
    G, seen, watching = tiny(), [], Batches()
    G.compile()
    G.fit(epochs=1, steps_per_epoch=7, verbose=0, callbacks=watching)
    G.fit(epochs=1, steps_per_epoch=7, verbose=0,
          callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))])
    assert watching.count == 7 and seen == list(range(7)) and calls == [1] * 14
    G.fit(epochs=1, steps_per_epoch=7, verbose=0)
    assert calls[14:] == [7]


def test_slow_steps_stay_single(calls):
    """Convolutions and large networks show each of their steps."""
    for G in (small_pictures(Simple_GAN, disc_iter=1), small(Simple_GAN, gen_shape=(2, 400, 250, 3), disc_iter=1)):
        G.compile()
        G.fit(epochs=1, steps_per_epoch=3, verbose=0)
    assert calls == [1] * 6


def test_bar_of_plain_fit(capsys):
    """The bar's mean counts all steps of a call."""
    shown = []
    for options in ({}, {"steps_per_execution": 1}):
        G = tiny()
        set_seeds(7)
        G.compile(**options)
        G.fit(epochs=1, steps_per_epoch=60, verbose=1)
        shown.append(re.findall(r"(discr_loss|gen_loss): ([\d.e-]+)", capsys.readouterr().out)[-2:])
    assert [name for name, _ in shown[0]] == ["discr_loss", "gen_loss"] and shown[0] == shown[1]
