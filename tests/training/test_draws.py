"""Random numbers in a compiled training step: every step gets numbers of its own, wherever they come from."""

import functools
import os
import random
import secrets
import warnings

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats
from tensorflow import keras

from gan.engine import draws
from gan.engine.long_run import LongRun
from gan.networks import fully_connected_GenDiscr
from tests.helpers import KERAS_3, Simple_GAN, WGAN_clip, points, same, set_seeds, small, state

OWN = np.random.default_rng(5)
GENERATOR = tf.random.Generator.from_seed(5)
OLD = np.random.RandomState(5)
PYTHONS, SYSTEM = random.Random(5), random.SystemRandom()


def one_after_the_other(draw):
    """A generator object: each `next` goes on behind its `yield`."""
    while True:
        yield draw()


STREAM = one_after_the_other(lambda: OWN.normal(size=(11, 2)).astype("float32"))
TENSORS = one_after_the_other(lambda: tf.random.normal((11, 2)))


def with_layers(k):
    """A loop: TensorFlow makes a function of its body."""
    return tf.map_fn(lambda i: tf.random.normal((2,)), tf.zeros(k))


KINDS = {
    "TensorFlow": lambda k: tf.random.normal((k, 2)),
    "NumPy": lambda k: np.random.normal(size=(k, 2)),
    "a generator of NumPy": lambda k: OWN.normal(size=(k, 2)).astype("float32"),
    "Python": lambda k: [[random.random(), random.random()] for _ in range(k)],
    "both": lambda k: tf.random.normal((k, 2)) + np.random.normal(size=(k, 2)).astype("float32"),
    "not traceable": lambda k: tf.random.normal((k, 2)).numpy(),
    "seeded": lambda k: tf.random.normal((k, 2), seed=3),
    "compiled": tf.function(lambda k: tf.random.normal((k, 2)), autograph=False),
    "a loop": with_layers,
    "a drawn seed": lambda k: tf.random.stateless_normal((k, 2), seed=[random.randrange(10 ** 9), 1]),
    "a generator of TensorFlow": lambda k: GENERATOR.normal((k, 2)),
    "an old generator of NumPy": lambda k: OLD.normal(size=(k, 2)),
    "a generator of Python": lambda k: [[PYTHONS.gauss(0, 1), PYTHONS.gauss(0, 1)] for _ in range(k)],
    "the system's numbers": lambda k: [[SYSTEM.random(), SYSTEM.gauss(0, 1)] for _ in range(k)],
    "secrets": lambda k: [[secrets.randbelow(10 ** 6) / 10 ** 6, 1.] for _ in range(k)],
    "bytes of the system": lambda k: np.frombuffer(os.urandom(2 * k), "uint8").reshape(k, 2) / 255,
    "scipy": lambda k: stats.norm.rvs(size=(k, 2)),
    "scipy with a generator": lambda k: stats.uniform(-1, 2).rvs(size=(k, 2), random_state=OWN),
    "next": lambda k: next(STREAM),
    "next of tensors": lambda k: next(TENSORS),
    "an initializer": lambda k: keras.initializers.RandomNormal()((k, 2)),
}


class Watched(Simple_GAN):
    """Keeps the latent vectors of its steps."""

    def get_fake_sample(self, size=None, training=False):
        latent_vectors = self.drawn(lambda: self.latent_generator(size or self.batch_size))
        tf.py_function(lambda z: self.seen.append(z.numpy().tobytes()), [latent_vectors], [])
        return self.generator(latent_vectors, training=training)


def seen(latent_generator, at_once, steps):
    G = small(Watched, gen_shape=(2, 5, 3), latent_generator=latent_generator)
    object.__setattr__(G, "seen", [])
    G.compile(steps_per_execution=at_once)
    G.fit(epochs=1, steps_per_epoch=steps, verbose=0)
    return G.seen


@pytest.mark.parametrize("kind, at_once, steps", [*((kind, 1, 3) for kind in KINDS), ("NumPy", 50, 60),
                                                  ("both", 100, 110), ("compiled", 7, 15)])
def test_every_step_and_every_place_draws_anew(kind, at_once, steps):
    """A graph keeps a number of NumPy or Python for ever, and a compiled sampler repeats itself within a step: all
    three samples of all steps must differ."""
    found = seen(KINDS[kind], at_once, steps)
    assert len(found) == 3 * steps == len(set(found))


def test_frozen_numbers_would_be_seen(monkeypatch):
    """Without the remedy NumPy's latent vectors are three in all, so the test above does look."""
    monkeypatch.setattr(draws, "_looked_at", lambda draw: draw)
    monkeypatch.setattr(draws, "refuse_frozen", lambda name, method: None)
    monkeypatch.setattr(draws, "made_without_luck", lambda name, make: make())
    assert len(set(seen(KINDS["NumPy"], 1, 5))) == 3


@pytest.mark.parametrize("kind", ["NumPy", "a generator of NumPy", "compiled"])
def test_a_sampler_in_a_graph_of_ones_own(kind):
    """`get_fake_sample` called in the reader's own tf.function draws anew as well."""
    G = small(Simple_GAN, latent_generator=KINDS[kind])
    sample = tf.function(lambda: G.get_fake_sample(5), autograph=False)
    assert not np.array_equal(sample(), sample())


FIXED = {"stateless": lambda k: tf.random.stateless_normal((k, 2), seed=[1, 2]),
         "an initializer with a seed": lambda k: keras.initializers.RandomNormal(seed=3)((k, 2))}
