"""A GAN with the losses of its inventors, and four pairs of dense networks for digits: one good, two that fail, one
small enough for a lecture.

The discriminator estimates the probability D that an example is real:

    discriminator loss   (mean -log D(real) + mean -log(1 - D(fake))) / 2
    generator loss       mean -log D(fake)

A discriminator that can only guess has D = 1/2 everywhere, and both losses are log 2 = .693. The generator does not
minimise log(1 - D(fake)), as the derivation of the game has it: where D is near 0 that is flat, just where the
generator has most to learn.

Goodfellow et al. (2014), Generative Adversarial Networks, https://arxiv.org/abs/1406.2661.

The networks end without the last sigmoid of D: `discriminator(x)` is log(D / (1 - D)), positive for "real". See
`beyond.base.cross_entropy`.
"""

import tensorflow as tf
from tensorflow import keras

from beyond.base import accuracy, cross_entropy, normal, uniform, update
from gan.model import GAN

layers = keras.layers


class DenseGAN(GAN):
    """A GAN with cross-entropy. Arguments, attributes and samples: see `gan.model.GAN`.

    The source's batches are half real and half fake, 100 together, and 100 for the generator; here each sample has
    `batch_size` examples.
    """

    beta_2 = .999

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=100, disc_iter=1, learning_rate=.00005):
        super().__init__(generator, discriminator, latent_generator, real_examples,
                         batch_size, disc_iter, learning_rate)

    @staticmethod
    def generator_loss(x):
        """x = logits of D(fake), shape (batch, 1). Returns a scalar."""
        return cross_entropy(1., x)

    @staticmethod
    def discriminator_loss(x, y):
        """x = logits of D(real), y = logits of D(fake), shape (batch, 1) each. Returns a scalar."""
        return (cross_entropy(1., x) + cross_entropy(0., y)) / 2

    def train_step(self, useless_argument):
        """As in task 0; also returns how often the discriminator was right, `accuracy`, before its last update."""
        for _ in range(self.disc_iter):
            real_sample = self.with_channel(self.get_real_sample())
            fake_sample = self.get_fake_sample(training=True)
            with tf.GradientTape() as tape:
                real_values = self.discriminator(real_sample, training=True)
                fake_values = self.discriminator(fake_sample, training=True)
                discr_loss = self.discriminator.loss(real_values, fake_values)
            update(self.discriminator, tape, discr_loss)

        with tf.GradientTape() as tape:
            fake_sample = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(self.discriminator(fake_sample, training=True))
        update(self.generator, tape, gen_loss)

        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "accuracy": accuracy(real_values, fake_values)}


def digits_GenDiscr():
    """The pair that learns digits: wide layers with batch normalisation against a discriminator with dropout.

    Returns:
        generator: (batch, 50) -> (batch, 28, 28, 1) in [0, 1]; 2,055,784 parameters, 4,400 of them not trainable.
        discriminator: (batch, 28, 28, 1) -> (batch, 1) logits; 233,985 parameters.
        latent_generator: normal, k -> (k, 50).
    """
    generator = keras.Sequential([
        keras.Input((50,)),
        layers.Dense(1200, activation="relu"), layers.BatchNormalization(momentum=.8),
        layers.Dense(1000, activation="relu"), layers.BatchNormalization(momentum=.8),
        layers.Dense(784, activation="sigmoid"), layers.Reshape((28, 28, 1))], name="generator")
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(),
        layers.Dense(256, activation="relu"), layers.Dropout(.3),
        layers.Dense(128, activation="relu"), layers.Dropout(.5),
        layers.Dense(1)], name="discriminator")
    return generator, discriminator, normal(50)


def mode_collapse_GenDiscr():
    """The pair whose samples all look alike: one narrow layer each, and latent vectors of two coordinates.

    Returns:
        generator: (batch, 2) -> (batch, 28, 28, 1) in [0, 1]; 51,152 parameters.
        discriminator: (batch, 28, 28, 1) -> (batch, 1) logits; 50,305 parameters.
        latent_generator: normal, k -> (k, 2).
    """
    generator = keras.Sequential([
        keras.Input((2,)), layers.Dense(64, activation="relu"),
        layers.Dense(784, activation="sigmoid"), layers.Reshape((28, 28, 1))], name="generator")
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(1)],
        name="discriminator")
    return generator, discriminator, normal(2)


def convergence_failure_GenDiscr(relu=True):
    """A generator of one layer against a discriminator of four: the discriminator wins.

    The source names the unequal sizes as the reason. There is a stronger one: its generator has a ReLU before the
    last sigmoid, so no pixel is ever darker than 1/2, while most pixels of a digit are black.

    Args:
        relu: False leaves the ReLU out: only the sizes are unequal then.

    Returns:
        generator: (batch, 50) -> (batch, 28, 28, 1) in [0, 1], with the ReLU in [1/2, 1]; 39,984 parameters.
        discriminator: (batch, 28, 28, 1) -> (batch, 1) logits; 566,273 parameters.
        latent_generator: normal, k -> (k, 50).
    """
    generator = keras.Sequential([
        keras.Input((50,)), layers.Dense(784, activation="relu" if relu else None), layers.Reshape((28, 28, 1)),
        layers.Activation("sigmoid")], name="generator")
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(512, activation="relu"),
        layers.Dense(256, activation="relu"), layers.Dense(128, activation="relu"), layers.Dense(1)],
        name="discriminator")
    return generator, discriminator, normal(50)


def lecture_GenDiscr():
    """The small pair of a lecture: one hidden layer of 100 each. Pictures in [-1, 1], uniform latent vectors.

    The lecture trains the generator first, and the discriminator on fakes made before that; here the order is that of
    the other systems. Settings there: Adam as Keras has it, learning rate .001, batches of 64.

    Returns:
        generator: (batch, 20) -> (batch, 28, 28, 1) in [-1, 1]; 81,184 parameters (its first layer has no bias).
        discriminator: (batch, 28, 28, 1) -> (batch, 1) logits; 78,601 parameters.
        latent_generator: uniform on [-1, 1), k -> (k, 20).
    """
    generator = keras.Sequential([
        keras.Input((20,)), layers.Dense(100, use_bias=False), layers.LeakyReLU(.3),
        layers.Dense(784, activation="tanh"), layers.Reshape((28, 28, 1))], name="generator")
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(100), layers.LeakyReLU(.3), layers.Dropout(.5),
        layers.Dense(1)], name="discriminator")
    return generator, discriminator, uniform(20)
