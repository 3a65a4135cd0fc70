"""Every argument of every public call of the GANs, drawn at random: the right result, or an error that names it."""

import fractions
import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tensorflow import keras

from gan import checks
from gan.networks import fully_connected_GenDiscr
from tests.helpers import CLASSES, WGAN_GP, Simple_GAN, WGAN_GP_faces, latent_vectors, points, same, small, state

CLASSES_AND_FACES = (*CLASSES, WGAN_GP_faces)
TINY = small(Simple_GAN, gen_shape=(2, 3, 3))
FACES = small(WGAN_GP_faces, gen_shape=(2, 3, 3))
NETWORKS = fully_connected_GenDiscr([2, 3, 3])[:2]


def few(count):
    return settings(deadline=None, derandomize=True, max_examples=count,
                    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


whole = st.one_of(st.integers(-2, 40), st.integers(), st.integers(1, 9).map(np.int64), st.integers(1, 9).map(np.uint8))
real = st.one_of(st.floats(), st.floats(1e-6, 9.).map(np.float64), st.floats(0, 9., width=32).map(np.float32),
                 st.floats(0, 9.).map(tf.constant), st.floats(0, 9.).map(np.array), st.integers(1, 9).map(tf.Variable),
                 st.fractions(0, 3))
odd = st.one_of(
    st.none(), st.booleans(), st.text(max_size=9), st.binary(max_size=9), st.complex_numbers(), st.decimals(),
    st.lists(st.integers(0, 9), max_size=3), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from([np.True_, np.array([1]), np.zeros((2, 2)), tf.constant([1., 2.]), tf.constant("3"), object(), int,
                     lambda: 1, print, keras.losses.MeanSquaredError(), keras.layers.Dense(3), keras.Input((2,)),
                     np.datetime64("2020-01-01"), 10 ** 400, -10 ** 400, range(3), math, Ellipsis, {1, 2}, b"",
                     keras.optimizers.schedules.ExponentialDecay]))
anything = st.one_of(whole, real, odd)


def number_of(value):
    """What a value is worth as a number, or None; NumPy's, TensorFlow's and whole ones without axes count."""
    value = value.numpy() if tf.is_tensor(value) and not tf.keras.backend.is_keras_tensor(value) else value
    if isinstance(value, (bool, np.bool_)) or getattr(value, "shape", ()) != ():
        return None
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "iuf":
        value = value.item()
    return value if isinstance(value, (int, float, fractions.Fraction)) else None


def refused(error, *names):
    """Whether an error is the kind that is wanted: its one sentence begins with the argument's name."""
    message = str(error)
    return isinstance(error, (TypeError, ValueError)) and message.startswith(tuple(f"{name}:" for name in names)) \
        and "\n" not in message and len(message) < 500


def built(chosen_type=Simple_GAN, **options):
    """A GAN of the same small networks each time, with these arguments."""
    arguments = {"latent_generator": latent_vectors, "real_examples": points(31, 3), "batch_size": 11, **options}
    return chosen_type(**{**dict(zip(("generator", "discriminator"), NETWORKS)), **arguments})


# --------------------------------------------------------------- constructors

@pytest.mark.parametrize("name", ["batch_size", "disc_iter"])
@few(20)
@given(value=anything)
@example(value=np.int64(5))
@example(value=tf.constant(5))
@example(value=np.array(5))
@example(value=2 ** 31)
def test_whole_numbers(name, value):
    """Any whole number from 1 on, whoever's it is, is taken as an int; everything else is named in the error."""
    number = number_of(value)
    right = isinstance(number, int) and 1 <= number < 2 ** 31
    try:
        G = built(**{name: value})
    except Exception as error:
        assert not right and refused(error, name), repr(error)
    else:
        assert right and type(getattr(G, name)) is int and getattr(G, name) == number


@pytest.mark.parametrize("name", ["learning_rate", "lambda_gp"])
@few(20)
@given(value=anything)
@example(value=1)
@example(value=np.float32(.01))
@example(value=1e40)
@example(value=1e-50)
@example(value=0)
def test_numbers(name, value):
    """Any number that float32 holds, positive, or for the penalty's weight zero, is taken; nothing else."""
    number = number_of(value)
    right = number is not None and (1.2e-38 <= number <= 3.4e38 or (number == 0 and name == "lambda_gp"))
    try:
        G = built(WGAN_GP, **{name: value})
    except Exception as error:
        assert not right and refused(error, name), repr(error)
    else:
        assert right and float(getattr(G, name)) == float(number)
        if name == "learning_rate":
            assert float(G.generator.optimizer.learning_rate) == pytest.approx(float(number), rel=1e-6)


@pytest.mark.parametrize("name", ["generator", "discriminator", "latent_generator", "real_examples"])
@few(15)
@given(value=anything)
def test_other_arguments(name, value):
    """No number, text, container or object is a network, a latent generator or examples of the right shape."""
    for chosen_type in CLASSES_AND_FACES[::3]:
        with pytest.raises((TypeError, ValueError)) as raised:
            built(chosen_type, **{name: value})
        assert refused(raised.value, name), repr(raised.value)


@few(15)
@given(first=st.one_of(real, odd))
def test_schedules(first):
    """A schedule must give a finite number, zero or positive; what it gives or raises is in the error."""
    class Schedule(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return first

        def get_config(self):
            return {}

    try:
        G = built(learning_rate=Schedule())
    except Exception as error:
        assert refused(error, "learning_rate"), repr(error)
    else:
        assert 0 <= float(first) < math.inf and isinstance(G.learning_rate, Schedule)
        assert G.rates() == [pytest.approx(float(first), rel=1e-6)] * 2


@few(15)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_shapes_of_examples_and_networks(shape, wanted):
    """Examples are taken if the discriminator's input has their shape, a last axis of 1 may lack; else one is named."""
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(int(np.prod(wanted))),
                                  keras.layers.Reshape(wanted)])
    discriminator = keras.Sequential([keras.Input(wanted), keras.layers.Flatten(), keras.layers.Dense(1)])
    fits = shape == wanted or shape + [1] == wanted
    try:
        G = built(generator=generator, discriminator=discriminator, real_examples=points(7, *shape))
    except Exception as error:
        assert not fits and refused(error, "real_examples", "generator"), repr(error)
    else:
        assert fits and tuple(G.with_channel(G.get_real_sample(3)).shape) == (3, *wanted)