if KERAS_3:
    FIXED["keras.random with a seed"] = lambda k: keras.random.normal((k, 2), seed=3)


@pytest.mark.parametrize("kind", FIXED)
def test_a_fixed_seed_is_refused(kind):
    """Random vectors that are the same at every call are no latent vectors: the sentence says what to write."""
    with pytest.raises(ValueError, match=r"^latent_generator: expected other random vectors at every call, got the "
                                         r"same .*; write tf.random.normal\(\(k, n\)\)"):
        small(Simple_GAN, latent_generator=FIXED[kind])


def test_a_table_is_allowed_and_said():
    """A table of latent vectors is what somebody wanted, so it trains; but a reader who did not gets a warning."""
    table = tf.constant(points(11, 2))
    G = small(Simple_GAN, latent_generator=lambda k: table[:k])
    G.compile()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        G.train_step(None)
    with pytest.warns(UserWarning, match="^latent_generator: gives the same vectors at every call"):
        G.fit(epochs=1, steps_per_epoch=2, verbose=0)


@pytest.mark.filterwarnings("ignore:latent_generator")
def test_a_cache():
    """A tensor that is kept from one trace is unknown to the next: said in a sentence, not by its name in a graph."""
    kept = functools.lru_cache(None)(lambda k: tf.random.normal((k, 2)))
    G = small(Simple_GAN, gen_shape=(2, 5, 3), latent_generator=lambda k: kept(k))
    G.compile()
    with pytest.raises(ValueError, match="^drawn: expected random numbers that are made at every call, got a tensor"):
        G.fit(epochs=1, steps_per_epoch=2, verbose=0)


class NumPySample(Simple_GAN):
    def get_fake_sample(self, size=None, training=False):
        return self.generator(OWN.normal(size=(size or self.batch_size, 2)).astype("float32"), training=training)


class PythonStep(WGAN_clip):
    def train_step(self, useless_argument):
        return {**super().train_step(useless_argument), "luck": tf.constant(random.random())}


@pytest.mark.parametrize("chosen_type, name", [(NumPySample, "get_fake_sample"), (PythonStep, "train_step")])
def test_numbers_that_pass_by_drawn(chosen_type, name):
    """A subclass that draws by NumPy or Python past `drawn` would train on one number for ever: refused by name."""
    G = small(chosen_type)
    G.compile()
    with pytest.raises(ValueError, match=f"^{name}: expected random numbers of TensorFlow, got some of Python's"):
        G.fit(epochs=1, steps_per_epoch=2, verbose=0)
    G.compile(run_eagerly=True)
    G.fit(epochs=1, steps_per_epoch=2, verbose=0)  # nothing is frozen here


def test_luck_once_is_no_frozen_number():
    """Keras draws a seed by Python the first time that `keras.random` or a new layer is used: that trains as before."""
    class Own(Simple_GAN):
        def train_step(self, useless_argument):
            if not hasattr(self, "once"):
                object.__setattr__(self, "once", random.random())
            return super().train_step(useless_argument)

    G = small(Own, gen_shape=(2, 5, 3), disc_iter=1)
    G.compile()
    G.fit(epochs=1, steps_per_epoch=2, verbose=0)


def test_xla_has_no_python():
    """XLA cannot call Python at every step: one sentence instead of a list of operations."""
    G = small(Simple_GAN, latent_generator=KINDS["NumPy"])
    G.compile(jit_compile=True)
    with pytest.raises(ValueError, match="^jit_compile: expected False beside random numbers that TensorFlow does not"):
        G.fit(epochs=1, steps_per_epoch=2, verbose=0)


@pytest.mark.parametrize("kind", ["NumPy", "a generator of NumPy"])
@pytest.mark.parametrize("at_once", [1, 100])
def test_looking_draws_nothing(kind, at_once):
    """Building, compiling and fitting take exactly the numbers that the steps use from the reader's stream."""
    OWN.bit_generator.state = np.random.default_rng(5).bit_generator.state
    set_seeds(3)
    generator, discriminator, _ = fully_connected_GenDiscr([2, 5, 3])
    G = Simple_GAN(generator, discriminator, KINDS[kind], points(31, 3), batch_size=11)
    np.random.seed(4)
    G.compile(steps_per_execution=at_once)
    G.fit(epochs=1, steps_per_epoch=5, verbose=0)
    stream, expected = (np.random, np.random.RandomState(4)) if kind == "NumPy" else (OWN, np.random.default_rng(5))
    expected.normal(size=5 * 3 * 22)
    assert stream.normal() == expected.normal()


def test_numpys_latent_vectors_come_back_with_resume(tmp_path, capsys):
    """A resumed training draws NumPy's numbers of the steps that are done again, and says on what that depends."""
    def trained(epochs, folder, resume=False):
        G = small(Simple_GAN, gen_shape=(2, 5, 3), disc_iter=1, latent_generator=KINDS["NumPy"])
        G.compile(steps_per_execution=4)
        LongRun(tmp_path / folder, "name", {}, 0, resume).fit(G, epochs=epochs, steps_per_epoch=6, verbose=0)
        return state(G)

    whole = trained(2, "whole")
    trained(1, "parts")
    assert same(trained(2, "parts", resume=True), whole)
    assert "some random numbers are made by Python or NumPy; they were drawn once more" in capsys.readouterr().out
