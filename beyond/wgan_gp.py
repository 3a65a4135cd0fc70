"""A Wasserstein GAN with gradient penalty, of convolutional networks: task 2 with the settings of its paper.

Class, losses and penalty are task 2's. The paper's settings: five updates of the critic for each of the generator,
lambda 10, Adam with learning rate .0001, beta_1 0 and beta_2 .9.

Gulrajani et al. (2017), Improved Training of Wasserstein GANs, https://arxiv.org/abs/1704.00028.

The source trains with RMSprop, learning rate .00005, though it quotes the paper's Adam.
"""

from tensorflow import keras

from beyond.base import normal

_WGAN_GP = __import__("2-wgan_gp").WGAN_GP
layers = keras.layers
NORMALIZATIONS = {"group": lambda: layers.GroupNormalization(groups=1),
                  "batch": lambda: layers.BatchNormalization(momentum=.8)}


class WGAN_GP(_WGAN_GP):
    """The GAN of task 2, `train_step` included, with the paper's settings. Arguments and attributes: see there."""

    beta_1 = 0.

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=32, disc_iter=5, learning_rate=.0001, lambda_gp=10):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate, lambda_gp)


def convolutional_GenDiscr(normalization="group"):
    """Convolutional networks for pictures in [-1, 1].

    Args:
        normalization: in the critic. "batch" is the source's: each value then depends on the other examples of the
            batch, while the penalty is about the slope of the critic at one example. "group", with all channels in
            one group, normalises each example by itself: the layer normalisation that the paper asks for.

    Returns:
        generator: (batch, 100) -> (batch, 28, 28, 1) in [-1, 1]; 1,028,673 parameters, 384 of them not trainable.
        critic: (batch, 28, 28, 1) -> (batch, 1) values; 99,649 parameters, all trainable; with "batch" 448 more, not
            trainable, so 100,097.
        latent_generator: normal, k -> (k, 100).

    Raises:
        ValueError: another normalization.
    """
    if normalization not in NORMALIZATIONS:
        raise ValueError(f"normalization: expected one of {', '.join(NORMALIZATIONS)}, got {normalization!r}")
    generator = keras.Sequential([keras.Input((100,)), layers.Dense(6272), layers.Reshape((7, 7, 128))],
                                 name="generator")
    for filters in (128, 64):
        generator.add(layers.Conv2DTranspose(filters, 4, strides=2, padding="same"))  # (14, 14, 128), (28, 28, 64)
        generator.add(layers.BatchNormalization(momentum=.8))
        generator.add(layers.ReLU())
    generator.add(layers.Conv2DTranspose(1, 4, padding="same", activation="tanh"))

    critic = keras.Sequential([keras.Input((28, 28, 1))], name="discriminator")
    for filters, strides in ((16, 2), (32, 2), (64, 2), (128, 1)):
        critic.add(layers.Conv2D(filters, 3, strides=strides, padding="same"))  # (14, 14), (7, 7), (4, 4), (4, 4)
        if filters > 16:
            critic.add(NORMALIZATIONS[normalization]())
        critic.add(layers.LeakyReLU(.2))
        critic.add(layers.Dropout(.25))
    critic.add(layers.Flatten())
    critic.add(layers.Dense(1))
    return generator, critic, normal(100)
