"""What is changed after a GAN was built, or asked of it in a way that it cannot mean: followed, or refused in words."""

import functools
import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from tensorflow import keras

from gan.engine import settings, training
from gan.networks import fully_connected_GenDiscr
from tests.helpers import (
    WGAN_GP,
    Simple_GAN,
    WGAN_clip,
    difference,
    latent_vectors,
    points,
    same,
    set_seeds,
    small,
    state,
    steps_done,
)

TINY = dict(gen_shape=(2, 5, 3), disc_iter=1)  # the cheapest GAN to trace


@pytest.fixture(scope="module")
def G():
    return small(Simple_GAN, **TINY)


# ------------------------------------------------------------------ samples

SIZES = st.one_of(st.none(), st.integers(-3, 40), st.booleans(), st.floats(allow_nan=True), st.text(max_size=2),
                  st.integers(-3, 40).map(np.int64), st.integers(0, 40).map(np.uint8),
                  st.integers(1, 40).map(np.array),
                  st.integers(-3, 40).map(tf.constant), st.floats(0, 9).map(tf.constant), st.lists(st.integers(1, 3)),
                  st.just(np.bool_(True)), st.just(tf.constant([3])), st.just(np.array([3, 4])), st.just(1 + 0j))


@examples(deadline=None, derandomize=True, max_examples=150)
@given(size=SIZES)
def test_sizes_of_samples(G, size):
    """A sample has exactly as many rows as asked for, or there is one sentence: never 31 rows for 100."""
    for draw, most in ((G.get_real_sample, 31), (G.get_fake_sample, None)):
        try:
            rows = draw(size).shape[0]
        except (TypeError, ValueError) as error:
            assert re.match("size: expected a whole number of at least 1( and at most 31, the number of real "
                            "examples)?, got ", str(error))
            assert isinstance(error, TypeError) or not 1 <= int(size) <= (most or size)
        else:
            assert rows == (11 if size is None else int(size)) and (most is None or rows <= most)


def test_a_size_in_a_graph(G):
    """A size that a graph computes is taken as it is."""
    sizes = tf.function(lambda n: [len_of(draw(n)) for draw in (G.get_real_sample, G.get_fake_sample)], autograph=False)
    assert [int(n) for n in sizes(tf.constant(4))] == [4, 4]


def len_of(sample):
    return tf.shape(sample)[0]


@pytest.mark.parametrize("layers", [[keras.Input((3,)), keras.layers.Dense(2)], [keras.layers.Dense(2)],
                                    [keras.Input((3,)), keras.layers.Dense(6), keras.layers.Reshape((3, 2))]],
                         ids=["two", "built late", "a map"])
def test_a_critic_with_several_values(G, layers):
    """Their mean would be trained on without a word. A subclass that means it says so by `one_value = False`."""
    critic = keras.Sequential(layers)
    with pytest.raises(ValueError, match=r"^discriminator: expected one value for each example, an output of shape "
                                         r"\(None, 1\), got \(None, (3, )?2\)"):
        WGAN_GP(G.generator, critic, latent_vectors, points(31, 3), batch_size=11)

    class Several(WGAN_clip):
        one_value = False

    Several(G.generator, critic, latent_vectors, points(31, 3), batch_size=11)


# ------------------------------------------------------------------ settings

def fit(G, epochs=1, **options):
    if G.train_function is None:
        G.compile()
    G.fit(epochs=epochs, steps_per_epoch=2, verbose=0, **options)


@pytest.fixture
def traces(monkeypatch):
    made, make = [], training.make_train_steps
    monkeypatch.setattr(training, "make_train_steps", lambda G: made.append(G) or make(G))
    return made


CHANGES = {"disc_iter": 2, "lambda_gp": 0, "beta_1": .9, "batch_size": 7,
           "real_examples": points(40, 3, seed=8).astype("float64"),
           "latent_generator": lambda k: tf.random.uniform((k, 2))}


@functools.cache
def plain():
    """A GAN of whose settings none was changed, after the same fit."""
    G = small(WGAN_GP, **TINY)
    set_seeds(6)
    fit(G)
    return G


@pytest.mark.parametrize("name", CHANGES)
def test_a_setting_changed_after_a_fit_counts(name):
    """The next fit is that of a GAN which had the setting from the start, though graphs keep old values."""
    changed, new = small(WGAN_GP, **TINY), small(WGAN_GP, **TINY)
    values = state(changed)
    fit(changed)
    for variable, value in zip(changed.trained_variables(), values):
        variable.assign(value)
    for G in (changed, new):
        setattr(G, name, CHANGES[name])
        set_seeds(6)
        fit(G)
    assert same(state(changed), state(new))
    assert steps_done(plain()) != steps_done(new) or difference(state(plain()), state(new)) > 1e-4


def test_a_learning_rate_changed_after_the_start():
    """It reaches both optimizers, before the first fit and after one."""
    G = small(Simple_GAN, **TINY)
    for rate in (.1, .02):
        G.learning_rate = rate
        fit(G)
        assert G.rates() == pytest.approx([rate, rate])