# --------------------------------------------------------------- compile and fit

@few(60)
@given(value=anything)
def test_steps_per_execution(value):
    """`compile(steps_per_execution=...)` takes whole numbers from 1 on, and None for its own choice."""
    number = number_of(value)
    right = value is None or (isinstance(number, int) and 1 <= number < 2 ** 31)
    try:
        TINY.compile(steps_per_execution=value)
    except Exception as error:
        assert not right and refused(error, "steps_per_execution"), repr(error)
    else:
        assert right and TINY.steps_per_call == (number or 1)


class _Fit(Exception):
    """In place of Keras's own fit, whose arguments it keeps."""


FIT = {"epochs": None, "initial_epoch": None, "steps_per_epoch": None, "batch_size": None, "verbose": None,
       "callbacks": None, "validation_split": None, "validation_data": None, "validation_freq": "validation_data",
       "sample_weight": None, "class_weight": None}


@pytest.mark.parametrize("name", FIT)
@few(40)
@given(value=st.one_of(anything, st.sampled_from(["auto", [None], [keras.callbacks.History], keras.callbacks.History(),
                                                  [keras.callbacks.History()], 0, 2])))
def test_arguments_of_fit(monkeypatch, name, value):
    """Whatever stands in one argument of `fit`, Keras's own fit gets what it can work with, or the error names it."""
    def fit(self, *args, **options):
        raise _Fit(options)

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "fit", fit)
        TINY.compile()
        try:
            TINY.fit(points(31, 3), **{name: value})
        except _Fit as reached:
            options = reached.args[0]
        except Exception as error:
            assert refused(error, name), repr(error)
            return
    assert type(options["epochs"]) is type(options["steps_per_epoch"]) is type(options["initial_epoch"]) is int
    assert options["epochs"] >= 1 and options["steps_per_epoch"] >= 1 and options["initial_epoch"] >= 0
    assert options["verbose"] in (0, 1, 2)
    assert all(isinstance(callback, keras.callbacks.Callback) for callback in options["callbacks"])
    assert not options.get("validation_split") and options.get("validation_data") is None
    if name in ("epochs", "initial_epoch", "steps_per_epoch") and value is not None:
        assert options[name] == number_of(value)


@few(40)
@given(value=st.one_of(anything, st.dictionaries(st.one_of(st.text(max_size=3), st.integers()), anything, max_size=3)))
def test_what_a_step_may_return(value):
    """Of all that a train_step can return, only a dict of numbers by name is taken, as float32 scalars."""
    try:
        found = checks.losses(value)
    except Exception as error:
        assert refused(error, "train_step"), repr(error)
    else:
        assert list(found) == list(value) and all(isinstance(name, str) for name in found)
        assert all(loss.shape == () and loss.dtype == tf.float32 for loss in found.values())


# ------------------------------------------------------------------ other calls

@few(25)
@given(gen_h5=anything, disc_h5=anything)
def test_replace_weights(gen_h5, disc_h5):
    """What is no file of weights is refused by the argument's name, and no weight changes."""
    before = state(FACES)
    with pytest.raises((TypeError, ValueError)) as raised:
        FACES.replace_weights(gen_h5, disc_h5)
    assert str(raised.value).startswith(("gen_h5:", "disc_h5:")), repr(raised.value)
    assert same(state(FACES), before)


@few(5)
@given(batch_size=st.integers(1, 40), disc_iter=st.integers(1, 9))
def test_get_config(batch_size, disc_iter):
    """`get_config` has the settings that are numbers, and only what JSON can hold."""
    config = built(batch_size=batch_size, disc_iter=disc_iter).get_config()
    assert config["batch_size"] == batch_size and config["disc_iter"] == disc_iter
    assert all(type(value) in (int, float) for value in config.values())
