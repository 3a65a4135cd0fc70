"""Latent generators and fully connected networks."""

import tensorflow as tf
from tensorflow import keras

from gan import checks


def spheric_generator(nb_points, dim):
    """Random directions, uniform on the unit sphere: shape (nb_points, dim)."""
    u = tf.random.normal((nb_points, dim))
    return u / tf.sqrt(tf.reduce_sum(tf.square(u), axis=1, keepdims=True) + 1e-8)


def normal_generator(nb_points, dim):
    """Independent standard normal numbers: shape (nb_points, dim)."""
    return tf.random.normal((nb_points, dim))


def uniform_generator(nb_points, dim):
    """Independent uniform numbers in [0, 1): shape (nb_points, dim)."""
    return tf.random.uniform((nb_points, dim))


LATENT_GENERATORS = {"uniform": uniform_generator, "normal": normal_generator, "spheric": spheric_generator}


def fully_connected_GenDiscr(gen_shape, real_examples=None, latent_type="normal"):
    """Two nearly symmetric dense networks and a latent generator (task 0).

    Args:
        gen_shape: widths of the generator from latent vector to example, at least three, such as [1, 10, 10, 2].
        real_examples: not used; the course's calls have it.
        latent_type: "uniform", "normal" or "spheric".

    Returns:
        generator: tanh layers, the last one a sigmoid, (batch, gen_shape[0]) -> (batch, gen_shape[-1]).
        discriminator: the same hidden layers in the reverse order, tanh throughout, -> (batch, 1).
        latent_generator: k -> (k, gen_shape[0]).

    Raises:
        TypeError, ValueError: a width that is not a positive whole number, fewer than three, another latent type.
    """
    widths = [checks.whole_number(f"gen_shape[{i}]", width) for i, width in enumerate(gen_shape)]
    if len(widths) < 3:
        raise ValueError(f"gen_shape: expected at least three widths (latent, hidden, example), got {list(gen_shape)}")
    if latent_type not in LATENT_GENERATORS:
        raise ValueError(f"latent_type: expected one of {', '.join(LATENT_GENERATORS)}, got {latent_type!r}")
    first, *hidden, last = widths

    def network(inputs, hidden_widths, outputs, activation, name):
        x = layer_in = keras.Input((inputs,))
        for width in hidden_widths:
            x = keras.layers.Dense(width, activation="tanh")(x)
        return keras.Model(layer_in, keras.layers.Dense(outputs, activation=activation)(x), name=name)

    generator = network(first, hidden, last, "sigmoid", "generator")
    discriminator = network(last, hidden[::-1], 1, "tanh", "discriminator")
    return generator, discriminator, lambda k: LATENT_GENERATORS[latent_type](k, first)
