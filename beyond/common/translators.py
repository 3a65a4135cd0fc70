"""The networks and errors that systems share that turn one picture into another: U-Nets, discriminators of patches."""

import tensorflow as tf
from tensorflow import keras

from beyond.common.blocks import layers, normalized


def instance_normalized(x):
    """Each channel of each picture gets mean 0 and variance 1, then a trained factor and shift. Not for 1 x 1 pixels:
    a single number is its own mean, and becomes 0.
    """
    return layers.GroupNormalization(groups=-1)(x)


def unet(size, channels_in, channels_out, filters, bottleneck, norm=normalized, skips=True, up=None, adds=False):
    """A U-Net from pictures of size x size to pictures of the same size in [-1, 1].

    Args:
        filters: of the layers on the way down, each of which halves the picture.
        bottleneck: filters of the last layer on the way down.
        norm: function of a tensor, after each activation but the first and the bottleneck's.
        skips: False leaves out what the way up sees of the way down.
        up: filters of the layers on the way up, by default those on the way down, mirrored.
        adds: the network gives what has to be added to the picture, at first nothing. A sum may leave [-1, 1] a little.
    """
    pictures = x = keras.Input((size, size, channels_in))
    down = []
    for number, count in enumerate(filters):
        x = layers.LeakyReLU(.2)(layers.Conv2D(count, 4, 2, padding="same")(x))
        x = norm(x) if number else x
        down.append(x)
    x = layers.Conv2D(bottleneck, 4, 2, padding="same", activation="relu")(x)
    for count, skip in zip(up or filters[::-1], down[::-1]):
        x = norm(layers.Conv2DTranspose(count, 4, 2, padding="same", activation="relu")(x))
        x = layers.Concatenate()([x, skip]) if skips else x
    if adds:
        x = layers.Conv2DTranspose(channels_out, 4, 2, padding="same", kernel_initializer="zeros")(x)
        return keras.Model(pictures, layers.Add()([pictures, x]), name="generator")
    x = layers.Conv2DTranspose(channels_out, 4, 2, padding="same", activation="tanh")(x)
    return keras.Model(pictures, x, name="generator")


def kernels(deviation=None):
    """How a layer's weights begin: normal with this standard deviation, or as Keras has it. For one layer each."""
    return "glorot_uniform" if deviation is None else keras.initializers.RandomNormal(stddev=deviation)


def patch_discriminator(size, channels, filters, norm=normalized, last_strides=2, deviation=None):
    """A discriminator from pictures with so many channels to a map of values, one a patch.

    Each of `filters` is a layer that halves the picture; with `last_strides` 1 the last of them does not. With four of
    them a value depends on 94 x 94 pixels, or on 70 x 70. `deviation`: see `kernels`; not of the last layer.
    """
    pictures = x = keras.Input((size, size, channels))
    for number, count in enumerate(filters):
        strides = last_strides if number == len(filters) - 1 else 2
        x = layers.Conv2D(count, 4, strides, padding="same", kernel_initializer=kernels(deviation))(x)
        x = layers.LeakyReLU(.2)(x)
        x = norm(x) if number else x
    return keras.Model(pictures, layers.Conv2D(1, 4, padding="same")(x), name="discriminator")


def halved_widths(size, filters):
    """Filters of the layers of a U-Net that goes from size x size down to 1 x 1 pixel, but the last one's.

    Raises:
        ValueError: the size is no power of two from 8 on.
    """
    if size < 8 or size & (size - 1):
        raise ValueError(f"size: expected 8, 16, 32, 64, 128 or 256, so that it can be halved down to 1, got {size}")
    return [filters * min(2 ** i, 4) for i in range(size.bit_length() - 2)]


def mean_square(values):
    return tf.reduce_mean(tf.square(values))


def mean_error(pictures, others):
    return tf.reduce_mean(tf.abs(pictures - others))


def enlarged(pictures, size):
    """Smaller pictures as large as size x size, each pixel repeated."""
    times = size // pictures.shape[1]
    return pictures.repeat(times, axis=1).repeat(times, axis=2)
