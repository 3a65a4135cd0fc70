"""Task 3: convolutional networks that make and judge faces of 16 x 16 grey pixels.

The generator doubles the size of a picture three times, each time with a convolution that looks around every pixel;
the discriminator halves it four times. The activation is tanh everywhere, in the two Dense layers too.

Radford, Metz and Chintala (2016), Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
Networks, https://arxiv.org/abs/1511.06434.
"""

from tensorflow import keras


def convolutional_GenDiscr():
    """Two new networks, built in this order.

    Returns:
        generator: (batch, 16) latent vectors -> (batch, 16, 16, 1) pictures in [-1, 1]; 339,493 parameters, 162 of
            them not trainable (the moving statistics of the batch normalisation).
        discriminator: (batch, 16, 16, 1) pictures -> (batch, 1) values in [-1, 1]; 388,097 parameters.
    """
    layers = keras.layers
    if keras.backend.image_data_format() != "channels_last":  # (16, 16, 1), not (1, 16, 16)
        raise ValueError("image_data_format: expected channels_last as Keras's setting, got channels_first")

    def get_generator():
        inputs = keras.Input((16,))
        x = layers.Dense(2048, activation="tanh")(inputs)
        x = layers.Reshape((2, 2, 512))(x)
        for filters in (64, 16, 1):
            x = layers.UpSampling2D()(x)  # (4, 4, 512), (8, 8, 64), (16, 16, 16)
            x = layers.Conv2D(filters, 3, padding="same")(x)
            x = layers.BatchNormalization()(x)
            x = layers.Activation("tanh")(x)
        return keras.Model(inputs, x, name="generator")

    def get_discriminator():
        inputs = keras.Input((16, 16, 1))
        x = inputs
        for filters in (32, 64, 128, 256):
            x = layers.Conv2D(filters, 3, padding="same")(x)
            x = layers.MaxPooling2D()(x)  # (8, 8, 32), (4, 4, 64), (2, 2, 128), (1, 1, 256)
            x = layers.Activation("tanh")(x)
        x = layers.Flatten()(x)
        return keras.Model(inputs, layers.Dense(1, activation="tanh")(x), name="discriminator")

    return get_generator(), get_discriminator()
