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
        # Fill this in:
        # from 16 numbers a Dense layer of 2048, reshaped to (2, 2, 512)
        # then three times, with 64, 16 and 1 filters:
        #     twice the size, a 3 x 3 convolution, batch normalisation, the activation
        # return the Keras model
        raise NotImplementedError("get_generator is not filled in yet")

    def get_discriminator():
        # Fill this in:
        # from pictures (16, 16, 1), four times, with 32, 64, 128 and 256 filters:
        #     a 3 x 3 convolution, half the size by the maximum of each 2 x 2 block, the activation
        # then one number for each picture by a Dense layer
        # return the Keras model
        raise NotImplementedError("get_discriminator is not filled in yet")

    return get_generator(), get_discriminator()
