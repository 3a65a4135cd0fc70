"""A convolution with what follows it, as the convolutional networks here repeat it.

Their source puts the activation before the batch normalisation, and keeps .8 of the moving statistics at each step.
"""

from tensorflow import keras

layers = keras.layers


def normalized(x):
    """Batch normalisation with the momentum that all these networks have."""
    return layers.BatchNormalization(momentum=.8)(x)


def grow(x, filters, kernel_size, strides=1, norm=True):
    """Transposed convolution without padding, ReLU, batch normalisation: n -> (n - 1) strides + kernel size."""
    x = layers.Conv2DTranspose(filters, kernel_size, strides, activation="relu")(x)
    return normalized(x) if norm else x


def shrink(x, filters, kernel_size, strides=1, norm=True):
    """Convolution without padding, LeakyReLU, batch normalisation: n -> (n - kernel size) // strides + 1."""
    x = layers.Conv2D(filters, kernel_size, strides)(x)
    x = layers.LeakyReLU(.2)(x)  # by position: the argument has other names on Keras 2 and 3
    return normalized(x) if norm else x
