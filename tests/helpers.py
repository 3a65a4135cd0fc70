"""What the tests share: the classes, small models, fixed draws, comparisons."""

import os
from pathlib import Path

import h5py
import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from gan.networks import fully_connected_GenDiscr
from gan.script import set_seeds

ROOT = Path(__file__).resolve().parents[1]
KERAS_3 = hasattr(keras, "ops")

Simple_GAN = __import__("0-simple_gan").Simple_GAN
WGAN_clip = __import__("1-wgan_clip").WGAN_clip
WGAN_GP = __import__("2-wgan_gp").WGAN_GP
convolutional_GenDiscr = __import__("3-generate_faces").convolutional_GenDiscr
WGAN_GP_faces = __import__("4-wgan_gp_faces").WGAN_GP
CLASSES = (Simple_GAN, WGAN_clip, WGAN_GP)
each_class = pytest.mark.parametrize("chosen_type", CLASSES, ids=lambda c: c.__name__)

COURSE_DATA = Path(os.environ.get("GAN_COURSE_DATA") or "GAN_COURSE_DATA-is-not-set")
needs_course_data = pytest.mark.skipif(
    "GAN_COURSE_DATA" not in os.environ,
    reason="GAN_COURSE_DATA does not name the folder of the course's faces and weights")


# ------------------------------------------------------------------- models

def points(n=31, *shape, seed=1):
    """Different numbers in [0, 1), float32, shape (n, 3) or (n, *shape); draws from a stream of its own."""
    return np.random.default_rng(seed).uniform(size=(n, *(shape or (3,)))).astype("float32")


def latent_vectors(k):
    """k normal vectors of two coordinates, the latent vectors of the small networks below."""
    return tf.random.normal((k, 2))


def small(chosen_type, gen_shape=(2, 5, 7, 3), real_examples=None, latent_generator=None, seed=3, **options):
    """A small GAN on 31 points in 3 dimensions, batches of 11; every number in it follows from the seed."""
    set_seeds(seed)
    generator, discriminator, normal = fully_connected_GenDiscr(gen_shape)
    real_examples = points(31, gen_shape[-1]) if real_examples is None else real_examples
    options.setdefault("batch_size", 11)
    return chosen_type(generator, discriminator, latent_generator or normal, real_examples, **options)


def picture_networks():
    """Small networks of (5, 3, 1) pictures, the generator with batch normalisation."""
    layers = keras.layers
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(15), layers.BatchNormalization(),
                                  layers.Activation("tanh"), layers.Reshape((5, 3, 1))])
    discriminator = keras.Sequential([keras.Input((5, 3, 1)), layers.Conv2D(7, 2), layers.Flatten(),
                                      layers.Dense(1, activation="tanh")])
    return generator, discriminator


def small_pictures(chosen_type, real_examples=None, seed=3, **options):
    """A small GAN on 29 pictures of 5 x 3, batches of 13."""
    set_seeds(seed)
    real_examples = points(29, 5, 3) if real_examples is None else real_examples
    options.setdefault("batch_size", 13)
    return chosen_type(*picture_networks(), latent_vectors, real_examples, **options)


def critic_only(layer, shape, batch_size=3):
    """A WGAN_GP whose discriminator is one given layer on examples of this shape."""
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(int(np.prod(shape))),
                                  keras.layers.Reshape(shape)])
    discriminator = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), layer])
    return WGAN_GP(generator, discriminator, latent_vectors, points(7, *shape), batch_size=batch_size)


class Rows:
    """A stand-in for a random operation: gives the rows of a table, one call after the other.

    Building a GAN traces its latent generator once, so call `restart` before training.
    """

    def __init__(self, table):
        self.table = np.asarray(table)
        self.restart()

    def restart(self):
        self.used = 0

    def __call__(self, k):
        self.used += k
        return tf.constant(self.table[self.used - k:self.used])


# --------------------------------------------------------------- comparisons

def weights(G):
    """The weights of both networks as arrays: {"generator": [...], "discriminator": [...]}."""
    return {"generator": G.generator.get_weights(), "discriminator": G.discriminator.get_weights()}


def state(G):
    """Every variable of both networks and of both optimizers, as one list of arrays."""
    return [variable.numpy() for network in (G.generator, G.discriminator)
            for variable in [*network.variables, *network.optimizer.variables]]


def difference(a, b):
    """The largest absolute difference between two lists of arrays of the same shapes."""
    assert len(a) == len(b) and all(np.shape(x) == np.shape(y) for x, y in zip(a, b)), "other shapes"
    return max(float(np.max(np.abs(np.asarray(x, "float64") - np.asarray(y, "float64")))) for x, y in zip(a, b))


def same(a, b):
    """Whether two lists of arrays are equal to the last bit."""
    return difference(a, b) == 0


def steps_done(G):
    """How many updates the discriminator and the generator have had."""
    return int(G.discriminator.optimizer.iterations.numpy()), int(G.generator.optimizer.iterations.numpy())


class Recorder(keras.callbacks.Callback):
    """Keeps the losses that Keras shows its callbacks, after each batch."""

    def __init__(self):
        super().__init__()
        self.batches, self.losses = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(batch)
        self.losses.append({name: float(value) for name, value in logs.items()})


class Killed(Exception):
    """Stands for kill -9: nothing is written any more."""


class KillAt(keras.callbacks.Callback):
    """Ends the training after so many calls, before or after the checkpoint of that call."""

    def __init__(self, calls):
        super().__init__()
        self.calls = calls

    def on_train_batch_end(self, batch, logs=None):
        self.calls -= 1
        if self.calls < 0:
            raise Killed


# --------------------------------------------------------------------- files

def write_keras_2_weights(path, network, first_number=12):
    """Write a network's weights in the layout of Keras 2's `save_weights("....h5")`.

    Groups are named after layers, numbered on from `first_number` as in a session that had made other layers before.
    """
    with h5py.File(path, "w") as file:
        names = []
        for layer in network.layers:
            name = f"{type(layer).__name__.lower()}_{first_number + len(names)}"
            names.append(name)
            group = file.create_group(name)
            variables = [v.name.split("/")[-1].split(":")[0] for v in layer.weights]
            group.attrs["weight_names"] = np.array([f"{name}/{v}:0" for v in variables], dtype="S")
            for variable, values in zip(variables, layer.get_weights()):
                group.create_dataset(f"{name}/{variable}:0", data=values)
        file.attrs["layer_names"] = np.array(names, dtype="S")
        file.attrs["backend"] = np.bytes_("tensorflow")
        file.attrs["keras_version"] = np.bytes_("2.6.0")
    return path