def test_nothing_changed_nothing_traced(traces):
    """A graph costs a second: further fits and epochs, and attributes that are no settings, need no new one."""
    G = small(WGAN_GP, **TINY)
    fit(G, 3)
    G.count, G.note, G.found = 1, "a", [2]
    fit(G)
    G.count, G.note, G.found = 2, "b", [3]
    fit(G, 2)
    G.train_on_batch(points(3, 3))
    assert len(traces) == 1


@pytest.mark.parametrize("name, value, sentence", [
    ("disc_iter", 0, "disc_iter: expected a whole number of at least 1, got 0"),
    ("disc_iter", 2.5, "disc_iter: expected a whole number of at least 1, got 2.5"),
    ("batch_size", 99, "batch_size: expected at most 31, the number of real examples, got 99"),
    ("lambda_gp", -1, "lambda_gp: expected a finite number, zero or positive, got -1"),
    ("learning_rate", -1, "learning_rate: expected a finite positive number or a Keras schedule, got -1"),
    ("learning_rate", keras.optimizers.schedules.ExponentialDecay(.01, 1, .5), "learning_rate: a schedule can only be"),
    ("beta_1", "x", "beta_1: expected a finite number"),
    ("real_examples", points(4, 5), "real_examples: expected shape ('n', 3), the input of the discriminator"),
    ("latent_generator", 7, "latent_generator: expected a function of the number of vectors, got int"),
    ("generator", fully_connected_GenDiscr((2, 5, 3))[0], "generator: expected the network that the GAN was"),
], ids=lambda value: value if isinstance(value, str) and " " not in value else "")
def test_a_bad_setting_after_a_fit(name, value, sentence):
    """It is said when the next training begins, and nothing has trained."""
    G = plain()
    before, old = state(G), getattr(G, name)
    setattr(G, name, value)
    try:
        with pytest.raises((TypeError, ValueError), match=re.escape(sentence)):
            fit(G)
    finally:
        setattr(G, name, old)
    assert same(state(G), before)


class Unfreeze(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.discriminator.layers[1].trainable = True


def test_layers_frozen_and_unfrozen():
    """A layer moves exactly while it is trainable, without a new `compile`; also when a callback unfreezes it."""
    set_seeds(3)
    generator, discriminator, normal = fully_connected_GenDiscr((2, 5, 3))
    layer = discriminator.layers[1]
    layer.trainable = False
    G = Simple_GAN(generator, discriminator, normal, points(31, 3), batch_size=11, disc_iter=1)
    assert [one.trainable for one in discriminator.layers] == [True, False, True]
    G.compile()
    for trainable, callbacks in ((False, []), (True, []), (False, []), (False, [Unfreeze()])):
        layer.trainable = trainable
        before = layer.get_weights()
        fit(G, 2, callbacks=callbacks)
        assert (difference(layer.get_weights(), before) > 0) == (trainable or bool(callbacks))


def test_an_activation_changed_after_a_fit(traces):
    """The graph follows a layer's settings too."""
    G = small(Simple_GAN, **TINY)
    fit(G)
    G.discriminator.layers[-1].activation = keras.activations.linear
    fit(G)
    assert len(traces) == 2


# ------------------------------------------------- two GANs with one network

@pytest.mark.parametrize("shared", ["both", "discriminator"])
def test_each_gan_keeps_its_loss_and_its_optimizer(shared):
    """A second GAN on the same networks, as when a cell of a notebook runs again, does not make the first train on the
    second one's loss, at its rate."""
    G = small(Simple_GAN, **TINY)
    generator = G.generator if shared == "both" else fully_connected_GenDiscr((2, 5, 3))[0]
    H = WGAN_clip(generator, G.discriminator, latent_vectors, points(31, 3), batch_size=11, learning_rate=.002)
    for one in (G, H):
        one.compile()
    for count in (1, 2):
        fit(G)
        fit(H)
        assert G.history.history["discr_loss"][0] > .5 > abs(H.history.history["discr_loss"][0])
        assert steps_done(G) == steps_done(H) == (8 * count, 4 * count) or count
    for one, rate, loss in ((G, .005, Simple_GAN), (H, .002, WGAN_clip), (G, .005, Simple_GAN)):
        assert one.rates() == pytest.approx([rate, rate])
        assert one.discriminator.loss is loss.discriminator_loss
        losses = one.train_step(None)
        assert (float(losses["discr_loss"]) > .5) == (one is G)


def test_settings_of_the_second_gan_that_the_reader_changed():
    """What a reader gives a network through one GAN is that GAN's when it trains again."""
    G = small(Simple_GAN, **TINY)
    H = Simple_GAN(G.generator, G.discriminator, latent_vectors, points(31, 3), batch_size=11)
    own = keras.optimizers.SGD(.01)
    H.discriminator.optimizer = own
    G.train_step(None)
    assert G.discriminator.optimizer is not own
    H.train_step(None)
    assert H.discriminator.optimizer is own


def test_what_decides_a_training_does_not_depend_on_names():
    """The same networks made twice have the same settings, though Keras names their layers differently."""
    assert settings.described(small(WGAN_GP)) == settings.described(small(WGAN_GP, seed=4))
